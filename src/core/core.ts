// The compute core: one WebAssembly instance with a memory of its own.

import * as built from "../../build/core.js";
import { type CompiledCore, compiledCore, forbidden } from "./compile.ts";
import { StateError } from "./errors.ts";
import type { CoreExports } from "./exports.ts";

/** Version of tauscope. */
export const version: string = built.version;

/** SHA-256 of the core's bytes, in hex: results of the same core and settings are the same bit for bit. */
export const coreHash: string = built.coreHash;

/** What `fingerprint` finds with this version's core, on every engine. */
export const expectedFingerprint: string = built.expectedFingerprint;

/** The same of its parts that train: networks of the same settings are the same while it is. */
export const trainingFingerprint: string = built.trainingFingerprint;

/** A random key: every draw is a function of a key and an index. */
export type Key = bigint;

const LARGEST_MEMORY = 2 ** 32;

// Instances to be used again. Engines reserve gigabytes of addresses for the memory of each, and Chromium refuses the
// hundredth or so: hundreds of runs one after the other must not wait for the garbage collector. Large ones are left
// to it, since an instance never gives memory back.
const unused: Core[] = [];
const MOST_UNUSED = 4;
const LARGEST_UNUSED = 2 ** 26;

/** One instance of the core. */
export class Core {
  /** SHA-256 of the core's bytes. */
  readonly hash = coreHash;
  /** @internal */
  readonly exports: CoreExports;

  private readonly empty: number;
  private readonly compiled: CompiledCore;

  private constructor(instance: WebAssembly.Instance, compiled: CompiledCore) {
    this.exports = instance.exports as unknown as CoreExports;
    this.compiled = compiled;
    this.empty = this.exports.arenaMark();
    this.exports.setTallTiles(compiled.tallTiles);
  }

  /**
   * An instance with a memory of its own; `release` it when it is not needed any more.
   *
   * @param other  Another core than this thread's, for a test of a changed one; `hash` does not look into it.
   * @throws StateError if the engine has no memory for it.
   */
  static async load(other?: CompiledCore): Promise<Core> {
    const compiled = other ?? (await compiledCore());
    const found = unused.findIndex((core) => core.compiled === compiled);
    if (found >= 0) return unused.splice(found, 1)[0]!;
    try {
      return new Core(await WebAssembly.instantiate(compiled.module), compiled);
    } catch (cause) {
      // in WebKit, and only there, a module can come from where it is allowed to where it is not
      if (cause instanceof WebAssembly.CompileError) throw forbidden(cause);
      throw new StateError(
        `Core: the engine has no memory for another core (${(cause as Error).message}). Close trainers that are done, or use fewer workers.`,
        { cause },
      );
    }
  }

  /** Free its memory for whatever is loaded next. Nothing of it must be used any more. */
  release(): void {
    this.exports.arenaRelease(this.empty);
    const small = this.exports.memory.buffer.byteLength <= LARGEST_UNUSED;
    if (!small || unused.includes(this)) return;
    unused.push(this);
    if (unused.length > MOST_UNUSED) unused.shift();
  }

  /** The key for `path` under `seed`: a different path, or seed, is an independent stream. */
  key(seed: number, ...path: number[]): Key {
    return this.fold(BigInt(seed), ...path);
  }

  /** The key for `path` under `key`. */
  fold(key: Key, ...path: number[]): Key {
    return path.reduce((folded, data) => BigInt.asUintN(64, this.exports.foldIn(folded, data)), key);
  }

  /** A whole number from `low` to `high`, both included, drawn under `key`. */
  drawInteger(key: Key, low: number, high: number): number {
    return this.exports.drawInteger(key, low, high);
  }

  /** `count` draws of the standard normal distribution under `key`. */
  drawNormal(key: Key, count: number): Float64Array {
    return this.temporarily(() => {
      const address = this.allocate(8 * count, `${count} draws`);
      this.exports.fillNormal(key, address, count);
      return this.f64(address, count).slice();
    });
  }

  /**
   * Address of `bytes` bytes, set to zero.
   *
   * @throws StateError if the memory cannot hold them; the message names the bytes needed.
   */
  allocate(bytes: number, purpose: string): number {
    // an address above 2 GiB comes as a negative number
    const address = bytes < LARGEST_MEMORY ? this.exports.arenaAllocate(bytes) >>> 0 : 0;
    if (address === 0) {
      const limit =
        bytes < LARGEST_MEMORY ? "the engine refused it" : "a WebAssembly memory holds at most 4294967296";
      throw new StateError(
        `${purpose} needs ${bytes} bytes of memory; ${limit}. Use fewer units, steps or sequences.`,
      );
    }
    new Uint8Array(this.exports.memory.buffer, address, bytes).fill(0);
    return address;
  }

  /** `count` f32 values at `address`; the view is valid until the memory grows. */
  f32(address: number, count: number): Float32Array {
    return new Float32Array(this.exports.memory.buffer, address >>> 0, count);
  }

  /** `count` bytes at `address`; the view is valid until the memory grows. */
  u8(address: number, count: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, address >>> 0, count);
  }

  /** `count` i32 values at `address`; the view is valid until the memory grows. */
  i32(address: number, count: number): Int32Array {
    return new Int32Array(this.exports.memory.buffer, address >>> 0, count);
  }

  /** `count` f64 values at `address`; the view is valid until the memory grows. */
  f64(address: number, count: number): Float64Array {
    return new Float64Array(this.exports.memory.buffer, address >>> 0, count);
  }

  /** What `compute` returns; all memory that it allocates is free again behind it. */
  temporarily<Result>(compute: () => Result): Result {
    const mark = this.exports.arenaMark();
    try {
      return compute();
    } finally {
      this.exports.arenaRelease(mark);
    }
  }
}

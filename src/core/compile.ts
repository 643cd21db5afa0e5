// The core's bytes to a compiled module, once per thread, and what to do where an engine or a page refuses them.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { coreHash } from "../../build/core.js";
import { coreBytes } from "./bytes.ts";
import { StateError } from "./errors.ts";
import { readBytes } from "./read-bytes.ts";

/** The core as an engine has compiled it; it can be sent to other threads. */
export type CompiledCore = WebAssembly.Module;

let compiled: Promise<CompiledCore> | undefined;

/**
 * The core, compiled once in this thread.
 *
 * @throws StateError if the engine has no WebAssembly SIMD or the page does not allow WebAssembly.
 */
export function compiledCore(): Promise<CompiledCore> {
  compiled ??= coreBytes()
    .then(compile)
    .catch((error) => {
      // what could not be fetched now may be there later
      compiled = undefined;
      throw error;
    });
  return compiled;
}

/**
 * Take the core from elsewhere than the library has it, in this thread and the workers it starts from now on. It must be
 * the core of this version; results do not depend on where it came from.
 *
 * @param source  A URL to fetch it from (as text: relative to the page), its bytes, or the compiled module.
 * @throws StateError if it cannot be read or compiled, or is not this version's core.
 */
export async function setCore(source: CompiledCore | BufferSource | URL | string): Promise<void> {
  const module = source instanceof WebAssembly.Module ? source : await compile(checked(await open(source)));
  if (!hasExportsOfCore(module)) {
    throw new StateError("setCore: the module is not a core of tauscope. Take core.wasm of this version.");
  }
  compiled = Promise.resolve(module);
}

async function open(source: BufferSource | URL | string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof source === "string" || source instanceof URL) {
    return readBytes(new URL(source, globalThis.location?.href));
  }
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

function checked(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const hash = bytesToHex(sha256(bytes));
  if (hash === coreHash) return bytes;
  throw new StateError(
    `setCore: got ${bytes.length} bytes with SHA-256 ${hash}, expected ${coreHash}. Take core.wasm of this version.`,
  );
}

// a module does not show its bytes, but what it exports
function hasExportsOfCore(module: CompiledCore): boolean {
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  return ["memory", "createPlan", "computeGradient"].every((name) => names.includes(name));
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<CompiledCore> {
  if (typeof WebAssembly === "undefined") {
    throw new StateError(
      "Core: this engine has no WebAssembly, which tauscope needs. Turn off what disables it: iOS lockdown mode, or `--jitless`.",
    );
  }
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    const reason = WebAssembly.validate(bytes)
      ? "was not allowed to compile its WebAssembly. Add 'wasm-unsafe-eval' to script-src in the page's Content-Security-Policy"
      : "needs WebAssembly with SIMD, which this engine lacks. Use Chromium 91, Firefox 89, Safari 16.4, Node 20, Deno 1.9, Bun 1 or later, on a processor with SSE4.1 or NEON";
    throw new StateError(`Core: tauscope ${reason} (${(cause as Error).message}).`, { cause });
  }
}

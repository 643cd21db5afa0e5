// The core's bytes to a compiled module, once per thread, and what to do where an engine or a page refuses them.

import { coreBytes } from "./bytes.ts";
import { checkBytes } from "./check-bytes.ts";
import { ShapeError, StateError } from "./errors.ts";
import { readBytes } from "./read-bytes.ts";

/** The core as an engine has compiled it; it can be sent to other threads. */
export interface CompiledCore {
  module: WebAssembly.Module;
  /** Whether its products take tiles of four rows, which is faster where the engine makes 256-bit instructions. */
  tallTiles: boolean;
}

// (module)
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

let compiled: Promise<CompiledCore> | undefined;

/**
 * The core, compiled once in this thread.
 *
 * @throws StateError if the engine has no WebAssembly SIMD or the page does not allow WebAssembly.
 */
export function compiledCore(): Promise<CompiledCore> {
  compiled ??= coreBytes()
    .then(compile)
    .then((module) => ({ module, tallTiles: false }))
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
 * @throws ShapeError if `source` is none of these.
 * @throws StateError if it cannot be read or compiled, or is not this version's core.
 */
export async function setCore(source: WebAssembly.Module | BufferSource | URL | string): Promise<void> {
  expectWebAssembly();
  const module = isModule(source) ? source : await compile(await open(source));
  if (!hasExportsOfCore(module)) {
    throw new StateError("setCore: the module is not a core of tauscope. Take core.wasm of this version.");
  }
  adoptCore({ module, tallTiles: false });
}

/** Take a core that was compiled elsewhere, in this thread and the workers it starts from now on. */
export function adoptCore(core: CompiledCore): void {
  compiled = Promise.resolve(core);
}

// of any realm, such as another frame's
function isModule(source: unknown): source is WebAssembly.Module {
  return Object.prototype.toString.call(source) === "[object WebAssembly.Module]";
}

async function open(source: BufferSource | URL | string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof source === "string" || source instanceof URL) {
    const url = resolve(source);
    return checkBytes(await readBytes(url), url.href);
  }
  if (ArrayBuffer.isView(source)) {
    const { buffer, byteOffset, byteLength } = source as Uint8Array<ArrayBuffer>;
    return checkBytes(new Uint8Array(buffer, byteOffset, byteLength), "the bytes given to setCore");
  }
  if (Object.prototype.toString.call(source) === "[object ArrayBuffer]") {
    return checkBytes(new Uint8Array(source), "the bytes given to setCore");
  }
  throw new ShapeError(
    `setCore: \`source\` is ${source === null ? "null" : `of type ${typeof source}`}, expected a URL, bytes or a WebAssembly.Module.`,
  );
}

function resolve(address: URL | string): URL {
  try {
    return new URL(address, globalThis.location?.href);
  } catch {
    throw new ShapeError(
      `setCore: "${address}" is not a URL. Outside pages it must be a whole one: pass new URL("…", import.meta.url), or the bytes.`,
    );
  }
}

// a module does not show its bytes, but what it exports
function hasExportsOfCore(module: WebAssembly.Module): boolean {
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  return ["memory", "createPlan", "computeGradient"].every((name) => names.includes(name));
}

function expectWebAssembly(): void {
  if (typeof WebAssembly !== "undefined") return;
  throw new StateError(
    "Core: this engine has no WebAssembly, which tauscope needs. Turn off what disables it: iOS lockdown mode, or `--jitless`.",
  );
}

/** What the engine makes of the core's bytes. */
export async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  expectWebAssembly();
  try {
    // where a page forbids WebAssembly, WebKit compiles it all the same, and refuses only to instantiate it
    await WebAssembly.instantiate(EMPTY);
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    if (WebAssembly.validate(bytes)) throw forbidden(cause as Error);
    throw new StateError(
      `Core: tauscope needs WebAssembly with SIMD, which this engine lacks. Use Chromium 91, Firefox 89, Safari 16.4, Node 20, Deno 1.9, Bun 1 or later, on a processor with SSE4.1 or NEON (${(cause as Error).message}).`,
      { cause },
    );
  }
}

/** The error where a page does not allow what was tried. */
export function forbidden(cause: Error): StateError {
  return new StateError(
    `Core: tauscope was not allowed to run its WebAssembly. Add 'wasm-unsafe-eval' to script-src in the page's Content-Security-Policy (${cause.message.trim()}).`,
    { cause },
  );
}

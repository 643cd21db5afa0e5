// The bytes behind a URL, in any runtime.

import { StateError } from "./errors.ts";

/**
 * Fetch or read `url`.
 *
 * @throws StateError if that fails; the message names the URL and the cause.
 */
export async function readBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // Node's fetch reads no files
    if (url.protocol === "file:" && "process" in globalThis) return await readFromDisk(url);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new StateError(`Core: ${url} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

async function readFromDisk(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  // a name in a variable keeps bundlers for the browser from looking for the module
  const files = "node:fs/promises";
  const { readFile } = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ files
  )) as typeof import("node:fs/promises");
  return new Uint8Array(await readFile(url));
}

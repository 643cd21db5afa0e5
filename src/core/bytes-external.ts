// The core's bytes, from the file core.wasm beside the module; takes the place of bytes.ts in `tauscope/external`.

import { checkBytes } from "./check-bytes.ts";
import { readBytes } from "./read-bytes.ts";

/** The bytes of this version's core. */
export async function coreBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL("./core.wasm", import.meta.url);
  return checkBytes(await readBytes(url), url.href);
}

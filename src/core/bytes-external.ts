// The core's bytes, from the file core.wasm beside the module; takes the place of bytes.ts in `tauscope/external`.

import { readBytes } from "./read-bytes.ts";

/** The bytes of this version's core. */
export function coreBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return readBytes(new URL("./core.wasm", import.meta.url));
}

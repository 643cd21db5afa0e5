// The core's bytes, embedded in the module: nothing has to be fetched, in any runtime, bundler or page.

import { coreBase64 } from "../../build/core.js";

/** The bytes of this version's core. */
export async function coreBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(atob(coreBase64), (letter) => letter.charCodeAt(0));
}

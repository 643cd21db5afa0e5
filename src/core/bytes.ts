// The core's bytes, embedded in the module: nothing has to be fetched, in any runtime, bundler or page.

import { inflateSync } from "fflate";
import { deflatedCore } from "../../build/core.js";

/** The bytes of this version's core. */
export async function coreBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return inflateSync(Uint8Array.from(atob(deflatedCore), (letter) => letter.charCodeAt(0)));
}

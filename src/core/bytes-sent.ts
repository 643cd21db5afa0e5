// No bytes: a worker is sent the compiled core by the thread that starts it; takes the place of bytes.ts in workers.

import { StateError } from "./errors.ts";

/** @throws StateError always. */
export async function coreBytes(): Promise<Uint8Array<ArrayBuffer>> {
  throw new StateError("Core: this worker has not been sent a core. Start it through a pool.");
}

// Bytes from outside the library, compared with those of this version's core.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { coreHash } from "../../build/core.js";
import { StateError } from "./errors.ts";

/**
 * The same bytes, if they are those of the core.
 *
 * @param where  What they are or where they come from, for the message.
 * @throws StateError if they are others.
 */
export function checkBytes(bytes: Uint8Array<ArrayBuffer>, where: string): Uint8Array<ArrayBuffer> {
  const hash = bytesToHex(sha256(bytes));
  if (hash === coreHash) return bytes;
  throw new StateError(
    `Core: ${where}: got ${bytes.length} bytes with SHA-256 ${hash}, expected ${coreHash}. Take core.wasm of this version.`,
  );
}

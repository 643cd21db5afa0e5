// Files that a command writes for its user.

import { existsSync } from "node:fs";
import { StateError } from "../core/errors.ts";
import { writeWhole } from "../io/run-directory.ts";

/** Write a file; without `force` an existing one is an error. */
export async function writeNew(path: string, bytes: Uint8Array, force = false): Promise<void> {
  if (!force && existsSync(path))
    throw new StateError(`${path}: the file exists; choose another name, or add --force.`);
  await writeWhole(path, bytes);
}

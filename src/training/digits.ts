// The digits of a training run or an evaluation: checked, put into the core's memory, and known by their hash.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Core } from "../core/core.ts";
import { type DigitSet, type DigitSets, PlacedDigits } from "../core/digits.ts";
import { ShapeError } from "../core/errors.ts";
import { type TaskName, tasks } from "../tasks/task.ts";

/**
 * The sets of digits that a task needs, in the core's memory; undefined if it needs none.
 *
 * @param where  Who asks, for error messages.
 * @throws ShapeError if they are missing, or images and labels do not fit each other.
 */
export function placeDigits<Set extends DigitSet>(
  core: Core,
  task: TaskName,
  given: Pick<DigitSets, Set> | undefined,
  needed: readonly Set[],
  where: string,
): PlacedDigits | undefined {
  if (!tasks[task].digits) return undefined;
  const missing = needed.find((set) => !given?.[set]);
  if (!given || missing) {
    throw new ShapeError(
      `${where}: \`digits\` ${given ? `has no ${missing} set` : "are missing"}, expected images and labels for the task ${task} (on the command line: --mnist).`,
    );
  }
  return new PlacedDigits(core, Object.fromEntries(needed.map((set) => [set, given[set]])));
}

/** SHA-256 over images and labels of the training set, then of the test set. */
export function hashDigits({ training, test }: DigitSets): string {
  const hash = sha256.create();
  for (const { images, labels } of [training, test]) hash.update(images).update(labels);
  return bytesToHex(hash.digest());
}

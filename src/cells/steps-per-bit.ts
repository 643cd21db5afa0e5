// Continuous time: a bit lasts for k steps, and time constants, which count bits, for max(τ k, 1) steps.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code RNN_Continuous: Δt = 1/k.
// Deviation  both leaky cells have it, where the source has the leak outside the non-linearity only; time constants that are
//            fixed are kept above one step as well, a branch that does not run in the released code.

import { ShapeError } from "../core/errors.ts";
import { type CellName, cellKind } from "../core/network-shape.ts";

/** The largest k; the source measures up to 200. */
export const MOST_STEPS_PER_BIT = 1000;

/**
 * Refuse a k that is out of range, or that the cell has no time constants for.
 *
 * @param caller  The function that was called, for the message.
 * @throws ShapeError
 */
export function checkStepsPerBit(caller: string, k: number, cell: CellName): void {
  if (!Number.isInteger(k) || k < 1 || k > MOST_STEPS_PER_BIT) {
    throw new ShapeError(
      `${caller}: \`stepsPerBit\` is ${k}, expected a whole number from 1 to ${MOST_STEPS_PER_BIT}.`,
    );
  }
  const conflict = findTimeConflict([k], cell);
  if (conflict) throw new ShapeError(`${caller}: ${conflict}.`);
}

/** What is wrong with these k in a cell, if anything: without time constants there is only discrete time. */
export function findTimeConflict(stepsPerBit: readonly number[], cell: CellName): string | undefined {
  const k = stepsPerBit.find((each) => each !== 1);
  if (k === undefined || cellKind(cell).tau) return undefined;
  return `\`stepsPerBit\` is ${k}, expected 1 for a ${cell} cell, which has no time constants`;
}

/** The k of batch, or update, `index`: each of the list in turn. */
export function stepsPerBitAt(stepsPerBit: readonly number[], index: number): number {
  return stepsPerBit[index % stepsPerBit.length]!;
}

/** The largest k of a list. */
export function largestStepsPerBit(stepsPerBit: readonly number[]): number {
  return stepsPerBit.reduce((largest, k) => Math.max(largest, k), 1);
}

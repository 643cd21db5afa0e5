// One step of Newton's method for three functions of time, each given by a second difference, that all know their values at
// time 0: a block tridiagonal matrix with three more columns.
//
// Elimination goes from the last time to the first, in blocks of three; the values at time 0 are carried along as three more
// right-hand sides, and solved for at the end. Sums over a block's elements are in their order.

import { identity, multiplyAdd, solveBlock } from "./small-blocks.ts";

/** Functions. */
export const ROWS = 3;

/** Elements of a block. */
export const BLOCK = 9;

/** Unknowns of a row: what it is given, and how it depends on the time before and on time 0. */
const WIDTH = 1 + 2 * ROWS;

/** How the second derivative is taken. */
export interface Scheme {
  dt: number;
  /** Share of a neighbour's right-hand side: 1/12 is Numerov's formula, and 0 makes it the second difference of a map. */
  share: number;
  /** Factor of the first function's second difference: 1 in continuous time, 1 - δ for a map with step δ. */
  inertia: number;
}

/** Derivatives of the right-hand sides. */
export interface Linearisation {
  /** By the values at the same time, (n, 3, 3). */
  here: Float64Array;
  /** By the values at time 0, (n, 3, 3). */
  origin: Float64Array;
}

/**
 * The change (n, 3) that would make all residuals (n, 3) vanish, were they linear.
 *
 * @param masses  Factors of the second differences.
 */
export function newtonStep(
  masses: readonly number[],
  scheme: Scheme,
  forces: Linearisation,
  residuals: Float64Array,
): Float64Array {
  const n = residuals.length / ROWS;
  const { share } = scheme;
  const solved = new Float64Array(n * ROWS * WIDTH);
  const rowsOf = (i: number) => solved.subarray(i * ROWS * WIDTH, (i + 1) * ROWS * WIDTH);
  for (let i = n - 1; i > 0; i--) {
    const pivot = block(forces.here, i, masses, scheme, 1 - 2 * share, -2);
    const lower = block(forces.here, i - 1, masses, scheme, share, 1);
    const right = rightSides(residuals, i, lower, originBlock(forces.origin, i, n, scheme));
    if (i + 1 < n)
      eliminate(block(forces.here, i + 1, masses, scheme, share, 1), rowsOf(i + 1), pivot, right);
    solveBlock(pivot, right, ROWS, WIDTH);
    rowsOf(i).set(right);
  }
  // at time 0 the neighbour before is the one behind
  const pivot = block(forces.here, 0, masses, scheme, 1 - 2 * share, -2);
  const right = rightSides(residuals, 0, new Float64Array(BLOCK), originBlock(forces.origin, 0, n, scheme));
  const upper = block(forces.here, 1, masses, scheme, share, 1);
  for (let side = 0; side < 2; side++) eliminate(upper, rowsOf(1), pivot, right);
  return substitute(solved, firstValues(pivot, right), n);
}

// minus the residual, the block of the time before and that of time 0
function rightSides(
  residuals: Float64Array,
  i: number,
  lower: Float64Array,
  begin: Float64Array,
): Float64Array {
  const right = new Float64Array(ROWS * WIDTH);
  for (let j = 0; j < ROWS; j++) {
    right[j * WIDTH] = -residuals[i * ROWS + j]!;
    for (let k = 0; k < ROWS; k++) {
      right[j * WIDTH + 1 + k] = -lower[j * ROWS + k]!;
      right[j * WIDTH + 1 + ROWS + k] = -begin[j * ROWS + k]!;
    }
  }
  return right;
}

// takes the time behind, which is known by this one, into the pivot and the right-hand sides
function eliminate(
  upper: Float64Array,
  behind: Float64Array,
  pivot: Float64Array,
  right: Float64Array,
): void {
  for (let j = 0; j < ROWS; j++) {
    for (let k = 0; k < ROWS; k++) {
      const factor = upper[j * ROWS + k]!;
      right[j * WIDTH]! -= factor * behind[k * WIDTH]!;
      for (let l = 0; l < ROWS; l++) {
        pivot[j * ROWS + l]! += factor * behind[k * WIDTH + 1 + l]!;
        right[j * WIDTH + 1 + ROWS + l]! -= factor * behind[k * WIDTH + 1 + ROWS + l]!;
      }
    }
  }
}

// what is carried along at time 0 is that time's own
function firstValues(pivot: Float64Array, right: Float64Array): Float64Array {
  const first = new Float64Array(ROWS);
  for (let j = 0; j < ROWS; j++) {
    first[j] = right[j * WIDTH]!;
    for (let k = 0; k < ROWS; k++) pivot[j * ROWS + k]! -= right[j * WIDTH + 1 + ROWS + k]!;
  }
  solveBlock(pivot, first, ROWS, 1);
  return first;
}

function substitute(solved: Float64Array, first: Float64Array, n: number): Float64Array {
  const change = new Float64Array(ROWS * n);
  change.set(first);
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < ROWS; j++) {
      const row = (i * ROWS + j) * WIDTH;
      let value = solved[row]!;
      for (let k = 0; k < ROWS; k++) {
        value += solved[row + 1 + k]! * change[(i - 1) * ROWS + k]!;
        value += solved[row + 1 + ROWS + k]! * first[k]!;
      }
      change[i * ROWS + j] = value;
    }
  }
  return change;
}

// of the matrix: `count` masses less dt² share of the derivatives
function block(
  derivatives: Float64Array,
  i: number,
  masses: readonly number[],
  { dt }: Scheme,
  share: number,
  count: number,
): Float64Array {
  const result = identity(ROWS, masses, count);
  multiplyAdd(result, -dt * dt * share, derivatives.subarray(BLOCK * i, BLOCK * (i + 1)));
  return result;
}

// the same of the values at time 0, of all three times that an equation knows
function originBlock(origin: Float64Array, i: number, n: number, { dt, share }: Scheme): Float64Array {
  const at = (k: number) => origin.subarray(BLOCK * k, BLOCK * (k + 1));
  const result = new Float64Array(BLOCK);
  multiplyAdd(result, -dt * dt * (1 - 2 * share), at(i));
  multiplyAdd(result, -dt * dt * share, at(i === 0 ? 1 : i - 1));
  if (i + 1 < n) multiplyAdd(result, -dt * dt * share, at(i + 1));
  return result;
}

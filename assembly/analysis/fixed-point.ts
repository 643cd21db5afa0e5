// A fixed point of a system from a state near it: Levenberg–Marquardt steps on |r|² / 2, where r is the field of a flow, or what
// a step of a map changes.
//
// Based on  Madsen, Nielsen and Tingleff, "Methods for non-linear least squares problems", 2nd edition (2004), algorithm 3.16.
//
// Order of sums: the gradient's and the sums of squares are dot products as in linalg/vectors.ts; the matrix is a product as in
// linalg/product.ts.

import { arenaAllocate } from "../arena";
import { fieldOf, linearize, stepStates } from "../dynamics/step";
import { Kind, System, get, set } from "../dynamics/system";
import { factorCholesky, solveCholesky } from "../linalg/cholesky";
import { Into, multiplyPacked, packTransposed, packedValues } from "../linalg/product";
import { dot } from "../linalg/vectors";

/** Of the damping at the start: so much of the largest diagonal element, as in the source. */
const FIRST_DAMPING: f64 = 1e-3;

// steps that are refused raise the damping twice as much each time; behind this it is a local minimum
const MOST_DAMPING: f64 = 1e100;


@unmanaged
export class FixedPoint {
  // written by the host
  system: System;

  /** The root of the mean of r_i² at the end. */
  residual: f64;

  // addresses: the state (D), the input (I)
  state: usize;
  input: usize;
  // workspace
  columns: usize;
  normal: usize;
  factor: usize;
  packed: usize;
  field: usize;
  gradient: usize;
  step: usize;
  trial: usize;
  trialField: usize;
}

/** The address of a new search, or 0 if there is no memory for it. */
export function createFixedPoint(system: System): usize {
  const address = arenaAllocate(offsetof<FixedPoint>());
  if (!address) return 0;
  memory.fill(address, 0, offsetof<FixedPoint>());
  changetype<FixedPoint>(address).system = system;
  return address;
}

/** Set the addresses of what lies from `base` on, unless it is 0; returns the bytes that it takes. */
export function layOutFixedPoint(search: FixedPoint, base: usize): f64 {
  const D = search.system.D;
  const vector = 8 * <f64>D;
  const matrix = vector * <f64>D;
  const bytes = 6 * vector + 8 * <f64>search.system.I + 3 * matrix + 8 * <f64>packedValues(D, D);
  if (!base) return bytes;
  search.state = base;
  search.field = search.state + <usize>vector;
  search.gradient = search.field + <usize>vector;
  search.step = search.gradient + <usize>vector;
  search.trial = search.step + <usize>vector;
  search.trialField = search.trial + <usize>vector;
  search.columns = search.trialField + <usize>vector;
  search.normal = search.columns + <usize>matrix;
  search.factor = search.normal + <usize>matrix;
  search.input = search.factor + <usize>matrix;
  search.packed = search.input + ((<usize>search.system.I) << 3);
  return bytes;
}

export function searchStateOf(search: FixedPoint): usize {
  return search.state;
}
export function searchInputOf(search: FixedPoint): usize {
  return search.input;
}
export function residualOf(search: FixedPoint): f64 {
  return search.residual;
}

// r at `state` into `field`; returns |r|²
function residualAt(search: FixedPoint, state: usize, field: usize): f64 {
  const system = search.system;
  const D = system.D;
  if (system.kind == Kind.Tanh || system.kind == Kind.Gated) {
    fieldOf(system, state, 1, search.input, field, 0);
  } else {
    memory.copy(field, state, (<usize>D) << 3);
    stepStates(system, field, 1, search.input, false);
    for (let i = 0; i < D; i++) set(field, i, get(field, i) - get(state, i));
  }
  return dot(field, field, D);
}

// columns of r's derivative as rows, their products with each other, and with r; returns the largest diagonal element
function linearizeResidual(search: FixedPoint): f64 {
  const system = search.system;
  const D = system.D;
  linearize(system, search.state, search.input, true, search.columns, search.trialField);
  if (system.kind != Kind.Tanh && system.kind != Kind.Gated) {
    for (let i = 0; i < D; i++) set(search.columns, i * (D + 1), get(search.columns, i * (D + 1)) - 1);
  }
  packTransposed(search.columns, D, D, D, search.packed);
  multiplyPacked(search.normal, D, search.columns, D, search.packed, D, D, D, Into.Set);
  let largest: f64 = 0;
  for (let i = 0; i < D; i++) {
    const column = search.columns + ((<usize>(i * D)) << 3);
    set(search.gradient, i, dot(column, search.field, D));
    largest = max(largest, get(search.normal, i * (D + 1)));
  }
  return largest;
}

// the step with this damping into `step`, and the state behind it into `trial`
function damp(search: FixedPoint, damping: f64): bool {
  const D = search.system.D;
  memory.copy(search.factor, search.normal, (<usize>(D * D)) << 3);
  for (let i = 0; i < D; i++) {
    const at = i * (D + 1);
    set(search.factor, at, get(search.factor, at) + damping);
    set(search.step, i, -get(search.gradient, i));
  }
  if (!factorCholesky(search.factor, D)) return false;
  solveCholesky(search.factor, D, search.step);
  for (let i = 0; i < D; i++) set(search.trial, i, get(search.state, i) + get(search.step, i));
  return true;
}

/**
 * Move the state to a fixed point: until the root mean square of r is at most `tolerance`, but for at most so many iterations.
 * Returns those that it took, or -1 if it did not come there.
 */
export function findFixedPoint(search: FixedPoint, tolerance: f64, iterations: i32): i32 {
  const D = search.system.D;
  const bytes = (<usize>D) << 3;
  let squares = residualAt(search, search.state, search.field);
  let damping = FIRST_DAMPING * linearizeResidual(search);
  let factor: f64 = 2;
  for (let done = 0; done <= iterations && damping < MOST_DAMPING; done++) {
    search.residual = Math.sqrt(squares / <f64>D);
    if (search.residual <= tolerance) return done;
    let gain: f64 = -1;
    let trialSquares: f64 = 0;
    if (damp(search, damping)) {
      trialSquares = residualAt(search, search.trial, search.trialField);
      const slope = dot(search.step, search.gradient, D);
      gain = (squares - trialSquares) / (damping * dot(search.step, search.step, D) - slope);
    }
    if (!(gain > 0)) {
      damping = max(damping, 1e-300) * factor;
      factor *= 2;
      continue;
    }
    memory.copy(search.state, search.trial, bytes);
    memory.copy(search.field, search.trialField, bytes);
    squares = trialSquares;
    linearizeResidual(search);
    const better = 2 * gain - 1;
    damping *= max(1.0 / 3, 1 - better * better * better);
    factor = 2;
  }
  return -1;
}

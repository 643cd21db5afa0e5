// Leaky unit with the leak outside the non-linearity: h ← (1 - 1/τ) h + (1/τ) f(W h + b_W + w_in x + b_in).
//
// Based on  Khajehabdollahi et al., ICLR 2024 (the "mod" model of its released code).
//
// u is linear in the augmented state [h, 1, x], with a matrix that has no leak in it; the activation's value
// a = f(u) is kept at every step, since neither it nor f′ can be had from the state alone.

import { activate, backpropagate, flush } from "../activations";
import { multiplyPanels } from "../gemm";
import { Plan } from "../plan";
import { LANES, f32Bytes } from "../simd";
import {
  packBackward,
  packForward,
  setLeak,
  setRows,
  storeTauGradient,
  unpackGradient,
} from "./leaky-weights";

/** Make the packed weights from the parameters. */
export function leakyOutsidePrepare(plan: Plan, training: bool): void {
  setLeak(plan);
  setRows(plan, false);
  packForward(plan);
  if (training) packBackward(plan);
}

/** One step: `values` = f(u(`state`)) and `next` = (1 - α) `state` + α `values`, for `rows` augmented states. */
export function leakyOutsideForward(plan: Plan, rows: i32, state: usize, values: usize, next: usize): void {
  const stride = plan.stride;
  multiplyPanels(state, stride, plan.forwardPanels, plan.columns, values, stride, rows, plan.H);
  for (let r = 0; r < rows; r++) {
    activate(plan.activation, values, plan.H);
    for (let i = 0; i < plan.H; i += LANES) {
      const at = f32Bytes(i);
      const kept = f32x4.mul(v128.load(plan.keep + at), v128.load(state + at));
      const added = f32x4.mul(v128.load(plan.alpha + at), v128.load(values + at));
      v128.store(next + at, f32x4.add(kept, added));
    }
    state += stride;
    values += stride;
    next += stride;
  }
}

/**
 * One step back: from dL/d`next` in `plan.stateErrors`, dL/du = α f′ dL/d`next` into `inputErrors`, dL/d`state` into
 * `plan.stateErrors` (unless `first`), and dL/dα added to `plan.alphaErrors`. Returns whether any error is left.
 */
export function leakyOutsideBackward(
  plan: Plan,
  rows: i32,
  state: usize,
  values: usize,
  inputErrors: usize,
  first: bool,
): bool {
  const stride = plan.stride;
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * stride;
    const errors = plan.stateErrors + at;
    addAlphaErrors(plan, errors, state + at, values + at);
    backpropagate(plan.activation, errors, values + at, plan.alpha, inputErrors + at, plan.H);
  }
  if (first) return false;
  const through = plan.stateErrors + plan.stepBytes;
  multiplyPanels(inputErrors, stride, plan.backwardPanels, plan.H, through, stride, rows, plan.H);
  let left = false;
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * stride;
    left = addLeakErrors(plan, plan.stateErrors + at, through + at) || left;
  }
  return left;
}

// dL/dα_i += dL/dh'_i (a_i - h_i), in f64 since it is a sum over all steps and rows
function addAlphaErrors(plan: Plan, errors: usize, state: usize, values: usize): void {
  for (let i = 0; i < plan.H; i += LANES) {
    const at = f32Bytes(i);
    const difference = f32x4.sub(v128.load(values + at), v128.load(state + at));
    const product = f32x4.mul(v128.load(errors + at), difference);
    const sum = plan.alphaErrors + 2 * at;
    v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(product)));
    const upper = f64x2.promote_low_f32x4(i32x4.shuffle(product, product, 2, 3, 2, 3));
    v128.store(sum, f64x2.add(v128.load(sum, 16), upper), 16);
  }
}

// dL/dh = (1 - α) dL/dh' + what comes through the weights; returns whether any of it is left
function addLeakErrors(plan: Plan, errors: usize, through: usize): bool {
  let left = i32x4.splat(0);
  for (let i = 0; i < plan.H; i += LANES) {
    const at = f32Bytes(i);
    const kept = f32x4.mul(v128.load(plan.keep + at), v128.load(errors + at));
    const error = flush(f32x4.add(kept, v128.load(through + at)));
    left = v128.or(left, error);
    v128.store(errors + at, error);
  }
  return v128.any_true(left);
}

/** Gradients of the cell's parameters from the sum over all shards. */
export function leakyOutsideGradient(plan: Plan, slot: usize): void {
  unpackGradient(plan, slot);
  for (let i = 0; i < plan.H; i++) {
    storeTauGradient(plan, i, <f64>load<f32>(slot + plan.slotAlpha + f32Bytes(i)));
  }
}

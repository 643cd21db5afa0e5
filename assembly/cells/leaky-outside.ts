// Leaky unit with the leak outside the non-linearity: h ← (1 - 1/τ) h + (1/τ) f(W h + b_W + w_in x + b_in).
//
// Based on  Khajehabdollahi et al., ICLR 2024 (the "mod" model of its released code).
//
// u is linear in the augmented state [h, 1, x], with a matrix that has no leak in it; the activation's value
// a = f(u) is kept at every step, since neither it nor f′ can be had from the state alone.

import {
  Activation,
  LeakyRelu,
  Relu,
  Sigmoid,
  Tanh,
  backpropagate,
  derivativeOf,
  flush,
  valueOf,
} from "../activations";
import { multiply } from "../gemm";
import { Plan } from "../plan";
import { LANES, f32Bytes } from "../simd";
import { Product } from "../tile";
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

// a ← f(u), and h' ← (1 - α) h + α a
@unmanaged
class Advance<F> extends Product {
  /** h' */
  also: usize;
  state: usize;
  keep: usize;
  alpha: usize;


  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    return valueOf<F>(sums);
  }


  @inline
  isLong(): bool {
    return isDefined(changetype<F>(0).isLong);
  }


  @inline
  second(at: usize, column: usize, offset: usize): v128 {
    const kept = f32x4.mul(v128.load(this.keep + column + offset), v128.load(this.state + at + offset));
    const added = f32x4.mul(v128.load(this.alpha + column + offset), v128.load(this.c + at + offset));
    return f32x4.add(kept, added);
  }
}

/** One step: `values` = f(u(`state`)) and `next` = (1 - α) `state` + α `values`, for `rows` augmented states. */
export function leakyOutsideForward(plan: Plan, rows: i32, state: usize, values: usize, next: usize): void {
  const stride = plan.stride;
  const product = changetype<Advance<Tanh>>(changetype<usize>(plan.product));
  product.set(state, stride, plan.forwardPanels, plan.columns, values, stride, rows, plan.H);
  product.also = next;
  product.state = state;
  product.keep = plan.keep;
  product.alpha = plan.alpha;
  const activation = plan.activation;
  const operands = changetype<usize>(plan.product);
  if (activation == Activation.LeakyRelu) multiply(changetype<Advance<LeakyRelu>>(operands));
  else if (activation == Activation.Relu) multiply(changetype<Advance<Relu>>(operands));
  else if (activation == Activation.Tanh) multiply(changetype<Advance<Tanh>>(operands));
  else multiply(changetype<Advance<Sigmoid>>(operands));
}

/**
 * From dL/dh behind a step, which led from `state` by `values`, in `errors`: dL/du = α f′ dL/dh of the step into `target`,
 * and dL/dα added to `plan.alphaErrors`.
 */
export function leakyOutsideReadoutErrors(
  plan: Plan,
  rows: i32,
  errors: usize,
  state: usize,
  values: usize,
  target: usize,
): void {
  addAlphaErrors(plan, rows, errors, state, values);
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * plan.stride;
    backpropagate(plan.activation, errors + at, values + at, plan.alpha, target + at, plan.H);
  }
}

// dL/dh ← (1 - α) dL/dh' + what comes through the weights, in place, and dL/du ← α f′ dL/dh of the step before
@unmanaged
class Retreat<F> extends Product {
  /** dL/du */
  also: usize;
  values: usize;
  keep: usize;
  alpha: usize;
  tracked: bool;


  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    const kept = f32x4.mul(v128.load(this.keep + column + offset), v128.load(this.c + at + offset));
    return flush(f32x4.add(kept, sums));
  }


  @inline
  second(at: usize, column: usize, offset: usize): v128 {
    const slope = derivativeOf<F>(v128.load(this.values + at + offset));
    const error = f32x4.mul(v128.load(this.c + at + offset), slope);
    return flush(f32x4.mul(error, v128.load(this.alpha + column + offset)));
  }
}

/**
 * One step back: from dL/dh' in `plan.stateErrors` and dL/du in `errors` of a step to those of the step before it, which
 * led from `state` by `values`, in `plan.stateErrors` and `target`; its dL/dα is added to `plan.alphaErrors`. Below another
 * layer, `errors` also hold dL/du of that one in the step before. Returns whether any error is left.
 */
export function leakyOutsideBackward(
  plan: Plan,
  rows: i32,
  errors: usize,
  state: usize,
  values: usize,
  target: usize,
): bool {
  const stride = plan.stride;
  const product = changetype<Retreat<Tanh>>(changetype<usize>(plan.product));
  const depth = plan.errorDepth;
  product.set(errors, plan.errorStride, plan.backwardPanels, depth, plan.stateErrors, stride, rows, plan.H);
  product.also = target;
  product.values = values;
  product.keep = plan.keep;
  product.alpha = plan.alpha;
  const left = retreat(plan);
  addAlphaErrors(plan, rows, plan.stateErrors, state, values);
  return left;
}

function retreat(plan: Plan): bool {
  const activation = plan.activation;
  const operands = changetype<usize>(plan.product);
  if (activation == Activation.LeakyRelu) return multiply(changetype<Retreat<LeakyRelu>>(operands));
  if (activation == Activation.Relu) return multiply(changetype<Retreat<Relu>>(operands));
  if (activation == Activation.Tanh) return multiply(changetype<Retreat<Tanh>>(operands));
  return multiply(changetype<Retreat<Sigmoid>>(operands));
}

// dL/dα_i += dL/dh'_i (a_i - h_i), in f64 since it is a sum over all steps and rows
function addAlphaErrors(plan: Plan, rows: i32, errors: usize, state: usize, values: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < plan.H; i += LANES) {
      const at = f32Bytes(i);
      const difference = f32x4.sub(v128.load(values + at), v128.load(state + at));
      const product = f32x4.mul(v128.load(errors + at), difference);
      const sum = plan.alphaErrors + 2 * at;
      v128.store(sum, f64x2.add(v128.load(sum), f64x2.promote_low_f32x4(product)));
      const upper = f64x2.promote_low_f32x4(i32x4.shuffle(product, product, 2, 3, 2, 3));
      v128.store(sum, f64x2.add(v128.load(sum, 16), upper), 16);
    }
    errors += plan.stride;
    state += plan.stride;
    values += plan.stride;
  }
}

/** Gradients of the cell's parameters from the sum over all shards. */
export function leakyOutsideGradient(plan: Plan, slot: usize): void {
  unpackGradient(plan, slot);
  for (let i = 0; i < plan.H; i++) {
    storeTauGradient(plan, i, <f64>load<f32>(slot + plan.slotAlpha + f32Bytes(i)));
  }
}

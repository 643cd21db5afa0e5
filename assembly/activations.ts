// The activation functions of the leaky cells, and their derivatives taken from the function's value.
//
// The derivative of each of them is a function of its output, so the input need not be kept for the backward pass.

import { sigmoid4, tanh4 } from "./math";
import { LANES, f32Bytes } from "./simd";

export const enum Activation {
  LeakyRelu,
  Relu,
  Tanh,
  Sigmoid,
}

/** Slope of the leaky rectifier below zero, as in the source (PyTorch's default). */
const SLOPE: f32 = 0.01;

/**
 * Errors smaller than this are set to zero on the way back. Products that underflow to subnormal numbers make a
 * matrix product several times slower, and an error of 1e-30 changes no weight.
 */
const FLUSH: f32 = 7.888609052210118e-31; // 2^-100

/** Lanes below 2^-100 in size become +0; NaN stays. */
// @ts-ignore: decorator
@inline
export function flush(errors: v128): v128 {
  return v128.andnot(errors, f32x4.lt(f32x4.abs(errors), f32x4.splat(FLUSH)));
}

// @ts-ignore: decorator
@inline
function value4(activation: i32, u: v128): v128 {
  if (activation == Activation.LeakyRelu) return f32x4.max(u, f32x4.mul(u, f32x4.splat(SLOPE)));
  if (activation == Activation.Relu) return f32x4.max(u, f32x4.splat(0));
  if (activation == Activation.Tanh) return tanh4(u);
  return sigmoid4(u);
}

// @ts-ignore: decorator
@inline
function derivative4(activation: i32, y: v128): v128 {
  const one = f32x4.splat(1);
  const positive = f32x4.gt(y, f32x4.splat(0));
  if (activation == Activation.LeakyRelu) return v128.bitselect(one, f32x4.splat(SLOPE), positive);
  if (activation == Activation.Relu) return v128.and(one, positive);
  if (activation == Activation.Tanh) return f32x4.sub(one, f32x4.mul(y, y));
  return f32x4.mul(y, f32x4.sub(one, y));
}

// @ts-ignore: decorator
@inline
function values(activation: i32, row: usize, n: i32): void {
  for (let j = 0; j < n; j += LANES) {
    const at = row + f32Bytes(j);
    v128.store(at, value4(activation, v128.load(at)));
  }
}

// @ts-ignore: decorator
@inline
function scaled(activation: i32, error: usize, row: usize, scale: usize, target: usize, n: i32): bool {
  let left = i32x4.splat(0);
  for (let j = 0; j < n; j += LANES) {
    const at = f32Bytes(j);
    let e = f32x4.mul(v128.load(error + at), derivative4(activation, v128.load(row + at)));
    if (scale) e = f32x4.mul(e, v128.load(scale + at));
    e = flush(e);
    left = v128.or(left, e);
    v128.store(target + at, e);
  }
  return v128.any_true(left);
}

/** Replace the n values (n rounded up to four) of `row` by the activation of them. */
export function activate(activation: i32, row: usize, n: i32): void {
  if (activation == Activation.LeakyRelu) values(Activation.LeakyRelu, row, n);
  else if (activation == Activation.Relu) values(Activation.Relu, row, n);
  else if (activation == Activation.Tanh) values(Activation.Tanh, row, n);
  else values(Activation.Sigmoid, row, n);
}

/**
 * target = error · f′, with f′ taken from the activation's output `row`; times `scale` (n factors) if that is not 0.
 * Values below 2^-100 in size become 0. Returns whether any value is left.
 */
export function backpropagate(
  activation: i32,
  error: usize,
  row: usize,
  scale: usize,
  target: usize,
  n: i32,
): bool {
  if (activation == Activation.LeakyRelu) return scaled(Activation.LeakyRelu, error, row, scale, target, n);
  if (activation == Activation.Relu) return scaled(Activation.Relu, error, row, scale, target, n);
  if (activation == Activation.Tanh) return scaled(Activation.Tanh, error, row, scale, target, n);
  return scaled(Activation.Sigmoid, error, row, scale, target, n);
}

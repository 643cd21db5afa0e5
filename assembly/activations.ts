// The activation functions of the leaky cells and of gates, and their derivatives taken from the function's value.
//
// The derivative of each of them is a function of its output, so the input need not be kept for the backward pass.
// Each function is a type, without any data, that other code is compiled for; `changetype<F>(0)` is its only object. One
// whose code is long has a method that says so.

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


@unmanaged
export class LeakyRelu {

  @inline
  value(u: v128): v128 {
    return f32x4.pmax(u, f32x4.mul(u, f32x4.splat(SLOPE)));
  }


  @inline
  derivative(y: v128): v128 {
    return v128.bitselect(f32x4.splat(1), f32x4.splat(SLOPE), f32x4.gt(y, f32x4.splat(0)));
  }
}


@unmanaged
export class Relu {

  @inline
  value(u: v128): v128 {
    return f32x4.max(u, f32x4.splat(0));
  }


  @inline
  derivative(y: v128): v128 {
    return v128.and(f32x4.splat(1), f32x4.gt(y, f32x4.splat(0)));
  }
}


@unmanaged
export class Tanh {

  @inline
  value(u: v128): v128 {
    return tanh4(u);
  }


  @inline
  isLong(): void {}


  @inline
  derivative(y: v128): v128 {
    return f32x4.sub(f32x4.splat(1), f32x4.mul(y, y));
  }
}


@unmanaged
export class Sigmoid {

  @inline
  value(u: v128): v128 {
    return sigmoid4(u);
  }


  @inline
  isLong(): void {}


  @inline
  derivative(y: v128): v128 {
    return f32x4.mul(y, f32x4.sub(f32x4.splat(1), y));
  }
}

/** F of four inputs. */
// @ts-ignore: decorator
@inline
export function valueOf<F>(u: v128): v128 {
  return changetype<F>(0).value(u);
}

/** F of n values in their place, n a multiple of four. Two vectors a turn, for engines that combine them. */
export function activate<F>(at: usize, n: i32): void {
  const end = at + f32Bytes(n);
  for (; at + 32 <= end; at += 32) {
    const first = valueOf<F>(v128.load(at));
    const second = valueOf<F>(v128.load(at, 16));
    v128.store(at, first);
    v128.store(at, second, 16);
  }
  if (at < end) v128.store(at, valueOf<F>(v128.load(at)));
}

/** The derivative of F where its values are `y`. */
// @ts-ignore: decorator
@inline
export function derivativeOf<F>(y: v128): v128 {
  return changetype<F>(0).derivative(y);
}

/** Lanes below 2^-100 in size become +0; NaN stays. */
// @ts-ignore: decorator
@inline
export function flush(errors: v128): v128 {
  return v128.andnot(errors, f32x4.lt(f32x4.abs(errors), f32x4.splat(FLUSH)));
}

// @ts-ignore: decorator
@inline
function scaled<F>(error: usize, row: usize, scale: usize, target: usize, n: i32): bool {
  let left = i32x4.splat(0);
  for (let j = 0; j < n; j += LANES) {
    const at = f32Bytes(j);
    let e = f32x4.mul(v128.load(error + at), derivativeOf<F>(v128.load(row + at)));
    if (scale) e = f32x4.mul(e, v128.load(scale + at));
    e = flush(e);
    left = v128.or(left, e);
    v128.store(target + at, e);
  }
  return v128.any_true(left);
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
  if (activation == Activation.LeakyRelu) return scaled<LeakyRelu>(error, row, scale, target, n);
  if (activation == Activation.Relu) return scaled<Relu>(error, row, scale, target, n);
  if (activation == Activation.Tanh) return scaled<Tanh>(error, row, scale, target, n);
  return scaled<Sigmoid>(error, row, scale, target, n);
}

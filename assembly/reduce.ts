// Sums over arrays. The order of every sum is fixed and part of the numeric contract:
// lane j of a vector adds the elements 4 i + j in order, the lanes are added as (0 + 1) + (2 + 3), and the
// elements after the last whole vector are added one by one behind them.

import { LANES, f32Bytes, loadLanes, storeLanes } from "./simd";

/** Σ a_i b_i in f32. */
export function dot(a: usize, b: usize, n: i32): f32 {
  let lanes = f32x4.splat(0);
  let i = 0;
  for (; i + LANES <= n; i += LANES) {
    const at = f32Bytes(i);
    lanes = f32x4.add(lanes, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  }
  let sum =
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
  for (; i < n; i++) sum += load<f32>(a + f32Bytes(i)) * load<f32>(b + f32Bytes(i));
  return sum;
}

/** y ← y + a x. */
export function addScaled(y: usize, a: f32, x: usize, n: i32): void {
  const scale = f32x4.splat(a);
  let i = 0;
  for (; i + LANES <= n; i += LANES) addScaledLanes(y + f32Bytes(i), scale, x + f32Bytes(i), false);
  for (; i < n; i++) addScaledLanes(y + f32Bytes(i), scale, x + f32Bytes(i), true);
}

// @ts-ignore: decorator
@inline
function addScaledLanes(y: usize, scale: v128, x: usize, single: bool): void {
  storeLanes(y, f32x4.add(loadLanes(y, single), f32x4.mul(scale, loadLanes(x, single))), single);
}

/** y ← y + x, for n a multiple of four. */
export function add(y: usize, x: usize, n: i32): void {
  for (let i = 0; i < n; i += LANES) {
    const at = f32Bytes(i);
    v128.store(y + at, f32x4.add(v128.load(y + at), v128.load(x + at)));
  }
}

/** Σ x_i² in f64, so that neither overflow nor cancellation touches a norm. */
export function sumOfSquares(x: usize, n: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = 0;
  for (; i + LANES <= n; i += LANES) {
    const v = v128.load(x + f32Bytes(i));
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  let sum =
    f64x2.extract_lane(low, 0) +
    f64x2.extract_lane(low, 1) +
    (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1));
  for (; i < n; i++) {
    const v = <f64>load<f32>(x + f32Bytes(i));
    sum += v * v;
  }
  return sum;
}

/** The index of the first NaN or infinity, or -1. */
export function findNonFinite(x: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) if (!isFinite<f32>(load<f32>(x + f32Bytes(i)))) return i;
  return -1;
}

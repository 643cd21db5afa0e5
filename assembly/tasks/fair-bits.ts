// Fair bits: each of two values with probability 1/2.
//
// Based on  Khajehabdollahi et al., ICLR 2024: {0, 1} for N-delayed match to sample, {-1, 1} for the runs of its LSTM.

import { fillUniform } from "../rng";
import { LANES, f32Bytes, loadLanes, storeLanes } from "../simd";

/** Fill `target` with n bits under `key`: 1, or else `low`. */
export function fillFairBits(key: u64, target: usize, n: i32, low: f32): void {
  fillUniform(key, target, n, 0, 1);
  let i = 0;
  for (; i + LANES <= n; i += LANES) toFairBits(target + f32Bytes(i), low, false);
  for (; i < n; i++) toFairBits(target + f32Bytes(i), low, true);
}

// one or four uniform values become bits
// @ts-ignore: decorator
@inline
function toFairBits(at: usize, low: f32, single: bool): void {
  const below = f32x4.lt(loadLanes(at, single), f32x4.splat(0.5));
  storeLanes(at, v128.bitselect(f32x4.splat(1), f32x4.splat(low), below), single);
}

// Bits: 1 with one probability for all, or with a bias of their own for each sequence, p ~ U(0, 1).
//
// Based on  Khajehabdollahi et al., ICLR 2024: the inputs of N-parity, and of the networks whose timescales are measured,
//           have a p for each sequence; those of N-DMS, the streams that ablated networks answer, and the bits -1 and 1 of its LSTM, p = 0.5.

import { fillUniform } from "../rng";
import { LANES, f32Bytes, loadLanes, storeLanes } from "../simd";

/** Fill `target` with n bits under `key`: 1 with one probability, or else `low`. */
export function fillBits(key: u64, probability: f32, low: f32, target: usize, n: i32): void {
  fillUniform(key, target, n, 0, 1);
  const all = f32x4.splat(probability);
  const zero = f32x4.splat(low);
  let i = 0;
  for (; i + LANES <= n; i += LANES) toBits(target + f32Bytes(i), all, zero, false);
  for (; i < n; i++) toBits(target + f32Bytes(i), all, zero, true);
}

/** Fill `target` (T, B) with bits under `key`; `probabilities` (B) becomes those of `biasKey`. */
export function fillBiasedBits(
  key: u64,
  biasKey: u64,
  target: usize,
  T: i32,
  B: i32,
  probabilities: usize,
): void {
  const zero = f32x4.splat(0);
  fillUniform(key, target, T * B, 0, 1);
  fillUniform(biasKey, probabilities, B, 0, 1);
  for (let t = 0; t < T; t++) {
    const row = target + f32Bytes(t * B);
    let b = 0;
    for (; b + LANES <= B; b += LANES)
      toBits(row + f32Bytes(b), v128.load(probabilities + f32Bytes(b)), zero, false);
    for (; b < B; b++)
      toBits(row + f32Bytes(b), v128.load_zero<f32>(probabilities + f32Bytes(b)), zero, true);
  }
}

// one or four uniform values become bits: 1 below the probability
// @ts-ignore: decorator
@inline
function toBits(at: usize, probability: v128, low: v128, single: bool): void {
  const below = f32x4.lt(loadLanes(at, single), probability);
  storeLanes(at, v128.bitselect(f32x4.splat(1), low, below), single);
}

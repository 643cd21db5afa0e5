// Bits with a bias of their own for each sequence: 1 with probability p, p ~ U(0, 1).
//
// Based on  Khajehabdollahi et al., ICLR 2024: the inputs of N-parity, and of the networks whose timescales are measured.

import { fillUniform } from "../rng";
import { LANES, f32Bytes, loadLanes, storeLanes } from "../simd";

/** Fill `target` (T, B) with bits under `key`; `probabilities` (B) becomes those of `biasKey`. */
export function fillBiasedBits(
  key: u64,
  biasKey: u64,
  target: usize,
  T: i32,
  B: i32,
  probabilities: usize,
): void {
  fillUniform(key, target, T * B, 0, 1);
  fillUniform(biasKey, probabilities, B, 0, 1);
  for (let t = 0; t < T; t++) {
    const row = target + f32Bytes(t * B);
    let b = 0;
    for (; b + LANES <= B; b += LANES)
      toBits(row + f32Bytes(b), v128.load(probabilities + f32Bytes(b)), false);
    for (; b < B; b++) toBits(row + f32Bytes(b), v128.load_zero<f32>(probabilities + f32Bytes(b)), true);
  }
}

// one or four uniform values become bits: 1 below the probability
// @ts-ignore: decorator
@inline
function toBits(at: usize, probability: v128, single: bool): void {
  const below = f32x4.lt(loadLanes(at, single), probability);
  storeLanes(at, v128.and(below, f32x4.splat(1)), single);
}

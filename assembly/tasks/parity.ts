// N-parity: is the number of ones among the last N bits odd?
//
// Based on  Khajehabdollahi et al., ICLR 2024: bits in {0, 1}, every sequence with its own p ~ U(0, 1); or
//           as for its LSTM in {-1, 1} with p = 0.5.

import { Plan, firstLabel, labelsAt } from "../plan";
import { foldIn } from "../rng";
import { LANES, f32Bytes, loadLanes, storeLanes } from "../simd";
import { fillBiasedBits, fillBits } from "./biased-bits";

/** Draw a batch of T steps, with a label row for each of the first `rows` lengths N of the plan (N ≤ T). */
export function drawParity(plan: Plan, key: u64, T: i32, rows: i32, bipolar: bool): void {
  const B = plan.B;
  if (bipolar) fillBits(foldIn(key, 0), 0.5, -1, plan.inputs, T * B);
  // the probabilities lie where the labels of the first row will
  else fillBiasedBits(foldIn(key, 0), foldIn(key, 1), plan.inputs, T, B, plan.labels);
  for (let l = 0; l < rows; l++) {
    const N = load<i32>(plan.lengths + f32Bytes(l));
    const first = firstLabel(plan, l, T);
    const labels = labelsAt(plan, l, first, T);
    // at the last step mostly the bits of the row before, and one more
    const counted = l > 0 && !plan.everyStep ? load<i32>(plan.lengths + f32Bytes(l - 1)) : N;
    let n = 0;
    if (counted < N) {
      memory.copy(labels, labels - f32Bytes(B), f32Bytes(B));
      n = counted;
    } else {
      memory.fill(labels, 0, f32Bytes(B));
    }
    for (; n < N; n++) addParity(labels, plan.inputs + f32Bytes((first - n) * B), B);
    // one bit comes in with each step, and one goes out
    for (let t = first + 1; t < T; t++) {
      const next = labelsAt(plan, l, t, T);
      memory.copy(next, next - f32Bytes(B), f32Bytes(B));
      addParity(next, plan.inputs + f32Bytes(t * B), B);
      addParity(next, plan.inputs + f32Bytes((t - N) * B), B);
    }
  }
}

// labels ← labels + bits, modulo 2
function addParity(labels: usize, bits: usize, n: i32): void {
  let b = 0;
  for (; b + LANES <= n; b += LANES) addParityLanes(labels + f32Bytes(b), bits + f32Bytes(b), false);
  for (; b < n; b++) addParityLanes(labels + f32Bytes(b), bits + f32Bytes(b), true);
}

// @ts-ignore: decorator
@inline
function addParityLanes(labels: usize, bits: usize, single: bool): void {
  const ones = v128.and(f32x4.gt(loadLanes(bits, single), f32x4.splat(0)), i32x4.splat(1));
  storeLanes(labels, v128.xor(loadLanes(labels, single), ones), single);
}

// N-delayed match to sample: is the last bit equal to the bit N - 1 steps before it?
//
// Based on  Khajehabdollahi et al., ICLR 2024: label [x_(T-N+1) = x_T], bits in {0, 1}, or as for its
//           LSTM in {-1, 1}, with p = 0.5.

import { Plan, firstLabel, labelsAt } from "../plan";
import { foldIn } from "../rng";
import { f32Bytes } from "../simd";
import { fillBits } from "./biased-bits";

/** Draw a batch of T steps, with a label row for each of the first `rows` lengths N of the plan (N ≤ T). */
export function drawDelayedMatch(plan: Plan, key: u64, T: i32, rows: i32, bipolar: bool): void {
  const B = plan.B;
  fillBits(foldIn(key, 0), 0.5, bipolar ? -1 : 0, plan.inputs, T * B);
  for (let l = 0; l < rows; l++) {
    const N = load<i32>(plan.lengths + f32Bytes(l));
    for (let t = firstLabel(plan, l, T); t < T; t++) {
      const sample = plan.inputs + f32Bytes((t - N + 1) * B);
      const last = plan.inputs + f32Bytes(t * B);
      const labels = labelsAt(plan, l, t, T);
      for (let b = 0; b < B; b++) {
        const match = load<f32>(sample + f32Bytes(b)) == load<f32>(last + f32Bytes(b));
        store<i32>(labels + f32Bytes(b), match ? 1 : 0);
      }
    }
  }
}

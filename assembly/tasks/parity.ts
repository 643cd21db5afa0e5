// N-parity: is the number of ones among the last N bits odd?
//
// Based on  Khajehabdollahi et al., ICLR 2024: bits in {0, 1}, every sequence with its own p ~ U(0, 1).

import { Plan } from "../plan";
import { drawUniform, fillUniform, foldIn } from "../rng";
import { f32Bytes } from "../simd";

/** Draw a batch of T steps, with a label row for each of the first `rows` lengths N of the plan (N ≤ T). */
export function drawParity(plan: Plan, key: u64, T: i32, rows: i32): void {
  const B = plan.B;
  fillUniform(foldIn(key, 0), plan.inputs, T * B, 0, 1);
  const probabilities = foldIn(key, 1);
  for (let b = 0; b < B; b++) {
    const p = drawUniform(probabilities, b);
    for (let t = 0; t < T; t++) {
      const at = plan.inputs + f32Bytes(t * B + b);
      store<f32>(at, load<f32>(at) < p ? 1 : 0);
    }
  }
  for (let l = 0; l < rows; l++) {
    const N = load<i32>(plan.lengths + f32Bytes(l));
    for (let b = 0; b < B; b++) {
      let ones = 0;
      for (let t = T - N; t < T; t++) ones += <i32>load<f32>(plan.inputs + f32Bytes(t * B + b));
      store<i32>(plan.labels + f32Bytes(l * B + b), ones & 1);
    }
  }
}

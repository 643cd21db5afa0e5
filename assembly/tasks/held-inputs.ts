// Inputs in continuous time: each is held for k steps, of a length of 1 / k.
//
// Based on  Khajehabdollahi et al., ICLR 2024, and its released code.

import { Plan } from "../plan";
import { f32Bytes } from "../simd";

/** The inputs of `n` steps become those of n k steps, in place: step t gets what was that of step floor(t / k). */
export function holdInputs(plan: Plan, n: i32, k: i32): void {
  const bytes = f32Bytes(plan.B * plan.I);
  // from the last to the first, so that nothing is overwritten before it is read
  for (let t = n * k - 1; t > 0; t--) {
    memory.copy(plan.inputs + <usize>t * bytes, plan.inputs + <usize>(t / k) * bytes, bytes);
  }
}

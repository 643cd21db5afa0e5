// N-delayed match to sample: is the last bit equal to the bit N - 1 steps before it?
//
// Based on  Khajehabdollahi et al., ICLR 2024, and its released code: p = 0.5, lengths as for parity.

import { parity } from "./parity.ts";
import type { Task } from "./task.ts";

export const delayedMatch: Task = {
  ...parity,
  draw: (plan, key, steps, { N, bits }) => plan.drawDelayedMatch(key, steps, N, bits),
  label: (bit, N) => (bit(N - 1) === bit(0) ? 1 : 0),
};

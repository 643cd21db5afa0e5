// N-parity: is the number of ones among the last N bits odd?
//
// Based on  Khajehabdollahi et al., ICLR 2024, and its released code: bits in {0, 1}, every sequence with its own
//           p ~ U(0, 1), and one length per batch, uniform on N + 2 … 4 N + 1. Bits in {-1, 1} have p = 0.5, as for its LSTM.

import type { Task } from "./task.ts";

export const parity: Task = {
  inputs: 1,
  classes: 2,
  shared: true,
  everyStep: true,
  digits: false,
  lengths: (N) => ({ shortest: N + 2, longest: 4 * N + 1, by: 1 }),
  draw: (plan, key, steps, { N, bits }) => plan.drawParity(key, steps, N, bits),
  label: (bit, N) => {
    let ones = 0;
    for (let n = 0; n < N; n++) if (bit(n) === 1) ones++;
    return ones % 2;
  },
};

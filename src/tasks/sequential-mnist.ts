// Sequential MNIST: which digit is shown, when its image comes pixel by pixel?
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code get_smnist_batch: images of L × L pixels, L = N + 3, with M1
//            blank rows before and M2 behind them. M1 + M2 is uniform on 2 … N + 1, M1 on 0 … M1 + M2 - 1: NumPy's randint
//            leaves its upper end out. Blank is 0, the grey in the middle, as rows are added behind the scaling.
// Deviation  thresholds and learning rate are settings, see the preset "smnist".

import type { Task } from "./task.ts";

// pixels of a side
const sideOf = (N: number) => N + 3;

export const sequentialMnist: Task = {
  inputs: 1,
  classes: 10,
  shared: false,
  everyStep: false,
  digits: true,
  lengths: (N) => {
    const side = sideOf(N);
    return { shortest: side * (side + 2), longest: side * (side + N + 1), by: side };
  },
  draw: (plan, key, steps, { sequenceN, set }) =>
    plan.drawSequentialDigits(key, steps, sideOf(sequenceN), set),
};

// Long short-term memory, f64:
//
//   i, f, o = σ(W h + d), g = tanh(likewise), each with weights of its own     d: constants and inputs
//   c ← f c + i g
//   h ← o tanh c
//
// Based on  Hochreiter and Schmidhuber 1997; Gers et al. 2000 (f), as PyTorch 1.13 has it (torch.nn.LSTM): no peepholes.
//
// A state is h | c.

import { System, driveOf, get, logistic, multiplyGates, set } from "./system";

// coefficients of the tangent (u, v), with its sums S:
//   c′ = c0 v + c1 S_f + c2 S_i + c3 S_g,   h′ = c4 c′ + c5 S_o

/** One step of `rows` states, in their place; the tangent's coefficients at the first one unless that is 0. */
export function lstmStep(system: System, states: usize, rows: i32, inputs: usize, coefficients: usize): void {
  const N = system.N;
  const n = system.unitBytes;
  multiplyGates(system, 0, 4, rows, states, 2 * N);
  for (let row = 0; row < rows; row++) {
    const drive = driveOf(system, inputs, row);
    const sums = system.sums + <usize>row * system.sumBytes;
    const h = states + 2 * <usize>row * n;
    for (let unit = 0; unit < N; unit++) {
      const i = logistic(get(sums, unit) + get(drive, unit));
      const f = logistic(get(sums, N + unit) + get(drive, N + unit));
      const g = Math.tanh(get(sums, 2 * N + unit) + get(drive, 2 * N + unit));
      const o = logistic(get(sums, 3 * N + unit) + get(drive, 3 * N + unit));
      const before = get(h + n, unit);
      const c = f * before + i * g;
      const squashed = Math.tanh(c);
      set(h, unit, o * squashed);
      set(h + n, unit, c);
      if (!coefficients || row > 0) continue;
      set(coefficients, unit, f);
      set(coefficients + n, unit, before * f * (1 - f));
      set(coefficients + 2 * n, unit, g * i * (1 - i));
      set(coefficients + 3 * n, unit, i * (1 - g * g));
      set(coefficients + 4 * n, unit, o * (1 - squashed * squashed));
      set(coefficients + 5 * n, unit, squashed * o * (1 - o));
    }
  }
}

/** `rows` tangents behind the step, in their place. */
export function lstmTangent(system: System, coefficients: usize, tangents: usize, rows: i32): void {
  const N = system.N;
  const n = system.unitBytes;
  multiplyGates(system, 0, 4, rows, tangents, 2 * N);
  for (let row: usize = 0; row < <usize>rows; row++) {
    const sums = system.sums + row * system.sumBytes;
    const u = tangents + 2 * row * n;
    for (let i = 0; i < N; i++) {
      const kept = get(coefficients, i) * get(u + n, i) + get(coefficients + n, i) * get(sums, N + i);
      const added =
        get(coefficients + 2 * n, i) * get(sums, i) + get(coefficients + 3 * n, i) * get(sums, 2 * N + i);
      const c = kept + added;
      set(u, i, get(coefficients + 4 * n, i) * c + get(coefficients + 5 * n, i) * get(sums, 3 * N + i));
      set(u + n, i, c);
    }
  }
}

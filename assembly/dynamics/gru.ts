// Gated recurrent unit, f64:
//
//   r, z = σ(W h + d), each with weights of its own     d: constants and inputs
//   n = tanh(W_n (r h) + d_n)                           reset before the product
//   n = tanh(r (W_n h + b) + d_n)                       or after it
//   h ← n + z (h - n)
//
// Based on  Cho et al., EMNLP 2014 (arXiv 1406.1078), for the first form; PyTorch 1.13 (torch.nn.GRU) for the second.

import { System, driveOf, get, logistic, multiplyGates, set } from "./system";

// coefficients of the tangent u, with its sums S:
//   h′ = c0 u + c1 S_z + c2 S_n + c3 S_r                             reset after the product
//   h′ = c0 u + c1 S_z + c2 W_n (c3 S_r + c4 u)                      reset before it

/** One step of `rows` states, in their place; the tangent's coefficients at the first one unless that is 0. */
export function gruStep(system: System, states: usize, rows: i32, inputs: usize, coefficients: usize): void {
  const N = system.N;
  const n = system.unitBytes;
  const after = system.resetAfter;
  multiplyGates(system, 0, after ? 3 : 2, rows, states, N);
  for (let row = 0; row < rows; row++) {
    const drive = driveOf(system, inputs, row);
    const sums = system.sums + <usize>row * system.sumBytes;
    const h = states + <usize>row * n;
    for (let i = 0; i < N; i++) {
      const r = logistic(get(sums, i) + get(drive, i));
      set(sums, i, r);
      set(sums, N + i, logistic(get(sums, N + i) + get(drive, N + i)));
      set(system.operand + <usize>row * n, i, r * get(h, i));
    }
  }
  if (!after) multiplyGates(system, 2, 1, rows, system.operand, N);
  for (let row = 0; row < rows; row++) {
    const drive = driveOf(system, inputs, row);
    const sums = system.sums + <usize>row * system.sumBytes;
    const h = states + <usize>row * n;
    const wanted = row == 0 ? coefficients : 0;
    for (let i = 0; i < N; i++) finishUnit(system, i, sums, get(drive, 2 * N + i), h, wanted);
  }
}

// @ts-ignore: decorator
@inline
function finishUnit(system: System, i: i32, sums: usize, drive: f64, h: usize, coefficients: usize): void {
  const N = system.N;
  const before = get(h, i);
  const r = get(sums, i);
  const z = get(sums, N + i);
  const product = get(sums, 2 * N + i);
  const m = system.resetAfter ? product + get(system.perUnit, i) : product;
  const value = Math.tanh((system.resetAfter ? r * m : m) + drive);
  set(h, i, value + z * (before - value));
  if (!coefficients) return;
  const n = system.unitBytes;
  const slope = (1 - z) * (1 - value * value);
  set(coefficients, i, z);
  set(coefficients + n, i, (before - value) * z * (1 - z));
  set(coefficients + 2 * n, i, system.resetAfter ? slope * r : slope);
  set(coefficients + 3 * n, i, (system.resetAfter ? slope * m : before) * r * (1 - r));
  set(coefficients + 4 * n, i, r);
}

/** `rows` tangents behind the step, in their place. */
export function gruTangent(system: System, coefficients: usize, tangents: usize, rows: i32): void {
  const N = system.N;
  const n = system.unitBytes;
  const after = system.resetAfter;
  multiplyGates(system, 0, after ? 3 : 2, rows, tangents, N);
  if (!after) {
    for (let row: usize = 0; row < <usize>rows; row++) {
      const sums = system.sums + row * system.sumBytes;
      const u = tangents + row * n;
      for (let i = 0; i < N; i++) {
        const reset = get(coefficients + 3 * n, i) * get(sums, i) + get(coefficients + 4 * n, i) * get(u, i);
        set(system.operand + row * n, i, reset);
      }
    }
    multiplyGates(system, 2, 1, rows, system.operand, N);
  }
  for (let row: usize = 0; row < <usize>rows; row++) {
    const sums = system.sums + row * system.sumBytes;
    const u = tangents + row * n;
    for (let i = 0; i < N; i++) {
      const kept = get(coefficients, i) * get(u, i) + get(coefficients + n, i) * get(sums, N + i);
      const candidate = get(coefficients + 2 * n, i) * get(sums, 2 * N + i);
      const reset = after ? get(coefficients + 3 * n, i) * get(sums, i) : 0;
      set(u, i, kept + candidate + reset);
    }
  }
}

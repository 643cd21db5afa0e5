// Network of tanh units without gates: dx/dt = -x + J tanh(x) + I.
//
// Based on  Sompolinsky, Crisanti and Sommers, Phys. Rev. Lett. 61, 259 (1988), equation 1, with the gain in J.
//
// The map x ← (1 - δ) x + δ (J tanh(x) + I) is its Euler step with dt = δ.

import { System, driveOf, get, multiplyGates, set } from "./system";

/** dx/dt of `rows` states into `field`; tanh′ into `coefficients` unless that is 0, of the first row. */
export function tanhField(
  system: System,
  states: usize,
  rows: i32,
  inputs: usize,
  field: usize,
  coefficients: usize,
): void {
  const N = system.N;
  const operand = system.operand;
  for (let i = 0; i < rows * N; i++) set(operand, i, Math.tanh(get(states, i)));
  multiplyGates(system, 0, 1, rows, operand, N);
  for (let row = 0; row < rows; row++) {
    const drive = driveOf(system, inputs, row);
    const sums = system.sums + <usize>row * system.sumBytes;
    const shift = <usize>row * system.unitBytes;
    for (let i = 0; i < N; i++) {
      set(field + shift, i, get(sums, i) + get(drive, i) - get(states + shift, i));
    }
  }
  if (!coefficients) return;
  for (let i = 0; i < N; i++) {
    const value = get(operand, i);
    set(coefficients, i, 1 - value * value);
  }
}

/** The field's derivative along `rows` tangents, into `field`. */
export function tanhFieldTangent(
  system: System,
  coefficients: usize,
  tangents: usize,
  rows: i32,
  field: usize,
): void {
  const N = system.N;
  for (let row = 0; row < rows; row++) {
    const shift = <usize>row * system.unitBytes;
    for (let i = 0; i < N; i++) {
      set(system.operand + shift, i, get(coefficients, i) * get(tangents + shift, i));
    }
  }
  multiplyGates(system, 0, 1, rows, system.operand, N);
  for (let row = 0; row < rows; row++) {
    const sums = system.sums + <usize>row * system.sumBytes;
    const shift = <usize>row * system.unitBytes;
    for (let i = 0; i < N; i++) set(field + shift, i, get(sums, i) - get(tangents + shift, i));
  }
}

/** The field's divergence, of the coefficients' state. */
export function tanhDivergence(system: System, coefficients: usize): f64 {
  const N = system.N;
  let sum: f64 = 0;
  for (let i = 0; i < N; i++) sum += get(system.recurrentWeight, i * (N + 1)) * get(coefficients, i) - 1;
  return sum;
}

// Network with an update gate z, which sets timescales, and an output gate r:
//
//   dh/dt     = σ_z(z) (-h + J_h (φ(h) σ_r(r)) + I_h)      φ(x) = tanh(g x + β)
//   τ_z dz/dt = -z + J_z φ(h) + I_z                         σ_z(x) = 1 / (1 + exp(β_z - α_z x)), σ_r likewise
//   τ_r dr/dt = -r + J_r φ(h) + I_r
//
// Based on  re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//           011011 (2022).
//
// A state is h | z | r. The tangent (u, v, w) follows from five coefficients of each unit at the state:
//
//   du/dt = σ_z (-u + J_h (φ′σ_r u + φ σ_r′ w)) + σ_z′ (-h + R) v     R: what h relaxes to
//   dv/dt = (-v + J_z φ′ u) / τ_z,   dw/dt = (-w + J_r φ′ u) / τ_r

import { System, driveOf, get, logistic, multiplyGates, set } from "./system";

// coefficients: φ′ | φ′σ_r | φ σ_r′ | σ_z | σ_z′ (-h + R)

/** d(h, z, r)/dt of `rows` states into `field`; the tangent's coefficients at the first one unless that is 0. */
export function gatedField(
  system: System,
  states: usize,
  rows: i32,
  inputs: usize,
  field: usize,
  coefficients: usize,
): void {
  const N = system.N;
  const n = system.unitBytes;
  const phi = system.operand,
    gated = system.operand2;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const h = states + 3 * row * n;
    const r = h + 2 * n;
    for (let i = 0; i < N; i++) {
      const value = Math.tanh(system.gain * get(h, i) + system.bias);
      const open = logistic(system.outputGain * get(r, i) - system.outputBias);
      set(phi + row * n, i, value);
      set(gated + row * n, i, value * open);
      if (coefficients && row == 0) {
        const slope = system.gain * (1 - value * value);
        set(coefficients, i, slope);
        set(coefficients + n, i, slope * open);
        set(coefficients + 2 * n, i, value * system.outputGain * open * (1 - open));
      }
    }
  }
  multiplyGates(system, 0, 1, rows, gated, N);
  multiplyGates(system, 1, 2, rows, phi, N);
  for (let row = 0; row < rows; row++) {
    const drive = driveOf(system, inputs, row);
    const sums = system.sums + <usize>row * system.sumBytes;
    const h = states + 3 * <usize>row * n;
    const target = field + 3 * <usize>row * n;
    for (let i = 0; i < N; i++) {
      const open = logistic(system.updateGain * get(h + n, i) - system.updateBias);
      const pull = get(sums, i) + get(drive, i) - get(h, i);
      set(target, i, open * pull);
      set(target + n, i, system.updateRate * (get(sums, N + i) + get(drive, N + i) - get(h + n, i)));
      set(
        target + 2 * n,
        i,
        system.outputRate * (get(sums, 2 * N + i) + get(drive, 2 * N + i) - get(h + 2 * n, i)),
      );
      if (coefficients && row == 0) {
        set(coefficients + 3 * n, i, open);
        set(coefficients + 4 * n, i, system.updateGain * open * (1 - open) * pull);
      }
    }
  }
}

/** The field's derivative along `rows` tangents, into `field`. */
export function gatedFieldTangent(
  system: System,
  coefficients: usize,
  tangents: usize,
  rows: i32,
  field: usize,
): void {
  const N = system.N;
  const n = system.unitBytes;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const u = tangents + 3 * row * n;
    const w = u + 2 * n;
    for (let i = 0; i < N; i++) {
      set(system.operand + row * n, i, get(coefficients, i) * get(u, i));
      const gated = get(coefficients + n, i) * get(u, i) + get(coefficients + 2 * n, i) * get(w, i);
      set(system.operand2 + row * n, i, gated);
    }
  }
  multiplyGates(system, 0, 1, rows, system.operand2, N);
  multiplyGates(system, 1, 2, rows, system.operand, N);
  for (let row: usize = 0; row < <usize>rows; row++) {
    const sums = system.sums + row * system.sumBytes;
    const u = tangents + 3 * row * n;
    const target = field + 3 * row * n;
    for (let i = 0; i < N; i++) {
      const pulled = get(coefficients + 3 * n, i) * (get(sums, i) - get(u, i));
      set(target, i, pulled + get(coefficients + 4 * n, i) * get(u + n, i));
      set(target + n, i, system.updateRate * (get(sums, N + i) - get(u + n, i)));
      set(target + 2 * n, i, system.outputRate * (get(sums, 2 * N + i) - get(u + 2 * n, i)));
    }
  }
}

/** The field's divergence, of the coefficients' state. */
export function gatedDivergence(system: System, coefficients: usize): f64 {
  const N = system.N;
  const n = system.unitBytes;
  let sum: f64 = 0;
  for (let i = 0; i < N; i++) {
    const self = get(system.recurrentWeight, i * (N + 1)) * get(coefficients + n, i);
    sum += get(coefficients + 3 * n, i) * (self - 1) - system.updateRate - system.outputRate;
  }
  return sum;
}

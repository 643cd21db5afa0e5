// The edge of the eigenvalues of a large random Jacobian with gates, by the core.

import type { Core } from "./core.ts";
import { StateError } from "./errors.ts";

/**
 * Eigenvalues λ lie where 1 ≤ Σ v / |λ - p|² (c₀ + c₁ / |1 + τ₁ λ|²) + Σ w / |λ - p|² / |1 + τ₂ λ|² + e / |λ|², over sites with
 * a pole p and weights v and w each.
 */
export interface SpectrumEquation {
  poles: Float64Array;
  v: Float64Array;
  w: Float64Array;
  c0: number;
  c1: number;
  tau1: number;
  tau2: number;
  e: number;
}

function place(core: Core, { poles, v, w, c0, c1, tau1, tau2, e }: SpectrumEquation): number {
  const sites = poles.length;
  const rows = core.allocate(24 * sites, `a spectrum of ${sites} sites`);
  [poles, v, w].forEach((row, i) => {
    core.f64(rows + 8 * sites * i, sites).set(row);
  });
  const address = core.exports.createSpectrum(sites, rows, c0, c1, tau1, tau2, e);
  if (address === 0) throw new StateError("spectrum: the memory of this core is full. Load another core.");
  return address;
}

/** The right-hand side at complex values (n, 2). */
export function spectralWeights(
  core: Core,
  equation: SpectrumEquation,
  values: ArrayLike<number>,
): Float64Array {
  return core.temporarily(() => {
    const spectrum = place(core, equation);
    const n = values.length / 2;
    const source = core.allocate(16 * n, "eigenvalues");
    const target = core.allocate(8 * n, "eigenvalues");
    core.f64(source, 2 * n).set(values);
    core.exports.spectralWeights(spectrum, source, n, target);
    return core.f64(target, n).slice();
  });
}

/** Points of the edge (angles, 2) on rays from `centre`, at angles from 0 to π; `scan` steps from `reach` on the way in. */
export function traceEdge(
  core: Core,
  equation: SpectrumEquation,
  centre: number,
  reach: number,
  scan: number,
  angles: number,
): Float64Array {
  return core.temporarily(() => {
    const spectrum = place(core, equation);
    const target = core.allocate(16 * angles, "the edge of a spectrum");
    core.exports.traceEdge(spectrum, centre, reach, scan, angles, target);
    return core.f64(target, 2 * angles).slice();
  });
}

// Correlations over time of a site in the field of all others: a boundary value problem, solved by Newton's method.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022):
//
//   C_h″ = A (C_h - C_φ C_σr),   τ_r² C_r″ = C_r - C_φ,   τ_z² C_z″ = C_z - C_φ,   A = σ_z(0)², or C_σz of C_z
//
//            even in time, and zero at its end. C_φ is a function of C_h and its value at time 0, and so are C_σr and C_σz of
//            theirs, which all equations thus know.
//            Numerov's formula, of fourth order in the time step.

import type { Core } from "../core/core.ts";
import { pairAverages, pairSeries, type Saturation } from "../core/gaussian-averages.ts";
import { BLOCK, type Linearisation, newtonStep, ROWS, type Scheme } from "./newton-step.ts";
import type { Site } from "./site.ts";

/** What is solved for: rows of C_h, C_r and C_z at times 0, dt, …, (3, n). */
export type Correlations = [Float64Array, Float64Array, Float64Array];

/** Averages that go with them, (n) each. */
export interface CorrelationAverages {
  activation: Float64Array;
  outputGate: Float64Array;
  updateGate: Float64Array;
}

export interface CorrelationSolution {
  correlations: Correlations;
  averages: CorrelationAverages;
  /** The largest residual of the last step but one, in units of C_h. */
  residual: number;
  converged: boolean;
  steps: number;
}

const MOST_STEPS = 30;
const TOLERANCE = 1e-10;

// right-hand sides, (n, 3), and their derivatives
interface Forces extends Linearisation {
  averages: CorrelationAverages;
  values: Float64Array;
}

/**
 * Solve from a first guess. The last of n times is the last before the correlations are zero.
 *
 * @param moving  Whether the update gate moves with C_z, in the approximation that h is Gaussian.
 */
export function solveCorrelations(
  core: Core,
  site: Site,
  scheme: Scheme,
  guess: Correlations,
  moving: boolean,
): CorrelationSolution {
  let now = stateOf(core, site, scheme, guess, moving);
  for (let steps = 1; steps <= MOST_STEPS; steps++) {
    const change = newtonStep(inertiaOf(site, scheme), scheme, now.forces, now.residuals);
    // near the solution rounding alone decides whether residuals become smaller
    const small = largest(change) <= TOLERANCE * now.correlations[0][0]!;
    let next: State | undefined;
    for (let share = 1; share > LEAST_SHARE && !next; share *= 0.5) {
      const correlations = moved(now.correlations, change, share);
      if (!correlations.every((row) => row[0]! > 0)) continue;
      const tried = stateOf(core, site, scheme, correlations, moving);
      if (tried.size < now.size || small) next = tried;
    }
    now = next ?? now;
    if (small || !next) return finish(now, scheme, small, steps);
  }
  return finish(now, scheme, false, MOST_STEPS);
}

const LEAST_SHARE = 1e-3;

interface State {
  correlations: Correlations;
  forces: Forces;
  residuals: Float64Array;
  /** The largest residual. */
  size: number;
}

function stateOf(core: Core, site: Site, scheme: Scheme, correlations: Correlations, moving: boolean): State {
  const forces = forcesOf(core, site, correlations, moving);
  const residuals = residualsOf(site, scheme, correlations, forces);
  return { correlations, forces, residuals, size: largest(residuals) };
}

function finish(
  { correlations, forces, size }: State,
  { dt }: Scheme,
  converged: boolean,
  steps: number,
): CorrelationSolution {
  const { averages } = forces;
  return { correlations, averages, residual: size / (dt * dt), converged, steps };
}

function largest(values: Float64Array): number {
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  return size;
}

function moved(from: Correlations, change: Float64Array, share: number): Correlations {
  return from.map((row, j) => row.map((value, i) => value + share * change[i * ROWS + j]!)) as Correlations;
}

interface GateAverages {
  average: Float64Array;
  slope: Float64Array;
  byVariance: Float64Array;
}

// averages of a function for a covariance over time, which begins with the variance; a correlation is at most 1
function averagesOf(core: Core, f: Saturation, covariance: Float64Array): GateAverages {
  const variance = covariance[0]!;
  const series = pairSeries(core, f, variance, 1e-11);
  const correlations = covariance.map((value) => Math.max(-1, Math.min(1, value / variance)));
  return pairAverages(core, series, correlations);
}

function forcesOf(core: Core, site: Site, [h, r, z]: Correlations, moving: boolean): Forces {
  const n = h.length;
  const phi = averagesOf(core, site.activation, h);
  const output = averagesOf(core, site.output, r);
  const square = site.rate * site.rate;
  const still = new Float64Array(n);
  const update = moving
    ? averagesOf(core, site.update, z)
    : { average: new Float64Array(n).fill(square), slope: still, byVariance: still };
  const values = new Float64Array(ROWS * n);
  const here = new Float64Array(BLOCK * n);
  const origin = new Float64Array(BLOCK * n);
  for (let i = 0; i < n; i++) {
    const a = update.average[i]!;
    const p = phi.average[i]!;
    const s = output.average[i]!;
    const lack = h[i]! - p * s;
    values.set([a * lack, r[i]! - p, z[i]! - p], ROWS * i);
    const dp = phi.slope[i]!;
    here.set(
      [a * (1 - dp * s), -a * p * output.slope[i]!, update.slope[i]! * lack, -dp, 1, 0, -dp, 0, 1],
      BLOCK * i,
    );
    const dp0 = phi.byVariance[i]!;
    const byVariance = [-a * dp0 * s, -a * p * output.byVariance[i]!, update.byVariance[i]! * lack];
    origin.set([...byVariance, -dp0, 0, 0, -dp0, 0, 0], BLOCK * i);
  }
  const averages = { activation: phi.average, outputGate: output.average, updateGate: update.average };
  return { averages, values, here, origin };
}

// factors of the second differences
function inertiaOf(site: Site, { inertia }: Scheme): [number, number, number] {
  return [inertia, site.outputTau * site.outputTau, site.updateTau * site.updateTau];
}

function residualsOf(site: Site, scheme: Scheme, correlations: Correlations, forces: Forces): Float64Array {
  const n = correlations[0].length;
  const masses = inertiaOf(site, scheme);
  const square = scheme.dt * scheme.dt;
  const residuals = new Float64Array(ROWS * n);
  for (let j = 0; j < ROWS; j++) {
    const row = correlations[j]!;
    const force = (i: number) => forces.values[ROWS * i + j]!;
    for (let i = 0; i < n; i++) {
      const before = i === 0 ? Math.min(1, n - 1) : i - 1;
      const above = i + 1 < n ? row[i + 1]! : 0;
      const forceAbove = i + 1 < n ? force(i + 1) : 0;
      const difference = above - 2 * row[i]! + row[before]!;
      const right = scheme.share * (forceAbove + force(before)) + (1 - 2 * scheme.share) * force(i);
      residuals[ROWS * i + j] = masses[j]! * difference - square * right;
    }
  }
  return residuals;
}

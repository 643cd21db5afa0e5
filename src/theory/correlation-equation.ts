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
//
// Elimination goes from the last time to the first, in blocks of three; the values at time 0 are carried along as three more
// right-hand sides, and solved for at the end. Sums over a block's elements are in their order.

import type { Core } from "../core/core.ts";
import { pairAverages, pairSeries, type Saturation } from "../core/gaussian-averages.ts";
import { identity, multiplyAdd, solveBlock } from "./small-blocks.ts";
import type { Site } from "./site.ts";

/** What is solved for: rows of C_h, C_r and C_z at times 0, dt, …, (3, n). */
export type Correlations = [Float64Array, Float64Array, Float64Array];

/** Averages that go with them, (n) each. */
export interface CorrelationAverages {
  activation: Float64Array;
  outputGate: Float64Array;
  updateGate: Float64Array;
}

/** How the second derivative is taken: Numerov's weight is 1/12, and 0 makes it the second difference of a map. */
export interface Scheme {
  dt: number;
  /** Share of a neighbour's right-hand side. */
  share: number;
  /** Factor of C_h″, 1 - δ for a map with step δ, 1 in continuous time. */
  inertia: number;
}

export interface CorrelationSolution {
  correlations: Correlations;
  averages: CorrelationAverages;
  /** The largest residual of the last step but one, in units of C_h. */
  residual: number;
  converged: boolean;
  steps: number;
}

const M = 3;
const MM = 9;
const MOST_STEPS = 60;
const TOLERANCE = 1e-12;

// right-hand sides, and their derivatives with respect to the values at the same time and at time 0
interface Forces {
  averages: CorrelationAverages;
  /** (n, 3). */
  values: Float64Array;
  /** (n, 3, 3). */
  here: Float64Array;
  /** (n, 3, 3), by the values at time 0. */
  origin: Float64Array;
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
  let correlations = guess;
  let forces = forcesOf(core, site, correlations, moving);
  let residuals = residualsOf(site, scheme, correlations, forces);
  let size = largest(residuals);
  let steps = 0;
  let converged = false;
  for (; steps < MOST_STEPS && !converged; steps++) {
    const change = newtonStep(site, scheme, forces, residuals);
    let share = 1;
    for (;;) {
      const next = moved(correlations, change, share);
      const possible = next.every((row) => row[0]! > 0);
      const nextForces = possible ? forcesOf(core, site, next, moving) : undefined;
      const nextResiduals = nextForces && residualsOf(site, scheme, next, nextForces);
      const nextSize = nextResiduals ? largest(nextResiduals) : Number.POSITIVE_INFINITY;
      // near the solution rounding alone decides
      const small = largest(change) * share <= TOLERANCE * correlations[0][0]!;
      if (nextForces && nextResiduals && (nextSize < size || small)) {
        [correlations, forces, residuals, size] = [next, nextForces, nextResiduals, nextSize];
        converged = small && share === 1;
        break;
      }
      share *= 0.5;
      if (share < 1e-6) return finish(correlations, forces, size, scheme, false, steps);
    }
  }
  return finish(correlations, forces, size, scheme, converged, steps);
}

function finish(
  correlations: Correlations,
  { averages }: Forces,
  size: number,
  { dt }: Scheme,
  converged: boolean,
  steps: number,
): CorrelationSolution {
  return { correlations, averages, residual: size / (dt * dt), converged, steps };
}

function largest(values: Float64Array): number {
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  return size;
}

function moved(from: Correlations, change: Float64Array, share: number): Correlations {
  return from.map((row, j) => row.map((value, i) => value + share * change[i * M + j]!)) as Correlations;
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
  const values = new Float64Array(M * n);
  const here = new Float64Array(MM * n);
  const origin = new Float64Array(MM * n);
  for (let i = 0; i < n; i++) {
    const a = update.average[i]!;
    const p = phi.average[i]!;
    const s = output.average[i]!;
    const lack = h[i]! - p * s;
    values.set([a * lack, r[i]! - p, z[i]! - p], M * i);
    const dp = phi.slope[i]!;
    here.set(
      [a * (1 - dp * s), -a * p * output.slope[i]!, update.slope[i]! * lack, -dp, 1, 0, -dp, 0, 1],
      MM * i,
    );
    const dp0 = phi.byVariance[i]!;
    const byVariance = [-a * dp0 * s, -a * p * output.byVariance[i]!, update.byVariance[i]! * lack];
    origin.set([...byVariance, -dp0, 0, 0, -dp0, 0, 0], MM * i);
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
  const residuals = new Float64Array(M * n);
  for (let j = 0; j < M; j++) {
    const row = correlations[j]!;
    const force = (i: number) => forces.values[M * i + j]!;
    for (let i = 0; i < n; i++) {
      const before = i === 0 ? Math.min(1, n - 1) : i - 1;
      const above = i + 1 < n ? row[i + 1]! : 0;
      const forceAbove = i + 1 < n ? force(i + 1) : 0;
      const difference = above - 2 * row[i]! + row[before]!;
      const right = scheme.share * (forceAbove + force(before)) + (1 - 2 * scheme.share) * force(i);
      residuals[M * i + j] = masses[j]! * difference - square * right;
    }
  }
  return residuals;
}

// the change that would make all residuals vanish, were they linear
function newtonStep(site: Site, scheme: Scheme, forces: Forces, residuals: Float64Array): Float64Array {
  const n = residuals.length / M;
  const masses = inertiaOf(site, scheme);
  // y_i = offset_i + back_i y_(i-1) + begin_i y_0, in rows of one column and twice three
  const width = 1 + 2 * M;
  const solved = new Float64Array(n * M * width);
  const pivot = new Float64Array(MM);
  const right = new Float64Array(M * width);
  for (let i = n - 1; i >= 0; i--) {
    const upper = i + 1 < n ? block(forces.here, i + 1, masses, scheme, scheme.share, 1) : undefined;
    const lower = block(forces.here, Math.abs(i - 1) % n, masses, scheme, scheme.share, 1);
    const middle = block(forces.here, i, masses, scheme, 1 - 2 * scheme.share, -2);
    const begin = originBlock(forces.origin, i, n, scheme);
    pivot.set(middle);
    right.fill(0);
    for (let j = 0; j < M; j++) {
      right[j * width] = -residuals[i * M + j]!;
      for (let k = 0; k < M; k++) {
        right[j * width + 1 + k] = -lower[j * M + k]!;
        right[j * width + 1 + M + k] = -begin[j * M + k]!;
      }
    }
    if (upper) eliminate(upper, solved.subarray((i + 1) * M * width, (i + 2) * M * width), pivot, right);
    // at time 0 the neighbour before is the one behind, and what is carried along is this block's own
    if (i === 0) return backSubstitute(solved, pivot, right, upper, n);
    solveBlock(pivot, right, M, width);
    solved.set(right, i * M * width);
  }
  return new Float64Array(0);
}

const WIDTH = 1 + 2 * M;

// takes upper · y_(i+1) into the pivot and the right-hand sides
function eliminate(upper: Float64Array, behind: Float64Array, pivot: Float64Array, right: Float64Array): void {
  for (let j = 0; j < M; j++) {
    for (let k = 0; k < M; k++) {
      const factor = upper[j * M + k]!;
      right[j * WIDTH]! -= factor * behind[k * WIDTH]!;
      for (let l = 0; l < M; l++) {
        pivot[j * M + l]! += factor * behind[k * WIDTH + 1 + l]!;
        right[j * WIDTH + 1 + M + l]! -= factor * behind[k * WIDTH + 1 + M + l]!;
      }
    }
  }
}

function backSubstitute(
  solved: Float64Array,
  pivot: Float64Array,
  right: Float64Array,
  upper: Float64Array | undefined,
  n: number,
): Float64Array {
  const change = new Float64Array(M * n);
  // upper stands on both sides of time 0: once more what it brought
  if (upper) eliminate(upper, solved.subarray(M * WIDTH, 2 * M * WIDTH), pivot, right);
  const first = new Float64Array(M);
  for (let j = 0; j < M; j++) {
    first[j] = right[j * WIDTH]!;
    for (let k = 0; k < M; k++) pivot[j * M + k]! -= right[j * WIDTH + 1 + M + k]!;
  }
  solveBlock(pivot, first, M, 1);
  change.set(first);
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < M; j++) {
      const row = (i * M + j) * WIDTH;
      let value = solved[row]!;
      for (let k = 0; k < M; k++) {
        value += solved[row + 1 + k]! * change[(i - 1) * M + k]!;
        value += solved[row + 1 + M + k]! * first[k]!;
      }
      change[i * M + j] = value;
    }
  }
  return change;
}

// of the matrix: `count` masses less dt² share of the forces' derivatives
function block(
  derivatives: Float64Array,
  i: number,
  masses: readonly number[],
  { dt }: Scheme,
  share: number,
  count: number,
): Float64Array {
  const factor = -dt * dt * share;
  const result = identity(M, masses, count);
  for (let k = 0; k < MM; k++) result[k]! += factor * derivatives[MM * i + k]!;
  return result;
}

// the same of the values at time 0, of all three times that an equation knows
function originBlock(origin: Float64Array, i: number, n: number, { dt, share }: Scheme): Float64Array {
  const result = new Float64Array(MM);
  const before = i === 0 ? Math.min(1, n - 1) : i - 1;
  multiplyAdd(result, -dt * dt * (1 - 2 * share), origin.subarray(MM * i, MM * (i + 1)));
  multiplyAdd(result, -dt * dt * share, origin.subarray(MM * before, MM * (before + 1)));
  if (i + 1 < n)
    multiplyAdd(result, -dt * dt * share, origin.subarray(MM * (i + 1), MM * (i + 2)));
  return result;
}

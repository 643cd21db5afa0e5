// Large random networks of tanh units without gates: x′ = (1 - δ) x + δ J tanh x, J of variance g² / N, and its limit in
// continuous time.
//
// Based on   Sompolinsky, Crisanti and Sommers, "Chaos in random neural networks", Phys. Rev. Lett. 61, 259 (1988): in continuous
//            time q² / 2 = g² (⟨F²⟩ - ⟨F⟩²) with F = ln cosh, and the largest exponent from the ground state of a well.
//            Molgedey, Schuchhardt and Schuster, "Suppressing chaos in neural networks by noise", Phys. Rev. Lett. 69, 3717
//            (1992), for the map: q = g² ⟨tanh²⟩ and λ = ln(g √⟨φ′²⟩).
//            Newman, "The distribution of Lyapunov exponents: exact results for random matrices", Commun. Math. Phys. 103, 121
//            (1986), for the mean exponent of the map, ln g - 1/2 + ⟨ln φ′⟩.
//            For 0 < δ < 1, re-derived from the same: (1 + a²) C_k - a (C_(k-1) + C_(k+1)) = δ² g² C_φ with a = 1 - δ, a
//            difference ψ_k that grows by μ² per step in the same way, and the mean logarithm of the determinant,
//            1/2 ⟨ln(a² + d² ν)⟩ - ν / 2 with d = δ g φ′ and ν from ⟨d² / (a² + d² ν)⟩ = 1, or ln a where no such ν is above 0.

import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import {
  gaussianMoments,
  gaussianNodes,
  logarithms,
  pairAverages,
  pairSeries,
  type Saturation,
  saturateAll,
} from "../core/gaussian-averages.ts";
import { findRoot } from "./bracketing.ts";
import { type Correlations, solveCorrelations } from "./correlation-equation.ts";
import { largestExponent } from "./largest-exponent.ts";
import { restingProfile, restingVariance, sampleProfile } from "./potential.ts";
import { checkAtLeast, plainSite } from "./site.ts";

export interface PlainNetworkOptions {
  /** δ, above 0 and at most 1 (default: none, which is continuous time): 1 is a map that forgets its last state. */
  step?: number;
}

export interface PlainNetwork {
  /** q, the variance of x over units; 0 up to g = 1. */
  variance: number;
  /** The largest Lyapunov exponent, per unit of time: of a map, its logarithm per step over δ. */
  largestExponent: number;
  /** The mean of all Lyapunov exponents, likewise. */
  meanExponent: number;
  /** Bound on the error of all three; of continuous time, the change of the largest exponent with twice the time step. */
  error: number;
}

const TANH: Saturation = { kind: "tanh", gain: 1, bias: 0 };

/**
 * Solve for the variance and the exponents of a network of many tanh units with random weights.
 *
 * @param gain     g: weights have the variance g² / N; chaos begins at 1.
 * @param options  The step of a map; continuous time if it is left out.
 * @returns  Variance, largest and mean exponent.
 * @throws ShapeError  if the gain is not above 0, or the step not above 0 and at most 1.
 */
export async function solvePlainNetwork(
  gain: number,
  options: PlainNetworkOptions = {},
): Promise<PlainNetwork> {
  const name = "solvePlainNetwork";
  checkAtLeast(name, "gain", gain, Number.MIN_VALUE);
  const { step } = options;
  if (step !== undefined && !(step > 0 && step <= 1))
    throw new ShapeError(`${name}: \`step\` is ${step}, expected a number above 0 and at most 1.`);
  const core = await Core.load();
  try {
    if (step === undefined) return solveFlow(core, gain);
    return step === 1 ? solveMap(core, gain) : solveSteps(core, gain, step);
  } finally {
    core.release();
  }
}

// x of variance q: the root of an equation in q / g², which is below 1
function variance(gain: number, excess: (u: number) => number): number {
  if (gain <= 1) return 0;
  const square = gain * gain;
  let low = square;
  while (low > 1e-12 && excess(low) >= 0) low *= 0.5;
  return low > 1e-12 ? findRoot(excess, low, 2 * low, 1e-14) : 0;
}

function solveMap(core: Core, gain: number): PlainNetwork {
  const square = gain * gain;
  const averages = (q: number) => gaussianMoments(core, TANH, [q])[0]!;
  const q = variance(gain, (u) => u - square * averages(u).square);
  const { squareSlope, integral, error } = averages(q);
  const [twice, log] = logarithms(core, [square * squareSlope, gain]) as unknown as [number, number];
  // ln φ′ is -2 ln cosh
  return {
    variance: q,
    largestExponent: 0.5 * twice,
    meanExponent: log - 0.5 - 2 * integral,
    error: error * square,
  };
}

function solveFlow(core: Core, gain: number): PlainNetwork {
  if (gain <= 1) return { variance: 0, largestExponent: gain - 1, meanExponent: -1, error: 0 };
  const square = gain * gain;
  const q = variance(gain, (u) => {
    const { integral, squareIntegral } = gaussianMoments(core, TANH, [u])[0]!;
    return 0.5 * u * u - square * (squareIntegral - integral * integral);
  });
  const { exponent, error } = largestExponent(core, plainSite(gain), {});
  return { variance: q, largestExponent: exponent, meanExponent: -1, error };
}

function solveSteps(core: Core, gain: number, step: number): PlainNetwork {
  const kept = 1 - step;
  const activation: Saturation = { kind: "tanh", gain, bias: 0 };
  if (gain <= 1) {
    const [log] = logarithms(core, [kept + step * gain]);
    const meanExponent = meanLogarithm(core, activation, 0, step) / step;
    return { variance: 0, largestExponent: log! / step, meanExponent, error: 1e-14 };
  }
  const { state, residual } = stepCorrelations(core, gain, step);
  const variance = state[0]!;
  const series = pairSeries(core, activation, variance, TOLERANCE);
  const { slope } = pairAverages(
    core,
    series,
    state.map((c) => c / variance),
  );
  const [log] = logarithms(core, [growthFactor(slope, step)]);
  return {
    variance: gain * gain * variance,
    largestExponent: log! / step,
    meanExponent: meanLogarithm(core, activation, variance, step) / step,
    error: residual / variance + series.missingSlope / step + TOLERANCE,
  };
}

const TOLERANCE = 1e-11;
const MOST_LAGS = 8192;

// of h = x / g at lags 0, 1, …; from continuous time with less and less of a second difference
function stepCorrelations(core: Core, gain: number, step: number): { state: Float64Array; residual: number } {
  const site = plainSite(gain);
  const resting = restingVariance(core, site);
  if (resting === undefined) return { state: Float64Array.of(Number.NaN), residual: Number.NaN };
  const profile = restingProfile(core, site, resting);
  const n = Math.min(MOST_LAGS, Math.ceil(30 / (profile.decay * step)) + 8);
  const start = sampleProfile(profile, step, n);
  const scaled = start.map((c) => c / resting);
  let guess: Correlations = [start, scaled, scaled];
  for (let inertia = 1; ; ) {
    inertia = Math.max(1 - step, 0.6 * inertia);
    const solution = solveCorrelations(core, site, { dt: step, share: 0, inertia }, guess, false);
    guess = solution.correlations;
    if (!solution.converged) return { state: Float64Array.of(Number.NaN), residual: Number.NaN };
    if (inertia === 1 - step) return { state: guess[0], residual: solution.residual };
  }
}

// μ: the largest with an even ψ of (μ² + a² - δ² C_φ′) ψ_k = a μ (ψ_(k-1) + ψ_(k+1))
function growthFactor(slopes: Float64Array, step: number): number {
  const kept = 1 - step;
  const above = (factor: number) => {
    const beside = kept * factor;
    let pivot = 0;
    for (let k = slopes.length - 1; k >= 0; k--) {
      const before = pivot;
      pivot = factor * factor + kept * kept - step * step * slopes[k]!;
      if (before > 0) pivot -= ((k === 0 ? 2 : 1) * beside * beside) / before;
      if (!(pivot > 0)) return false;
    }
    return true;
  };
  let low = kept;
  let high = 1;
  while (!above(high)) high *= 2;
  for (let halving = 0; halving < 52; halving++) {
    const middle = 0.5 * (low + high);
    if (above(middle)) high = middle;
    else low = middle;
  }
  return 0.5 * (low + high);
}

// of the determinant of a step's Jacobian, per unit
function meanLogarithm(core: Core, activation: Saturation, stateVariance: number, step: number): number {
  const kept = 1 - step;
  const { nodes, weights } = gaussianNodes(core, activation, stateVariance);
  const squares = saturateAll(core, activation, nodes).map((value) => {
    const d = step * activation.gain * (1 - value * value);
    return d * d;
  });
  const average = (f: (square: number) => number) =>
    squares.reduce((sum, square, i) => sum + weights[i]! * f(square), 0);
  const excess = (nu: number) => average((square) => square / (kept * kept + square * nu)) - 1;
  const nu = excess(0) > 0 ? findRoot(excess, 0, 1) : 0;
  const logs = logarithms(
    core,
    squares.map((square) => kept * kept + square * nu),
  );
  return 0.5 * logs.reduce((sum, log, i) => sum + weights[i]! * log, 0) - 0.5 * nu;
}

// The largest Lyapunov exponent of a large random network whose update gates stand still, from two copies of it.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022). The covariance of a small difference at two times grows as e^(λ (t + s)) ψ(t - s):
//
//   [(s₀ + λ)² - ∂²] ψ_h = s₀² (C_φ′ C_σr ψ_h + C_φ C_σr′ ψ_r),   [(1 + τ_r λ)² - τ_r² ∂²] ψ_r = C_φ′ ψ_h
//
//            with C′ = ⟨f′ f′⟩; λ is the largest with an even solution. Without an output gate it is that of Sompolinsky,
//            Crisanti and Sommers, "Chaos in random neural networks", Phys. Rev. Lett. 61, 259 (1988).
//
// By Numerov's formula this is a matrix whose elements beside the diagonal are not positive. It has only positive pivots if and
// only if λ lies above the largest, which halving an interval finds.

import { Core } from "../core/core.ts";
import type { GatingParameters } from "../core/gating-parameters.ts";
import { pairAverages, pairSeries, type Saturation } from "../core/gaussian-averages.ts";
import { checkAtLeast, resolveStill, type Site, siteOf } from "./site.ts";
import { type GridSettings, type GridSolution, solveStill } from "./still-correlations.ts";

export interface LargestExponentOptions {
  /** Time step (default 0.1, less at large gains, and never more than a fortieth of the decay time); the error is of fourth order. */
  timeStep?: number;
}

export interface LargestExponent {
  /** λ per unit of time, in the state of largest variance: the chaotic one, or zero. */
  exponent: number;
  /** Whether that state is chaotic; otherwise it is zero. */
  chaotic: boolean;
  /** λ of the zero state, beside which a chaotic one may exist: its largest eigenvalue. */
  zeroExponent: number;
  /** How much λ differs from that with twice the time step; far more than its error. */
  error: number;
  /** Why no number was found, if none was: then `exponent` is NaN. */
  reason: string | undefined;
}

/**
 * Find the largest Lyapunov exponent of a network of many units whose update gates do not move.
 *
 * @param parameters  Of the network; those left out have their defaults. `updateGain` and `bias` must be 0.
 * @param options     Time step.
 * @returns  The exponent per unit of time, and its error.
 * @throws ShapeError  if a parameter is out of its range.
 */
export async function findLargestExponent(
  parameters: Partial<GatingParameters> = {},
  options: LargestExponentOptions = {},
): Promise<LargestExponent> {
  const name = "findLargestExponent";
  const resolved = resolveStill(name, parameters);
  const { timeStep } = options;
  if (timeStep !== undefined) checkAtLeast(name, "timeStep", timeStep, Number.MIN_VALUE);
  const core = await Core.load();
  try {
    return largestExponent(core, siteOf(core, resolved), { timeStep });
  } finally {
    core.release();
  }
}

/** The largest exponent of a site. */
export function largestExponent(core: Core, site: Site, settings: GridSettings): LargestExponent {
  const grid = solveStill(core, site, settings);
  const zeroExponent = Math.max(
    site.rate * (site.activation.gain * site.resting - 1),
    -1 / site.outputTau,
    -1 / site.updateTau,
  );
  if (!grid.solution) {
    return { exponent: zeroExponent, chaotic: false, zeroExponent, error: 0, reason: undefined };
  }
  if (!grid.found) {
    return { exponent: Number.NaN, chaotic: true, zeroExponent, error: 0, reason: grid.reason };
  }
  const couplings = couplingsOf(core, site, grid);
  const exponent = largestRoot(site, couplings, grid.dt, 1);
  const coarse = largestRoot(site, couplings, grid.dt, 2);
  const error = Math.abs(exponent - coarse);
  return { exponent, chaotic: true, zeroExponent, error, reason: undefined };
}

/** What the differences are multiplied with at each lag. */
interface Couplings {
  /** C_φ′ C_σr: from ψ_h to ψ_h, but for s₀². */
  direct: Float64Array;
  /** C_φ C_σr′: from ψ_r to ψ_h, but for s₀². */
  gate: Float64Array;
  /** C_φ′: from ψ_h to ψ_r. */
  drive: Float64Array;
}

function slopesOf(core: Core, f: Saturation, covariance: Float64Array): Float64Array {
  const series = pairSeries(core, f, covariance[0]!, 1e-11);
  return pairAverages(
    core,
    series,
    covariance.map((value) => Math.max(-1, Math.min(1, value / covariance[0]!))),
  ).slope;
}

function couplingsOf(core: Core, site: Site, { solution }: GridSolution): Couplings {
  const { correlations, averages } = solution!;
  const drive = slopesOf(core, site.activation, correlations[0]);
  const gateSlope = slopesOf(core, site.output, correlations[1]);
  return {
    direct: drive.map((value, i) => value * averages.outputGate[i]!),
    gate: gateSlope.map((value, i) => value * averages.activation[i]!),
    drive,
  };
}

const HALVINGS = 52;

// on every `stride`-th time
function largestRoot(site: Site, couplings: Couplings, dt: number, stride: number): number {
  const above = (exponent: number) => liesAbove(site, couplings, stride * dt, stride, exponent);
  // here a filter would stand still
  let low = -Math.min(site.rate, 1 / site.outputTau);
  let high = site.rate;
  while (!above(high)) high *= 2;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = 0.5 * (low + high);
    if (above(middle)) high = middle;
    else low = middle;
  }
  return 0.5 * (low + high);
}

const SHARE = 1 / 12;

// whether all pivots are positive, from the last lag to the first
function liesAbove(
  { rate, outputTau }: Site,
  { direct, gate, drive }: Couplings,
  dt: number,
  stride: number,
  exponent: number,
): boolean {
  const scale = dt * dt;
  const square = rate * rate;
  const leakH = (rate + exponent) * (rate + exponent);
  const leakR = (1 + outputTau * exponent) * (1 + outputTau * exponent);
  const inertia = outputTau * outputTau;
  // the inverse of the pivot behind, and elements of the block of right-hand sides there
  let inverse = [0, 0, 0, 0];
  let behind = [0, 0, 0, 0];
  const last = Math.floor((direct.length - 1) / stride);
  for (let i = last; i >= 0; i--) {
    const at = i * stride;
    const here = [
      scale * (leakH - square * direct[at]!),
      -scale * square * gate[at]!,
      -scale * drive[at]!,
      scale * leakR,
    ];
    const middle = 1 - 2 * SHARE;
    const pivot = [
      2 + middle * here[0]!,
      middle * here[1]!,
      middle * here[2]!,
      2 * inertia + middle * here[3]!,
    ];
    if (i < last) {
      const count = i === 0 ? 2 : 1;
      const product = multiply(multiply(beside(behind, inertia), inverse), beside(here, inertia));
      for (let k = 0; k < 4; k++) pivot[k]! -= count * product[k]!;
    }
    const determinant = pivot[0]! * pivot[3]! - pivot[1]! * pivot[2]!;
    if (!(pivot[0]! > 0 && determinant > 0)) return false;
    inverse = [
      pivot[3]! / determinant,
      -pivot[1]! / determinant,
      -pivot[2]! / determinant,
      pivot[0]! / determinant,
    ];
    behind = here;
  }
  return true;
}

// the block between neighbours
function beside(right: readonly number[], inertia: number): number[] {
  return [SHARE * right[0]! - 1, SHARE * right[1]!, SHARE * right[2]!, SHARE * right[3]! - inertia];
}

function multiply(a: readonly number[], b: readonly number[]): number[] {
  return [
    a[0]! * b[0]! + a[1]! * b[2]!,
    a[0]! * b[1]! + a[1]! * b[3]!,
    a[2]! * b[0]! + a[3]! * b[2]!,
    a[2]! * b[1]! + a[3]! * b[3]!,
  ];
}

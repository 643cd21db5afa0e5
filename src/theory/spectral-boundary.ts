// Where the eigenvalues of a large random network's Jacobian lie, from what its sites do.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022). With D = σ_z′ (R - h), R being what a unit receives, the edge is
//
//   1 = ⟨φ′² σ_z² / |λ + σ_z|²⟩ (⟨σ_r²⟩ + ⟨φ²⟩ ⟨σ_r′²⟩ / |1 + τ_r λ|²) + ⟨φ′² D² / |λ + σ_z|²⟩ / |1 + τ_z λ|²
//
//            and D vanishes at fixed points. Eigenvalues that closed gates pin at 0 are none of the bulk that it bounds.

import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { type GatingParameters, resolveGating } from "../core/gating-parameters.ts";
import { gaussianMoments, gaussianNodes, saturateAll } from "../core/gaussian-averages.ts";
import { type SpectrumEquation, spectralWeights, traceEdge } from "../core/spectrum.ts";
import { checkAtLeast, checkCount, type Site, siteOf } from "./site.ts";
import { solveStatic } from "./static-mean-field.ts";

/** States of units of a network with gates, M each: of all units at one time, or of many times. */
export interface GatingSamples {
  /** h. */
  state: ArrayLike<number>;
  /** z, the argument of the update gate. */
  update: ArrayLike<number>;
  /** r, the argument of the output gate. */
  output: ArrayLike<number>;
  /** R: Σ J_h φ(h) σ_r(r), and the input if there is one. */
  recurrent: ArrayLike<number>;
}

/** The edge of a spectrum. */
export interface SpectralBoundary {
  /** Points of the upper half, (angles, 2), real part first, on rays from the centre at angles from 0 to π; the lower half mirrors it. */
  edge: Float64Array;
  /** The largest real part of the edge. */
  largestReal: number;
  /** Where the rays begin. */
  centre: number;
}

export interface SpectralBoundaryOptions {
  /** Rays from angle 0 to π, both included (default 181). */
  angles?: number;
  /** Where the rays begin, on the real axis (default: the mean of all poles). */
  centre?: number;
}

export interface InsideOptions {
  /** Eigenvalues may lie outside by this factor, as seen from the centre (default 1). */
  factor?: number;
  /** The centre (default: the mean of all poles). */
  centre?: number;
}

/**
 * The equation of a network's spectrum in one of its states.
 *
 * @param parameters  Of the network; those left out have their defaults.
 * @param at  `zero`; `fixed points`, those of largest variance, of which there must be some; or samples of any state.
 * @returns  The equation, for `traceSpectralBoundary` and `findInside`.
 * @throws ShapeError  if a parameter is out of its range, samples differ in number or are none, or there is no fixed point.
 */
export async function gatingSpectrum(
  parameters: Partial<GatingParameters>,
  at: "zero" | "fixed points" | GatingSamples,
): Promise<SpectrumEquation> {
  const name = "gatingSpectrum";
  const resolved = resolveGating(name, parameters);
  const core = await Core.load();
  try {
    const site = siteOf(core, resolved);
    if (at === "zero") return spectrumAt(core, site, 0);
    if (at !== "fixed points") return sampledSpectrum(core, name, site, at);
    const { upper } = solveStatic(core, site);
    if (upper) return spectrumAt(core, site, upper.stateVariance);
    throw new ShapeError(
      `${name}: there is no fixed point beside zero at \`gain\` ${resolved.gain}. Raise it, or pass "zero".`,
    );
  } finally {
    core.release();
  }
}

// h and z are independent Gaussian variables
function spectrumAt(core: Core, site: Site, stateVariance: number): SpectrumEquation {
  const [phi] = gaussianMoments(core, site.activation, [stateVariance]);
  const [gate] = gaussianMoments(core, site.output, [phi!.square]);
  const { nodes, weights } = gaussianNodes(core, site.update, phi!.square);
  const open = saturateAll(core, site.update, nodes);
  return {
    poles: open.map((value) => -value),
    v: open.map((value, i) => weights[i]! * phi!.squareSlope * value * value),
    w: new Float64Array(open.length),
    c0: gate!.square,
    c1: phi!.square * gate!.squareSlope,
    tau1: site.outputTau,
    tau2: site.updateTau,
    e: 0,
  };
}

/** @throws ShapeError if arrays differ in length, are empty, or hold a value that is not finite. */
export function checkSamples(name: string, samples: object): number {
  const entries = Object.entries(samples) as [string, ArrayLike<number>][];
  const count = entries[0]?.[1].length ?? 0;
  for (const [field, values] of entries) {
    if (values.length !== count || count === 0) {
      throw new ShapeError(
        `${name}: \`${field}\` has ${values.length} samples, expected as many as \`${entries[0]![0]}\`, and at least one.`,
      );
    }
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(values[i]))
        throw new ShapeError(`${name}: \`${field}[${i}]\` is ${values[i]}, expected a finite number.`);
    }
  }
  return count;
}

function sampledSpectrum(
  core: Core,
  name: string,
  site: Site,
  { state, update, output, recurrent }: GatingSamples,
): SpectrumEquation {
  const count = checkSamples(name, { state, update, output, recurrent });
  const phi = saturateAll(core, site.activation, state);
  const open = saturateAll(core, site.update, update);
  const gate = saturateAll(core, site.output, output);
  const square = (value: number) => value * value;
  const squareSlope = phi.map((value) => square(site.activation.gain * (1 - value * value)) / count);
  return {
    poles: open.map((value) => -value),
    v: open.map((value, i) => squareSlope[i]! * value * value),
    w: open.map((value, i) => {
      const d = site.update.gain * value * (1 - value) * (recurrent[i]! - state[i]!);
      return squareSlope[i]! * d * d;
    }),
    c0: mean(gate, square),
    c1: mean(phi, square) * mean(gate, (value) => square(site.output.gain * value * (1 - value))),
    tau1: site.outputTau,
    tau2: site.updateTau,
    e: 0,
  };
}

/** The mean of f over values, added from the first. */
export function mean(values: ArrayLike<number>, f: (value: number, index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += f(values[i]!, i);
  return sum / values.length;
}

/**
 * Trace the edge of a spectrum: the outermost point on each ray from a centre. A spectrum of several pieces, or with holes,
 * is seen from outside.
 *
 * @param spectrum  Of `gatingSpectrum`, `gruSpectrum` or `lstmSpectrum`.
 * @param options   Rays and their centre.
 * @returns  Points of the edge, right to about 1e-12 of their distance from the centre.
 * @throws ShapeError  if an option is out of its range.
 */
export async function traceSpectralBoundary(
  spectrum: SpectrumEquation,
  options: SpectralBoundaryOptions = {},
): Promise<SpectralBoundary> {
  const name = "traceSpectralBoundary";
  const { angles = 181 } = options;
  checkCount(name, "angles", angles, 2);
  const centre = resolveCentre(name, spectrum, options.centre);
  const core = await Core.load();
  try {
    const edge = traceEdge(core, spectrum, centre, reachOf(spectrum, centre), SCAN, angles);
    let largestReal = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < edge.length; i += 2) largestReal = Math.max(largestReal, edge[i]!);
    return { edge, largestReal, centre };
  } finally {
    core.release();
  }
}

const SCAN = 256;

function resolveCentre(name: string, { poles }: SpectrumEquation, centre: number | undefined): number {
  if (centre === undefined) return mean(poles, (pole) => pole);
  if (Number.isFinite(centre)) return centre;
  throw new ShapeError(`${name}: \`centre\` is ${centre}, expected a finite number.`);
}

// a distance from the centre beyond which the right-hand side is below 1
function reachOf({ poles, v, w, c0, c1, tau1, tau2, e }: SpectrumEquation, centre: number): number {
  const width = poles.reduce((most, pole) => Math.max(most, Math.abs(pole - centre)), 0);
  const [first, second] = [v, w].map((row) => row.reduce((sum, value) => sum + value, 0)) as [number, number];
  // a filter at that distance, or its least
  const filter = (tau: number, reach: number) => {
    const least = tau * reach - Math.abs(1 + tau * centre);
    return least > 0 ? least * least : 0;
  };
  for (let reach = 2 * width + Math.abs(centre) + 1e-3; ; reach *= 1.5) {
    const away = (reach - width) * (reach - width);
    const fromZero = (reach - Math.abs(centre)) * (reach - Math.abs(centre));
    const gate = c1 > 0 ? c1 / filter(tau1, reach) : 0;
    const drift = second > 0 ? second / (away * filter(tau2, reach)) : 0;
    if ((first * (c0 + gate)) / away + drift + e / fromZero < 1) return reach;
  }
}

/**
 * Find which eigenvalues lie inside the edge of a spectrum.
 *
 * @param spectrum  Of `gatingSpectrum`, `gruSpectrum` or `lstmSpectrum`.
 * @param values    Eigenvalues (n, 2), real part first.
 * @param options   How far outside they may lie.
 * @returns  Whether each is inside, or met by the edge times `factor`.
 * @throws ShapeError  if there is an odd number of values, or an option is out of its range.
 */
export async function findInside(
  spectrum: SpectrumEquation,
  values: ArrayLike<number>,
  options: InsideOptions = {},
): Promise<boolean[]> {
  const name = "findInside";
  const { factor = 1 } = options;
  checkAtLeast(name, "factor", factor, Number.MIN_VALUE);
  if (values.length % 2 !== 0)
    throw new ShapeError(
      `${name}: there are ${values.length} values, expected pairs of real and imaginary parts.`,
    );
  const centre = resolveCentre(name, spectrum, options.centre);
  const core = await Core.load();
  try {
    const nearer = Float64Array.from(values, (value, i) =>
      i % 2 === 0 ? centre + (value - centre) / factor : value / factor,
    );
    return Array.from(spectralWeights(core, spectrum, nearer), (weight) => weight >= 1);
  } finally {
    core.release();
  }
}

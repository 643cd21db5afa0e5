// Fixed points of a large random network with gates: their variances, and whether they are stable.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022):
//
//   Δ_h = ⟨φ²⟩ over Δ_h · ⟨σ_r²⟩ over Δ_r,   Δ_r = Δ_z = ⟨φ²⟩,   unstable if k = ⟨φ′²⟩ (⟨σ_r²⟩ + ⟨φ²⟩ ⟨σ_r′²⟩) > 1
//
// The update gate has no part in it.

import { Core } from "../core/core.ts";
import { type GatingParameters, resolveGating } from "../core/gating-parameters.ts";
import { gaussianMoments } from "../core/gaussian-averages.ts";
import { findMinimum, findRoot } from "./bracketing.ts";
import { type Site, siteOf } from "./site.ts";

/** Fixed points of one kind. */
export interface StaticSolution {
  /** Δ_h, the variance of h over units. */
  stateVariance: number;
  /** Δ_r = Δ_z = ⟨φ²⟩, the variance of both gates' arguments. */
  gateVariance: number;
  /** k: eigenvalues reach beyond 0 where it is above 1. */
  instability: number;
  /** Bound on the error of Δ_h: that of the averages, over the slope at the solution. */
  error: number;
}

export interface StaticMeanField {
  /** All solutions, by Δ_h; without a bias the first is zero. */
  solutions: StaticSolution[];
  /** The upper branch: the solution of largest Δ_h, unless it is zero. */
  upper: StaticSolution | undefined;
}

/**
 * Solve for the variances of fixed points of a network of many units. Without a bias zero is one of them; others come in
 * pairs, or one by itself.
 *
 * @param parameters  Of the network; those left out have their defaults. The update gate's do not matter.
 * @returns  Solutions from the smallest variance to the largest, with the number that decides their stability.
 * @throws ShapeError  if a parameter is not finite or out of its range.
 */
export async function solveStaticMeanField(
  parameters: Partial<GatingParameters> = {},
): Promise<StaticMeanField> {
  const resolved = resolveGating("solveStaticMeanField", parameters);
  const core = await Core.load();
  try {
    return solveStatic(core, siteOf(core, resolved));
  } finally {
    core.release();
  }
}

// variances are at most 1, since both functions are; below the first of the grid no solution is looked for
const LEAST = 1e-9;
const FACTOR = 1.12;

/** All static solutions of a site. */
export function solveStatic(core: Core, site: Site): StaticMeanField {
  const excess = (variances: readonly number[]) => excessGain(core, site, variances);
  const one = (variance: number) => excess([variance])[0]!;
  const grid = [LEAST];
  while (grid.at(-1)! < 1) grid.push(FACTOR * grid.at(-1)!);
  const places = withExtrema(grid, excess(grid), one);
  const roots: number[] = [];
  for (let i = 1; i < places.length; i++) {
    const [below, above] = [places[i - 1]!, places[i]!];
    if (below.value > 0 !== above.value > 0) roots.push(findRoot(one, below.place, above.place));
  }
  const others = roots.map((variance) => describe(core, site, variance));
  const zero = site.activation.bias === 0 ? [describe(core, site, 0)] : [];
  return { solutions: [...zero, ...others], upper: others.at(-1) };
}

/** ⟨φ²⟩⟨σ_r²⟩ / Δ_h - 1, which vanishes at solutions. */
function excessGain(core: Core, { activation, output }: Site, variances: readonly number[]): number[] {
  const squares = gaussianMoments(core, activation, variances).map(({ square }) => square);
  const gates = gaussianMoments(core, output, squares);
  return gates.map(({ square }, i) => (square * squares[i]!) / variances[i]! - 1);
}

interface Place {
  place: number;
  value: number;
}

// two solutions between neighbours of the grid show as an extremum that reaches over zero
function withExtrema(grid: number[], values: number[], f: (x: number) => number): Place[] {
  const places: Place[] = [];
  grid.forEach((place, i) => {
    const value = values[i]!;
    places.push({ place, value });
    const sign = value > 0 ? 1 : -1;
    const before = sign * (values[i - 1] ?? Number.NaN);
    const behind = sign * (values[i + 1] ?? Number.NaN);
    if (!(sign * value <= before && sign * value <= behind)) return;
    const { place: lowest, value: least } = findMinimum((x) => sign * f(x), grid[i - 1]!, grid[i + 1]!, 1e-9);
    if (least < 0) places.push({ place: lowest, value: sign * least });
  });
  return places.sort((a, b) => a.place - b.place);
}

function describe(core: Core, site: Site, stateVariance: number): StaticSolution {
  const [phi] = gaussianMoments(core, site.activation, [stateVariance]);
  const [gate] = gaussianMoments(core, site.output, [phi!.square]);
  const instability = phi!.squareSlope * (gate!.square + phi!.square * gate!.squareSlope);
  if (stateVariance === 0) return { stateVariance, gateVariance: 0, instability, error: 0 };
  const step = 1e-4 * stateVariance;
  const [above, below] = excessGain(core, site, [stateVariance + step, stateVariance - step]);
  const slope = Math.abs(above! - below!) / (2 * step);
  const error = (phi!.error + gate!.error) / (stateVariance * slope);
  return { stateVariance, gateVariance: phi!.square, instability, error };
}

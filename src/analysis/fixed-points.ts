// Fixed points of a dynamical system, from many starts, and their stability.
//
// Based on   Sussillo and Barak, Neural Computation 25, 626 (2013), for the search from many states; the steps are in
//            assembly/analysis/fixed-point.ts.
// Deviation  Levenberg–Marquardt steps with the exact Jacobian, and only points whose residual reaches the tolerance: no slow points.

import { Core } from "../core/core.ts";
import { checkArray, DynamicalSystem, type Dynamics, linearizeSystem } from "../core/dynamics.ts";
import { ShapeError } from "../core/errors.ts";
import { FixedPointSearch } from "../core/fixed-points.ts";
import { eigenvalues } from "../core/linear-algebra.ts";
import { Pace } from "../core/pace.ts";
import { checkWholeNumber, Drawn, PURPOSE } from "./initial-state.ts";

export interface FixedPointOptions {
  /** Random starts, all D variables N(0, rms²) (default 100); or states to start from, (n, D). */
  starts?: number | Float64Array;
  /** Of random starts (default 1). */
  rms?: number;
  /** Seed of random starts (default 0). */
  seed?: number;
  /** External input (I), always the same. Default: none. */
  input?: Float64Array;
  /**
   * Largest residual of a fixed point (default 1e-10): the root mean square of dx/dt of a tanh or gated system, also as a map, or of
   * what a step of another map changes.
   */
  tolerance?: number;
  /** Steps of a search, at most (default 200). */
  iterations?: number;
  /** Points are the same whose variables differ by at most so much, or so much of their largest (default 1e-5). */
  mergeDistance?: number;
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; starts: number }) => void;
}

/** How perturbations of a fixed point evolve. */
export type Stability =
  | {
      ok: true;
      /** Whether all of them decay: all real parts below 0 (a flow), or all moduli below 1 (a map). */
      stable: boolean;
      /** The largest real part, or the largest modulus. */
      leading: number;
      /** Eigenvalues that grow. */
      unstableDirections: number;
      /** Of the Jacobian: of the field (a flow), or of the step (a map); (D) each. */
      eigenvalues: { re: Float64Array; im: Float64Array };
    }
  | { ok: false; reason: string };

/** A fixed point. */
export interface FixedPoint {
  /** (D). */
  state: Float64Array;
  /** The residual there, as for `tolerance`. */
  residual: number;
  /** Starts that led to it. */
  starts: number;
  stability: Stability;
}

/** The fixed points that were found. */
export interface FixedPoints {
  /** In the order in which they were found; empty if no start led to one. */
  points: FixedPoint[];
  /** Starts, and those of them that led to no fixed point: a local minimum of the residual, or too few iterations. */
  starts: number;
  failed: number;
}

/**
 * Search for the fixed points of a system from many starts. There may be others that no start leads to.
 *
 * @throws ShapeError    if an option is out of range.
 * @throws NumericError  if a start or an input is NaN or infinite.
 * @throws StateError    if the memory cannot hold it: 4 matrices (D, D).
 */
export async function findFixedPoints(
  dynamics: Dynamics,
  options: FixedPointOptions = {},
): Promise<FixedPoints> {
  const name = "findFixedPoints";
  const { tolerance = 1e-10, iterations = 200, mergeDistance = 1e-5, input, signal, onProgress } = options;
  checkWholeNumber(name, "iterations", iterations, 1);
  if (!(tolerance > 0)) throw new ShapeError(`${name}: \`tolerance\` is ${tolerance}, expected more than 0.`);
  if (!(mergeDistance >= 0))
    throw new ShapeError(`${name}: \`mergeDistance\` is ${mergeDistance}, expected at least 0.`);
  const core = await Core.load();
  try {
    const system = new DynamicalSystem(core, name, dynamics);
    if (input) checkArray(name, "input", input, dynamics.inputs);
    const starts = resolveStarts(name, core, system.size, options);
    const search = new FixedPointSearch(system, input);
    const points: Omit<FixedPoint, "stability">[] = [];
    const pace = new Pace(signal);
    let failed = 0;
    for (const [done, start] of starts.entries()) {
      const end = search.run(start, tolerance, iterations);
      const found = points.find(({ state }) => isSame(state, end.state, mergeDistance));
      if (end.iterations < 0) failed++;
      else if (found) found.starts++;
      else points.push({ state: end.state, residual: end.residual, starts: 1 });
      const taken = end.iterations < 0 ? iterations : end.iterations;
      await pace.after((taken + 1) * (2.5 * system.size * system.size * system.size));
      onProgress?.({ done: done + 1, starts: starts.length });
    }
    const withStability = points.map((point) => ({
      ...point,
      stability: stabilityAt(system, point.state, input),
    }));
    return { points: withStability, starts: starts.length, failed };
  } finally {
    core.release();
  }
}

function resolveStarts(
  name: string,
  core: Core,
  D: number,
  { starts = 100, rms = 1, seed = 0 }: FixedPointOptions,
): Float64Array[] {
  if (typeof starts !== "number") {
    const count = Math.max(1, Math.floor(starts.length / D));
    checkArray(name, "starts", starts, count * D);
    return Array.from({ length: count }, (_, i) => starts.slice(i * D, (i + 1) * D));
  }
  checkWholeNumber(name, "starts", starts, 1);
  checkWholeNumber(name, "seed", seed, 0);
  if (!(rms >= 0 && Number.isFinite(rms)))
    throw new ShapeError(`${name}: \`rms\` is ${rms}, expected a finite number at least 0.`);
  return Array.from({ length: starts }, (_, i) =>
    core.drawNormal(core.key(seed, PURPOSE, Drawn.starts, i), D).map((value) => rms * value),
  );
}

function isSame(a: Float64Array, b: Float64Array, distance: number): boolean {
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return a.every((value, i) => Math.abs(value - b[i]!) <= distance * largest);
}

// the eigenvalues of a flow's field, or of a map's step
function stabilityAt(
  system: DynamicalSystem,
  state: Float64Array,
  input: Float64Array | undefined,
): Stability {
  const flow = system.dynamics.time === "continuous";
  const { jacobian } = linearizeSystem(system, state, input, flow);
  const found = eigenvalues(system.core, jacobian, system.size);
  if (!found) return { ok: false, reason: "the eigenvalues of the Jacobian were not found" };
  const sizes = found.re.map((re, i) => (flow ? re : Math.sqrt(re * re + found.im[i]! * found.im[i]!)));
  const leading = sizes.reduce((most, size) => Math.max(most, size), -Infinity);
  const limit = flow ? 0 : 1;
  return {
    ok: true,
    stable: leading < limit,
    leading,
    unstableDirections: sizes.filter((size) => size > limit).length,
    eigenvalues: found,
  };
}

// Correlations over time in a large random network with gates: dynamical mean-field theory of its stationary state.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022). A site is h′ = σ_z(z) (η - h) in Gaussian fields, C_η = C_φ C_σr, (1 - τ² ∂²) C = C_φ for z and r.
//            While the update gate stands still, h is Gaussian, and the equation of correlation-equation.ts is exact.
// Deviation  behind one that moves, h is drawn (site-sampling.ts); the closed equation for a Gaussian h is there too, named
//            approximate: it gives C_h(0) within about a tenth, and decays much too fast from α_z = 2 on.

import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import type { GatingParameters } from "../core/gating-parameters.ts";
import { type Correlations, solveCorrelations } from "./correlation-equation.ts";
import type { Scheme } from "./newton-step.ts";
import { checkAtLeast, checkCount, resolveUnbiased, type Site, siteOf } from "./site.ts";
import { type DrawnSettings, drawCorrelations } from "./site-sampling.ts";
import { compared, type GridSolution, solveStill } from "./still-correlations.ts";

export interface DynamicMeanFieldOptions {
  /**
   * Time step (default 0.1; of the equations less at large gains, and never more than a fortieth of the decay time): their error
   * is of fourth order, that of drawn paths of second.
   */
  timeStep?: number;
  /** Longest lag of the exact and of the approximate equation, at the end of which correlations are zero (default: 28 of its slowest decay times). */
  duration?: number;
  /** With an update gate that moves: `drawn` paths of single sites (default), or the `approximate` closed equation. */
  method?: "drawn" | "approximate";
  /** Of drawn paths: how many in all (default 3000). */
  paths?: number;
  /** Of drawn paths: how long they are at least, which is their period too (default 409.6); in steps, a power of two. */
  pathDuration?: number;
  /** Of drawn paths: how often correlations are put in and found again (default 14). */
  iterations?: number;
  /** Of drawn paths: iterations before these, with an eighth of the paths (default 24; at α_z = 10 correlations still grow in the first 20). */
  warmUp?: number;
  /** Of drawn paths: seed of the draws (default 1). */
  seed?: number;
}

/** Covariances at lags 0, dt, … */
export interface DynamicMeanField {
  /** Whether a state beside zero was found. */
  found: boolean;
  /** Why not. */
  reason: string | undefined;
  /** How the solution was found. */
  method: "exact" | "approximate" | "drawn";
  /** Lags (n). */
  time: Float64Array;
  /** C_h (n): the first is the variance Δ_h. */
  state: Float64Array;
  /** C_z (n), of the update gate's argument, while its gain is 1. */
  updateDrive: Float64Array;
  /** C_r (n), of the output gate's. */
  outputDrive: Float64Array;
  /** C_φ (n). */
  activation: Float64Array;
  /** C_σr (n), not less its mean. */
  outputGate: Float64Array;
  /** What is left of the equation, relative to C_h(0); of drawn paths, how much the last iteration changed C_h(0). */
  residual: number;
  /** Error of C_h at any lag: the change with twice the time step, or half the difference between two halves of the paths. */
  error: number;
}

/**
 * Solve for the correlations over time of a network of many units in its chaotic state. Where a state beside zero
 * appears with a jump, this is the one of larger variance.
 *
 * @param parameters  Of the network; those left out have their defaults. `bias` must be 0.
 * @param options     Time step, and how paths are drawn.
 * @returns  Covariances over lags with their error; `found: false` and a reason if zero is the only solution.
 * @throws ShapeError  if a parameter or an option is out of its range.
 */
export async function solveDynamicMeanField(
  parameters: Partial<GatingParameters> = {},
  options: DynamicMeanFieldOptions = {},
): Promise<DynamicMeanField> {
  const name = "solveDynamicMeanField";
  const resolved = resolveUnbiased(name, parameters);
  const settings = resolveOptions(name, options);
  const core = await Core.load();
  try {
    const site = siteOf(core, resolved);
    if (resolved.updateGain === 0) return describe(solveStill(core, site, settings), "exact");
    if (settings.method === "approximate")
      return describe(solveApproximate(core, site, settings), "approximate");
    const still = solveStill(core, site, settings);
    return still.found ? drawCorrelations(core, resolved, site, still, settings) : describe(still, "drawn");
  } finally {
    core.release();
  }
}

interface Settings extends DrawnSettings {
  duration: number | undefined;
  method: "drawn" | "approximate";
}

function resolveOptions(name: string, options: DynamicMeanFieldOptions): Settings {
  const { timeStep, duration, method = "drawn" } = options;
  const { paths = 3000, pathDuration = 409.6, iterations = 14, warmUp = 24, seed = 1 } = options;
  for (const [field, value] of Object.entries({
    timeStep: timeStep ?? 0.1,
    pathDuration,
    duration: duration ?? 1,
  })) {
    checkAtLeast(name, field, value, Number.MIN_VALUE);
  }
  checkCount(name, "paths", paths, 4);
  checkCount(name, "iterations", iterations, 1);
  checkCount(name, "warmUp", warmUp, 0);
  checkCount(name, "seed", seed, 0);
  if (method !== "drawn" && method !== "approximate")
    throw new ShapeError(`${name}: \`method\` is ${method}, expected "drawn" or "approximate".`);
  return { timeStep, duration, method, paths, pathDuration, iterations, warmUp, seed };
}

// the update gate's gain in steps from 0
function solveApproximate(core: Core, site: Site, settings: Settings): GridSolution {
  const still = solveStill(core, site, settings);
  if (!still.found || !still.solution) return still;
  const whole = site.update.gain;
  const follow = (scheme: Scheme, start: Correlations) => {
    let solution = still.solution!;
    let guess = start;
    for (let gain = Math.min(0.5, whole); ; gain = Math.min(whole, 1.25 * gain)) {
      const partly = { ...site, update: { ...site.update, gain } };
      solution = solveCorrelations(core, partly, scheme, guess, true);
      guess = solution.correlations;
      if (gain === whole || !solution.converged) return solution;
    }
  };
  const scheme = { dt: still.dt, share: 1 / 12, inertia: 1 };
  const { correlations } = still.solution;
  const everyOther = correlations.map((row) => row.filter((_, i) => i % 2 === 0)) as Correlations;
  const fine = follow(scheme, correlations);
  return compared(fine, follow({ ...scheme, dt: 2 * still.dt }, everyOther), still.dt);
}

function describe(grid: GridSolution, method: "exact" | "approximate" | "drawn"): DynamicMeanField {
  const { found, reason, dt, solution, error } = grid;
  const none = new Float64Array(0);
  if (!found || !solution) {
    const rows = { state: none, updateDrive: none, outputDrive: none, activation: none, outputGate: none };
    return { found, reason, method, time: none, ...rows, residual: solution?.residual ?? 0, error: 0 };
  }
  const [state, outputDrive, updateDrive] = solution.correlations;
  const { activation, outputGate } = solution.averages;
  const time = state.map((_, i) => i * dt);
  const residual = solution.residual / state[0]!;
  const rows = { time, state, updateDrive, outputDrive, activation, outputGate };
  return { found, reason, method, ...rows, residual, error };
}

// Correlations of a network whose update gates stand still, from a first guess to a solution on a grid of times.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022).
//
// The guess is the solution of output gates that follow at once, which a potential gives. Near a transition with a jump, and
// below that of such gates, it is too far off: there the solution comes from a larger gain, step by step.

import type { Core } from "../core/core.ts";
import { type CorrelationSolution, type Correlations, solveCorrelations } from "./correlation-equation.ts";
import type { Scheme } from "./newton-step.ts";
import { restingProfile, restingVariance, sampleProfile } from "./potential.ts";
import type { Site } from "./site.ts";
import { solveStatic } from "./static-mean-field.ts";
import { findDynamicTransition } from "./transitions.ts";

/** A solution on a grid of times, with what it differs from one on half of them. */
export interface GridSolution {
  found: boolean;
  reason: string | undefined;
  dt: number;
  solution: CorrelationSolution | undefined;
  error: number;
}

export interface GridSettings {
  timeStep?: number | undefined;
  duration?: number | undefined;
}

const DECAYS = 28;
const MOST_TIMES = 8192;
const LEAST_TIMES = 128;

/** The exact solution behind an update gate that does not move. */
export function solveStill(core: Core, site: Site, settings: GridSettings): GridSolution {
  const direct = solveFromPotential(core, site, settings);
  if (direct.found || site.output.gain === 0) return direct;
  // slow output gates carry a chaotic state to gains where fast ones have none, but not to where there are no fixed points
  return (solveStatic(core, site).upper && solveDescending(core, site, settings)) || direct;
}

function solveFromPotential(core: Core, site: Site, settings: GridSettings): GridSolution {
  const variance = restingVariance(core, site);
  if (variance === undefined) {
    const reason = "Zero is the only state: the gain is below the transition to chaos.";
    return { found: false, reason, dt: 0, solution: undefined, error: 0 };
  }
  const profile = restingProfile(core, site, variance);
  const slowest = Math.min(profile.decay, 1 / site.outputTau, 1 / site.updateTau);
  const duration = settings.duration ?? DECAYS / slowest;
  // at large gains correlations of slopes decay within a time of 1 / gain
  const { activation, resting, rate } = site;
  const timeStep = settings.timeStep ?? Math.min(0.1, 0.4 / (activation.gain * resting * rate));
  const wanted = duration / Math.min(timeStep, 0.025 / profile.decay);
  // an even number of times, so that every other of them is a grid too
  const n = 2 * Math.ceil(0.5 * Math.min(MOST_TIMES, Math.max(LEAST_TIMES, wanted)));
  const dt = duration / n;
  const solve = (step: number, count: number) =>
    solveFrom(core, site, schemeOf(step), sampleProfile(profile, step, count));
  return compared(solve(dt, n), solve(2 * dt, n / 2), dt);
}

function schemeOf(dt: number): Scheme {
  return { dt, share: 1 / 12, inertia: 1 };
}

// above the transition of fast gates, where the potential is a good start
const STARTS = [1.02, 1.05, 1.1, 1.2, 1.5];
const STEPS = 4;
const LEAST_STEP = 2e-4;

// from a larger gain to this one in steps, as small as it takes
function solveDescending(core: Core, site: Site, settings: GridSettings): GridSolution | undefined {
  const { gain } = site.activation;
  const at = (g: number) => ({ ...site, activation: { ...site.activation, gain: g } });
  const least = Math.max(gain, findDynamicTransition(core, site.output).gain);
  for (const factor of STARTS) {
    const first = solveFromPotential(core, at(factor * least), settings);
    if (!first.found || !first.solution) continue;
    let now = { gain: factor * least, correlations: first.solution.correlations };
    let before = now;
    let step = (now.gain - gain) / STEPS;
    while (now.gain > gain) {
      const next = Math.max(gain, now.gain - step);
      const guess = extrapolated(before, now, next);
      const solution = solveCorrelations(core, at(next), schemeOf(first.dt), guess, false);
      if (isFound(solution, now.correlations)) {
        [before, now] = [now, { gain: next, correlations: solution.correlations }];
        if (next === gain) return halved(core, site, solution, first.dt);
      } else {
        step *= 0.5;
        if (step < LEAST_STEP * gain) return undefined;
      }
    }
  }
  return undefined;
}

interface AtGain {
  gain: number;
  correlations: Correlations;
}

function extrapolated(before: AtGain, now: AtGain, gain: number): Correlations {
  if (before === now) return now.correlations;
  const share = (gain - now.gain) / (now.gain - before.gain);
  return now.correlations.map((row, j) =>
    row.map((value, i) => value + share * (value - before.correlations[j]![i]!)),
  ) as Correlations;
}

// Newton's method may also have gone to zero
function isFound({ converged, correlations }: CorrelationSolution, guess: Correlations): boolean {
  return converged && correlations[0][0]! > 0.1 * guess[0][0]!;
}

function halved(core: Core, site: Site, fine: CorrelationSolution, dt: number): GridSolution {
  const everyOther = fine.correlations.map((row) => row.filter((_, i) => i % 2 === 0)) as Correlations;
  return compared(fine, solveCorrelations(core, site, schemeOf(2 * dt), everyOther, false), dt);
}

/** A solution, with its difference from one on every other time. */
export function compared(fine: CorrelationSolution, coarse: CorrelationSolution, dt: number): GridSolution {
  const found = isFound(fine, coarse.correlations) && isFound(coarse, fine.correlations);
  const reason = found
    ? undefined
    : `Newton's method stopped with a residual of ${fine.residual.toPrecision(2)} in ${fine.steps} steps.`;
  let error = 0;
  coarse.correlations[0].forEach((value, i) => {
    error = Math.max(error, Math.abs(value - fine.correlations[0][2 * i]!));
  });
  return { found, reason, dt, solution: fine, error };
}

// in steps of the output gate's time constant, if the whole is too much at once
function solveFrom(core: Core, site: Site, scheme: Scheme, h: Float64Array): CorrelationSolution {
  const direct = solveCorrelations(core, site, scheme, started(site, scheme, h, h), false);
  if (isFound(direct, [h, h, h])) return direct;
  let last = direct;
  let guess: Correlations = started({ ...site, outputTau: 0 }, scheme, h, h);
  for (let part = 0; part <= 8; part++) {
    const slower = { ...site, outputTau: (site.outputTau * part) / 8 };
    last = solveCorrelations(core, slower, scheme, guess, false);
    if (!last.converged) return last;
    guess = last.correlations;
  }
  return last;
}

// C_r and C_z of a covariance that stands for C_φ
function started(site: Site, { dt }: Scheme, h: Float64Array, phi: Float64Array): Correlations {
  const scaled = phi.map((value) => value / Math.max(h[0]!, 1e-300));
  return [h, filtered(scaled, site.outputTau, dt), filtered(scaled, site.updateTau, dt)];
}

/** C of (1 - τ² ∂²) C = source, even in time and zero at the end, by second differences. */
function filtered(source: Float64Array, tau: number, dt: number): Float64Array {
  const n = source.length;
  const weight = (tau * tau) / (dt * dt);
  const back = new Float64Array(n);
  const offset = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const pivot = 1 + 2 * weight - (i + 1 < n ? weight * back[i + 1]! : 0);
    back[i] = weight / pivot;
    offset[i] = (source[i]! + (i + 1 < n ? weight * offset[i + 1]! : 0)) / pivot;
  }
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    result[i] =
      i === 0
        ? (source[0]! + 2 * weight * offset[1]!) / (1 + 2 * weight - 2 * weight * back[1]!)
        : offset[i]! + back[i]! * result[i - 1]!;
  }
  return result;
}

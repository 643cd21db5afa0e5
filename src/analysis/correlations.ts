// Correlation functions C_h(t) and C_φ(t) of a dynamical system, which mean-field theory predicts.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, Phys. Rev. X 12, 011011 (2022): C(t) = <x_i(s) x_i(s + t)>.
// Deviation  means over units, trials and a finite time, of one network; nothing is subtracted.

import { Core } from "../core/core.ts";
import { CorrelationSums } from "../core/correlations.ts";
import { type Dynamics, isField, stepTime } from "../core/dynamics.ts";
import { ShapeError } from "../core/errors.ts";
import { type DynamicsSimulationOptions, resolveSteps, simulateDynamics } from "./dynamics-simulation.ts";
import { checkWholeNumber } from "./initial-state.ts";

export interface CorrelationOptions extends DynamicsSimulationOptions {
  /** Steps before the measurement (default 1000). */
  transient?: number;
  /** Largest lag, in records, which are `recordEvery` steps apart (default 100). */
  maxLag?: number;
}

/** Correlation functions, at lags 0 … maxLag. */
export interface Correlations {
  /** Lags in the system's unit of time. */
  lags: Float64Array;
  /** C_h: of the units' states, mean over trials. */
  state: Float64Array;
  /** C_φ: of their activations, of a tanh or gated system. */
  activation?: Float64Array;
  /** C_h of each trial (B, maxLag + 1). */
  stateByTrial: Float64Array;
  /** Standard error of C_h over trials; NaN of one trial. */
  errors: Float64Array;
}

/**
 * Measure the correlation functions of the units of a system, which runs on by itself or as `input` drives it.
 *
 * @throws ShapeError    if an option is out of range, or there are not more records than lags.
 * @throws NumericError  if a state becomes infinite.
 * @throws StateError    if the memory cannot hold it.
 */
export async function measureCorrelations(
  dynamics: Dynamics,
  options: CorrelationOptions,
): Promise<Correlations> {
  const name = "measureCorrelations";
  const { transient = 1000, maxLag = 100, recordEvery: every = 1, trials = 1 } = options;
  const measured = resolveSteps(name, dynamics, options);
  checkWholeNumber(name, "transient", transient, 0);
  checkWholeNumber(name, "maxLag", maxLag, 0);
  checkWholeNumber(name, "recordEvery", every, 1);
  checkWholeNumber(name, "trials", trials, 1);
  const records = Math.floor(measured / every);
  if (records <= maxLag)
    throw new ShapeError(`${name}: there are ${records} records, expected more than \`maxLag\`, ${maxLag}.`);
  const { time: _, ...simulation } = options;
  const before = Math.ceil(transient / every);
  const core = await Core.load();
  try {
    const ofState = new CorrelationSums(core, dynamics, trials, maxLag, false);
    const ofActivation = isField(dynamics)
      ? new CorrelationSums(core, dynamics, trials, maxLag, true)
      : undefined;
    const steps = (before + records) * every;
    let skipped = 0;
    for await (const { states, times } of simulateDynamics(dynamics, { ...simulation, steps })) {
      const skip = Math.min(times.length, before - skipped);
      skipped += skip;
      const rest = states.subarray((skip * states.length) / times.length);
      if (rest.length === 0) continue;
      ofState.add(rest);
      ofActivation?.add(rest);
    }
    const stateByTrial = ofState.finish();
    const activation = ofActivation && meanOf(ofActivation.finish(), trials);
    const state = meanOf(stateByTrial, trials);
    return {
      lags: state.map((_, k) => k * every * stepTime(dynamics)),
      state,
      ...(activation ? { activation } : {}),
      stateByTrial,
      errors: errorsOf(stateByTrial, state, trials),
    };
  } finally {
    core.release();
  }
}

// of rows (trials, n)
function meanOf(rows: Float64Array, trials: number): Float64Array {
  const n = rows.length / trials;
  return Float64Array.from({ length: n }, (_, k) => {
    let sum = 0;
    for (let b = 0; b < trials; b++) sum += rows[b * n + k]!;
    return sum / trials;
  });
}

function errorsOf(rows: Float64Array, mean: Float64Array, trials: number): Float64Array {
  return mean.map((centre, k) => {
    let squares = 0;
    for (let b = 0; b < trials; b++) {
      const difference = rows[b * mean.length + k]! - centre;
      squares += difference * difference;
    }
    return trials > 1 ? Math.sqrt(squares / (trials - 1) / trials) : NaN;
  });
}

// How long a state lasts: overlap with itself later, and how far and how fast it drifts. An integrator keeps any state.

import { Core } from "../core/core.ts";
import { type Dynamics, stateSize, stepTime } from "../core/dynamics.ts";
import { type DynamicsSimulationOptions, resolveSteps, simulateDynamics } from "./dynamics-simulation.ts";
import { checkWholeNumber, resolveInitialState } from "./initial-state.ts";

export interface DriftOptions extends DynamicsSimulationOptions {
  /** Steps before the state that is compared with (default 0: the initial state). */
  transient?: number;
}

/** How a state changes; of the units h alone, without gates or cells. Rows are times, columns trials. */
export interface StateDrift {
  /** Times since the state that is compared with, in the system's unit (n). */
  times: Float64Array;
  /** Normalised dot product of h(t) and h(t + s) (n, B): 1 while nothing changes; 0 where a state is zero. */
  overlap: Float64Array;
  /** Root mean square of h(t + s) - h(t) over units (n, B). */
  distance: Float64Array;
  /** Root mean square of h(t + s) (n, B). */
  rms: Float64Array;
  /** Mean over time of the distance from one record to the next, per unit of time (B). */
  drift: Float64Array;
}

/**
 * Measure how the state of a system, at the end of a transient, changes from then on.
 *
 * @throws ShapeError    if an option is out of range.
 * @throws NumericError  if a state becomes infinite.
 * @throws StateError    if the memory cannot hold it.
 */
export async function measureDrift(dynamics: Dynamics, options: DriftOptions): Promise<StateDrift> {
  const name = "measureDrift";
  const { transient = 0, trials = 1, recordEvery: every = 1, initialState, input } = options;
  const steps = resolveSteps(name, dynamics, options);
  checkWholeNumber(name, "transient", transient, 0);
  checkWholeNumber(name, "recordEvery", every, 1);
  const { time: _, ...simulation } = options;
  const D = stateSize(dynamics);
  const N = dynamics.units * dynamics.layers.length;
  let start = initialState;
  if (transient > 0) {
    for await (const { states } of simulateDynamics(dynamics, {
      ...simulation,
      steps: transient,
      recordEvery: transient,
    }))
      start = states;
  }
  const from = {
    ...simulation,
    ...(start === undefined ? {} : { initialState: start }),
    ...(input ? { input: (inputs: Float64Array, first: number) => input(inputs, transient + first) } : {}),
  };
  const n = Math.floor(steps / every);
  const result: StateDrift = {
    times: new Float64Array(n),
    overlap: new Float64Array(n * trials),
    distance: new Float64Array(n * trials),
    rms: new Float64Array(n * trials),
    drift: new Float64Array(trials),
  };
  const first = await startOf(dynamics, from, trials);
  let last = first;
  let record = 0;
  for await (const { states, times } of simulateDynamics(dynamics, { ...from, steps })) {
    for (const [i, time] of times.entries()) {
      result.times[record] = time;
      const now = states.subarray(i * trials * D, (i + 1) * trials * D);
      for (let b = 0; b < trials; b++) {
        const at = record * trials + b;
        const [past, before, present] = [first, last, now].map((all) => all.subarray(b * D, b * D + N));
        result.overlap[at] = overlapOf(past!, present!);
        result.distance[at] = distanceOf(past!, present!);
        result.rms[at] = Math.sqrt(product(present!, present!) / N);
        result.drift[b]! += distanceOf(before!, present!) / (n * every * stepTime(dynamics));
      }
      last = now;
      record++;
    }
  }
  return result;
}

// the states before the first step
async function startOf(dynamics: Dynamics, options: DriftOptions, trials: number): Promise<Float64Array> {
  const core = await Core.load();
  try {
    return resolveInitialState(core, "measureDrift", dynamics, trials, options.initialState);
  } finally {
    core.release();
  }
}

function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** The normalised dot product of two states; 0 if one is zero. */
export function overlapOf(a: Float64Array, b: Float64Array): number {
  const sizes = Math.sqrt(product(a, a)) * Math.sqrt(product(b, b));
  return sizes > 0 ? product(a, b) / sizes : 0;
}

/** The root mean square of the difference of two states. */
export function distanceOf(a: Float64Array, b: Float64Array): number {
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]!) * (value - b[i]!), 0);
  return Math.sqrt(squares / a.length);
}

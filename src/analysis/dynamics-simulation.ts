// A dynamical system that runs on and on, in pieces, in f64; and its Jacobian at a state.

import { Core } from "../core/core.ts";
import {
  checkArray,
  DynamicalSystem,
  type Dynamics,
  linearizeSystem,
  stateSize,
  stepTime,
} from "../core/dynamics.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import { Pace } from "../core/pace.ts";
import {
  checkWholeNumber,
  type InitialState,
  type InputStream,
  Inputs,
  resolveInitialState,
} from "./initial-state.ts";

// values of one piece: 4 MB; operations of one, so that signals are seen
const VALUES_AT_ONCE = 2 ** 19;
const OPERATIONS_AT_ONCE = 2e8;

export interface DynamicsSimulationOptions {
  /** Time steps, or `time` in the system's unit, which is rounded to whole steps; one of them. */
  steps?: number;
  time?: number;
  /** Trials B that run side by side (default 1). */
  trials?: number;
  /** Default: drawn with rms 1. */
  initialState?: InitialState;
  /** Inputs of every step. Default: none. A flow's are held during a step. */
  input?: InputStream;
  /** Record every so many steps (default 1). */
  recordEvery?: number;
  signal?: AbortSignal;
  /** Called behind every piece. */
  onProgress?: (progress: { done: number; steps: number }) => void;
}

/** A piece of a trajectory. */
export interface DynamicsPiece {
  /** Steps up to its first record, and its last. */
  first: number;
  last: number;
  /** Times of its records, in the system's unit. */
  times: Float64Array;
  /** States at these times, (n, B, D). Its own memory. */
  states: Float64Array;
}

/**
 * Simulate a dynamical system, piece by piece: `for await (const { times, states } of simulateDynamics(dynamics, { steps }))`.
 *
 * @throws ShapeError    if an option is out of range, or the step too large for the method.
 * @throws NumericError  if a state becomes infinite; it names the step.
 * @throws StateError    if the memory cannot hold one piece.
 */
export async function* simulateDynamics(
  dynamics: Dynamics,
  options: DynamicsSimulationOptions,
): AsyncGenerator<DynamicsPiece, void, undefined> {
  const name = "simulateDynamics";
  const { trials = 1, recordEvery: every = 1, signal, onProgress } = options;
  const steps = resolveSteps(name, dynamics, options);
  checkWholeNumber(name, "trials", trials, 1);
  checkWholeNumber(name, "recordEvery", every, 1);
  const core = await Core.load();
  try {
    const system = new DynamicalSystem(core, name, dynamics);
    const row = trials * system.size;
    const operations = system.operations * trials;
    const atOnce = Math.max(1, Math.floor(OPERATIONS_AT_ONCE / operations));
    const end = Math.floor(steps / every) * every;
    const records = Math.max(1, Math.floor(Math.min(VALUES_AT_ONCE / row, atOnce / every, steps / every)));
    const states = system.place(
      resolveInitialState(core, name, dynamics, trials, options.initialState),
      "states",
    );
    const most = Math.min(atOnce, records * every);
    const inputs = new Inputs(core, dynamics, options.input, trials, most);
    const target = core.allocate(8 * records * row, "recorded states");
    const pace = new Pace(signal);
    const advance = async (first: number, count: number, record: number) => {
      const done = system.advance(states, trials, inputs.of(first, count), count, every, record);
      if (done < count) throw infinite(name, first + done);
      await pace.after(operations * count);
    };
    for (let first = 0; first < end; first += records * every) {
      const count = Math.min(records * every, end - first);
      // between records that are far apart, no more steps at once than elsewhere
      const long = count > most;
      if (!long) await advance(first, count, target);
      else {
        for (let done = 0; done < count; done += most)
          await advance(first + done, Math.min(most, count - done), 0);
      }
      const n = count / every;
      const times = Float64Array.from(
        { length: n },
        (_, i) => (first + (i + 1) * every) * stepTime(dynamics),
      );
      const recorded = core.f64(long ? states : target, n * row).slice();
      onProgress?.({ done: first + count, steps: end });
      yield { first: first + every, last: first + count, times, states: recorded };
    }
  } finally {
    core.release();
  }
}

/** The error of a state that became infinite in a step, counted from 0. */
export function infinite(name: string, step: number): NumericError {
  return new NumericError(
    `${name}: the state, or its derivative, becomes NaN or infinite in step ${step}. Use smaller gains or weights.`,
  );
}

/** Steps, or a time in steps. @throws ShapeError unless one of them is given and makes at least one step. */
export function resolveSteps(
  name: string,
  dynamics: Dynamics,
  { steps, time }: { steps?: number; time?: number },
  fallback?: number,
): number {
  if (steps !== undefined && time !== undefined)
    throw new ShapeError(`${name}: \`steps\` and \`time\` are both given, expected one of them.`);
  const whole = steps ?? (time === undefined ? fallback : Math.round(time / stepTime(dynamics)));
  if (whole === undefined) throw new ShapeError(`${name}: \`steps\` is missing; give \`steps\` or \`time\`.`);
  checkWholeNumber(name, time === undefined ? "steps" : "time in steps", whole, 1);
  return whole;
}

export interface JacobianOptions {
  /** External input (I). Default: none. */
  input?: Float64Array;
  /** Of a flow: the Jacobian of dx/dt ("flow", default), or that of one step of its method ("step"). */
  of?: "flow" | "step";
}

/** A Jacobian at a state. */
export interface Jacobian {
  /** Variables D. */
  size: number;
  /** Entry (i, j), the derivative of variable i by variable j, at i D + j. */
  matrix: Float64Array;
  /** "flow": of dx/dt; "step": of the state behind a step. */
  of: "flow" | "step";
}

/**
 * The exact Jacobian of a system at a state (D): of the flow, or of a map's step.
 *
 * @throws ShapeError    if the state or the input has another length than it should.
 * @throws NumericError  if a value is NaN or infinite.
 */
export async function jacobian(
  dynamics: Dynamics,
  state: Float64Array,
  options: JacobianOptions = {},
): Promise<Jacobian> {
  const { input, of = dynamics.time === "continuous" ? "flow" : "step" } = options;
  if (of !== "step" && of !== "flow")
    throw new ShapeError(`jacobian: \`of\` is ${JSON.stringify(of)}, expected "flow" or "step".`);
  if (of === "flow" && dynamics.time !== "continuous")
    throw new ShapeError(`jacobian: \`of\` is "flow", expected "step" for a map.`);
  checkArray("jacobian", "state", state, stateSize(dynamics));
  if (input) checkArray("jacobian", "input", input, dynamics.inputs);
  const core = await Core.load();
  try {
    const system = new DynamicalSystem(core, "jacobian", dynamics);
    return {
      size: system.size,
      matrix: linearizeSystem(system, state, input, of === "flow").jacobian,
      of,
    };
  } finally {
    core.release();
  }
}

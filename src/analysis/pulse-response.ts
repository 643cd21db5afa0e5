// What a pulse does to a system: how far it moves it, whether it comes back, and how much of the state before is left.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, Phys. Rev. X 12, 011011 (2022): inputs push a system with an output
//            gate from rest into chaos, and gates reset its memory.
// Deviation  memory is measured as the distance of two trajectories that get the same pulse, relative to that at its onset.

import { Core } from "../core/core.ts";
import { checkArray, type Dynamics, type DynamicsKind, stateSize, stepTime } from "../core/dynamics.ts";
import { ShapeError } from "../core/errors.ts";
import { resolveSteps, simulateDynamics } from "./dynamics-simulation.ts";
import { checkWholeNumber, Drawn, type InitialState, PURPOSE, resolveInitialState } from "./initial-state.ts";
import { distanceOf } from "./state-drift.ts";

export interface PulseOptions {
  /**
   * What is added, as long as the pulse lasts, to the sums of the first layer's units: (N), those that drive h (the candidate's of a
   * GRU or LSTM); or of all gates (G N); or an amplitude: N(0, amplitude²) for each unit (default 1).
   */
  pulse?: number | Float64Array;
  /** Its length in steps (default: time 1, at least one step). */
  pulseSteps?: number;
  /** Steps behind the pulse that are recorded, or `time` in the system's unit; one of them. */
  steps?: number;
  time?: number;
  /** Steps before the pulse (default 1000). */
  transient?: number;
  /** Record every so many steps behind the pulse (default 1). */
  recordEvery?: number;
  /** Two states, (2, D), which are compared for memory; or how they are drawn (default: rms 1). */
  initialState?: InitialState;
  /** Seed of a drawn pulse (default 0). */
  seed?: number;
  signal?: AbortSignal;
}

/** What follows a pulse; of the units h alone. */
export interface PulseResponse {
  /** Times since the end of the pulse, in the system's unit (n). */
  times: Float64Array;
  /** Root mean square, over units, of the difference from the trajectory without the pulse (n). */
  distance: Float64Array;
  /** Root mean square of h after the pulse, and of h without it (n). */
  rms: Float64Array;
  rmsWithout: Float64Array;
  /**
   * Memory of the state before: the distance of two trajectories that got the same pulse, over that at its onset (n). 0 is a reset.
   * NaN if they were the same.
   */
  memory: Float64Array;
  /** The same without a pulse. */
  memoryWithout: Float64Array;
}

// the gate that drives h
const candidate: Record<DynamicsKind, number> = {
  tanh: 0,
  gated: 0,
  gru: 2,
  lstm: 2,
  leaky: 0,
  "leaky-outside": 0,
};

/**
 * Measure the response to a pulse: two trajectories, each with and without it.
 *
 * @throws ShapeError    if an option is out of range.
 * @throws NumericError  if a state becomes infinite.
 * @throws StateError    if the memory cannot hold it.
 */
export async function measurePulseResponse(
  dynamics: Dynamics,
  options: PulseOptions,
): Promise<PulseResponse> {
  const name = "measurePulseResponse";
  const unit = stepTime(dynamics);
  const { transient = 1000, recordEvery = 1, signal } = options;
  const { pulseSteps = Math.max(1, Math.round(1 / unit)) } = options;
  const steps = resolveSteps(name, dynamics, options);
  checkWholeNumber(name, "transient", transient, 0);
  checkWholeNumber(name, "pulseSteps", pulseSteps, 1);
  checkWholeNumber(name, "recordEvery", recordEvery, 1);
  const { states, constant } = await prepare(name, dynamics, options);
  const [first, ...others] = dynamics.layers;
  const pulsed = { ...dynamics, layers: [{ ...first!, constant }, ...others] };
  const run = (system: Dynamics, initialState: Float64Array, count: number, every: number) =>
    collect(system, {
      steps: count,
      trials: 2,
      recordEvery: every,
      initialState,
      ...(signal ? { signal } : {}),
    });
  const onset = transient > 0 ? await run(dynamics, states, transient, transient) : states;
  const after = await run(pulsed, onset, pulseSteps, pulseSteps);
  const without = await run(dynamics, onset, pulseSteps, pulseSteps);
  const D = stateSize(dynamics);
  const N = dynamics.units * dynamics.layers.length;
  return compare(
    await run(dynamics, after, steps, recordEvery),
    await run(dynamics, without, steps, recordEvery),
    onset,
    { D, N, every: recordEvery * unit },
  );
}

// the initial states, and the constants of the first layer during the pulse
async function prepare(
  name: string,
  dynamics: Dynamics,
  { pulse = 1, initialState, seed = 0 }: PulseOptions,
) {
  checkWholeNumber(name, "seed", seed, 0);
  const N = dynamics.units;
  const constant = dynamics.layers[0]!.constant.slice();
  const core = await Core.load();
  try {
    const states = resolveInitialState(core, name, dynamics, 2, initialState);
    if (typeof pulse === "number" && !Number.isFinite(pulse))
      throw new ShapeError(`${name}: \`pulse\` is ${pulse}, expected a finite amplitude.`);
    const added =
      typeof pulse === "number"
        ? core.drawNormal(core.key(seed, PURPOSE, Drawn.pulse), N).map((value) => pulse * value)
        : pulse;
    const whole = added.length === constant.length;
    checkArray(name, "pulse", added, whole ? constant.length : N);
    const from = whole ? 0 : candidate[dynamics.kind] * N;
    added.forEach((value, i) => {
      constant[from + i]! += value;
    });
    return { states, constant };
  } finally {
    core.release();
  }
}

async function collect(
  dynamics: Dynamics,
  options: Parameters<typeof simulateDynamics>[1],
): Promise<Float64Array> {
  const pieces: Float64Array[] = [];
  for await (const { states } of simulateDynamics(dynamics, options)) pieces.push(states);
  const all = new Float64Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

// records (n, 2, D) with and without the pulse, and the two states at its onset
function compare(
  after: Float64Array,
  without: Float64Array,
  onset: Float64Array,
  { D, N, every }: { D: number; N: number; every: number },
): PulseResponse {
  const n = after.length / (2 * D);
  const unitsOf = (all: Float64Array, record: number, trial: number) => {
    const from = (2 * record + trial) * D;
    return all.subarray(from, from + N);
  };
  const zero = new Float64Array(N);
  const apart = distanceOf(unitsOf(onset, 0, 0), unitsOf(onset, 0, 1));
  const each = (compute: (record: number) => number) =>
    Float64Array.from({ length: n }, (_, record) => compute(record));
  const memory = (all: Float64Array) =>
    each((record) => distanceOf(unitsOf(all, record, 0), unitsOf(all, record, 1)) / apart);
  return {
    times: each((record) => (record + 1) * every),
    distance: each((record) => distanceOf(unitsOf(after, record, 0), unitsOf(without, record, 0))),
    rms: each((record) => distanceOf(unitsOf(after, record, 0), zero)),
    rmsWithout: each((record) => distanceOf(unitsOf(without, record, 0), zero)),
    memory: memory(after),
    memoryWithout: memory(without),
  };
}

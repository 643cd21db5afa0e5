// The Lyapunov spectrum of a dynamical system, and what follows from it.
//
// Based on  Benettin, Galgani, Giorgilli and Strelcyn, Meccanica 15, 9 (1980); Kaplan and Yorke, Lecture Notes in Mathematics
//           730, 204 (1979); Engelken, Wolf and Abbott, "Lyapunov spectra of chaotic recurrent neural networks", Phys. Rev.
//           Research 5, 043044 (2023).

import { Core, coreHash } from "../core/core.ts";
import { checkArray, DynamicalSystem, type Dynamics, stateSize, stepTime } from "../core/dynamics.ts";
import { ShapeError, StateError } from "../core/errors.ts";
import { logDeterminant as logDeterminantOf } from "../core/linear-algebra.ts";
import { Determinants, TangentVectors } from "../core/lyapunov.ts";
import { Pace } from "../core/pace.ts";
import { infinite, resolveSteps } from "./dynamics-simulation.ts";
import {
  checkWholeNumber,
  Drawn,
  type InitialState,
  type InputStream,
  Inputs,
  PURPOSE,
  resolveInitialState,
} from "./initial-state.ts";
import {
  blockCount,
  blockError,
  blockMean,
  continueBlock,
  startBlocks,
  stepsLeft,
  stepsOf,
  type TimeBlocks,
} from "./time-blocks.ts";

// of one call of the core, so that signals are seen
const OPERATIONS_AT_ONCE = 2e8;

export interface LyapunovOptions {
  /** Exponents, from the largest (default: all D). */
  count?: number;
  /** Steps that are measured (default 10000), or their `time` in the system's unit; one of them. A multiple of `interval`. */
  steps?: number;
  time?: number;
  /** Steps before, in which state and directions settle (default 1000). A multiple of `interval`. */
  transient?: number;
  /** Steps from one orthonormalisation to the next (default 1). Too many, and small exponents drown in the largest one's rounding. */
  interval?: number;
  /** Inputs of every step, (n, I), the transient's included, which come first. Default: none. */
  input?: InputStream;
  /** One state. Default: drawn with rms 1. */
  initialState?: InitialState;
  /** Seed of the first directions (default 0). */
  seed?: number;
  /**
   * Largest difference of an exponent between the two halves of the time that counts as converged, in units of the larger of 1
   * and |λ| (default 0.02).
   */
  tolerance?: number;
  /**
   * Whether ln |det| of the step's Jacobian is averaged, for the sum rule, by a decomposition of its own in each step (default
   * false): it takes as long as a full spectrum. The map of tanh units with δ = 1 has it from a formula, always.
   */
  logDeterminant?: boolean;
  /** Where an earlier measurement of the same system ended: `steps` then counts the steps of both, and the transient is over. */
  resume?: LyapunovState;
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; steps: number }) => void;
}

/** A measurement that can go on: plain data. */
export interface LyapunovState {
  /** SHA-256 of the core that made it; another one would not give the same bits. */
  core: string;
  count: number;
  interval: number;
  transient: number;
  logDeterminant: boolean;
  trajectory: Float64Array;
  tangents: Float64Array;
  blocks: TimeBlocks;
}

/** A Lyapunov spectrum. Per unit of time of a flow, per step of a map. */
export interface LyapunovSpectrum {
  /** λ_i in the order of the directions: descending, but for their errors. -Infinity where a direction is lost in one step. */
  exponents: Float64Array;
  /** Standard error of each, from the scatter between at least 16 blocks of time; NaN of fewer than two blocks. */
  errors: Float64Array;
  /** λ_i of the second half of the time minus that of the first. */
  drift: Float64Array;
  /** Whether all |drift| are within the tolerance. */
  converged: boolean;
  /** Estimates as time goes on: times since the transient (n), and λ_i up to each of them (n, count). */
  running: { times: Float64Array; exponents: Float64Array };
  /** Σ λ_i. */
  sum: number;
  /** The mean of ln |det| of the step's Jacobian per unit of time, which a full spectrum's sum equals; see the option. */
  logDeterminant?: number;
  /** Of a flow: the mean divergence of its field, which a full spectrum's sum equals as dt goes to 0. */
  divergence?: number;
  /**
   * Kaplan–Yorke dimension k + Σ_{i≤k} λ_i / |λ_{k+1}|, k the most exponents with a sum of at least 0: 0 if all are negative,
   * D if their sum is not; missing if more exponents were needed.
   */
  dimension?: number;
  /** Σ of the positive exponents, in nats: the entropy rate, if the state is natural; a lower bound if all `count` are positive. */
  entropy: number;
  /** Positive exponents, of D. */
  positiveFraction: number;
  /** Steps measured, and their time. */
  steps: number;
  time: number;
  /** To go on with. */
  state: LyapunovState;
}

/**
 * Measure the Lyapunov spectrum: tangents follow the exact derivative of each step. Time: one product of `count` rows with the
 * weights per step (four with RK4), and a QR decomposition of (count, D).
 *
 * @throws ShapeError    if an option is out of range.
 * @throws NumericError  if a state becomes infinite; it names the step.
 * @throws StateError    if the memory cannot hold it, or `resume` comes from another core or other settings.
 */
export async function measureLyapunovSpectrum(
  dynamics: Dynamics,
  options: LyapunovOptions = {},
): Promise<LyapunovSpectrum> {
  const name = "measureLyapunovSpectrum";
  const { signal, onProgress, resume } = options;
  const settings = resolveSettings(name, dynamics, options);
  const { steps, count, interval, transient, logDeterminant } = settings;
  const core = await Core.load();
  try {
    const system = new DynamicalSystem(core, name, dynamics);
    const slopes = dynamics.kind === "tanh" && dynamics.time === "steps" && dynamics.dt === 1;
    const determinant = slopes ? "slopes" : logDeterminant ? "decomposed" : "none";
    const tangents = new TangentVectors(system, count, interval, Determinants[determinant]);
    const blocks = begin(core, name, dynamics, tangents, options, settings);
    const operations = operationsOf(system, count, logDeterminant && !slopes);
    const most = interval * Math.max(1, Math.floor(OPERATIONS_AT_ONCE / (operations * interval)));
    const inputs = new Inputs(core, dynamics, options.input, 1, Math.min(most, transient + steps));
    const pace = new Pace(signal);
    const total = transient + steps;
    for (let done = resume ? transient + stepsOf(blocks) : 0; done < total; ) {
      const measured = done >= transient;
      const left = measured ? Math.min(stepsLeft(blocks), total - done) : transient - done;
      const piece = Math.min(most, left);
      if (measured) tangents.sums.set(blocks.open);
      const finite = tangents.follow(inputs.of(done, piece), piece);
      if (finite < piece) throw infinite(name, done + finite);
      if (measured) continueBlock(blocks, tangents.sums, piece);
      done += piece;
      await pace.after(operations * piece);
      onProgress?.({ done, steps: total });
    }
    const state: LyapunovState = {
      core: coreHash,
      count,
      interval,
      transient,
      logDeterminant,
      trajectory: tangents.state.slice(),
      tangents: tangents.vectors.slice(),
      blocks,
    };
    // the slopes' part is added up, the weights' part is the same in each step
    const volume = slopes ? logDeterminantOf(core, dynamics.layers[0]!.recurrent, dynamics.units) : 0;
    return summarize(dynamics, state, settings.tolerance, determinant !== "none", volume);
  } finally {
    core.release();
  }
}

type Settings = Required<
  Pick<LyapunovOptions, "steps" | "count" | "interval" | "transient" | "logDeterminant" | "tolerance">
>;

function resolveSettings(name: string, dynamics: Dynamics, options: LyapunovOptions): Settings {
  const { resume } = options;
  const D = stateSize(dynamics);
  const { count = resume?.count ?? D, interval = resume?.interval ?? 1, tolerance = 0.02 } = options;
  const { transient = resume?.transient ?? 1000, logDeterminant = resume?.logDeterminant ?? false } = options;
  const steps = resolveSteps(name, dynamics, options, 10_000);
  checkWholeNumber(name, "count", count, 1);
  checkWholeNumber(name, "interval", interval, 1);
  checkWholeNumber(name, "transient", transient, 0);
  if (count > D)
    throw new ShapeError(`${name}: \`count\` is ${count}, expected at most ${D}, the variables.`);
  if (!(tolerance > 0)) throw new ShapeError(`${name}: \`tolerance\` is ${tolerance}, expected more than 0.`);
  for (const [field, value] of Object.entries({ steps, transient })) {
    if (value % interval !== 0)
      throw new ShapeError(
        `${name}: \`${field}\` is ${value}, expected a multiple of \`interval\`, ${interval}.`,
      );
  }
  const settings = { steps, count, interval, transient, logDeterminant, tolerance };
  if (resume) checkResume(name, resume, settings, D);
  return settings;
}

function checkResume(name: string, resume: LyapunovState, settings: Settings, D: number): void {
  if (resume.core !== coreHash)
    throw new StateError(
      `${name}: \`resume\` was made by core ${resume.core}, expected ${coreHash}. Use the same version of tauscope.`,
    );
  for (const field of ["count", "interval", "transient", "logDeterminant"] as const) {
    if (resume[field] !== settings[field])
      throw new StateError(
        `${name}: \`resume\` has ${field} ${resume[field]}, but ${settings[field]} was asked for.`,
      );
  }
  checkArray(name, "resume.trajectory", resume.trajectory, D);
  checkArray(name, "resume.tangents", resume.tangents, resume.count * D);
  const { open, full, width } = resume.blocks;
  // sums may be -Infinity
  if (width !== resume.count + 2 || open.length !== width || full.length % width !== 0)
    throw new StateError(`${name}: \`resume.blocks\` does not fit ${resume.count} exponents.`);
  const done = stepsOf(resume.blocks);
  if (done > settings.steps)
    throw new StateError(
      `${name}: \`resume\` has ${done} steps already, but ${settings.steps} were asked for.`,
    );
}

// state, tangents and blocks before the first step, or where an earlier measurement ended
function begin(
  core: Core,
  name: string,
  dynamics: Dynamics,
  tangents: TangentVectors,
  { resume, initialState, seed = 0 }: LyapunovOptions,
  { count, interval }: Settings,
): TimeBlocks {
  if (resume) {
    tangents.state.set(resume.trajectory);
    tangents.vectors.set(resume.tangents);
    const { full, open } = resume.blocks;
    return { ...resume.blocks, full: full.slice(), open: open.slice() };
  }
  checkWholeNumber(name, "seed", seed, 0);
  // drawn first, since memory that grows takes views with it
  const state = resolveInitialState(core, name, dynamics, 1, initialState);
  tangents.state.set(state);
  tangents.draw(core.key(seed, PURPOSE, Drawn.tangents));
  return startBlocks(count + 2, interval);
}

function operationsOf(system: DynamicalSystem, count: number, decomposes: boolean): number {
  const D = system.size;
  const full = D * system.operations + 3 * D * D * D;
  return (count + 1) * system.operations + 4 * count * count * D + (decomposes ? full : 0);
}

function summarize(
  dynamics: Dynamics,
  state: LyapunovState,
  tolerance: number,
  determinant: boolean,
  volume: number,
): LyapunovSpectrum {
  const { blocks, count } = state;
  const unit = stepTime(dynamics);
  const n = blockCount(blocks);
  const half = Math.floor(n / 2);
  const perTime = (compute: (i: number) => number) =>
    Float64Array.from({ length: count }, (_, i) => compute(i) / unit);
  const exponents = perTime((i) => blockMean(blocks, i, 0, n, true));
  const drift = perTime((i) => {
    const change = blockMean(blocks, i, n - half, n) - blockMean(blocks, i, 0, half);
    // both -Infinity
    return Number.isFinite(exponents[i]!) ? change : 0;
  });
  const within = (change: number, i: number) =>
    Math.abs(change) <= tolerance * Math.max(1, Number.isFinite(exponents[i]!) ? Math.abs(exponents[i]!) : 1);
  const D = stateSize(dynamics);
  const dimension = kaplanYorkeDimension(exponents, D);
  const positive = exponents.filter((value) => value > 0);
  const steps = stepsOf(blocks);
  return {
    exponents,
    errors: perTime((i) => blockError(blocks, i)),
    drift,
    converged: half > 0 && drift.every(within),
    running: runningEstimates(blocks, count, unit),
    sum: sumOf(exponents),
    ...(determinant ? { logDeterminant: (blockMean(blocks, count, 0, n, true) + volume) / unit } : {}),
    ...(dynamics.time === "continuous" ? { divergence: blockMean(blocks, count + 1, 0, n, true) } : {}),
    ...(dimension === undefined ? {} : { dimension }),
    entropy: sumOf(positive),
    positiveFraction: positive.length / D,
    steps,
    time: steps * unit,
    state,
  };
}

function runningEstimates(blocks: TimeBlocks, count: number, unit: number) {
  const { full, width, length } = blocks;
  const n = blockCount(blocks);
  const times = Float64Array.from({ length: n }, (_, block) => (block + 1) * length * unit);
  const exponents = new Float64Array(n * count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let block = 0; block < n; block++) {
      sum += full[block * width + i]!;
      exponents[block * count + i] = sum / times[block]!;
    }
  }
  return { times, exponents };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * Kaplan–Yorke dimension of `exponents`, the largest of D: k + Σ_{i≤k} λ_i / |λ_{k+1}|, where k is the most of them, from the
 * largest, whose sum is at least 0. 0 if all are negative; D if all D have a sum of at least 0; undefined if fewer than D are given
 * and their sum is at least 0.
 */
export function kaplanYorkeDimension(exponents: Float64Array, D: number): number | undefined {
  const sorted = exponents.slice().sort().reverse();
  let sum = 0;
  for (let k = 0; k < sorted.length; k++) {
    const next = sorted[k]!;
    if (sum + next < 0) return k + sum / Math.abs(next);
    sum += next;
  }
  return sorted.length === D ? D : undefined;
}

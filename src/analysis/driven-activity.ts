// A network that random bits drive, and those who observe its activity: one simulation serves any number of measures.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code comp_acs and comp_pca: bits are 1 with probability p ~ U(0, 1),
//            a p for each trial, and what is measured begins behind a burn-in.
// Deviation  observers see every piece of the simulation, and no trial is stored.

import { allUnits, type Network, parameterCount } from "../cells/network.ts";
import { checkStepsPerBit, MOST_STEPS_PER_BIT } from "../cells/steps-per-bit.ts";
import { type BitsName, bitsNames } from "../core/batch-kinds.ts";
import type { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { Pace } from "../core/pace.ts";
import { Plan } from "../core/plan.ts";
import { requireCells } from "./simulation.ts";

// the first part of every key, behind the purposes of training/draw.ts; then what is drawn
const PURPOSE = 4;
const Draw = { bits: 0, bias: 1, state: 2 } as const;

// scale of the initial state, as in training
const INITIAL_STATE = 0.1;

// steps whose bits share a key, and which are simulated at once: whole bits, at least one
const PIECE = 256;

/** Most steps that observers see at once. */
export const LARGEST_PIECE = Math.max(PIECE, MOST_STEPS_PER_BIT);

export interface DriveOptions {
  /** Which states are measured: hidden states h, or an LSTM's cell states c (default "hidden"). */
  states?: "hidden" | "cell";
  /** Steps T that are measured, behind the burn-in (default 100500, of cell states 50500, as in the source). */
  steps?: number;
  /** Trials B, each with its own bias of the binary bits, p ~ U(0, 1) (default 10). */
  trials?: number;
  /**
   * Steps per bit k (default 1): each bit is held for k steps, and time constants, which count bits, are max(τ k, 1) steps. All
   * options and results that are in steps, lags among them, stay so: a bit is k of them.
   */
  stepsPerBit?: number;
  /** Steps before the measurement, so that the initial state is forgotten (default 500). */
  burnIn?: number;
  /** What bits are: "binary" (0 and 1, default), or "bipolar" (-1 and 1 with p = 0.5), for networks trained on those. */
  bits?: BitsName;
  /** Seed of bits, biases and initial states (default 0). */
  seed?: number;
  signal?: AbortSignal;
  /** Called about once in 256 steps. */
  onProgress?: (progress: DriveProgress) => void;
}

export interface DriveProgress {
  /** Steps simulated, burn-in included. */
  done: number;
  /** Of so many. */
  steps: number;
}

/** What the activity follows from, besides the network. */
export type Drive = Required<Omit<DriveOptions, "signal" | "onProgress">>;

/** Some of the trials: `low` … `high` - 1. What is measured of a trial does not depend on which others are simulated. */
export interface TrialRange {
  low: number;
  high: number;
}

/** One who takes part in a simulation. */
export interface Observer {
  /** What it sees: hidden states, cell states or forget gates. */
  readonly sees: "hidden" | "cell" | "forget";
  /** Floating-point operations of a step, about. */
  readonly operations: number;
  /** See those of the next steps, (n, trials, layers H): a view of the core's memory, which must not grow here. */
  add(states: Float32Array): void;
}

/**
 * The drive that options ask for; errors begin with `name`.
 *
 * @throws ShapeError if an option is out of range, the network has not one input, or a cell without time constants is to have
 *                    more than one step per bit.
 */
export function resolveDrive(name: string, network: Network, options: DriveOptions): Drive {
  const { shape, parameters } = network;
  const {
    states = "hidden",
    trials = 10,
    stepsPerBit = 1,
    burnIn = 500,
    bits = "binary",
    seed = 0,
  } = options;
  const { steps = states === "cell" ? 50_500 : 100_500 } = options;
  if (states !== "hidden" && states !== "cell")
    throw new ShapeError(`${name}: \`states\` is ${JSON.stringify(states)}, expected "hidden" or "cell".`);
  if (states === "cell") requireCells(name, network);
  checkWhole(name, "steps", steps, 1);
  checkWhole(name, "trials", trials, 1);
  checkStepsPerBit(name, stepsPerBit, shape.cell);
  checkWhole(name, "burnIn", burnIn, 0);
  checkWhole(name, "seed", seed, 0, Number.MAX_SAFE_INTEGER);
  if (shape.inputs !== 1) {
    throw new ShapeError(`${name}: the network has ${shape.inputs} inputs, expected one, for the bits.`);
  }
  if (parameters.length !== parameterCount(shape)) {
    throw new ShapeError(
      `${name}: \`parameters\` has ${parameters.length} elements, expected ${parameterCount(shape)}.`,
    );
  }
  if (!bitsNames.includes(bits)) {
    throw new ShapeError(`${name}: \`bits\` is ${bits}, expected one of ${bitsNames.join(", ")}.`);
  }
  return { states, steps, trials, stepsPerBit, burnIn, bits, seed };
}

/** @throws ShapeError if `value` is no whole number from `low` to `high`. */
export function checkWhole(
  name: string,
  field: string,
  value: number,
  low: number,
  high = 2 ** 31 - 1,
): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new ShapeError(`${name}: \`${field}\` is ${value}, expected a whole number from ${low} to ${high}.`);
}

/**
 * Simulate some trials; the observers, which are made before, see all states behind the burn-in.
 *
 * @throws the signal's reason if it has been aborted.
 */
export async function driveNetwork(
  core: Core,
  { shape, parameters }: Network,
  { steps, trials, stepsPerBit, burnIn, bits, seed }: Drive,
  { low, high }: TrialRange,
  observers: readonly Observer[],
  { signal, onProgress }: DriveOptions,
): Promise<void> {
  const key = core.key(seed, PURPOSE);
  const piece = Math.max(1, Math.floor(PIECE / stepsPerBit)) * stepsPerBit;
  const batch = { batch: trials, steps: piece, labelRows: 1 };
  const cells = observers.some(({ sees }) => sees !== "hidden");
  const plan = new Plan(core, shape, batch, cells ? "recording-cells" : "recording");
  plan.parameters.set(parameters);
  plan.stepsPerBit = stepsPerBit;
  plan.drawState(core.fold(key, Draw.state), INITIAL_STATE);
  plan.prepareRecording();
  const pace = new Pace(signal);
  const operations = observers.reduce((sum, observer) => sum + observer.operations, 0);
  const all = burnIn + steps;
  for (let first = 0; first < all; first += piece) {
    const count = Math.min(piece, all - first);
    const bitsKey = core.fold(key, Draw.bits, first / piece);
    const held = Math.ceil(count / stepsPerBit);
    if (bits === "bipolar") plan.drawBits(bitsKey, 0.5, bits, held);
    else plan.drawBiasedBits(bitsKey, core.fold(key, Draw.bias), held);
    plan.holdInputs(held, stepsPerBit);
    const skipped = Math.min(count, Math.max(0, burnIn - first));
    const hidden = plan.record(count, low, high);
    for (const observer of observers) {
      const { sees } = observer;
      const seen = sees === "hidden" ? hidden : sees === "cell" ? plan.cellStates : plan.forgetGates;
      observer.add(seen.subarray(skipped * (high - low) * allUnits(shape)));
    }
    onProgress?.({ done: first + count, steps: all });
    await pace.after(plan.forwardOperations(count) + operations * count);
  }
}

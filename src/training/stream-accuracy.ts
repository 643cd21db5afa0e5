// Accuracy of a network that answers at every bit of a stream, as it is measured after ablation and perturbation.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code calculate_accuracy: 1000 steps behind 100 steps of warm-up,
//            p = 0.5.
// Deviation  the repeats of all N share their bits, and networks measured with the same seed too. Steps are bits: in continuous
//            time the answer is read in the last step of each.

import { allUnits, type Network, networkTensors } from "../cells/network.ts";
import { checkStepsPerBit, largestStepsPerBit } from "../cells/steps-per-bit.ts";
import { Core } from "../core/core.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import { Pace } from "../core/pace.ts";
import { Plan } from "../core/plan.ts";
import { type Task, tasks } from "../tasks/task.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { Draw } from "./draw.ts";
import { checkNetwork, headFor } from "./evaluation.ts";
import { LARGEST_N } from "./settings.ts";

// steps that are simulated at once, whole bits, which share a key; at least one bit
const PIECE = 256;

export interface StreamAccuracyOptions {
  /** Memory lengths to measure. */
  N: readonly number[];
  /** Bits T that are answered (default 1000). */
  steps?: number;
  /** Bits before, without answers (default 100): at least one less than the largest N. */
  warmUp?: number;
  /** Streams B, each with bits and an initial state of its own (default 10). */
  repeats?: number;
  /** Probability that a bit is 1 (default 0.5). */
  bias?: number;
  /** Steps per bit k, for networks in continuous time (default: the largest that the network was trained with). */
  stepsPerBit?: number;
  /** Seed of bits and initial states (default 0). */
  seed?: number;
  signal?: AbortSignal;
}

/** Accuracy on each N. */
export interface StreamAccuracy {
  /** Fraction of right answers over all bits and repeats, by N. */
  accuracy: Record<string, number>;
  /** That of each repeat, by N. */
  repeats: Record<string, number[]>;
}

/**
 * Measure a network's accuracy while it answers at every bit.
 *
 * The answer is the class of the largest logit, the first of equal ones; logits are sums in f64 over the units in order.
 *
 * @throws ShapeError    if an N is below 2 or no head answers it, another number is out of range, a cell without time constants is to
 *                       have more than one step per bit, or the task has no answer at every bit.
 * @throws NumericError  if an output of the network is NaN or infinite.
 * @throws the signal's reason if it has been aborted.
 */
export async function measureStreamAccuracy(
  checkpoint: Pick<Checkpoint, "network" | "purpose">,
  options: StreamAccuracyOptions,
): Promise<StreamAccuracy> {
  const { network, purpose } = checkpoint;
  checkNetwork(NAME, network, purpose);
  const settings = resolve(checkpoint, options);
  const { N, steps, repeats } = settings;
  const heads = N.map((n) => headFor(NAME, n, network, purpose));
  const core = await Core.load();
  try {
    const correct = await countCorrect(core, checkpoint, heads, settings, new Pace(options.signal));
    const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);
    return {
      accuracy: Object.fromEntries(N.map((n, l) => [n, total(correct[l]!) / (steps * repeats)])),
      repeats: Object.fromEntries(N.map((n, l) => [n, correct[l]!.map((count) => count / steps)])),
    };
  } finally {
    core.release();
  }
}

// right answers to each N in each repeat
async function countCorrect(
  core: Core,
  { network, purpose }: Pick<Checkpoint, "network" | "purpose">,
  heads: readonly number[],
  { N, steps, warmUp, repeats, bias, stepsPerBit: k, seed, label }: Settings,
  pace: Pace,
): Promise<number[][]> {
  const piece = Math.max(1, Math.floor(PIECE / k));
  const batch = { batch: repeats, steps: piece * k, labelRows: 1 };
  const plan = new Plan(core, network.shape, batch, "recording");
  plan.parameters.set(network.parameters);
  plan.stepsPerBit = k;
  const key = core.key(seed, Draw.stream);
  plan.drawState(core.fold(key, 1), purpose.initialState);
  plan.prepareRecording();
  const answer = answersOf(network);
  const correct = N.map(() => new Array<number>(repeats).fill(0));
  const all = warmUp + steps;
  // 1, or 0 or -1 for the other
  const bits = new Int8Array(all * repeats);
  for (let first = 0; first < all; first += piece) {
    const count = Math.min(piece, all - first);
    plan.drawBits(core.fold(key, 0, first / piece), bias, purpose.bits, count);
    bits.set(plan.inputs.subarray(0, count * repeats), first * repeats);
    plan.holdInputs(count, k);
    const states = plan.record(count * k);
    for (let t = Math.max(0, warmUp - first); t < count; t++) {
      for (let b = 0; b < repeats; b++) {
        const row = (t * k + k - 1) * repeats + b;
        const bit = (n: number) => bits[(first + t - n) * repeats + b]!;
        for (const [l, n] of N.entries()) {
          if (answer(heads[l]!, states, row) === label(bit, n)) correct[l]![b]!++;
        }
      }
    }
    await pace.after(plan.forwardOperations(count * k));
  }
  return correct;
}

type Settings = Required<Omit<StreamAccuracyOptions, "signal">> & { label: NonNullable<Task["label"]> };

const NAME = "measureStreamAccuracy";

function resolve(
  { network, purpose }: Pick<Checkpoint, "network" | "purpose">,
  options: StreamAccuracyOptions,
): Settings {
  const { N, steps = 1000, warmUp = 100, repeats = 10, bias = 0.5, seed = 0 } = options;
  const { stepsPerBit = largestStepsPerBit(purpose.stepsPerBit) } = options;
  const { label } = tasks[purpose.task] as Task;
  if (!label) {
    throw new ShapeError(
      `${NAME}: the task is ${purpose.task}, expected one of bits, which has an answer at every step.`,
    );
  }
  const check = (field: string, value: number, least: number, most = 2 ** 31 - 1) => {
    if (Number.isSafeInteger(value) && value >= least && value <= most) return;
    throw new ShapeError(
      `${NAME}: \`${field}\` is ${value}, expected a whole number from ${least} to ${most}.`,
    );
  };
  if (N.length === 0) throw new ShapeError(`${NAME}: \`N\` is empty, expected at least one memory length.`);
  for (const n of N) check("N", n, 2, LARGEST_N);
  check("steps", steps, 1);
  check("warmUp", warmUp, 0);
  check("repeats", repeats, 1);
  check("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  checkStepsPerBit(NAME, stepsPerBit, network.shape.cell);
  const longest = Math.max(...N);
  if (warmUp < longest - 1) {
    throw new ShapeError(
      `${NAME}: \`warmUp\` is ${warmUp}, expected at least ${longest - 1}: the answer to N = ${longest} reads so many earlier bits.`,
    );
  }
  if (!(bias >= 0 && bias <= 1)) {
    throw new ShapeError(`${NAME}: \`bias\` is ${bias}, expected a probability from 0 to 1.`);
  }
  return { N, steps, warmUp, repeats, bias, stepsPerBit, seed, label };
}

// the class that a head answers for row `row` of states (n, layers H), of which it reads those of the last layer
function answersOf({ shape, parameters }: Network) {
  const { units: H, classes: C } = shape;
  const width = allUnits(shape);
  const tensors = networkTensors(shape, parameters);
  const weight = tensors.get("readout.weight")!.data;
  const bias = tensors.get("readout.bias")!.data;
  return (head: number, states: Float32Array, row: number): number => {
    const last = (row + 1) * width - H;
    let best = 0;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = head * C; c < (head + 1) * C; c++) {
      let logit = 0;
      for (let i = 0; i < H; i++) logit += weight[c * H + i]! * states[last + i]!;
      logit += bias[c]!;
      if (!Number.isFinite(logit)) {
        throw new NumericError(
          `${NAME}: an output of the network is NaN or infinite, expected finite values.`,
        );
      }
      if (logit > largest) {
        best = c - head * C;
        largest = logit;
      }
    }
    return best;
  };
}

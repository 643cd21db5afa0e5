// Settings of a training run: their meaning, defaults and limits, and the presets.
//
// Defaults are those of Khajehabdollahi et al., ICLR 2024.

import * as z from "zod/mini";
import { type ActivationName, activationNames, type CellName, cellNames } from "../cells/network.ts";
import { findTimeConflict, largestStepsPerBit, MOST_STEPS_PER_BIT } from "../cells/steps-per-bit.ts";
import { type BitsName, bitsNames, type LabelSteps, labelSteps } from "../core/batch-kinds.ts";
import { ShapeError } from "../core/errors.ts";
import { cellKind, findLayersConflict, MOST_LAYERS } from "../core/network-shape.ts";
import { type OptimizerName, optimizerNames } from "../core/plan.ts";
import { list, oneOrMore, parse } from "../core/schema.ts";
import {
  type CurriculumName,
  curriculumNames,
  type SolvedRule,
  solvedRules,
} from "../curricula/curriculum.ts";
import { type TaskName, taskNames, tasks } from "../tasks/task.ts";

/** Everything that determines the result of a training run. */
export interface TrainingSettings {
  /** Task to train: "parity" (N-parity), "dms" (N-delayed match to sample) or "smnist" (sequential MNIST). Default "parity". */
  task: TaskName;
  /**
   * What bits are: "binary" (0 and 1; parity gives every sequence its own p ~ U(0, 1), dms has p = 0.5) or "bipolar" (-1 and
   * 1 with p = 0.5, as the source has them for its LSTM). Default "binary". Without effect on smnist.
   */
  bits: BitsName;
  /**
   * Which steps have labels: the "last" one (default), or "every" one from the N-th on, which parity and dms can have. The
   * loss is then the mean over these steps, and accuracies are of the answers at all of them.
   */
  labels: LabelSteps;
  /**
   * Order of memory lengths N: "multi" (all N so far, a head for each), "single" (one N at a time, one head),
   * "sliding" (a window of N) or "none" (startN only). Default "multi".
   */
  curriculum: CurriculumName;
  /** First N, at least 2 (default 2). With curriculum "none" the only N. */
  startN: number;
  /** Largest N (default 101, 100 heads as in the source). Training ends once it is solved; memory is reserved for its sequences. */
  maxN: number;
  /** Curriculum "sliding": number of N trained at once (default 10). */
  window: number;
  /** Curriculum "sliding": number of N dropped when the window is solved (default 5). */
  forget: number;
  /**
   * Accuracy that must be exceeded for N to count as solved (default 0.98). A list has one for N = 2, 3, … and its last for
   * all larger N.
   */
  solvedAt: number | readonly number[];
  /** Which must exceed it: "mean-and-newest" (mean over all N, and newest N; default), "newest", or "every" N. */
  solvedRule: SolvedRule;
  /** "leaky" (the leak inside the non-linearity), "leaky-outside", "gru" or "lstm" (as in PyTorch). Default "leaky". */
  cell: CellName;
  /** Non-linearity of leaky cells: "leaky-relu" (slope 0.01), "relu", "tanh" or "sigmoid". Default "leaky-relu". Without effect on "gru" and "lstm". */
  activation: ActivationName;
  /** Hidden units (default 500), of each layer. Time per step grows with its square. */
  units: number;
  /**
   * Layers of leaky units (default 1, at most 100). A layer above another takes the new states of that one as its inputs, and
   * the heads read the last. Time per step is that of one layer times 2 · layers − 1.
   */
  layers: number;
  /** Initial time constants of leaky cells, in bits, uniform from `tauLow` (default 1) … */
  tauLow: number;
  /** … to `tauHigh` (default 2). Set both to one value to start from, or with `trainTau` false to fix, that value. */
  tauHigh: number;
  /** Train the time constants (default true). If false they keep their initial values exactly. */
  trainTau: boolean;
  /**
   * Continuous time: steps k that each bit is held for, 1 to 1000, where time constants, which count bits, are max(τ k, 1)
   * steps. Update i, from 0, takes entry i modulo the list's length, and so do the batches of an evaluation; the bits that are
   * drawn do not depend on it. Default [1], a step per bit; the source takes [7, 8, 9, 10] or [10] with cell "leaky-outside".
   * Time per update grows with k, memory with the largest one. Leaky cells only.
   */
  stepsPerBit: readonly number[];
  /**
   * Gains g of the initial recurrent weights, one for each gate in the cell's order (one for a leaky cell; r, z, n for "gru";
   * i, f, g, o for "lstm"): normal with variance g² / units, as in the theory of random networks, whose phase diagrams say
   * where a gain leads. Default []: uniform on ±1 / √units as in PyTorch, which has the variance of g = 0.58. In each layer.
   */
  initialGain: readonly number[];
  /**
   * Initial biases, one for each gate in that order, of all its units: beside the recurrent weights, where those beside the
   * input weights begin at 0. Default []: drawn as in PyTorch.
   */
  initialBias: readonly number[];
  /** Initial states are uniform on 0 … `initialState` (default 0.1), drawn afresh for each sequence. */
  initialState: number;
  /** Sequences per batch (default 256). */
  batch: number;
  /** Updates per epoch (default 600). */
  updates: number;
  /** Batches per evaluation, at the end of every epoch (default 50). */
  testBatches: number;
  /** Most epochs (default 1000). */
  epochs: number;
  /** "sgd" (with Nesterov momentum) or "adam". Default "sgd". */
  optimizer: OptimizerName;
  /** Learning rate (default 0.05; for Adam 0.001 is usual). */
  learningRate: number;
  /**
   * What the learning rate is multiplied with behind every epoch whose newest N is at least `decayFromN` (default 1: it stays
   * as it is).
   */
  learningRateDecay: number;
  /** Smallest newest N of an epoch behind which the learning rate falls (default 2: every epoch). */
  decayFromN: number;
  /** SGD: Nesterov momentum (default 0.1). */
  momentum: number;
  /** Adam: decay of the first moment (default 0.9). */
  beta1: number;
  /** Adam: decay of the second moment (default 0.999). */
  beta2: number;
  /** Adam: added to the denominator, from 1e-30 to 1 (default 1e-8). */
  epsilon: number;
  /** Largest norm of the gradient; longer ones are scaled down to it (default 2). */
  clipNorm: number;
  /** Seed of all random draws, a whole number from 0 to 2^53 - 1 (default 0). */
  seed: number;
}

const whole = (least: number, most = 2 ** 31 - 1) => z.int().check(z.gte(least), z.lte(most));
const fraction = z.number().check(z.gte(0), z.lt(1));
const positive = z.number().check(z.gt(0));

/** The largest memory length: a sequence of it has a few million steps. */
export const LARGEST_N = 1_000_000;

// within these limits no single update, and no drawn value, leaves the range of f32: what overflows is the next loss or
// gradient, which is refused before it changes anything
const LARGEST_LEARNING_RATE = 1e6;
const LARGEST_CLIP_NORM = 1e12;
const SMALLEST_EPSILON = 1e-30;
const LARGEST_INITIAL_VALUE = 1e30;

/** @internal The schema of lists of k. */
export const stepsPerBitSchema: z.ZodMiniType<readonly number[]> = list(whole(1, MOST_STEPS_PER_BIT), 1);

// one value for each gate, or none
const gateValues = (least: number): z.ZodMiniType<readonly number[]> =>
  list(z.number().check(z.gte(least), z.lte(LARGEST_INITIAL_VALUE)));

/** @internal The settings' schema: types, limits and defaults. Unknown keys are errors. */
export const settingsSchema = z.strictObject({
  task: z._default(z.enum(taskNames), "parity"),
  bits: z._default(z.enum(bitsNames), "binary"),
  labels: z._default(z.enum(labelSteps), "last"),
  curriculum: z._default(z.enum(curriculumNames), "multi"),
  startN: z._default(whole(2, LARGEST_N), 2),
  maxN: z._default(whole(2, LARGEST_N), 101),
  window: z._default(whole(1), 10),
  forget: z._default(whole(1), 5),
  solvedAt: z._default(oneOrMore(z.number().check(z.gte(0), z.lte(1))), 0.98),
  solvedRule: z._default(z.enum(solvedRules), "mean-and-newest"),
  cell: z._default(z.enum(cellNames), "leaky"),
  activation: z._default(z.enum(activationNames), "leaky-relu"),
  units: z._default(whole(1), 500),
  layers: z._default(whole(1, MOST_LAYERS), 1),
  tauLow: z._default(positive.check(z.lte(LARGEST_INITIAL_VALUE)), 1),
  tauHigh: z._default(positive.check(z.lte(LARGEST_INITIAL_VALUE)), 2),
  trainTau: z._default(z.boolean(), true),
  stepsPerBit: z._default(stepsPerBitSchema, [1]),
  initialGain: z._default(gateValues(0), []),
  initialBias: z._default(gateValues(-LARGEST_INITIAL_VALUE), []),
  initialState: z._default(z.number().check(z.gte(0), z.lte(LARGEST_INITIAL_VALUE)), 0.1),
  batch: z._default(whole(1), 256),
  updates: z._default(whole(1), 600),
  testBatches: z._default(whole(1), 50),
  epochs: z._default(whole(1), 1000),
  optimizer: z._default(z.enum(optimizerNames), "sgd"),
  learningRate: z._default(positive.check(z.lte(LARGEST_LEARNING_RATE)), 0.05),
  learningRateDecay: z._default(positive.check(z.lte(1)), 1),
  decayFromN: z._default(whole(2, LARGEST_N), 2),
  momentum: z._default(fraction, 0.1),
  beta1: z._default(fraction, 0.9),
  beta2: z._default(fraction, 0.999),
  epsilon: z._default(z.number().check(z.gte(SMALLEST_EPSILON), z.lte(1)), 1e-8),
  clipNorm: z._default(positive.check(z.lte(LARGEST_CLIP_NORM)), 2),
  seed: z._default(z.int().check(z.gte(0)), 0),
}) satisfies z.ZodMiniType<TrainingSettings>;

/**
 * Sets of settings by name: "paper" as published, "laptop" for results in seconds to minutes, "smnist" for sequential MNIST as
 * in the released code, up to N = 25, where images have their own 28 × 28 pixels.
 */
export const presets = {
  paper: {},
  laptop: { units: 128, batch: 64, updates: 100, epochs: 60, maxN: 41 },
  smnist: {
    task: "smnist",
    curriculum: "single",
    maxN: 25,
    solvedAt: [0.4, 0.45, 0.5, 0.65, 0.7, 0.75, 0.85, 0.9],
    learningRateDecay: 0.8,
    decayFromN: 3,
    momentum: 0.9,
  },
} as const satisfies Record<string, Partial<TrainingSettings>>;

export type PresetName = keyof typeof presets;

/**
 * Fill in defaults and check everything.
 *
 * @param where  What the settings came from, for error messages.
 * @throws ShapeError that names every wrong field, what was expected and what was got.
 */
export function resolveSettings(
  settings: Partial<TrainingSettings> = {},
  where = "settings",
): TrainingSettings {
  const resolved = parse(settingsSchema, settings, where);
  const conflict = findConflict(resolved);
  if (conflict) throw new ShapeError(`${where}: ${conflict}.`);
  // whoever gave the list may do with it as they like
  const { stepsPerBit, initialGain, initialBias } = resolved;
  return {
    ...resolved,
    stepsPerBit: [...stepsPerBit],
    initialGain: [...initialGain],
    initialBias: [...initialBias],
  };
}

/** What is wrong between settings that are right by themselves, if anything. */
export function findConflict(settings: TrainingSettings): string | undefined {
  const { task, labels, stepsPerBit, curriculum, startN, maxN, window, forget, tauLow, tauHigh } = settings;
  if (labels === "every" && !tasks[task].everyStep) {
    return `\`labels\` is every, expected last for the task ${task}`;
  }
  if (labels === "every" && largestStepsPerBit(stepsPerBit) > 1) {
    return "`labels` is every, expected last where a bit lasts for several steps";
  }
  if (!tasks[task].shared && (curriculum === "multi" || curriculum === "sliding")) {
    return `\`curriculum\` is ${curriculum}, expected single or none for the task ${task}, whose sequences are for one N each`;
  }
  const firstLargest = curriculum === "sliding" ? startN + window - 1 : startN;
  if (curriculum !== "none" && maxN < firstLargest) {
    return `\`maxN\` is ${maxN}, expected at least ${firstLargest}, the largest N of the first stage`;
  }
  if (curriculum === "sliding" && forget > window) {
    return `\`forget\` is ${forget}, expected at most \`window\`, ${window}`;
  }
  if (tauHigh < tauLow) return `\`tauHigh\` is ${tauHigh}, expected at least \`tauLow\`, ${tauLow}`;
  return (
    findTimeConflict(stepsPerBit, settings.cell) ?? findLayersConflict(settings) ?? findGateConflict(settings)
  );
}

// what begins with a value for each gate has one for each, or none
function findGateConflict({ cell, initialGain, initialBias }: TrainingSettings): string | undefined {
  const { gates } = cellKind(cell);
  for (const [name, values] of Object.entries({ initialGain, initialBias })) {
    if (values.length === 0 || values.length === gates) continue;
    return `\`${name}\` has ${values.length} values, expected ${gates} for a ${cell} cell, or none`;
  }
  return undefined;
}

// Accuracy of a network on fresh sequences.

import { type Network, parameterCount } from "../cells/network.ts";
import { checkStepsPerBit, largestStepsPerBit, stepsPerBitAt } from "../cells/steps-per-bit.ts";
import { Core } from "../core/core.ts";
import type { DigitSets } from "../core/digits.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import { Pace } from "../core/pace.ts";
import { Plan } from "../core/plan.ts";
import { curricula } from "../curricula/curriculum.ts";
import { tasks } from "../tasks/task.ts";
import { type BatchDraw, type Batches, type Executor, inThisThread, stepsOf } from "./batches.ts";
import type { Checkpoint, Purpose } from "./checkpoint.ts";
import { placeDigits } from "./digits.ts";
import { Draw } from "./draw.ts";
import { LARGEST_N } from "./settings.ts";

/** What an evaluation measures: batch i is drawn under part i of the key. */
export interface EvaluationRequest extends Omit<BatchDraw, "stepsPerBit"> {
  /** Steps per bit, for one batch each in turn. */
  stepsPerBit: readonly number[];
  /** Head that answers each N. */
  heads: readonly number[];
  /** Number of batches. */
  count: number;
}

/**
 * Accuracy per N of the network in `plan`.
 *
 * @returns one fraction per N. A pure function of parameters and request.
 * @throws NumericError if an output of the network is NaN or infinite.
 */
export async function measureAccuracy(
  core: Core,
  plan: Plan,
  batches: Batches,
  { heads, count, stepsPerBit, ...request }: EvaluationRequest,
  pace: Pace,
): Promise<number[]> {
  const correct = request.N.map(() => 0);
  const labels = request.N.map(() => 0);
  for (let i = 0; i < count; i++) {
    const key = core.fold(request.key, i);
    const draw = { ...request, stepsPerBit: stepsPerBitAt(stepsPerBit, i), key };
    const counts = await batches.countCorrect(draw, heads);
    if (!counts) {
      throw new NumericError(
        "evaluation: an output of the network is NaN or infinite, expected finite values.",
      );
    }
    const steps = stepsOf(core, draw);
    counts.forEach((right, l) => {
      correct[l]! += right;
      labels[l]! += plan.batchShape.batch * plan.labelCount(steps, request.N[l]!);
    });
    await pace.after(plan.forwardOperations(steps));
  }
  return correct.map((right, l) => right / labels[l]!);
}

export interface EvaluationOptions {
  /** Memory lengths to measure. */
  N: readonly number[];
  /**
   * Sequences are as long as in training up to this N, uniform on N + 2 … 4 N + 1 per batch. Default: the largest of `N`
   * and of the lengths that the network was trained on last; shorter ones would end before a network of long memory
   * has seen as many bits as it reads. Not for "smnist", whose images have the size of each N.
   */
  sequenceN?: number;
  /**
   * Steps per bit in continuous time, for one batch each in turn: [25] measures at k = 25 alone. The sequences do not depend on
   * it. Default: those that the network was trained with.
   */
  stepsPerBit?: readonly number[];
  /** Sequences per batch; all of one length (default 256). */
  batch?: number;
  /** Batches (default 50). */
  batches?: number;
  /** Seed of sequences and initial states (default 0). */
  seed?: number;
  /** Images for a network of the task "smnist". */
  digits?: Pick<DigitSets, "test">;
  signal?: AbortSignal;
  /** Who computes the batches (default: this thread). */
  executor?: Executor;
}

/** Accuracy on each N. */
export interface Evaluation {
  /** Sequences that every N was measured on. */
  sequences: number;
  /** Fraction of right answers, by N; of a network with labels at every step, over all of these. */
  accuracy: Record<string, number>;
}

/**
 * Measure a network's accuracy on memory lengths of its task, on fresh sequences shared by all of them.
 *
 * @throws ShapeError if an N is below 2 or no head answers it, another number is out of range, a cell without time constants is
 *                    to have more than one step per bit, or digits are missing or wrong.
 */
export async function evaluateNetwork(
  checkpoint: Pick<Checkpoint, "network" | "purpose">,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const { network, purpose } = checkpoint;
  if (!network || !purpose) {
    throw new ShapeError("evaluateNetwork: `network` and `purpose` are missing, expected a checkpoint.");
  }
  const { N, batch = 256, batches = 50, seed = 0, digits, signal, executor = inThisThread } = options;
  if (!Array.isArray(N))
    throw new ShapeError("evaluateNetwork: `N` is missing, expected a list of memory lengths.");
  const { sequenceN = [...N, ...purpose.N].reduce((largest, n) => Math.max(largest, n), 0) } = options;
  const { stepsPerBit = purpose.stepsPerBit } = options;
  checkOptions({ N, sequenceN, batch, batches, seed });
  checkNetwork("evaluateNetwork", network, purpose);
  checkTime(stepsPerBit, network, purpose);
  const { task, bits, labels, initialState } = purpose;
  const heads = N.map((n) => headFor("evaluateNetwork", n, network, purpose));
  const shared = tasks[task].shared;
  if (!shared && options.sequenceN !== undefined) {
    throw new ShapeError(
      `evaluateNetwork: \`sequenceN\` is ${sequenceN}, expected none for the task ${task}, whose sequences are for one N each.`,
    );
  }
  const core = await Core.load();
  try {
    const steps = tasks[task].lengths(sequenceN).longest * largestStepsPerBit(stepsPerBit);
    const plan = new Plan(core, network.shape, { batch, steps, labelRows: N.length, labels });
    plan.digits = placeDigits(core, task, digits, ["test"], "evaluateNetwork");
    plan.parameters.set(network.parameters);
    const key = core.key(seed, Draw.evaluation);
    const request = {
      task,
      N,
      bits,
      set: "test",
      sequenceN,
      stepsPerBit,
      initialState,
      key,
      heads,
      count: batches,
    } as const;
    const each = N.map((n, i) => ({ ...request, N: [n], sequenceN: n, heads: [heads[i]!] }));
    const computed = await executor(core, plan);
    const pace = new Pace(signal);
    const accuracy: number[] = [];
    for (const part of shared ? [request] : each) {
      accuracy.push(...(await measureAccuracy(core, plan, computed, part, pace)));
    }
    return { sequences: batch * batches, accuracy: Object.fromEntries(N.map((n, i) => [n, accuracy[i]!])) };
  } finally {
    core.release();
  }
}

type Numbers = Required<Omit<EvaluationOptions, "stepsPerBit" | "digits" | "signal" | "executor">>;

function checkOptions({ N, ...numbers }: Numbers): void {
  const check = (field: string, value: number, least: number, most: number) => {
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new ShapeError(
        `evaluateNetwork: \`${field}\` is ${value}, expected a whole number from ${least} to ${most}.`,
      );
    }
  };
  if (N.length === 0)
    throw new ShapeError("evaluateNetwork: `N` is empty, expected at least one memory length.");
  for (const n of N) check("N", n, 2, LARGEST_N);
  check("sequenceN", numbers.sequenceN, Math.max(...N), LARGEST_N);
  check("batch", numbers.batch, 1, 2 ** 31 - 1);
  check("batches", numbers.batches, 1, 2 ** 31 - 1);
  check("seed", numbers.seed, 0, Number.MAX_SAFE_INTEGER);
}

/** @throws ShapeError if the network is none for its purpose; errors begin with `name`. */
export function checkNetwork(name: string, { shape, parameters }: Network, purpose: Purpose): void {
  const { task, labels } = purpose;
  const expect = (field: string, got: unknown, expected: unknown) => {
    if (got !== expected) throw new ShapeError(`${name}: \`${field}\` is ${got}, expected ${expected}.`);
  };
  if (!(task in tasks)) expect("task", task, Object.keys(tasks).join(" or "));
  expect("inputs", shape.inputs, tasks[task].inputs);
  expect("classes", shape.classes, tasks[task].classes);
  if (!tasks[task].everyStep) expect("labels", labels, "last");
  expect("parameters.length", parameters.length, parameterCount(shape));
}

function checkTime(stepsPerBit: readonly number[], { shape }: Network, { labels }: Purpose): void {
  if (!Array.isArray(stepsPerBit) || stepsPerBit.length === 0)
    throw new ShapeError(
      `evaluateNetwork: \`stepsPerBit\` is ${JSON.stringify(stepsPerBit)}, expected a list of at least one whole number.`,
    );
  for (const k of stepsPerBit) checkStepsPerBit("evaluateNetwork", k, shape.cell);
  if (labels === "every" && largestStepsPerBit(stepsPerBit) > 1) {
    throw new ShapeError(
      `evaluateNetwork: \`stepsPerBit\` is ${stepsPerBit}, expected 1 for a network with labels at every step.`,
    );
  }
}

/**
 * The head that answers N.
 *
 * @throws ShapeError if none does; errors begin with `name`.
 */
export function headFor(
  name: string,
  N: number,
  { shape }: Network,
  { curriculum, startN, maxN, N: stage }: Purpose,
): number {
  const head = curricula[curriculum].headOf(N, stage, { startN, maxN });
  if (head === undefined || head >= shape.heads) {
    const served = curriculum === "sliding" ? stage : [startN, Math.min(maxN, startN + shape.heads - 1)];
    const range = served.length > 0 ? `, for N = ${served[0]} to ${served.at(-1)}` : "";
    throw new ShapeError(
      `${name}: no head answers N = ${N}; this ${curriculum} network has ${shape.heads} heads${range}.`,
    );
  }
  return head;
}

// Accuracy of a network on fresh sequences.

import type { Network } from "../cells/network.ts";
import { Core, type Key } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { Plan } from "../core/plan.ts";
import { curricula, type CurriculumSettings } from "../curricula/curriculum.ts";
import { type TaskName, tasks } from "../tasks/task.ts";
import { Pace } from "./pace.ts";

/** How the batches of an evaluation are drawn. */
export interface EvaluationBatches {
  task: TaskName;
  /** Memory lengths, one label row each, in rising order; sequences are as long as in training with the last of them. */
  N: readonly number[];
  /** Head that answers each N. */
  heads: readonly number[];
  /** Number of batches. */
  batches: number;
  /** Initial states are uniform on 0 … this. */
  initialState: number;
}

/**
 * Accuracy per N of the network in `plan`.
 *
 * @returns one fraction per N. A pure function of parameters, settings and key.
 */
export async function measureAccuracy(
  core: Core,
  plan: Plan,
  key: Key,
  { task, N, heads, batches, initialState }: EvaluationBatches,
  pace: Pace,
): Promise<number[]> {
  const { lengths, draw } = tasks[task];
  const { shortest, longest } = lengths(N.at(-1)!);
  const correct = N.map(() => 0);
  for (let i = 0; i < batches; i++) {
    const steps = core.drawInteger(core.fold(key, i, 0), shortest, longest);
    draw(plan, core.fold(key, i, 1), steps, N);
    plan.drawState(core.fold(key, i, 2), initialState);
    plan.countCorrect(steps, heads).forEach((count, l) => {
      correct[l]! += count;
    });
    await pace.after(plan.forwardOperations(steps));
  }
  return correct.map((count) => count / (batches * plan.batchShape.batch));
}

export interface EvaluationOptions {
  /** Memory lengths to measure. */
  N: readonly number[];
  /** Task (default "parity"). */
  task?: TaskName;
  /** Sequences per batch; all of one length (default 256). */
  batch?: number;
  /** Batches per N (default 50). */
  batches?: number;
  /** Initial states are uniform on 0 … this (default 0.1). */
  initialState?: number;
  /** Seed of sequences and initial states (default 0). */
  seed?: number;
  signal?: AbortSignal;
  /** Called after each N. */
  onProgress?: (done: number, total: number) => void;
}

/** Accuracy on each N. */
export interface Evaluation {
  /** Sequences per N. */
  sequences: number;
  /** Fraction of right answers, by N. */
  accuracy: Record<string, number>;
}

// separates the draws of a stand-alone evaluation from those of a training run with the same seed
const EVALUATION = 0x65766c;

/**
 * Measure a network's accuracy on each memory length, on sequences as long as those it trained on for that N.
 *
 * The result for one N does not depend on which others are measured.
 *
 * @param curriculum  Says which head answers which N.
 * @param stage       The N that a "sliding" network's heads serve.
 * @throws ShapeError if the network has no head for an N.
 */
export async function evaluateNetwork(
  network: Network,
  curriculum: CurriculumSettings,
  stage: readonly number[],
  { N, task = "parity", batch = 256, batches = 50, initialState = 0.1, seed = 0, signal, onProgress }: EvaluationOptions,
): Promise<Evaluation> {
  const heads = N.map((n) => {
    const head = curricula[curriculum.curriculum].headOf(n, stage, curriculum);
    if (head === undefined || head >= network.shape.heads) {
      throw new ShapeError(`evaluateNetwork: no head of this network answers N = ${n}.`);
    }
    return head;
  });
  const core = await Core.load();
  const steps = tasks[task].lengths(Math.max(...N)).longest;
  const plan = new Plan(core, network.shape, { batch, steps, labelRows: 1 });
  plan.parameters.set(network.parameters);
  const pace = new Pace(signal);
  const accuracy: Record<string, number> = {};
  for (const [i, n] of N.entries()) {
    const request = { task, N: [n], heads: [heads[i]!], batches, initialState };
    const [result] = await measureAccuracy(core, plan, core.key(seed, EVALUATION, n), request, pace);
    accuracy[n] = result!;
    onProgress?.(i + 1, N.length);
  }
  return { sequences: batch * batches, accuracy };
}

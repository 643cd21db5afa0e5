// Batches of a task as the core draws them, and the statistics that the tests of tasks share.

import type { BitsName, LabelSteps } from "../../src/core/batch-kinds.ts";
import { Core } from "../../src/core/core.ts";
import { Plan } from "../../src/core/plan.ts";
import { type TaskName, tasks } from "../../src/tasks/task.ts";
import { stepsOf } from "../../src/training/batches.ts";

export interface DrawnBatch {
  /** Bits of each sequence, first step first. */
  sequences: number[][];
  /** Labels of each sequence, by N in the order asked for. */
  labels: number[][];
}

const SEED = 20240507;

interface Request {
  batch: number;
  steps: number;
  N: number[];
  bits?: BitsName;
  /** Part of the key. */
  draw?: number;
}

async function draw(task: TaskName, request: Request, labels: LabelSteps) {
  const { batch, steps, N, bits = "binary", draw = 0 } = request;
  const core = await Core.load();
  const shape = {
    cell: "leaky",
    activation: "relu",
    units: 1,
    inputs: 1,
    heads: 1,
    classes: 2,
  } as const;
  const plan = new Plan(core, shape, { batch, steps, labelRows: N.length, labels });
  tasks[task].draw(plan, core.key(SEED, draw), steps, { N, sequenceN: N.at(-1)!, bits, set: "test" });
  const each = Array.from({ length: batch }, (_, b) => b);
  const { inputs } = plan;
  const sequences = each.map((b) => Array.from({ length: steps }, (_, t) => inputs[t * batch + b]!));
  return { sequences, labels: plan.labels, each };
}

/** Draw `batch` sequences of `steps` steps with a label for each of `N`, under the key of `draw`. */
export async function drawBatch(task: TaskName, request: Request): Promise<DrawnBatch> {
  const { sequences, labels, each } = await draw(task, request, "last");
  return { sequences, labels: each.map((b) => request.N.map((_, l) => labels[l * request.batch + b]!)) };
}

/** The same with labels at every step: of each sequence, by N, those of the steps from the N-th on. */
export async function drawEveryStep(task: TaskName, request: Request) {
  const { batch, steps, N } = request;
  const { sequences, labels, each } = await draw(task, request, "every");
  const labelsOf = (b: number) =>
    N.map((n, l) =>
      Array.from({ length: steps - n + 1 }, (_, i) => labels[(l * steps + n - 1 + i) * batch + b]!),
    );
  return { sequences, labels: each.map(labelsOf) };
}

/** χ² of counts against equal expectations. */
export function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** How far a frequency lies from the probability `p`, in standard errors of `count` draws. */
export function standardErrors(frequency: number, p: number, count: number): number {
  return Math.abs(frequency - p) / Math.sqrt((p * (1 - p)) / count);
}

/** Lengths of `count` batches with largest memory length N, drawn as training draws them. */
export async function drawLengths(task: TaskName, N: number, count: number): Promise<number[]> {
  const core = await Core.load();
  const draw = {
    task,
    N: [N],
    sequenceN: N,
    bits: "binary",
    set: "test",
    stepsPerBit: 1,
    initialState: 0.1,
  } as const;
  return Array.from({ length: count }, (_, i) => stepsOf(core, { ...draw, key: core.key(SEED, i) }));
}

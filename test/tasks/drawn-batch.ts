// Batches of a task as the core draws them, and the statistics that the tests of tasks share.

import { Core } from "../../src/core/core.ts";
import { type BitsName, Plan } from "../../src/core/plan.ts";
import { type TaskName, tasks } from "../../src/tasks/task.ts";
import { stepsOf } from "../../src/training/batches.ts";

export interface DrawnBatch {
  /** Bits of each sequence, first step first. */
  sequences: number[][];
  /** Labels of each sequence, by N in the order asked for. */
  labels: number[][];
}

const SEED = 20240507;

/** Draw `batch` sequences of `steps` steps with a label for each of `N`, under the key of `draw`. */
export async function drawBatch(
  task: TaskName,
  request: { batch: number; steps: number; N: number[]; bits?: BitsName; draw?: number },
): Promise<DrawnBatch> {
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
  const plan = new Plan(core, shape, { batch, steps, labelRows: N.length });
  tasks[task].draw(plan, core.key(SEED, draw), steps, { N, sequenceN: N.at(-1)!, bits, set: "test" });
  const { inputs, labels } = plan;
  const each = Array.from({ length: batch }, (_, b) => b);
  return {
    sequences: each.map((b) => Array.from({ length: steps }, (_, t) => inputs[t * batch + b]!)),
    labels: each.map((b) => N.map((_, l) => labels[l * batch + b]!)),
  };
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

// Time of one training step, every cell, on one core: forward, backward, clipping and update; and of making the batch that it
// is fed with, for both tasks.

import { Core } from "../src/core/core.ts";
import { cellNames } from "../src/core/network-shape.ts";
import { Plan } from "../src/core/plan.ts";
import { tasks } from "../src/tasks/task.ts";
import { resolveSettings } from "../src/training/settings.ts";
import { median, round } from "./statistics/median.ts";

const shapes = [
  { units: 500, batch: 256, steps: 20, heads: 4 },
  { units: 500, batch: 256, steps: 50, heads: 4 },
  { units: 500, batch: 256, steps: 200, heads: 100 },
  { units: 256, batch: 128, steps: 50, heads: 4 },
  { units: 128, batch: 64, steps: 50, heads: 4 },
  { units: 64, batch: 64, steps: 50, heads: 4 },
  { units: 64, batch: 32, steps: 100, heads: 40 },
];
const taskNames = ["parity", "dms"] as const;
type Shape = (typeof shapes)[number];
const WORK = 2e11;

/** Medians over repeated steps on fresh batches; GFLOP/s counts 6 G B T H² operations per step, G gates. */
export async function measure() {
  const rows = [];
  for (const cell of cellNames) {
    for (const task of taskNames) {
      for (const shape of shapes) {
        const row = { cell, task, ...shape, ...(await measureShape(cell, task, shape)) };
        console.log(
          `${cell}, ${task}: H ${shape.units}, B ${shape.batch}, T ${shape.steps}, ${shape.heads} heads: step ${row.stepMs} ms, ${row.gflops} GFLOP/s, batch ${round(100 * row.batchShare, 2)} %`,
        );
        rows.push(row);
      }
    }
  }
  return { rows, largestBatchShare: Math.max(...rows.map(({ batchShare }) => batchShare)) };
}

async function measureShape(
  cell: (typeof cellNames)[number],
  task: (typeof taskNames)[number],
  { units, batch, steps, heads }: Shape,
) {
  const core = await Core.load();
  const N = Array.from({ length: heads }, (_, i) => i + 2);
  const network = { cell, activation: "leaky-relu", units, inputs: 1, heads, classes: 2 } as const;
  const plan = new Plan(core, network, { batch, steps, labelRows: heads }, resolveSettings());
  plan.initialize(core.key(0, 0), 1, 2);
  const operations = 3 * plan.forwardOperations(steps);
  const batchTimes: number[] = [];
  const stepTimes: number[] = [];
  for (let i = 0; i < Math.max(5, WORK / operations); i++) {
    const key = core.key(0, 1, i);
    const began = performance.now();
    tasks[task].draw(plan, core.fold(key, 1), steps, {
      N,
      sequenceN: N.at(-1)!,
      bits: "binary",
      set: "training",
    });
    plan.drawState(core.fold(key, 2), 0.1);
    const drawn = performance.now();
    plan.trainStep(steps, heads);
    batchTimes.push(drawn - began);
    stepTimes.push(performance.now() - drawn);
  }
  core.release();
  const stepMs = median(stepTimes);
  const batchMs = median(batchTimes);
  return {
    stepMs: round(stepMs, 3),
    batchMs: round(batchMs, 4),
    batchShare: round(batchMs / stepMs, 4),
    gflops: round(operations / stepMs / 1e6, 1),
  };
}

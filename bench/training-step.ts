// Time of one training step, both cells, on one core: forward, backward, clipping and update, and of making its batch.

import { Core } from "../src/core/core.ts";
import { cellNames, Plan } from "../src/core/plan.ts";
import { resolveSettings } from "../src/training/settings.ts";
import { median, round } from "./statistics/median.ts";

const shapes = [
  { units: 500, batch: 256, steps: 20 },
  { units: 500, batch: 256, steps: 50 },
  { units: 256, batch: 128, steps: 50 },
  { units: 128, batch: 64, steps: 50 },
  { units: 64, batch: 64, steps: 50 },
];
const N = [2, 3, 4, 5];
const WORK = 6e11;

/** Medians over repeated steps on fresh batches; GFLOP/s counts 6 B T H² operations per step. */
export async function measure() {
  const rows = [];
  for (const cell of cellNames) {
    for (const shape of shapes) {
      const row = { cell, ...shape, ...(await measureShape(cell, shape)) };
      console.log(
        `${cell.padEnd(14)} H ${shape.units}, B ${shape.batch}, T ${shape.steps}: step ${row.stepMs} ms, ${row.gflops} GFLOP/s, batch ${row.batchMs} ms`,
      );
      rows.push(row);
    }
  }
  return { rows };
}

async function measureShape(
  cell: (typeof cellNames)[number],
  { units, batch, steps }: (typeof shapes)[number],
) {
  const core = await Core.load();
  const network = { cell, activation: "leaky-relu", units, inputs: 1, heads: N.length, classes: 2 } as const;
  const plan = new Plan(core, network, { batch, steps, labelRows: N.length }, resolveSettings());
  plan.initialize(core.key(0, 0), 1, 2);
  const operations = 6 * batch * steps * units * units;
  const batchTimes: number[] = [];
  const stepTimes: number[] = [];
  for (let i = 0; i < Math.max(5, WORK / operations); i++) {
    const key = core.key(0, 1, i);
    const began = performance.now();
    plan.drawParity(core.fold(key, 1), steps, N);
    plan.drawState(core.fold(key, 2), 0.1);
    const drawn = performance.now();
    plan.trainStep(steps, N.length);
    batchTimes.push(drawn - began);
    stepTimes.push(performance.now() - drawn);
  }
  const stepMs = median(stepTimes);
  return {
    stepMs: round(stepMs, 2),
    batchMs: round(median(batchTimes), 3),
    gflops: round(operations / stepMs / 1e6, 1),
  };
}

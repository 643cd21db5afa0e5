// What a training step costs against units, sequences, steps, networks and workers, in time and in memory, and where the
// memory of one core ends. Draws bench/results/scaling.svg.

import { writeFileSync } from "node:fs";
import { Core } from "../src/core/core.ts";
import { cellNames, type NetworkShape } from "../src/core/network-shape.ts";
import { type BatchShape, Plan } from "../src/core/plan.ts";
import type { TrainingSettings, WorkerPool as WorkerPoolClass } from "../src/index.ts";
import { resolveSettings } from "../src/training/settings.ts";
import { drawScaling } from "./scaling/figure.ts";
import { median, round } from "./statistics/median.ts";

// as a user has it: the workers' program is part of the built library
const { WorkerPool }: { WorkerPool: typeof WorkerPoolClass } = await import(
  new URL("../../dist/index.js", import.meta.url).href
);

const N = [2, 3, 4, 5];
const MEMORY = 2 ** 32;
const base = { units: 128, batch: 64, steps: 32 };
const sweeps = {
  units: [8, 16, 32, 64, 96, 128, 192, 256, 384, 500, 768, 1024],
  batch: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  steps: [4, 8, 16, 32, 64, 128, 256, 512],
};
type Dimension = keyof typeof sweeps;

export interface Cost {
  units: number;
  batch: number;
  steps: number;
  trainingMs: number;
  evaluationMs: number;
  /** 6 B T H² operations in a training step, 2 B T H² in an evaluation. */
  trainingGflops: number;
  evaluationGflops: number;
  trainingMB: number;
  evaluationMB: number;
}

const leakyNames = ["leaky", "leaky-outside"] as const;

export async function measure() {
  const cost = {} as Record<(typeof leakyNames)[number], Record<Dimension, Cost[]>>;
  for (const cell of leakyNames) {
    cost[cell] = {} as Record<Dimension, Cost[]>;
    for (const dimension of Object.keys(sweeps) as Dimension[]) {
      cost[cell][dimension] = [];
      for (const value of sweeps[dimension]) {
        cost[cell][dimension].push(await measureCost(cell, { ...base, [dimension]: value }));
      }
      console.log(
        `${cell}, ${dimension}: ${cost[cell][dimension].map(({ trainingGflops }) => trainingGflops).join(" ")} GFLOP/s`,
      );
    }
  }
  const networks = await measureNetworks();
  const walls = await findWalls();
  console.log(JSON.stringify(walls));
  writeFileSync("bench/results/scaling.svg", drawScaling(cost, networks));
  return { base, cost, networks, walls };
}

async function measureCost(
  cell: NetworkShape["cell"],
  { units, batch, steps }: Record<Dimension, number>,
): Promise<Cost> {
  const shape = networkShape(cell, units);
  const size = { batch, steps, labelRows: N.length };
  const core = await Core.load();
  const before = core.exports.arenaMark();
  const plan = new Plan(core, shape, size, resolveSettings());
  const trainingMB = (core.exports.arenaMark() - before) / 1e6;
  plan.initialize(core.key(0, 0), 1, 2);
  plan.drawParity(
    core.key(1),
    steps,
    N.filter((n) => n <= steps),
  );
  plan.drawState(core.key(2), 0.1);
  const operations = 2 * batch * steps * units * units;
  const count = Math.min(4000, Math.max(7, 4e9 / (operations + 1e6)));
  const trainingMs = time(count, () => plan.trainStep(steps, 2));
  const evaluationMs = time(2 * count, () => plan.countCorrect(steps, [0, 1]));
  core.release();
  const evaluationMB = (await bytesOf(shape, size, false)) / 1e6;
  return {
    units,
    batch,
    steps,
    trainingMs: round(trainingMs, 4),
    evaluationMs: round(evaluationMs, 4),
    trainingGflops: round((3 * operations) / trainingMs / 1e6, 2),
    evaluationGflops: round(operations / evaluationMs / 1e6, 2),
    trainingMB: round(trainingMB, 3),
    evaluationMB: round(evaluationMB, 3),
  };
}

// 1, 2, 4 and 8 networks at once on two workers, and one network on both: training steps per second, against one on one
async function measureNetworks() {
  const pool = new WorkerPool({ workers: 2 });
  const rows = [];
  for (const { units, batch, updates } of [
    { units: 64, batch: 64, updates: 400 },
    { units: 128, batch: 64, updates: 150 },
    { units: 256, batch: 128, updates: 25 },
  ]) {
    // sequences of 14 to 49 steps
    const settings = { units, batch, updates, epochs: 1, testBatches: 1, startN: 12, maxN: 12 };
    const train = (workers = 1) => pool.trainNetwork(settings as Partial<TrainingSettings>, { workers });
    await Promise.all([train(), train()]);
    await train(2);
    const speedups: Record<"1" | "2" | "4" | "8" | "shared", number[]> = {
      "1": [],
      "2": [],
      "4": [],
      "8": [],
      shared: [],
    };
    for (let round = 0; round < 5; round++) {
      const one = await timeOf(() => train());
      for (const count of [1, 2, 4, 8] as const) {
        const together = await timeOf(() => Promise.all(Array.from({ length: count }, () => train())));
        speedups[`${count}`].push((count * one) / together);
      }
      speedups.shared.push(one / (await timeOf(() => train(2))));
    }
    const medians = Object.entries(speedups).map(([key, values]) => [key, round(median(values), 3)]);
    const row = {
      units,
      batch,
      ...(Object.fromEntries(medians) as Record<"1" | "2" | "4" | "8" | "shared", number>),
    };
    console.log(JSON.stringify(row));
    rows.push(row);
  }
  await pool.close();
  return rows;
}

/** The largest of each dimension that one core's memory holds, the others as in the paper's settings. */
async function findWalls() {
  const paper = { units: 500, batch: 256, steps: 200 };
  const walls: Record<string, number> = {};
  for (const dimension of Object.keys(paper) as Dimension[]) {
    for (const training of [true, false]) {
      let [low, high] = [1, 2 ** 24];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        const { units, ...size } = { ...paper, [dimension]: middle };
        const bytes = await bytesOf(networkShape("leaky", units), { ...size, labelRows: 4 }, training);
        if (bytes < MEMORY) low = middle;
        else high = middle;
      }
      walls[`${dimension}, ${training ? "training" : "evaluation"}`] = low;
    }
  }
  return walls;
}

// what a plan takes, whether there is so much or not
async function bytesOf(shape: NetworkShape, { batch, steps, labelRows }: BatchShape, training: boolean) {
  const core = await Core.load();
  const { exports } = core;
  const mark = exports.arenaMark();
  const plan = exports.createPlan(1);
  const { units, inputs, heads, classes, cell } = shape;
  exports.setSizes(plan, cellNames.indexOf(cell), 0, units, inputs, heads, classes, batch, steps, labelRows);
  if (training) exports.setOptimizer(plan, 2, true, 0, 0, 0, 0, 0, 0);
  const bytes = exports.layOutPlan(plan, 0);
  exports.arenaRelease(mark);
  core.release();
  return bytes;
}

function networkShape(cell: NetworkShape["cell"], units: number): NetworkShape {
  return { cell, activation: "leaky-relu", units, inputs: 1, heads: N.length, classes: 2 };
}

// median of `count` runs, behind a few that are not counted
function time(count: number, run: () => unknown): number {
  const times: number[] = [];
  for (let i = 0; i < count * 1.3; i++) {
    const began = performance.now();
    run();
    times.push(performance.now() - began);
  }
  return median(times.slice(Math.floor(0.3 * count)));
}

async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

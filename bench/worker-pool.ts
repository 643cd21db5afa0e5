// What a pool of workers brings and costs: two networks on two workers against one after the other on one, one network on
// two, and the memory of a program that runs 1,000 jobs. Built library, workers and all.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TrainingSettings, WorkerPool as WorkerPoolClass } from "../src/index.ts";
import { median, round } from "./statistics/median.ts";

// as a user has it: the workers' program is part of the built library
const { WorkerPool }: { WorkerPool: typeof WorkerPoolClass } = await import(
  new URL("../../dist/index.js", import.meta.url).href
);

const ROUNDS = 5;
const shapes = [
  { units: 64, batch: 64, updates: 800 },
  { units: 128, batch: 64, updates: 250 },
  { units: 256, batch: 128, updates: 50 },
  { units: 500, batch: 256, updates: 8 },
];

export async function measure() {
  return { throughput: await measureThroughput(), thousandJobs: await measureJobs() };
}

/**
 * In turn: two networks one after the other on one worker, both at once on two, and one whose batches two share. Both have
 * the same seed: another one draws other lengths of sequences, up to a seventh more work, and two workers would wait for it.
 */
async function measureThroughput() {
  const pool = new WorkerPool({ workers: 2 });
  const rows = [];
  for (const shape of shapes) {
    // N stays at 12: sequences of 14 to 49 steps
    const settings = { ...shape, epochs: 1, testBatches: 1, startN: 12, maxN: 12 };
    const train = (workers = 1) => pool.trainNetwork(settings as Partial<TrainingSettings>, { workers });
    await Promise.all([train(), train()]);
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) {
      const [first, second] = [await time(() => train()), await time(() => train())];
      const together = await time(() => Promise.all([train(), train()]));
      const shared = await time(() => train(2));
      rounds.push({ throughput: (first + second) / together, shared: (first + second) / 2 / shared });
    }
    const row = {
      ...shape,
      twoNetworksOnTwoWorkers: round(median(rounds.map(({ throughput }) => throughput)), 3),
      oneNetworkOnTwoWorkers: round(median(rounds.map(({ shared }) => shared)), 3),
    };
    console.log(
      `H ${shape.units}, B ${shape.batch}: two networks ${row.twoNetworksOnTwoWorkers} x, one network ${row.oneNetworkOnTwoWorkers} x`,
    );
    rows.push(row);
  }
  await pool.close();
  return rows;
}

/** Memory after every 200 of 1,000 jobs, each a short training that calls back; every tenth is cancelled. */
async function measureJobs() {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const pool = new WorkerPool({ workers: 2 });
  const settings = { units: 16, batch: 8, updates: 5, epochs: 2, testBatches: 1, maxN: 4 };
  const rows = [];
  for (let jobs = 0; jobs <= 1000; jobs += 200) {
    if (jobs > 0) await runJobs(200);
    await new Promise((resolve) => setTimeout(resolve, 200));
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    const row = {
      jobs,
      workers: pool.workers,
      handles: process.getActiveResourcesInfo().length,
      heapMB: round(heapUsed / 1e6, 2),
      residentMB: round(rss / 1e6, 0),
    };
    console.log(JSON.stringify(row));
    rows.push(row);
  }
  await pool.close();
  return rows;

  async function runJobs(count: number) {
    await Promise.all(
      Array.from({ length: count }, async (_, seed) => {
        const abort = new AbortController();
        const onEpoch = () => {
          if (seed % 10 === 0) abort.abort();
        };
        await pool.trainNetwork({ ...settings, seed }, { onEpoch, signal: abort.signal }).catch((error) => {
          if (error !== abort.signal.reason) throw error;
        });
      }),
    );
  }
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

// Wall-clock time and memory of the full analysis of a network at the paper's size: timescales of 500 units over 1e5 steps in
// 10 trials, lags to 200, and dimensionality, from one simulation, on one worker and on two; each in a process of its own.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const UNITS = 500;
const WORKERS = [1, 2];

// an untrained network does as much work as a trained one
const program = (workers: number, steps: number) => `
import { Trainer, WorkerPool } from "./dist/index.js";
const trainer = await Trainer.start({ units: ${UNITS}, batch: 8, maxN: 10 });
const pool = new WorkerPool({ workers: ${workers} });
const began = performance.now();
const { timescales, dimensionality } = await pool.measureNetworkActivity(trainer.network, {
  steps: ${steps},
  workers: ${workers},
});
const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
await pool.close();
const { slow } = timescales;
console.log(JSON.stringify({ seconds, medianTau: slow?.median, components: dimensionality.components }));
`;

/** Seconds and peak resident memory in MB (Linux only) by workers, and what was measured, the same for all. */
export async function measure({ quick }: { quick: boolean }) {
  const steps = quick ? 5_000 : 100_500;
  const results = [];
  for (const workers of WORKERS) {
    const result = await run(workers, steps);
    console.log(JSON.stringify(result));
    results.push(result);
  }
  return { units: UNITS, steps, trials: 10, maxLag: 200, results };
}

async function run(workers: number, steps: number): Promise<object> {
  const job = spawn(process.execPath, ["--input-type=module", "-e", program(workers, steps)]);
  let output = "";
  job.stdout.on("data", (data) => {
    output += data;
  });
  let peakMemoryMB = 0;
  const watch = setInterval(() => {
    peakMemoryMB = Math.max(peakMemoryMB, peakMemory(job.pid!));
  }, 100);
  const code = await new Promise((resolve) => job.once("close", resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`the full analysis ended with code ${code}`);
  return { workers, ...JSON.parse(output), peakMemoryMB };
}

// the kernel's own record of the largest resident size
function peakMemory(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000);
  } catch {
    return 0;
  }
}

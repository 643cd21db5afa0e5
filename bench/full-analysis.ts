// Wall-clock time and memory of the full analysis of a network at the paper's size: timescales of 500 units over 1e5 steps in
// 10 trials, lags to 200, and dimensionality, from one simulation, on one worker and on two; each in a process of its own.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { median } from "./statistics/median.ts";

const UNITS = 500;
const WORKERS = [1, 2];
const ROUNDS = 3;

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
const seconds = (performance.now() - began) / 1000;
await pool.close();
const { slow } = timescales;
console.log(JSON.stringify({ seconds, median: slow?.median, components: dimensionality.components }));
`;

/** Seconds (medians), peak resident memory in MB (Linux only), and what was measured. */
export async function measure({ quick }: { quick: boolean }) {
  const steps = quick ? 5_000 : 100_500;
  const rounds: Round[] = [];
  for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
    for (const workers of WORKERS) {
      rounds.push({ workers, ...(await run(program(workers, steps))) });
      console.log(JSON.stringify(rounds.at(-1)));
    }
  }
  const results = WORKERS.map((workers) => {
    const own = rounds.filter((round) => round.workers === workers);
    return {
      workers,
      seconds: Number(median(own.map(({ seconds }) => seconds)).toFixed(1)),
      peakMemoryMB: Math.max(...own.map(({ peakMemoryMB }) => peakMemoryMB)),
    };
  });
  const { median: medianTau, components } = rounds[0]!;
  return { units: UNITS, steps, trials: 10, maxLag: 200, results, found: { medianTau, components } };
}

interface Round {
  workers: number;
  seconds: number;
  median?: number;
  components: number;
  peakMemoryMB: number;
}

async function run(code: string): Promise<Omit<Round, "workers">> {
  const job = spawn(process.execPath, ["--input-type=module", "-e", code]);
  let output = "";
  job.stdout.on("data", (data) => {
    output += data;
  });
  let peakMemoryMB = 0;
  const watch = setInterval(() => {
    peakMemoryMB = Math.max(peakMemoryMB, peakMemory(job.pid!));
  }, 100);
  const ended = await new Promise((resolve) => job.once("close", resolve));
  clearInterval(watch);
  if (ended !== 0) throw new Error(`the full analysis ended with code ${ended}`);
  return { ...JSON.parse(output), peakMemoryMB };
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

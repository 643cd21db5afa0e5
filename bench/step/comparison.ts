// What the benchmarks of a training step have in common: a problem that all contestants are given, their answers checked, and
// their times taken in turn in one run. Medians, GFLOP/s, and the share of what 128-bit instructions can do.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { Core } from "../../src/core/core.ts";
import type { CellName } from "../../src/core/network-shape.ts";
import { Plan } from "../../src/core/plan.ts";
import { resolveSettings } from "../../src/training/settings.ts";
import { median, round } from "../statistics/median.ts";
import type { Contestant } from "./contestants.ts";
import { loadPeak } from "./peak-loop.ts";

/** Units, sequences, steps. */
export type Shape = readonly [number, number, number];
/** A cell and the sizes of its network and batch. */
export type Problem = readonly [CellName, ...Shape];

const HEADS = 4;
// relative difference of losses and gradient norms
const TOLERANCE = 1e-4;

/** Who takes part, and who would if it were installed. */
export interface Field {
  contestants: Contestant[];
  missing: string[];
}

/**
 * Time a training step of every problem.
 *
 * @param start  Starts the contestants; those in pages read what they load from `directory`.
 * @param quick  Fewer rounds.
 */
export async function compareSteps(
  problems: readonly Problem[],
  start: (directory: string) => Field | Promise<Field>,
  quick: boolean,
) {
  await bundle();
  const peak = await loadPeak();
  const directory = mkdtempSync(join(tmpdir(), "tauscope-step-"));
  const { contestants, missing } = await start(directory);
  try {
    const rows = [];
    for (const problem of problems) {
      const row = await compare(problem, contestants, peak, directory, quick);
      printRow(row);
      rows.push(row);
    }
    return { versions: versions(), missing, rows };
  } finally {
    for (const contestant of contestants) await contestant.close();
    rmSync(directory, { recursive: true });
  }
}

export type StepRow = Awaited<ReturnType<typeof compare>>;

async function compare(
  problem: Problem,
  contestants: readonly Contestant[],
  peak: () => number,
  directory: string,
  quick: boolean,
) {
  const file = join(directory, "problem.bin");
  const [cell, units, batch, steps] = problem;
  const { answer: expected, operations } = await writeProblem(file, problem);
  const measured = contestants.map((contestant) => ({ contestant, counts: 1, times: [] as number[] }));
  for (const each of measured) {
    const { contestant } = each;
    const answer = await contestant.ask(`load ${cell} ${file} ${units} ${batch} ${steps} ${HEADS}`);
    checkAnswer(contestant.name, answer, expected);
    each.counts = await warmUp(contestant, quick ? 250 : 800);
  }
  const peaks: number[] = [];
  for (let round = 0; round < (quick ? 3 : 7); round++) {
    for (const { contestant, counts, times } of measured) {
      peaks.push(peak());
      times.push(...(await contestant.ask(`step ${counts}`)));
      // threads of the last one may still be spinning
      await sleep(20);
    }
  }
  const limit = median(peaks);
  return {
    cell,
    units,
    batch,
    steps,
    peakGflops: round(limit, 1),
    results: measured.map(({ contestant: { name, workers }, times }) => {
      const ms = median(times);
      const gflops = operations / ms / 1e6;
      return { name, workers, ms: round(ms, 3), gflops: round(gflops, 1), share: round(gflops / limit, 3) };
    }),
  };
}

// until an engine has optimised; returns how many steps take about a tenth of a second
async function warmUp(contestant: Contestant, atLeast: number): Promise<number> {
  const began = performance.now();
  let times: number[] = [];
  for (let count = 1; performance.now() - began < atLeast; count = Math.min(2 * count, 64)) {
    times = await contestant.ask(`step ${count}`);
  }
  return Math.max(1, Math.round(100 / median(times)));
}

/** Draw a network and a batch, write them as serve.js reads them; loss and norm of the gradient, and the operations of a step. */
async function writeProblem(file: string, [cell, units, batch, steps]: Problem) {
  const core = await Core.load();
  const shape = {
    cell,
    activation: "leaky-relu",
    units,
    inputs: 1,
    heads: HEADS,
    classes: 2,
  } as const;
  const plan = new Plan(core, shape, { batch, steps, labelRows: HEADS }, resolveSettings());
  plan.initialize(core.key(0, 0), 1, 2);
  const N = Array.from({ length: HEADS }, (_, i) => i + 2);
  plan.drawParity(core.key(0, 1), steps, N);
  plan.drawState(core.key(0, 2), 0.1);
  const parts = [plan.parameters, plan.inputs, plan.labels, plan.initialState];
  writeFileSync(file, Buffer.concat(parts.map((part) => new Uint8Array(part.slice().buffer))));
  plan.computeGradient(steps, HEADS);
  const answer = [plan.loss, plan.gradientNorm];
  const operations = 3 * plan.forwardOperations(steps);
  core.release();
  return { answer, operations };
}

// that all compute the same network
function checkAnswer(name: string, answer: readonly number[], expected: readonly number[]): void {
  const close = answer.every((value, i) => Math.abs(value / expected[i]! - 1) < TOLERANCE);
  if (!close) throw new Error(`${name}: loss and gradient norm are ${answer}, expected ${expected}.`);
}

async function bundle(): Promise<void> {
  const common = { bundle: true, target: "es2022" } as const;
  await build({
    ...common,
    entryPoints: ["bench/step/tauscope-runtime.ts"],
    format: "esm",
    platform: "node",
    outfile: "build/bench/tauscope-runtime.mjs",
  });
  await build({
    ...common,
    entryPoints: ["bench/step/tauscope-page.ts"],
    format: "iife",
    outfile: "build/bench/tauscope-page.js",
  });
}

function versions() {
  const packages = JSON.parse(readFileSync("bench/package.json", "utf8")).dependencies;
  return { ...packages, pytorch: pytorchVersion() };
}

// of PyTorch, and which kernels OpenBLAS takes here
function pytorchVersion(): string | undefined {
  try {
    const program =
      "import torch; torch.ones(9, 9) @ torch.ones(9, 9); print(torch.__version__, torch.__config__.parallel_info().split()[0])";
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !key.startsWith("OPENBLAS_")),
    );
    const output = execFileSync(
      "/bin/sh",
      ["-c", 'OPENBLAS_VERBOSE=2 /usr/bin/python3 -c "$0" 2>&1', program],
      {
        encoding: "utf8",
        env: environment,
      },
    );
    return output.trim().split("\n").join(", ");
  } catch {
    return undefined;
  }
}

function printRow({ cell, units, batch, steps, peakGflops, results }: StepRow): void {
  console.log(`\n${cell}, ${units} units, ${batch} sequences, ${steps} steps; peak ${peakGflops} GFLOP/s`);
  for (const { name, workers, ms, gflops, share } of results) {
    const percent = (100 * share).toFixed(0).padStart(4);
    console.log(
      `  ${name.padEnd(34)} ${workers}  ${ms.toFixed(2).padStart(9)} ms ${gflops.toFixed(1).padStart(7)} GFLOP/s ${percent} %`,
    );
  }
}

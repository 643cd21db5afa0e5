// One training step of the leaky network, in turn in one run: tauscope in every engine on one and two workers, PyTorch,
// jax-js, TensorFlow.js. Medians, GFLOP/s, and the share of what 128-bit instructions can do.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { Core } from "../src/core/core.ts";
import { Plan } from "../src/core/plan.ts";
import { resolveSettings } from "../src/training/settings.ts";
import { median, round } from "./statistics/median.ts";
import { type Contestant, startContestants } from "./step/contestants.ts";
import { loadPeak } from "./step/peak-loop.ts";
import { stepTables } from "./step/table.ts";

// units, sequences, steps
const shapes = [
  [500, 256, 20],
  [500, 256, 50],
  [500, 128, 50],
  [256, 128, 50],
  [128, 64, 50],
  [64, 64, 50],
  [64, 32, 100],
] as const;
type Shape = (typeof shapes)[number];
const quickShapes = [shapes[0], shapes[3], shapes[4], shapes[5]];
const HEADS = 4;
// relative difference of losses and gradient norms
const TOLERANCE = 1e-4;

/** `quick`: fewer shapes and rounds, under three minutes. */
export async function measure({ quick = false } = {}) {
  await bundle();
  const peak = await loadPeak();
  const directory = mkdtempSync(join(tmpdir(), "tauscope-step-"));
  const { contestants, missing } = await startContestants(directory);
  try {
    const rows = [];
    for (const shape of quick ? quickShapes : shapes) {
      const row = await compare(shape, contestants, peak, directory, quick);
      printRow(row);
      rows.push(row);
    }
    return { versions: versions(), missing, rows };
  } finally {
    for (const contestant of contestants) await contestant.close();
    rmSync(directory, { recursive: true });
  }
}

/** The part of bench/README.md between `<!-- step -->` and `<!-- end -->`. */
export const describe = ({ rows }: { rows: StepRow[] }) => stepTables(rows);

export type StepRow = Awaited<ReturnType<typeof compare>>;

async function compare(
  [units, batch, steps]: Shape,
  contestants: readonly Contestant[],
  peak: () => number,
  directory: string,
  quick: boolean,
) {
  const file = join(directory, "problem.bin");
  const expected = await writeProblem(file, [units, batch, steps]);
  const measured = contestants.map((contestant) => ({ contestant, counts: 1, times: [] as number[] }));
  for (const each of measured) {
    const { contestant } = each;
    const answer = await contestant.ask(`load ${file} ${units} ${batch} ${steps} ${HEADS}`);
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
  const operations = 6 * batch * steps * units * units;
  const limit = median(peaks);
  return {
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

/** Draw a network and a batch, write them as serve.js reads them, and return loss and norm of the gradient. */
async function writeProblem(file: string, [units, batch, steps]: readonly [number, number, number]) {
  const core = await Core.load();
  const shape = {
    cell: "leaky",
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
  core.release();
  return answer;
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

function printRow({ units, batch, steps, peakGflops, results }: StepRow): void {
  console.log(`\n${units} units, ${batch} sequences, ${steps} steps; peak ${peakGflops} GFLOP/s`);
  for (const { name, workers, ms, gflops, share } of results) {
    const percent = (100 * share).toFixed(0).padStart(4);
    console.log(
      `  ${name.padEnd(34)} ${workers}  ${ms.toFixed(2).padStart(9)} ms ${gflops.toFixed(1).padStart(7)} GFLOP/s ${percent} %`,
    );
  }
}

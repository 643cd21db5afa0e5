// Candidates for the kernels, each the core with some changes to its source, against the core as it is, in turn in one run.
// bench/ladder/README.md says what they are and why they lost.

import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { Core } from "../src/core/core.ts";
import { Plan } from "../src/core/plan.ts";
import { resolveSettings } from "../src/training/settings.ts";
import { median, round } from "./statistics/median.ts";
import { markdownTable } from "./step/markdown-table.ts";
import { loadPeak } from "./step/peak-loop.ts";

const shapes = [
  [500, 256, 20],
  [256, 128, 50],
  [128, 64, 50],
  [64, 64, 50],
] as const;
const ROUNDS = 15;
const N = [2, 3, 4, 5];

interface Candidate {
  name: string;
  file: string;
  /** Every occurrence of a text becomes another one; it must occur. */
  changes: readonly (readonly [string, string])[];
  tallTiles?: boolean;
}

const LOOP = "let k = e.depth;\n  do {";
const LOOP_END = "} while (--k);";
const candidates: Candidate[] = [
  { name: "as it is", file: "tile.ts", changes: [] },
  {
    name: "the loop ends at an address",
    file: "tile.ts",
    changes: [
      [LOOP, "const end = panel + <usize>e.depth * panelStep;\n  do {"],
      [LOOP_END, "} while (panel < end);"],
    ],
  },
  {
    name: "the loop counts up and is tested first",
    file: "tile.ts",
    changes: [
      [LOOP, "for (let k = 0; k < e.depth; k++) {"],
      [LOOP_END, "}"],
    ],
  },
  { name: "tiles of four rows and 16 columns", file: "tile.ts", changes: [], tallTiles: true },
  {
    name: "max in place of pmax",
    file: "activations.ts",
    changes: [["f32x4.pmax(u", "f32x4.max(u"]],
  },
  {
    name: "operands of the weight gradient always packed",
    file: "gemm.ts",
    changes: [["UNPACKED_COLUMNS: i32 = 144", "UNPACKED_COLUMNS: i32 = 0"]],
  },
  {
    name: "operands of the weight gradient never packed",
    file: "gemm.ts",
    changes: [["UNPACKED_COLUMNS: i32 = 144", "UNPACKED_COLUMNS: i32 = 1000000"]],
  },
  {
    name: "rows an even number of cache lines apart",
    file: "plan.ts",
    changes: [
      [
        "(<usize>((roundUp(this.columns, PANEL) >> 4) | 1)) << 6",
        "(<usize>(((roundUp(this.columns, PANEL) >> 4) + 1) & ~1)) << 6",
      ],
    ],
  },
  {
    name: "chunks of 128 rows in the weight gradient",
    file: "gemm.ts",
    changes: [["OUTER_DEPTH: i32 = 256", "OUTER_DEPTH: i32 = 128"]],
  },
  {
    name: "chunks of 512 rows in the weight gradient",
    file: "gemm.ts",
    changes: [["OUTER_DEPTH: i32 = 256", "OUTER_DEPTH: i32 = 512"]],
  },
];

// the products that are measured here are those of the leaky cells
const leakyNames = ["leaky", "leaky-outside"] as const;

/** Share of the measured limit of each candidate's training step. */
export async function measure() {
  const peak = await loadPeak();
  const cores = await Promise.all(candidates.map(compile));
  const rows = [];
  for (const cell of leakyNames) {
    for (const [units, batch, steps] of shapes) {
      const trainings = await Promise.all(
        candidates.map(async ({ tallTiles = false }, i) => {
          const core = await Core.load({ module: cores[i]!, tallTiles });
          const shape = { cell, activation: "leaky-relu", units, inputs: 1, heads: N.length, classes: 2 };
          const size = { batch, steps, labelRows: N.length };
          const plan = new Plan(core, shape as never, size, resolveSettings());
          plan.initialize(core.key(0), 1, 2);
          plan.drawParity(core.key(1), steps, N);
          return { core, step: () => plan.trainStep(steps, N.length), times: [] as number[] };
        }),
      );
      const operations = 6 * batch * steps * units * units;
      const count = Math.max(1, Math.round(1e9 / operations));
      const peaks: number[] = [];
      for (let round = -3; round < ROUNDS; round++) {
        for (const { step, times } of trainings) {
          peaks.push(peak());
          for (let i = 0; i < count; i++) {
            const began = performance.now();
            step();
            if (round >= 0) times.push(performance.now() - began);
          }
        }
      }
      const limit = median(peaks);
      const shares = trainings.map(({ times }) => round(operations / median(times) / 1e6 / limit, 3));
      for (const { core } of trainings) core.release();
      console.log(`\n${cell}, ${units} units, peak ${limit.toFixed(1)} GFLOP/s`);
      candidates.forEach(({ name }, i) => {
        console.log(`  ${name.padEnd(50)} ${(100 * shares[i]!).toFixed(1).padStart(6)} %`);
      });
      const named = candidates.map(({ name }, i) => [name, shares[i]] as const);
      rows.push({
        cell,
        units,
        batch,
        steps,
        peakGflops: round(limit, 1),
        shares: Object.fromEntries(named),
      });
    }
  }
  return { rows };
}

/** The table of bench/ladder/README.md. */
export function describe({ rows }: Awaited<ReturnType<typeof measure>>): string {
  const head = ["candidate", ...rows.map(({ cell, units }) => `${cell}, ${units}`)];
  const lines = candidates.map(({ name }) => [
    name,
    ...rows.map(({ shares }) => `${(100 * shares[name]!).toFixed(1)} %`),
  ]);
  return markdownTable(head, lines);
}
export const describedIn = "bench/ladder/README.md";

// the core with a candidate's changes
async function compile({ name, file, changes }: Candidate): Promise<WebAssembly.Module> {
  const config = JSON.parse(readFileSync("asconfig.json", "utf8"));
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(["--outFile", "core.wasm"], {
    readFile: (path) => {
      if (path === "asconfig.json")
        return JSON.stringify({ entries: config.entries, options: config.options });
      if (!path.startsWith("assembly/")) return null;
      const source = readFileSync(path, "utf8");
      if (path !== `assembly/${file}`) return source;
      return changes.reduce((text, [from, to]) => {
        if (!text.includes(from)) throw new Error(`ladder: "${name}": ${path} has no «${from}».`);
        return text.replaceAll(from, to);
      }, source);
    },
    writeFile: (_, contents) => {
      bytes = contents as Uint8Array<ArrayBuffer>;
    },
    listFiles: () => [],
  });
  if (error || !bytes) throw new Error(`ladder: "${name}" does not compile: ${stderr}`);
  return WebAssembly.compile(bytes);
}

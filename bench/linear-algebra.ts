// Linear algebra in f64, in turn in one run: the core in every version of Node, and NumPy with its own OpenBLAS on one thread, on
// a Gaussian matrix. Medians and minima, and ratios to NumPy.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { Core } from "../src/core/core.ts";
import { median, round } from "./statistics/median.ts";
import { type Contestant, type Entry, startPrograms } from "./step/contestants.ts";
import { markdownTable } from "./step/markdown-table.ts";

const MODULE = "build/bench/linear-algebra.wasm";
const PYTHON = "/usr/bin/python3";
const NUMPY = "/usr/lib/python3/dist-packages/numpy";
const LARGEST = 500;

const problems: readonly (readonly [title: string, operation: string, n: number])[] = [
  ["product", "product", 500],
  ["QR, with Q", "qr", 500],
  ["eigenvalues", "eigenvalues", 500],
  ["eigenvalues, symmetric", "symmetric", 500],
  ["singular values", "singular", 128],
  ["singular values and vectors", "vectors", 128],
  ["singular values", "singular", 500],
  ["singular values and vectors", "vectors", 500],
];

const engines = [process.execPath, ...[22, 24, 26].map((n) => `test/engines/node_modules/node${n}/bin/node`)];

const entries: readonly Entry[] = [
  {
    name: "NumPy, OpenBLAS",
    workers: 1,
    command: [PYTHON, "bench/linear-algebra/numpy_programs.py"],
    needs: [PYTHON, NUMPY],
    environment: { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" },
  },
  ...engines.map((engine, i) => ({
    name: `tauscope, Node ${i === 0 ? process.versions.node : 20 + 2 * i}`,
    workers: 1,
    command: [engine, "bench/linear-algebra/tauscope.js", MODULE],
    needs: [engine],
  })),
];

/** `quick`: fewer rounds, some half a minute. */
export async function measure({ quick = false } = {}) {
  await compile();
  const directory = mkdtempSync(join(tmpdir(), "tauscope-linear-algebra-"));
  const { contestants, missing } = startPrograms(entries);
  try {
    const file = join(directory, "matrix.bin");
    const core = await Core.load();
    const scale = 1 / Math.sqrt(LARGEST);
    const entriesOfMatrix = core.drawNormal(core.key(1), LARGEST * LARGEST).map((value) => scale * value);
    writeFileSync(file, entriesOfMatrix);
    const rows = [];
    for (const problem of problems) {
      const row = await compare(problem, contestants, file, quick ? 3 : 9);
      console.log(JSON.stringify(row));
      rows.push(row);
    }
    return { missing, rows };
  } finally {
    for (const contestant of contestants) await contestant.close();
    rmSync(directory, { recursive: true });
  }
}

async function compare(
  [title, operation, n]: (typeof problems)[number],
  contestants: readonly Contestant[],
  file: string,
  rounds: number,
) {
  const measured = contestants.map((contestant) => ({ contestant, count: 1, times: [] as number[] }));
  let expected: number | undefined;
  for (const each of measured) {
    const [answer] = await each.contestant.ask(`load ${operation} ${n} ${file}`);
    expected ??= answer!;
    if (!(Math.abs(answer! - expected) < 1e-9 * expected))
      throw new Error(`${each.contestant.name}: ${title} gave ${answer}, others ${expected}.`);
    // turns of about 100 ms, behind one that warms up
    const [time] = (await each.contestant.ask("step 3")).slice(-1);
    each.count = Math.max(1, Math.round(100 / time!));
  }
  for (let round = 0; round < rounds; round++) {
    for (const { contestant, count, times } of measured) {
      times.push(...(await contestant.ask(`step ${count}`)));
    }
  }
  const reference = measured[0]!.times;
  return {
    title,
    n,
    results: measured.map(({ contestant, times }) => ({
      name: contestant.name,
      median: round(median(times), 3),
      minimum: round(Math.min(...times), 3),
      ratio: round(median(times) / median(reference), 2),
      ratioOfMinima: round(Math.min(...times) / Math.min(...reference), 2),
    })),
  };
}

// the core's files as a module of their own, with its options
async function compile() {
  const files = [
    "arena",
    ...["product", "qr", "eig", "symmetric-eig", "svd"].map((name) => `linalg/${name}`),
  ];
  const { error, stderr } = await asc.main([
    ...files.map((name) => `assembly/${name}.ts`),
    ...["--outFile", MODULE, "--runtime", "stub", "--enable", "simd,bulk-memory", "--use", "abort="],
    ...["-O3", "--noAssert", "--config", "none"],
  ]);
  if (error) throw new Error(stderr.toString());
}

/** The part of bench/README.md between `<!-- linear-algebra -->` and `<!-- end -->`. */
export function describe({ rows }: Awaited<ReturnType<typeof measure>>): string {
  const names = rows[0]!.results.map(({ name }) => name);
  const digits = (time: number) => (time < 10 ? time.toFixed(2) : time.toFixed(1));
  return markdownTable(
    ["milliseconds (× NumPy)", "n", ...names],
    rows.map(({ title, n, results }) => [
      title,
      String(n),
      ...results.map(({ median, ratio }, i) => (i === 0 ? digits(median) : `${digits(median)} (${ratio})`)),
    ]),
  );
}

// The tables of bench/README.md, from what step.ts and gated-step.ts measured.

import type { StepRow } from "./comparison.ts";
import { markdownTable } from "./markdown-table.ts";

type Results = readonly StepRow[];

/** Two of a row's contestants: how many times faster the first is; without the second, its share of the peak. */
type Ratio = [title: string, name: string, workers: number, peer: string, theirs: number];

/** Milliseconds of every contestant at every shape, and how tauscope compares. */
export const stepTables = (rows: Results) => tables(rows, leakyRatios(rows[0]!.results[0]!.name));

/** The same of the gated cells, a part for each cell. */
export function gatedStepTables(rows: Results): string {
  const ratios = gatedRatios(rows[0]!.results[0]!.name);
  const part = (cell: string) => {
    const own = rows.filter((row) => row.cell === cell);
    return `**${cell.toUpperCase()}**\n\n${tables(own, ratios)}`;
  };
  return ["gru", "lstm"].map(part).join("\n\n");
}

function tables(rows: Results, compared: readonly Ratio[]): string {
  const heads = rows.map(({ units, batch, steps }) => `${units}, ${batch}, ${steps}`);
  const names = rows[0]!.results.map(({ name, workers }) => ({ name, workers }));
  const times = names.map(({ name, workers }) => [
    `${name}`,
    String(workers),
    ...rows.map((row) => format(find(row, name, workers)!.ms)),
  ]);
  const peaks = [
    "peak of 128-bit instructions, GFLOP/s",
    "",
    ...rows.map(({ peakGflops }) => `${peakGflops}`),
  ];
  return [
    markdownTable(["milliseconds at H, B, T", "workers", ...heads], [...times, peaks]),
    markdownTable(["ratio at H, B, T", ...heads], ratios(rows, compared)),
  ].join("\n\n");
}

function find({ results }: StepRow, name: string, workers: number) {
  return results.find((result) => result.name === name && result.workers === workers);
}

const FAST = "tauscope, Node 24, --fast";

function leakyRatios(node: string): Ratio[] {
  return [
    ["Node 20, share of the peak", node, 1, "", 1],
    ["Node 20: two workers against one", node, 2, node, 1],
    ["Node 20, one worker, against PyTorch tuned", node, 1, "PyTorch, tuned", 1],
    ["Node 20, two workers, against PyTorch tuned on two threads", node, 2, "PyTorch, tuned", 2],
    ["the same without AVX-512, one worker", node, 1, "PyTorch, tuned, AVX2", 1],
    ["the same without AVX-512, two workers", node, 2, "PyTorch, tuned, AVX2", 2],
    ["Node 24 --fast, two workers, against PyTorch best on two threads", FAST, 2, "PyTorch, best", 2],
    ["the same without AVX-512", FAST, 2, "PyTorch, best, AVX2", 2],
    ["Node 20, one worker, against jax-js", node, 1, "jax-js", 1],
    ["Node 20, one worker, against TensorFlow.js", node, 1, "TensorFlow.js", 1],
    [
      "Node 20, one worker, against TensorFlow.js with a gradient by hand",
      node,
      1,
      "TensorFlow.js, gradient by hand",
      1,
    ],
  ];
}

function gatedRatios(node: string): Ratio[] {
  return [
    ["Node 20, share of the peak", node, 1, "", 1],
    ["Node 20: two workers against one", node, 2, node, 1],
    ["Node 20, one worker, against PyTorch tuned", node, 1, "PyTorch, tuned", 1],
    ["Node 20, two workers, against PyTorch tuned on two threads", node, 2, "PyTorch, tuned", 2],
    ["the same without AVX-512, one worker", node, 1, "PyTorch, tuned, AVX2", 1],
    ["the same without AVX-512, two workers", node, 2, "PyTorch, tuned, AVX2", 2],
    ["Node 24 --fast, one worker, against PyTorch tuned", FAST, 1, "PyTorch, tuned", 1],
    ["Node 24 --fast, two workers, against PyTorch tuned on two threads", FAST, 2, "PyTorch, tuned", 2],
    ["the same without AVX-512", FAST, 2, "PyTorch, tuned, AVX2", 2],
  ];
}

function ratios(rows: Results, compared: readonly Ratio[]): string[][] {
  return compared.flatMap(([title, name, workers, peer, theirs]) => {
    const cells = rows.map((row) => {
      const ours = find(row, name, workers);
      const other = peer ? find(row, peer, theirs) : undefined;
      if (!ours || (peer && !other)) return undefined;
      return other ? `${(other.ms / ours.ms).toFixed(2)} ×` : `${(100 * ours.share).toFixed(0)} %`;
    });
    return cells.includes(undefined) ? [] : [[title, ...(cells as string[])]];
  });
}

function format(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

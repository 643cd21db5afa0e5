// One training step of the leaky network, in turn in one run: tauscope in every engine on one and two workers, PyTorch,
// jax-js, TensorFlow.js. Medians, GFLOP/s, and the share of what 128-bit instructions can do.

import { compareSteps, type Problem, type StepRow } from "./step/comparison.ts";
import { leakyPyTorch, libraries, nodes, otherRuntimes, startPrograms } from "./step/contestants.ts";
import { startPages } from "./step/pages.ts";
import { stepTables } from "./step/table.ts";

const problems: readonly Problem[] = [
  ["leaky", 500, 256, 20],
  ["leaky", 500, 256, 50],
  ["leaky", 500, 128, 50],
  ["leaky", 256, 128, 50],
  ["leaky", 128, 64, 50],
  ["leaky", 64, 64, 50],
  ["leaky", 64, 32, 100],
];
const quickProblems = [0, 3, 4, 5].map((i) => problems[i]!);

/** `quick`: fewer shapes and rounds, under three minutes. */
export function measure({ quick = false } = {}) {
  return compareSteps(quick ? quickProblems : problems, start, quick);
}

async function start(directory: string) {
  const programs = startPrograms([...nodes(), ...otherRuntimes(), ...leakyPyTorch(), ...libraries()]);
  const pages = await startPages(directory);
  return {
    contestants: [...programs.contestants, ...pages.contestants],
    missing: [...programs.missing, ...pages.missing],
  };
}

/** The part of bench/README.md between `<!-- step -->` and `<!-- end -->`. */
export const describe = ({ rows }: { rows: StepRow[] }) => stepTables(rows);

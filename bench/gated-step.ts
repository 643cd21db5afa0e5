// One training step of GRU and LSTM, in turn in one run: tauscope in every version of Node on one and two workers, and PyTorch's
// torch.nn.GRU and torch.nn.LSTM. Medians, GFLOP/s, and the share of what 128-bit instructions can do.

import { compareSteps, type Problem, type Shape, type StepRow } from "./step/comparison.ts";
import { gatedPyTorch, nodes, startPrograms } from "./step/contestants.ts";
import { gatedStepTables } from "./step/table.ts";

const shapes: readonly Shape[] = [
  [500, 256, 20],
  [256, 128, 50],
  [128, 64, 50],
  [64, 64, 50],
  [64, 32, 100],
];
const quickShapes = [shapes[1]!, shapes[2]!];

/** `quick`: fewer shapes and rounds, some two minutes. */
export function measure({ quick = false } = {}) {
  const chosen = quick ? quickShapes : shapes;
  const problems = (["gru", "lstm"] as const).flatMap((cell) =>
    chosen.map((shape): Problem => [cell, ...shape]),
  );
  return compareSteps(problems, () => startPrograms([...nodes(), ...gatedPyTorch()]), quick);
}

/** The part of bench/README.md between `<!-- gated-step -->` and `<!-- end -->`. */
export const describe = ({ rows }: { rows: StepRow[] }) => gatedStepTables(rows);

// The multi-head curriculum trains faster: it solves each N in fewer epochs.
//
// Based on  Khajehabdollahi et al. 2024, and the released example runs (seed 0).

import type { Series } from "../chart.ts";
import type { Claim } from "../claim.ts";
import { checkLarger } from "../verdict.ts";
import {
  commonN,
  comparedCurricula,
  epochsAt,
  leakySettings,
  meanPoint,
  paper,
  solvedLengths,
  trainCurricula,
} from "./training.ts";

// epochs that solved N = 2, 3, 4 … in the released runs
const released = {
  multi: [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12],
  single: [
    1, 2, 3, 4, 5, 7, 10, 12, 15, 20, 24, 32, 40, 48, 56, 63, 72, 81, 99, 109, 128, 143, 155, 167, 188, 196,
    242,
  ],
} as const;

export const epochsToN: Claim = {
  name: "timescales/epochs-to-n",
  title: "Epochs to each N",
  statement: "Multi-head networks solve each N of N-parity in fewer epochs than single-head networks.",
  source: `${paper}, training curves of the released runs`,
  method: "N-parity with both curricula; the epoch at whose end each N is solved.",
  async test(laboratory, trial) {
    const runs = await trainCurricula(laboratory, trial, leakySettings(trial));
    const N = commonN(runs.multi, runs.single);
    const sample = (kind: "multi" | "single") => ({
      label: `${kind}-head`,
      values: epochsAt(runs[kind], N),
    });
    const check = await checkLarger({
      statement: `Single-head networks need more epochs to solve N = ${N}, the largest N that all networks solved.`,
      expected:
        N >= 2 && N <= 12
          ? `multi-head ${released.multi[N - 2]}, single-head ${released.single[N - 2]} (epochs of 600 updates, one released run each)`
          : "multi-head first",
      larger: sample("single"),
      smaller: sample("multi"),
      digits: 1,
    });
    const series = comparedCurricula.flatMap(({ curriculum, label, colour }): Series[] => {
      const points = solvedLengths(runs[curriculum]).flatMap((length) =>
        meanPoint(length, epochsAt(runs[curriculum], length)),
      );
      const own: Series = { label, kind: "line", points, colour };
      if (trial.scale !== "paper") return [own];
      const theirs = released[curriculum].map((y, i) => ({ x: i + 2, y }));
      return [own, { label: `${label}, released run`, kind: "paper", points: theirs, colour }];
    });
    return {
      checks: [check],
      charts: [
        {
          title: "Epoch that solved N.",
          note: "Line and band: mean and standard deviation over the networks that solved N; the curve's end says how far the best got.",
          x: { label: "N (bits)", whole: true },
          y: { label: "Epoch", from: 0 },
          series,
        },
      ],
      notes: [],
    };
  },
};

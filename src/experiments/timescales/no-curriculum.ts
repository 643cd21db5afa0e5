// Without a curriculum, long memory is not learned.
//
// Based on  Khajehabdollahi et al. 2024, as its open reviews quote it: N > 10 fails when trained from scratch.

import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { type Check, checkLarger } from "../verdict.ts";
import {
  comparedCurricula,
  leakySettings,
  meanPoint,
  networkPoints,
  paper,
  trainCurricula,
  trainSeeds,
} from "./training.ts";

const lengths: Record<ScaleName, number[]> = {
  tiny: [3, 5],
  laptop: [8, 10, 12, 15, 20],
  paper: [5, 10, 15, 20, 30],
};

export const noCurriculum: Claim = {
  name: "timescales/no-curriculum",
  title: "Training without a curriculum",
  statement: "Trained from scratch on one N of N-parity, networks fail above N = 10.",
  source: `${paper}, open reviews`,
  method:
    "N-parity for one N from scratch, beside both curricula over the same number of epochs. A network that never solves its N counts as having solved 0.",
  async test(laboratory, trial) {
    const settings = leakySettings(trial);
    const tested = lengths[trial.scale];
    const [runs, ...scratch] = await Promise.all([
      trainCurricula(laboratory, trial, settings),
      ...tested.map((N) => trainSeeds(laboratory, trial, { ...settings, curriculum: "none", startN: N })),
    ] as const);
    const best = trial.seeds.map((_, i) => Math.max(...scratch.map((each) => each[i]!.solvedN)));
    const checks: Check[] = [];
    for (const { curriculum, label } of comparedCurricula) {
      const check = await checkLarger({
        statement: `Within these epochs, the ${label} curriculum gets further than training from scratch on any of N = ${tested.join(", ")}.`,
        expected: `from scratch at most 10; ${label} ${curriculum === "multi" ? "100 or more" : "33 to 37"} (1000 epochs of 600 updates)`,
        larger: { label: `${label} curriculum`, values: runs[curriculum].map(({ solvedN }) => solvedN) },
        smaller: { label: "from scratch", values: best },
        digits: 1,
      });
      checks.push(check);
    }
    const accuracies = scratch.map((each) =>
      each.map(({ records }) => Object.values(records.at(-1)!.accuracy)[0]!),
    );
    const series: Series[] = [
      {
        label: "mean",
        kind: "line",
        points: tested.flatMap((N, i) => meanPoint(N, accuracies[i]!)),
        colour: 2,
      },
      {
        label: "a network",
        kind: "networks",
        points: tested.flatMap((N, i) => networkPoints(N, accuracies[i]!)),
        colour: 2,
      },
    ];
    return {
      checks,
      charts: [
        {
          title: "Accuracy at the end of training from scratch.",
          note: "Training stops when N is solved (above 98 %). One half is chance, or a little more for even N.",
          x: { label: "N trained (bits)", whole: true },
          y: { label: "Accuracy", from: 0.4, to: 1 },
          series,
        },
      ],
      notes: [],
    };
  },
};

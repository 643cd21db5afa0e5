// Without a curriculum, long memory is not learned.
//
// Based on  Khajehabdollahi et al. 2024, as its open reviews quote it: N > 10 fails when trained from scratch.

import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { checkLarger } from "../verdict.ts";
import { leakySettings, meanPoint, networkPoints, paper, trainSeeds } from "./training.ts";

const lengths: Record<ScaleName, number[]> = {
  tiny: [3, 5],
  laptop: [4, 6, 8, 10],
  paper: [5, 10, 15, 20, 30],
};

export const noCurriculum: Claim = {
  name: "timescales/no-curriculum",
  title: "Training without a curriculum",
  statement: "Trained from scratch on one N of N-parity, networks fail above N = 10.",
  source: `${paper}, open reviews`,
  method:
    "N-parity for one N from scratch, beside the single-head curriculum over the same number of epochs. A network that never solves its N counts as having solved 0.",
  async test(laboratory, trial) {
    const settings = leakySettings(trial);
    const tested = lengths[trial.scale];
    const [single, ...scratch] = await Promise.all([
      trainSeeds(laboratory, trial, { ...settings, curriculum: "single" }),
      ...tested.map((N) => trainSeeds(laboratory, trial, { ...settings, curriculum: "none", startN: N })),
    ]);
    const best = trial.seeds.map((_, i) => Math.max(...scratch.map((runs) => runs[i]!.solvedN)));
    const check = await checkLarger({
      statement: `The single-head curriculum gets further than training from scratch on any of N = ${tested.join(", ")}.`,
      expected: "from scratch at most 10; single-head curriculum 33 to 37 (1000 epochs of 600 updates)",
      larger: { label: "single-head curriculum", values: single!.map(({ solvedN }) => solvedN) },
      smaller: { label: "from scratch", values: best },
      digits: 1,
    });
    const accuracies = scratch.map((runs) =>
      runs.map(({ records }) => Object.values(records.at(-1)!.accuracy)[0]!),
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
      checks: [check],
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

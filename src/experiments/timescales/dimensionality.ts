// Networks that remember more bits have activity of more dimensions.
//
// Based on   Khajehabdollahi et al. 2024, its analysis of dimensionality by PCA; the released code publishes no values.
// Deviation  the number of components, where the released code reports the index of the last (one less).

import type { Series } from "../chart.ts";
import type { Claim } from "../claim.ts";
import { checkGrowth, measureActivity, valuesByN } from "./activity.ts";
import { comparedCurricula, longer, meanPoint, paper, trainToLargeN } from "./training.ts";

export const dimensionality: Claim = {
  name: "timescales/dimensionality",
  title: "Dimensionality of activity",
  statement:
    "The number of principal components that hold 90 % of the variance of a network's activity grows with N.",
  source: `${paper}, analysis of dimensionality; no values published with the code`,
  method: "Networks at some of the N they solved, driven by random bits; PCA of the states of each trial.",
  reduced: longer,
  async test(laboratory, trial) {
    const runs = await trainToLargeN(laboratory, trial);
    const activity = await measureActivity(laboratory, trial, runs);
    const checks = await checkGrowth(activity, {
      quantity: "the number of components",
      expected: { multi: "growth with N", single: "growth with N" },
      measureOf: ({ components }) => components,
    });
    const series = comparedCurricula.map(
      ({ curriculum, label, colour }): Series => ({
        label,
        kind: "line",
        points: [...valuesByN(activity[curriculum], ({ components }) => components)].flatMap(([N, values]) =>
          meanPoint(N, values),
        ),
        colour,
      }),
    );
    return {
      checks,
      charts: [
        {
          title: "Principal components for 90 % of the variance.",
          note: "Mean over trials, then mean and standard deviation over networks.",
          x: { label: "N (bits)", whole: true },
          y: { label: "Components", from: 0 },
          series,
        },
      ],
      notes: [],
    };
  },
};

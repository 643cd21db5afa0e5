// Network-mediated timescales grow with N, whichever the curriculum.
//
// Based on   Khajehabdollahi et al. 2024, its figures of τ_net; mean values digitised (± 0.15).
// Deviation  medians over units beside means: the means are carried by single units.

import type { Chart, Series } from "../chart.ts";
import type { Claim } from "../claim.ts";
import type { ActivitySummary } from "../measurements.ts";
import { type ComparedActivity, checkGrowth, measureActivity, valuesByN } from "./activity.ts";
import { comparedCurricula, longer, meanPoint, paper, trainToLargeN } from "./training.ts";

// mean τ_net over units above 1, by N
const published = {
  multi: [
    [5, 2.7],
    [15, 4],
    [20, 4.9],
    [30, 6.6],
    [100, 7],
  ],
  single: [
    [5, 2.5],
    [10, 3.3],
    [15, 3.5],
    [20, 4.4],
    [25, 5.7],
    [30, 7.05],
  ],
} as const;

export const networkTimescales: Claim = {
  name: "timescales/network-timescales",
  title: "Network-mediated timescales against N",
  statement: "The timescales of units' activity, τ_net, grow with N in single-head and multi-head networks.",
  source: `${paper}, mean τ_net against N`,
  method:
    "Networks at some of the N they solved, driven by random bits; τ_net from the autocorrelation of each unit, of units above 1 step.",
  reduced: longer,
  async test(laboratory, trial) {
    const runs = await trainToLargeN(laboratory, trial);
    const activity = await measureActivity(laboratory, trial, runs);
    const checks = await checkGrowth(activity, {
      quantity: "the median of τ_net > 1",
      expected: {
        multi: "means 2.7 at N = 5, 4.0 at 15, 6.6 at 30",
        single: "means 2.5 at N = 5, 3.3 at 10, 7.05 at 30",
      },
      measureOf: medianOf,
    });
    return {
      checks,
      charts: [
        againstN("Median of τ_net > 1 over units.", "Median τ_net (time steps)", activity, medianOf, false),
        againstN("Mean of τ_net > 1 over units.", "Mean τ_net (time steps)", activity, meanOf, true),
        distribution(activity),
      ],
      notes: [],
    };
  },
};

// a network without a unit above 1 step is as fast as can be
const medianOf = ({ slow }: ActivitySummary) => slow?.median ?? 1;
const meanOf = ({ slow }: ActivitySummary) => slow?.mean ?? 1;

function againstN(
  title: string,
  axis: string,
  activity: ComparedActivity,
  measureOf: (summary: ActivitySummary) => number,
  withPaper: boolean,
): Chart {
  const series = comparedCurricula.flatMap(({ curriculum, label, colour }): Series[] => {
    const byN = [...valuesByN(activity[curriculum], measureOf)];
    const points = byN.flatMap(([N, values]) => meanPoint(N, values));
    const theirs = published[curriculum].map(([x, y]) => ({ x, y }));
    const within = theirs.filter(({ x }) => x <= (byN.at(-1)?.[0] ?? 0));
    const paperSeries: Series = { label: `${label}, paper`, kind: "paper", points: within, colour };
    return [{ label, kind: "line", points, colour }, ...(withPaper ? [paperSeries] : [])];
  });
  const circles = withPaper ? " Open circles: the paper's values, digitised." : "";
  return {
    title,
    note: `Line and band: mean and standard deviation over networks.${circles}`,
    x: { label: "N (bits)", whole: true },
    y: { label: axis, from: 1 },
    series,
  };
}

// quantiles over the units of all networks at the largest N that was measured in all of them
function distribution(activity: ComparedActivity): Chart {
  const series = comparedCurricula.map(({ curriculum, label, colour }): Series => {
    const networks = activity[curriculum].flat();
    const everywhere = [...valuesByN(activity[curriculum], medianOf)].filter(
      ([, values]) => values.length === activity[curriculum].length,
    );
    const largest = everywhere.at(-1)?.[0] ?? 0;
    const last = networks.filter(({ N }) => N === largest);
    const taus = last.flatMap(({ summary }) => summary.taus.flatMap((value) => value ?? []));
    taus.sort((a, b) => a - b);
    const shares = Array.from({ length: 101 }, (_, i) => i / 100);
    const points = shares.flatMap((y) => {
      const x = taus[Math.min(taus.length - 1, Math.floor(y * taus.length))];
      return x === undefined ? [] : [{ x: Math.max(x, 0.1), y }];
    });
    return { label: `${label}, N = ${largest || "–"}`, kind: "line", points, colour };
  });
  return {
    title: "Distribution of τ_net over units.",
    note: "Share of units with a shorter τ_net; the units of all networks that solved N, failed fits left out. Below 0.1 drawn at 0.1.",
    x: { label: "τ_net (time steps)", logarithmic: true },
    y: { label: "Share of units", from: 0, to: 1 },
    series,
  };
}

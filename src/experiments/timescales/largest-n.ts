// Multi-head networks solve longer memory than single-head ones, and need no trained time constants for it.
//
// Based on  Khajehabdollahi et al. 2024, figure 4a, and the arrays behind it in the released code.

import type { Series } from "../chart.ts";
import type { Claim } from "../claim.ts";
import { type Check, checkLarger, checkNear, summarize } from "../verdict.ts";
import {
  type ComparedRuns,
  comparedCurricula,
  leakySettings,
  networkPoints,
  paper,
  trainCurricula,
} from "./training.ts";

const constraints = [
  { label: "trained", settings: {} },
  ...[1, 2, 3].map((tau) => ({
    label: `τ = ${tau}`,
    settings: { trainTau: false, tauLow: tau, tauHigh: tau },
  })),
];

// largest N of the paper's four networks; its multi-head networks have 100 heads, for N up to 101
const published = {
  single: [
    [37, 33, 35, 35],
    [24, 25, 24, 26],
    [26, 25, 26, 26],
    [25, 24, 24, 24],
  ],
  multi: [
    [100, 101, 100, 101],
    [101, 101, 101, 101],
    [87, 88, 87, 87],
    [66, 70, 70, 72],
  ],
} as const;

export const largestN: Claim = {
  name: "timescales/largest-n",
  title: "Largest N by curriculum and time constants",
  statement:
    "Multi-head networks solve N-parity for larger N than single-head networks; single-head networks need trained time constants to get far, multi-head networks do best with τ = 1.",
  source: `${paper}, figure 4a`,
  method:
    "N-parity with both curricula, with trained time constants and with all of them fixed at 1, 2 or 3; the largest N solved within the epochs of the scale.",
  reduced: "Fewer epochs end the curricula long before any network fails.",
  async test(laboratory, trial) {
    const runs = await Promise.all(
      constraints.map(({ settings }) => trainCurricula(laboratory, trial, leakySettings(trial, settings))),
    );
    const solved = (i: number, kind: keyof ComparedRuns) => runs[i]![kind].map(({ solvedN }) => solvedN);
    const sample = (i: number, kind: keyof ComparedRuns) => ({
      label: `${kind}-head, ${constraints[i]!.label}`,
      values: solved(i, kind),
    });
    const values = (i: number, kind: keyof ComparedRuns) => published[kind][i]!.join(", ");
    const checks: Check[] = [];
    for (const [i, { label }] of constraints.entries()) {
      const check = await checkLarger({
        statement: `With ${i === 0 ? "trained τ" : label}, multi-head networks solve a larger N.`,
        expected: `multi-head ${values(i, "multi")}; single-head ${values(i, "single")}`,
        larger: sample(i, "multi"),
        smaller: sample(i, "single"),
        digits: 1,
      });
      checks.push(check);
    }
    checks.push(
      await checkLarger({
        statement: "Within these epochs, single-head networks get further with trained τ than with τ = 1.",
        expected: `trained ${values(0, "single")}; τ = 1 ${values(1, "single")}`,
        larger: sample(0, "single"),
        smaller: sample(1, "single"),
        digits: 1,
      }),
      await checkLarger({
        statement: "Within these epochs, multi-head networks get further with τ = 1 than with τ = 3.",
        expected: `τ = 1 ${values(1, "multi")}; τ = 3 ${values(3, "multi")}`,
        larger: sample(1, "multi"),
        smaller: sample(3, "multi"),
        digits: 1,
      }),
    );
    const series = comparedCurricula.map(
      ({ curriculum, label, colour }): Series => ({
        label,
        kind: "networks",
        points: runs.flatMap((_, i) => networkPoints(i, solved(i, curriculum))),
        colour,
      }),
    );
    const asPublished = trial.scale === "paper";
    if (asPublished) {
      for (const { curriculum, label, colour } of comparedCurricula) {
        const means = published[curriculum].map((row) => summarize(row).mean);
        const points = means.map((y, x) => ({ x, y }));
        series.push({ label: `${label}, paper`, kind: "paper", points, colour });
        means.forEach((value, i) => {
          const statement = `${label}, ${constraints[i]!.label}: the mean of the largest N.`;
          const expected = { value, source: "figure 4a", tolerance: 4 };
          checks.push(checkNear({ statement, expected, sample: sample(i, curriculum), digits: 1 }));
        });
      }
    }
    return {
      checks,
      charts: [
        {
          title: "Largest N solved.",
          note: `A dot is one network${asPublished ? "; open circles: means of the paper's four" : ", after the epochs of this scale"}.`,
          x: { label: "Time constants", categories: constraints.map(({ label }) => label) },
          y: { label: "Largest N solved (bits)", from: 0 },
          series,
        },
      ],
      notes: [],
    };
  },
};

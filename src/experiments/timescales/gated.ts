// The multi-head curriculum lets LSTM and GRU learn longer memory too.
//
// Based on   Khajehabdollahi et al. 2024, its appendix on LSTM and GRU: Adam, batches of 64, bits -1 and 1.

import type { TrainingSettings } from "../../training/settings.ts";
import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { type Check, checkLarger } from "../verdict.ts";
import { comparedCurricula, meanPoint, paper, solvedLengths, solveOf, trainCurricula } from "./training.ts";

const published: Partial<TrainingSettings> = {
  optimizer: "adam",
  learningRate: 0.001,
  batch: 64,
  updates: 300,
  epochs: 100,
  bits: "bipolar",
};

const sizes: Record<ScaleName, Partial<TrainingSettings>> = {
  tiny: { units: 16, batch: 32, updates: 100, testBatches: 10, epochs: 6, maxN: 6, learningRate: 0.01 },
  laptop: { units: 64, updates: 100, epochs: 60, maxN: 41 },
  paper: {},
};

const cells = [
  { cell: "lstm", label: "LSTM" },
  { cell: "gru", label: "GRU" },
] as const;

export const gated: Claim = {
  name: "timescales/gated",
  title: "LSTM and GRU",
  statement:
    "LSTM and GRU networks solve N-parity for larger N with the multi-head than with the single-head curriculum.",
  source: `${paper}, training of LSTM and GRU`,
  method: "N-parity of bits −1 and 1 with both curricula, Adam.",
  async test(laboratory, trial) {
    const results = await Promise.all(
      cells.map(async ({ cell, label }) => ({
        label,
        runs: await trainCurricula(laboratory, trial, { ...published, ...sizes[trial.scale], cell }),
      })),
    );
    const checks: Check[] = [];
    for (const { label, runs } of results) {
      const check = await checkLarger({
        statement: `${label}: multi-head networks solve a larger N.`,
        expected: "multi-head far above single-head",
        larger: { label: "multi-head", values: runs.multi.map(({ solvedN }) => solvedN) },
        smaller: { label: "single-head", values: runs.single.map(({ solvedN }) => solvedN) },
        digits: 1,
      });
      checks.push(check);
    }
    const charts = results.map(({ label, runs }) => ({
      title: `${label}: epoch that solved N.`,
      note: "Line and band: mean and standard deviation over the networks that solved N; the curve's end says how far the best got.",
      x: { label: "N (bits)", whole: true },
      y: { label: "Epoch", from: 0 },
      series: comparedCurricula.map(({ curriculum, label: kind, colour }): Series => {
        const group = runs[curriculum];
        const points = solvedLengths(group).flatMap((N) =>
          meanPoint(
            N,
            group.flatMap((run) => solveOf(run, N)?.epoch ?? []),
          ),
        );
        return { label: kind, kind: "line", points, colour };
      }),
    }));
    return { checks, charts, notes: [] };
  },
};

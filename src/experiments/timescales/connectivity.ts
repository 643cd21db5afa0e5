// Single-head networks become inhibitory: their mean recurrent weight falls below that of multi-head networks.
//
// Based on  Khajehabdollahi et al. 2024, its analysis of incoming weights; values of a simulation at laptop scale.

import { weightStatistics } from "../../analysis/weight-statistics.ts";
import { networkTensors } from "../../cells/network.ts";
import type { Series } from "../chart.ts";
import type { Claim } from "../claim.ts";
import { checkLarger } from "../verdict.ts";
import {
  commonN,
  comparedCurricula,
  longer,
  meanPoint,
  networksAt,
  paper,
  solvedLengths,
  trainToLargeN,
} from "./training.ts";

export const connectivity: Claim = {
  name: "timescales/connectivity",
  title: "Mean recurrent weight",
  statement:
    "With N, the recurrent weights of single-head networks become strongly inhibitory, those of multi-head networks weakly.",
  source: `${paper}, analysis of connectivity`,
  method:
    "N-parity with both curricula; the mean recurrent weight, without the diagonal, when each N is solved.",
  reduced: longer,
  async test(laboratory, trial) {
    const runs = await trainToLargeN(laboratory, trial);
    const weightsAt = async (curriculum: "multi" | "single", N: number) => {
      const networks = await networksAt(runs[curriculum], N);
      return networks.map(({ network: { shape, parameters } }) => {
        const recurrent = networkTensors(shape, parameters).get("recurrent.weight")!;
        return weightStatistics(recurrent.data, shape.units).mean;
      });
    };
    const N = commonN(runs.multi, runs.single);
    const sample = async (curriculum: "multi" | "single") => ({
      label: `${curriculum}-head`,
      values: N < 2 ? [] : await weightsAt(curriculum, N),
    });
    const check = await checkLarger({
      statement: `At N = ${N}, the largest that all networks solved, single-head networks have the lower mean recurrent weight.`,
      expected:
        "at N = 7 with 128 units: single-head −0.004 to −0.006, multi-head −0.001 to −0.0015 (simulated)",
      larger: await sample("multi"),
      smaller: await sample("single"),
      digits: 5,
    });
    const series = await Promise.all(
      comparedCurricula.map(async ({ curriculum, label, colour }): Promise<Series> => {
        const lengths = solvedLengths(runs[curriculum]);
        const points = lengths.map(async (length) => meanPoint(length, await weightsAt(curriculum, length)));
        return { label, kind: "line", points: (await Promise.all(points)).flat(), colour };
      }),
    );
    return {
      checks: [check],
      charts: [
        {
          title: "Mean recurrent weight when N was solved.",
          note: "Line and band: mean and standard deviation over the networks that solved N. Below zero: inhibition prevails.",
          x: { label: "N (bits)", whole: true },
          y: { label: "Mean recurrent weight" },
          series,
        },
      ],
      notes: [],
    };
  },
};

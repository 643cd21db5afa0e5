// Single-head networks forget what they solved before; multi-head networks cannot.
//
// Based on  Khajehabdollahi et al. 2024. What a network that computes N-parity scores on another N follows from the bias
//           of the sequences: 1/2 for odd distances, 1/2 + 1/(2(d + 1)) for even d.

import type { Series } from "../chart.ts";
import type { Claim } from "../claim.ts";
import type { TrainedRun } from "../laboratory.ts";
import { type Check, checkLarger, checkNear, summarize } from "../verdict.ts";
import {
  commonN,
  comparedCurricula,
  leakySettings,
  meanPoint,
  networksAt,
  paper,
  trainCurricula,
} from "./training.ts";

// the derived values hold for a network that is always right; one that is right in 98 % of cases is nearer to one half
const TOLERANCE = 0.03;

export const forgetting: Claim = {
  name: "timescales/forgetting",
  title: "Forgetting along the curriculum",
  statement: "A single-head network trained on N-parity is at chance on the N it solved before.",
  source: `${paper}, catastrophic forgetting`,
  method: "Networks at the largest N that all of both curricula solved; accuracy on every N up to it.",
  async test(laboratory, trial) {
    const runs = await trainCurricula(laboratory, trial, leakySettings(trial));
    const largest = commonN(runs.multi, runs.single);
    if (largest < 3)
      return { checks: [await tooShort()], charts: [], notes: ["No N above 2 was solved by all networks."] };
    const lengths = Array.from({ length: largest - 1 }, (_, i) => i + 2);
    const measure = async (group: readonly TrainedRun[]) => {
      const networks = await networksAt(group, largest);
      const options = { N: lengths, batches: trial.scale === "tiny" ? 4 : 20 };
      return Promise.all(networks.map((network) => laboratory.measure("accuracy", network, options)));
    };
    const accuracies = { multi: await measure(runs.multi), single: await measure(runs.single) };
    const at = (kind: "multi" | "single", N: number) => accuracies[kind].map((each) => each[N]!);
    const earlier = (kind: "multi" | "single") =>
      accuracies[kind].map((each) => summarize(lengths.slice(0, -1).map((N) => each[N]!)).mean);
    const checks: Check[] = [
      await checkLarger({
        statement: `Trained to N = ${largest}, multi-head networks are better than single-head ones on all earlier N (mean over them).`,
        expected: "multi-head above 0.98; single-head near chance",
        larger: { label: "multi-head", values: earlier("multi") },
        smaller: { label: "single-head", values: earlier("single") },
      }),
    ];
    for (const distance of [1, 2].filter((d) => largest - d >= 2)) {
      checks.push(
        checkNear({
          statement: `Single-head networks on N = ${largest - distance}, ${distance} below the last.`,
          expected: { value: chanceAt(distance), source: "derived", tolerance: TOLERANCE },
          sample: { label: "single-head", values: at("single", largest - distance) },
        }),
      );
    }
    const series = comparedCurricula.map(
      ({ curriculum, label, colour }): Series => ({
        label,
        kind: "line",
        points: lengths.flatMap((N) => meanPoint(N, at(curriculum, N))),
        colour,
      }),
    );
    const derived = lengths.slice(0, -1).map((N) => ({ x: N, y: chanceAt(largest - N) }));
    series.push({ label: "single-head, derived", kind: "paper", points: derived, colour: 1 });
    return {
      checks,
      charts: [
        {
          title: `Accuracy on earlier N of networks trained to N = ${largest}.`,
          note: `Line and band: mean and standard deviation over networks. Open circles: what a network scores that computes ${largest}-parity whatever it is asked for.`,
          x: { label: "N tested (bits)", whole: true },
          y: { label: "Accuracy", from: 0.4, to: 1 },
          series,
        },
      ],
      notes: [],
    };
  },
};

function chanceAt(distance: number): number {
  return distance % 2 === 0 ? 0.5 + 0.5 / (distance + 1) : 0.5;
}

function tooShort(): Promise<Check> {
  return checkLarger({
    statement: "Multi-head networks are better than single-head ones on earlier N.",
    expected: "multi-head above 0.98; single-head near chance",
    larger: { label: "multi-head", values: [] },
    smaller: { label: "single-head", values: [] },
  });
}

// A network that has solved some N learns a larger one better if its curriculum was multi-head.
//
// Based on   Khajehabdollahi et al. 2024, figure 8c: networks trained to N = 16, retrained on one larger N for 20 epochs.
// Deviation  both kinds go on with one head, that of the last N solved.

import { relativeAccuracy } from "../../analysis/relative-accuracy.ts";
import { networkTensors, packParameters } from "../../cells/network.ts";
import type { TrainingSettings } from "../../training/settings.ts";
import type { Claim, ScaleName } from "../claim.ts";
import type { Laboratory, Specimen, TrainedRun } from "../laboratory.ts";
import { checkLarger, summarize } from "../verdict.ts";
import {
  comparedCurricula,
  leakySettings,
  meanPoint,
  networksAt,
  paper,
  trainCurricula,
} from "./training.ts";

const plans: Record<ScaleName, { from: number; steps: number[]; epochs: number }> = {
  tiny: { from: 3, steps: [1, 2], epochs: 3 },
  laptop: { from: 6, steps: [1, 2, 4, 6, 8], epochs: 20 },
  paper: { from: 16, steps: [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 25, 30], epochs: 20 },
};

export const retraining: Claim = {
  name: "timescales/retraining",
  title: "Retraining on larger N",
  statement:
    "Networks trained with the multi-head curriculum are retrained to larger N with less loss of accuracy than single-head networks.",
  source: `${paper}, figure 8c`,
  method:
    "Networks that have solved an N are retrained with one head on a larger one, N skipped in between; accuracy at the end relative to that on the N before.",
  reduced: "From N = 6, epochs of 100 updates.",
  async test(laboratory, trial) {
    const { from, steps, epochs } = plans[trial.scale];
    const settings = leakySettings(trial);
    const runs = await trainCurricula(laboratory, trial, settings);
    const able = trial.seeds.map((_, i) =>
      comparedCurricula.every(({ curriculum }) => runs[curriculum][i]!.solvedN >= from),
    );
    const results = await Promise.all(
      comparedCurricula.map(async ({ curriculum }) => {
        const group = runs[curriculum].filter((_, i) => able[i]);
        const networks = await networksAt(group, from);
        return Promise.all(
          networks.map((network, i) =>
            retrain(laboratory, group[i]!, network, from, steps, { ...settings, epochs }),
          ),
        );
      }),
    );
    const sample = (i: number) => ({
      label: comparedCurricula[i]!.label,
      values: results[i]!.map((accuracies) => summarize(accuracies).mean),
    });
    const check = await checkLarger({
      statement: `Retrained from N = ${from} on N = ${steps.map((step) => from + step).join(", ")}, multi-head networks keep more of their accuracy (mean over these N).`,
      expected: "multi-head above single-head",
      larger: sample(0),
      smaller: sample(1),
    });
    const missing = able.filter((both) => !both).length;
    return {
      checks: [check],
      charts: [
        {
          title: `Relative accuracy after ${epochs} epochs of retraining from N = ${from}.`,
          note: "Line and band: mean and standard deviation over networks. 1: as good as on the N before; 0: chance.",
          x: { label: "N of retraining (bits)", whole: true },
          y: { label: "Relative accuracy", from: 0 },
          series: comparedCurricula.map(({ label, colour }, i) => ({
            label,
            kind: "line",
            points: steps.flatMap((step, k) =>
              meanPoint(
                from + step,
                results[i]!.map((each) => each[k]!),
              ),
            ),
            colour,
          })),
        },
      ],
      notes:
        missing > 0
          ? [
              `In ${missing} of ${able.length} seeds not both networks solved N = ${from}; these are left out.`,
            ]
          : [],
    };
  },
};

// relative accuracy on each N after retraining
async function retrain(
  laboratory: Laboratory,
  { settings: { seed } }: TrainedRun,
  network: Specimen,
  from: number,
  steps: readonly number[],
  settings: Partial<TrainingSettings>,
): Promise<number[]> {
  const head = oneHead(network, from);
  const baseline = await laboratory.measure("accuracy", network, { N: [from], batches: 20 });
  return Promise.all(
    steps.map(async (step) => {
      const N = from + step;
      const run = await laboratory.train({ ...settings, curriculum: "none", startN: N, maxN: N, seed }, head);
      return relativeAccuracy(Object.values(run.records.at(-1)!.accuracy)[0]!, baseline[from]!);
    }),
  );
}

/** The network with the head that answers N alone. */
function oneHead({ network, purpose, key, label }: Specimen, N: number): Specimen {
  const { shape, parameters } = network;
  const head = purpose.curriculum === "multi" ? N - purpose.startN : 0;
  const tensors = networkTensors(shape, parameters);
  const weight = tensors.get("readout.weight")!.data;
  const bias = tensors.get("readout.bias")!.data;
  const { units: H, classes: C } = shape;
  tensors.set("readout.weight", { shape: [1, C, H], data: weight.slice(head * C * H, (head + 1) * C * H) });
  tensors.set("readout.bias", { shape: [1, C], data: bias.slice(head * C, (head + 1) * C) });
  const single = { ...shape, heads: 1 };
  return {
    network: { shape: single, parameters: packParameters(single, tensors) },
    purpose,
    key: `${key}/head-${N}`,
    label,
  };
}

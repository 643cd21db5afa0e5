// Neither the place of the non-linearity nor its kind decides between the curricula.
//
// Based on  Khajehabdollahi et al. 2024, its appendix on the location and the kind of the non-linearity.

import type { TrainingSettings } from "../../training/settings.ts";
import type { Claim } from "../claim.ts";
import { type Check, checkLarger } from "../verdict.ts";
import {
  commonN,
  comparedCurricula,
  leakySettings,
  networkPoints,
  paper,
  tausAt,
  trainCurricula,
} from "./training.ts";

type Variant = Pick<TrainingSettings, "cell" | "activation"> & { label: string };

const variants: Variant[] = [
  { label: "leak inside, leaky ReLU", cell: "leaky", activation: "leaky-relu" },
  { label: "leak outside, leaky ReLU", cell: "leaky-outside", activation: "leaky-relu" },
  { label: "leak outside, ReLU", cell: "leaky-outside", activation: "relu" },
  { label: "leak outside, tanh", cell: "leaky-outside", activation: "tanh" },
  { label: "leak outside, sigmoid", cell: "leaky-outside", activation: "sigmoid" },
];

export const nonLinearity: Claim = {
  name: "timescales/non-linearity",
  title: "Place and kind of the non-linearity",
  statement:
    "Wherever the leak is and whatever the activation, multi-head networks solve larger N than single-head networks, with shorter mean τ.",
  source: `${paper}, appendix on the non-linearity`,
  method: "N-parity with both curricula for each cell and activation.",
  async test(laboratory, trial) {
    const results = await Promise.all(
      variants.map(async ({ label, ...cell }) => {
        const runs = await trainCurricula(laboratory, trial, leakySettings(trial, cell));
        const N = commonN(runs.multi, runs.single);
        const solved = (kind: "multi" | "single") => runs[kind].map(({ solvedN }) => solvedN);
        const checks: Check[] = [
          await checkLarger({
            statement: `${label}: multi-head networks solve a larger N.`,
            expected: "as with the leak inside",
            larger: { label: "multi-head", values: solved("multi") },
            smaller: { label: "single-head", values: solved("single") },
            digits: 1,
          }),
          await checkLarger({
            statement: `${label}: at N = ${N || "–"}, single-head networks have the longer mean τ.`,
            expected: "as with the leak inside",
            larger: { label: "single-head", values: tausAt(runs.single, N) },
            smaller: { label: "multi-head", values: tausAt(runs.multi, N) },
          }),
        ];
        return { checks, multi: solved("multi"), single: solved("single") };
      }),
    );
    return {
      checks: results.flatMap(({ checks }) => checks),
      charts: [
        {
          title: "Largest N solved.",
          note: "A dot is one network.",
          x: { label: "Leak and activation", categories: variants.map(({ label }) => label) },
          y: { label: "Largest N solved (bits)", from: 0 },
          series: comparedCurricula.map(({ curriculum, label, colour }) => ({
            label,
            kind: "networks",
            points: results.flatMap((result, i) => networkPoints(i, result[curriculum])),
            colour,
          })),
        },
      ],
      notes: [],
    };
  },
};

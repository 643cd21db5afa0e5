// Multi-head networks are more robust to perturbations of their weights and time constants.
//
// Based on  Khajehabdollahi et al. 2024, figure 8a, b, and the released results behind it.

import { relativeAccuracy } from "../../analysis/relative-accuracy.ts";
import type { Chart, Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import type { Laboratory } from "../laboratory.ts";
import { type Check, checkLarger, checkNear, summarize } from "../verdict.ts";
import {
  type ComparedRuns,
  commonN,
  comparedCurricula,
  leakySettings,
  meanPoint,
  networksAt,
  paper,
  trainCurricula,
} from "./training.ts";

// as in the source
const LARGEST_N = 30;
const TOLERANCE = 0.1;

const draws: Record<ScaleName, number> = { tiny: 2, laptop: 10, paper: 10 };

// the ε of the paper's figure, each in steps of the same factor, and its relative accuracies at N = 30 at some of them
const kinds = [
  {
    of: "weights",
    symbol: "W",
    epsilons: [0.01, 0.0215, 0.0464, 0.1, 0.215, 0.464, 1, 2.15, 4.64, 10],
    compared: [0.0464, 0.1, 0.215, 0.464],
    published: { multi: [1.001, 0.995, 0.962, 0.653], single: [0.997, 0.96, 0.736, 0.167] },
  },
  {
    of: "tau",
    symbol: "τ",
    epsilons: [0.001, 0.00215, 0.00464, 0.01, 0.0215, 0.0464, 0.1, 0.215, 0.464, 1, 2.15, 4.64, 10],
    compared: [0.0215, 0.0464, 0.1, 0.215],
    published: { multi: [0.998, 0.986, 0.894, 0.416], single: [0.932, 0.713, 0.379, 0.045] },
  },
] as const;
type Kind = (typeof kinds)[number];

/** Relative accuracy of each network at each ε. */
type Robustness = Record<"multi" | "single", number[][]>;

export const perturbation: Claim = {
  name: "timescales/perturbation",
  title: "Perturbing weights and time constants",
  statement:
    "Multi-head networks keep more of their accuracy than single-head networks when their recurrent weights, or their time constants, are perturbed.",
  source: `${paper}, figure 8a, b`,
  method:
    "Networks at the largest N that all solved; W + ε ‖W‖ D / ‖D‖ and τ + ε ‖τ‖ |d| / ‖d‖ with Gaussian D and d; accuracy on 1000 steps relative to the unperturbed network's, mean over draws.",
  reduced: "N is smaller than the paper's 30.",
  async test(laboratory, trial) {
    const runs = await trainCurricula(laboratory, trial, leakySettings(trial));
    const N = Math.min(LARGEST_N, commonN(runs.multi, runs.single));
    const checks: Check[] = [];
    const charts: Chart[] = [];
    for (const kind of kinds) {
      const measured = await perturb(laboratory, runs, N, kind, draws[trial.scale]);
      checks.push(await check(kind, N, measured));
      if (trial.scale === "paper") checks.push(...publishedChecks(kind, N, measured));
      charts.push(chart(kind, N, measured, trial.scale === "paper"));
    }
    return { checks, charts, notes: [] };
  },
};

async function perturb(
  laboratory: Laboratory,
  runs: ComparedRuns,
  N: number,
  { of, epsilons }: Kind,
  count: number,
): Promise<Robustness> {
  const measure = async (curriculum: "multi" | "single") => {
    const networks = N < 2 ? [] : await networksAt(runs[curriculum], N);
    const options = { N, of, epsilons: [...epsilons], draws: count };
    const all = await Promise.all(
      networks.map((network) => laboratory.measure("perturbation", network, options)),
    );
    return all.map(({ baseline, accuracy }) => accuracy.map((value) => relativeAccuracy(value, baseline)));
  };
  const [multi, single] = await Promise.all([measure("multi"), measure("single")]);
  return { multi, single };
}

function check(
  { symbol, epsilons, compared, published }: Kind,
  N: number,
  measured: Robustness,
): Promise<Check> {
  const places = compared.map((epsilon) => (epsilons as readonly number[]).indexOf(epsilon));
  const overCompared = (networks: number[][]) =>
    networks.map((accuracies) => summarize(places.map((place) => accuracies[place]!)).mean);
  const meanOf = (accuracies: readonly number[]) => summarize(accuracies).mean.toFixed(3);
  return checkLarger({
    statement: `Perturbing ${symbol} at N = ${N}: multi-head networks keep more accuracy (mean over ε = ${compared.join(", ")}).`,
    expected: `at N = 30: multi-head ${meanOf(published.multi)}, single-head ${meanOf(published.single)}`,
    larger: { label: "multi-head", values: overCompared(measured.multi) },
    smaller: { label: "single-head", values: overCompared(measured.single) },
  });
}

function publishedChecks(
  { symbol, epsilons, compared, published }: Kind,
  N: number,
  measured: Robustness,
): Check[] {
  return comparedCurricula.flatMap(({ curriculum, label }) =>
    compared.map((epsilon, i) => {
      const place = (epsilons as readonly number[]).indexOf(epsilon);
      const value = published[curriculum][i]!;
      return checkNear({
        statement: `${label}: relative accuracy on N = ${N} with ε = ${epsilon} for ${symbol}.`,
        expected: { value, source: `released results, N = ${LARGEST_N}`, tolerance: TOLERANCE },
        sample: { label, values: measured[curriculum].map((accuracies) => accuracies[place]!) },
      });
    }),
  );
}

function chart(
  { symbol, epsilons, compared, published }: Kind,
  N: number,
  measured: Robustness,
  asPublished: boolean,
): Chart {
  const series = comparedCurricula.flatMap(({ curriculum, label, colour }): Series[] => {
    const points = epsilons.flatMap((epsilon, i) =>
      meanPoint(
        epsilon,
        measured[curriculum].map((accuracies) => accuracies[i]!),
      ),
    );
    const own: Series = { label, kind: "line", points, colour };
    const theirs = compared.map((x, i) => ({ x, y: published[curriculum][i]! }));
    return asPublished ? [own, { label: `${label}, paper`, kind: "paper", points: theirs, colour }] : [own];
  });
  return {
    title: `Relative accuracy on N = ${N} against the size of a perturbation of ${symbol}.`,
    note: "Line and band: mean and standard deviation over networks. 1: nothing lost; 0: chance.",
    x: { label: `Perturbation ε of ${symbol}`, logarithmic: true },
    y: { label: "Relative accuracy", from: -0.1, to: 1.1 },
    series,
  };
}

// What the claims on gating have in common: where they are from, sizes, and one study for every seed.

import type { ChartPoint } from "../chart.ts";
import type { Trial } from "../claim.ts";
import type { Laboratory } from "../laboratory.ts";
import type { StudyName, StudyOptions, StudyResult } from "../studies.ts";
import { summarize } from "../verdict.ts";

/** The source, as every claim cites it. */
export const source = "re-derived; cf. Krishnamurthy, Can and Schwab, Phys. Rev. X 12, 011011 (2022)";

/** The companion on GRU and LSTM. */
export const companion = "re-derived; cf. Can, Krishnamurthy and Schwab, arXiv 2002.00025 (2020)";

/** One study for every seed: of the network and of its initial state. */
export function studySeeds<K extends StudyName>(
  laboratory: Laboratory,
  { seeds }: Trial,
  name: K,
  optionsOf: (seed: number) => StudyOptions<K>,
): Promise<StudyResult<K>[]> {
  return Promise.all(seeds.map((seed) => laboratory.study(name, optionsOf(seed))));
}

/** The mean over networks as a point of a chart. */
export function meanPoint(x: number, values: readonly number[]): ChartPoint {
  const { mean, sd, networks } = summarize(values);
  return { x, y: mean, ...(networks > 1 ? { sd } : {}), n: networks };
}

/** Pairs (n, 2) as points, with as many digits as a figure shows. */
export function pointsOf(pairs: readonly number[]): ChartPoint[] {
  const shown = (value: number) => Number(value.toPrecision(5));
  return Array.from({ length: pairs.length / 2 }, (_, i) => ({
    x: shown(pairs[2 * i]!),
    y: shown(pairs[2 * i + 1]!),
  }));
}

/** Both halves of an edge whose upper half is given, (n, 2). */
export function closedEdge(upper: readonly number[]): ChartPoint[] {
  const points = pointsOf(upper);
  return [...points, ...points.map(({ x, y }) => ({ x, y: 0 - y })).reverse()];
}

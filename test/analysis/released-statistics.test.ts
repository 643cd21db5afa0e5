// Ablation and perturbation of the released networks: the statistics of this library over the authors' measurements.
//
// Based on  Khajehabdollahi et al., ICLR 2024; public repository LevinaLab/rnn_timescale_public (science/timescales.md
//           section 6, whose tables are of networks 1 to 4: means within a network, then over networks).

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Measurement, meanOverNetworks, meansByNetwork } from "../../src/analysis/network-means.ts";
import { relativeToBaseline } from "../../src/analysis/relative-accuracy.ts";

const source = fileURLToPath(new URL("../../../shared/data/levina/", import.meta.url));
const FIRST = ["network_1", "network_2", "network_3", "network_4"];
const COUNT = 20;

type Row = Record<string, string>;

function readCsv(name: string): Row[] {
  const [head, ...lines] = readFileSync(join(source, name), "utf8").trim().split(/\r?\n/);
  const fields = head!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [fields[i]!, cell])));
}

function measurements(rows: readonly Row[]): Measurement[] {
  return rows.map(({ network, accuracy }) => ({ network: network!, value: Number(accuracy) }));
}

// that values are those of a table with three digits: one is 0.6805, which the table has as 0.68
function expectDigits(found: readonly number[], table: readonly number[]): void {
  expect(found).toHaveLength(table.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - table[i]!), `${value} is not ${table[i]}`).toBeLessThanOrEqual(0.0005 + 1e-9);
  });
}

describe.skipIf(!existsSync(source))("released measurements (skipped without ../shared/data/levina)", () => {
  // curriculum, N, networks, baseline, shortest τ (relative), longest τ (relative)
  const ablation = [
    ["single-head", 5, 4, 0.993, 0.976, 0.965, 0.993, 0.999],
    ["single-head", 30, 4, 0.959, 0.925, 0.926, 0.708, 0.454],
    ["single-head", 35, 3, 0.953, 0.919, 0.924, 0.68, 0.398],
    ["cumulative", 5, 4, 0.997, 0.99, 0.987, 0.997, 1],
    ["cumulative", 30, 4, 0.993, 0.891, 0.792, 0.993, 0.999],
    ["cumulative", 35, 4, 0.982, 0.868, 0.763, 0.981, 0.999],
    ["sliding", 30, undefined, 0.951, 0.861, 0.801, 0.949, 0.995],
  ] as const;

  test.each(ablation)(
    "ablation, %s, N = %i: to the three digits given",
    (curriculum, N, networks, ...table) => {
      const rows = readCsv("ablation.csv").filter(
        (row) => row.curriculum === curriculum && Number(row.N) === N && FIRST.includes(row.network!),
      );
      const baseline = measurements(rows.filter(({ kind }) => kind === "baseline"));
      const ablated = rows.filter(({ kind }) => kind === "ablated");
      // the 20 with the shortest and the 20 with the longest of each network's 40 units
      const group = (network: string, longest: boolean) => {
        const units = new Map(
          ablated.filter((row) => row.network === network).map((row) => [row.unit!, Number(row.tau)]),
        );
        expect(units.size).toBe(2 * COUNT);
        const order = [...units].sort((a, b) => a[1] - b[1]).map(([unit]) => unit);
        return new Set(longest ? order.slice(COUNT) : order.slice(0, COUNT));
      };
      const names = [...new Set(rows.map(({ network }) => network!))];
      const groups = [false, true].map((longest) => {
        const sets = new Map(names.map((network) => [network, group(network, longest)]));
        return measurements(ablated.filter(({ network, unit }) => sets.get(network!)!.has(unit!)));
      });
      const [shortest, longest] = groups as [Measurement[], Measurement[]];
      const mean = (of: Measurement[]) => meanOverNetworks(meansByNetwork(of));
      if (networks) expect(mean(baseline).networks).toBe(networks);
      const found = [
        mean(baseline).mean,
        mean(shortest).mean,
        relativeToBaseline(shortest, baseline).mean,
        mean(longest).mean,
        relativeToBaseline(longest, baseline).mean,
      ];
      expectDigits(found, table);
    },
  );

  const perturbation = [
    [
      "perturb_weights.csv",
      "single-head",
      [0.046416, 0.1, 0.215443, 0.464159, 1],
      [0.997, 0.96, 0.736, 0.167, -0.009],
    ],
    [
      "perturb_weights.csv",
      "cumulative",
      [0.046416, 0.1, 0.215443, 0.464159, 1],
      [1.001, 0.995, 0.962, 0.653, 0.021],
    ],
    [
      "perturb_tau.csv",
      "single-head",
      [0.01, 0.021544, 0.046416, 0.1, 0.215443, 0.464159],
      [0.993, 0.932, 0.713, 0.379, 0.045, 0.007],
    ],
    [
      "perturb_tau.csv",
      "cumulative",
      [0.01, 0.021544, 0.046416, 0.1, 0.215443, 0.464159],
      [0.999, 0.998, 0.986, 0.894, 0.416, 0.012],
    ],
  ] as const;

  test.each(perturbation)(
    "%s, %s: relative accuracy to the three digits given",
    (file, curriculum, epsilons, table) => {
      const rows = readCsv(file).filter(
        (row) => row.curriculum === curriculum && FIRST.includes(row.network!),
      );
      const at = (epsilon: number) => measurements(rows.filter((row) => Number(row.epsilon) === epsilon));
      const found = epsilons.map((epsilon) => relativeToBaseline(at(epsilon), at(0)).mean);
      expectDigits(found, table);
    },
  );
});

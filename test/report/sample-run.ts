// Made-up runs for the tests of the report: no number here comes from a training.

import type { TauStatistics } from "../../src/cells/tau.ts";
import type { ReportedRun } from "../../src/report/reported-run.ts";
import type { EpochRecord } from "../../src/training/metrics.ts";

/** Units spread evenly over mean ± spread: quantile q is mean + spread (2q − 1). */
export function evenTau(mean: number, spread: number): TauStatistics {
  const quantiles = Array.from({ length: 21 }, (_, i) => mean + spread * (i / 10 - 1));
  return { mean, sd: spread / 2, min: mean - spread, max: mean + spread, quantiles };
}

/**
 * A run of `epochs` epochs of 100 updates that starts at N = 2 and solves N = i + 2 at epoch `solvedAt[i]`.
 * Multi-head: all N so far are trained; otherwise only the newest.
 */
export function sampleRun(label: string, solvedAt: number[], epochs: number, multiHead = true): ReportedRun {
  const records: EpochRecord[] = [];
  let newest = 2;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const N = multiHead ? Array.from({ length: newest - 1 }, (_, i) => i + 2) : [newest];
    const solved = solvedAt[newest - 2] === epoch;
    const accuracy = Object.fromEntries(N.map((n) => [n, n === newest && !solved ? 0.6 : 0.99]));
    const tau = evenTau(1.5 - 0.1 * (epoch / epochs), 0.4);
    records.push({ epoch, step: 100 * epoch, N, loss: 0.7 + 0.05 * N.length, accuracy, solved, tau });
    if (solved) newest++;
  }
  return { label, settings: { units: 128, seed: 1 }, records, initialTau: evenTau(1.5, 0.4) };
}

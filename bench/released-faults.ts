// What faults of the timescale paper's released code change, as far as it can be measured: see docs/deviations.md.

import { ablateUnits, unitsByTau } from "../src/analysis/ablation.ts";
import { measureNetworkTimescales } from "../src/analysis/network-timescales.ts";
import { relativeAccuracy } from "../src/analysis/relative-accuracy.ts";
import { fitTimescale } from "../src/analysis/timescale-fit.ts";
import { type Network, networkTensors, packParameters } from "../src/cells/network.ts";
import { WorkerPool } from "../src/experiments/worker-pool.ts";
import type { Checkpoint } from "../src/training/checkpoint.ts";
import type { TrainingSettings } from "../src/training/settings.ts";
import { measureStreamAccuracy } from "../src/training/stream-accuracy.ts";
import { median, round } from "./statistics/median.ts";

const SEEDS = [0, 1, 2, 3];
const laptop = { units: 128, batch: 64, updates: 100, epochs: 60, maxN: 41 } as const;
const FIXED_TAU = 2;
const ABLATED = 10;
const STEPS = 6000;

/** Each fault's effect over four seeds, at laptop scale. */
export async function measure() {
  const pool = new WorkerPool();
  try {
    const train = (settings: Partial<TrainingSettings>) =>
      Promise.all(SEEDS.map((seed) => pool.trainNetwork({ ...laptop, ...settings, seed })));
    const usual = await train({});
    return {
      settings: { ...laptop, seeds: SEEDS },
      fixedTau: await measureFixedTau(train),
      ablation: await Promise.all(usual.map(measureAblation)),
      lagDivisor: await Promise.all(usual.map(({ network }) => measureLagDivisor(network))),
    };
  } finally {
    await pool.close();
  }
}

// τ is trained although it was to be fixed
async function measureFixedTau(train: (settings: Partial<TrainingSettings>) => Promise<Checkpoint[]>) {
  const rows = [];
  for (const curriculum of ["multi", "single"] as const) {
    for (const trainTau of [false, true]) {
      const networks = await train({ curriculum, trainTau, tauLow: FIXED_TAU, tauHigh: FIXED_TAU });
      const solvedN = networks.map(({ training }) => training!.curriculum.solvedN);
      const meanTau = networks.map(({ training }) => round(training!.records.at(-1)!.tau!.mean, 3));
      console.log(
        `${curriculum}, τ = ${FIXED_TAU} ${trainTau ? "trained" : "fixed"}: N ${solvedN}, mean τ ${meanTau}`,
      );
      rows.push({ curriculum, tau: FIXED_TAU, trainTau, solvedN, meanTau });
    }
  }
  return rows;
}

// a unit that is cut off stays in the read-out of the head that is measured: the first head's column is cleared instead
async function measureAblation({ network, purpose, training }: Checkpoint) {
  const N = training!.curriculum.solvedN;
  const accuracy = async (changed: Network) =>
    (await measureStreamAccuracy({ network: changed, purpose }, { N: [N] })).accuracy[N]!;
  const baseline = await accuracy(network);
  const { shortest } = unitsByTau(network, ABLATED);
  const relative = { here: 0, released: 0 };
  for (const unit of shortest) {
    const here = ablateUnits(network, [unit]);
    relative.here += relativeAccuracy(await accuracy(here), baseline) / ABLATED;
    relative.released += relativeAccuracy(await accuracy(withReadout(here, network)), baseline) / ABLATED;
  }
  const { here, released } = relative;
  console.log(`ablation at N = ${N}: ${here.toFixed(3)}, as released ${released.toFixed(3)}`);
  return { N, here: round(here, 4), released: round(released, 4) };
}

// a network with the read-outs of another, but for the first head's
function withReadout(network: Network, other: Network): Network {
  const tensors = networkTensors(network.shape, network.parameters);
  const own = tensors.get("readout.weight")!.data;
  const theirs = networkTensors(other.shape, other.parameters).get("readout.weight")!.data;
  const head = network.shape.classes * network.shape.units;
  own.set(theirs.subarray(head), head);
  return { shape: network.shape, parameters: packParameters(network.shape, tensors) };
}

// lag k is divided by n - 1 - k in place of n - k
async function measureLagDivisor(network: Network) {
  const { fits, autocovariances } = await measureNetworkTimescales(network, {
    steps: STEPS,
    trials: 4,
    maxLag: 30,
  });
  const changes: number[] = [];
  for (const [i, fit] of fits.entries()) {
    // of units that are uncorrelated from one step to the next there is no relative change
    if (!fit.ok || fit.tau < 0.1) continue;
    const own = autocovariances.subarray(i * 31, (i + 1) * 31);
    const released = own.map((value, k) => (value * (STEPS - k)) / (STEPS - 1 - k));
    const other = await fitTimescale(released.map((value) => value / released[0]!));
    if (other.ok) changes.push(Math.abs(other.tau / fit.tau - 1));
  }
  const largest = Math.max(...changes);
  console.log(`lag divisor: τ changes by ${median(changes)} (median), ${largest} at most`);
  return { units: changes.length, medianChange: median(changes), largestChange: largest };
}

// A fixed program whose results are hashed: the same hash on two machines means the same bits.
//
// It trains every combination of cell, optimiser, task and curriculum for 200 steps, evaluates and measures the
// networks, and interrupts and resumes a run; it follows dynamical systems and solves their theory. Bytes are hashed as they are; a value that is not finite is an error.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { measureNetworkActivity } from "../analysis/network-activity.ts";
import { perturbTau, perturbWeights } from "../analysis/perturbation.ts";
import { pairedTTest, tTest } from "../analysis/t-test.ts";
import { weightStatistics } from "../analysis/weight-statistics.ts";
import { activationNames, networkTensors } from "../cells/network.ts";
import { networkTau, type TauStatistics } from "../cells/tau.ts";
import { coreHash, version } from "../core/core.ts";
import type { Digits } from "../core/digits.ts";
import { NumericError } from "../core/errors.ts";
import { optimizerNames } from "../core/plan.ts";
import { curriculumNames } from "../curricula/curriculum.ts";
import type { Executor } from "../training/batches.ts";
import type { Checkpoint } from "../training/checkpoint.ts";
import { evaluateNetwork } from "../training/evaluation.ts";
import type { TrainingSettings } from "../training/settings.ts";
import { measureStreamAccuracy } from "../training/stream-accuracy.ts";
import { trainNetwork } from "../training/train-network.ts";
import { Trainer } from "../training/trainer.ts";
import { systemParts } from "./fingerprint-systems.ts";

/** What `fingerprint` found. */
export interface Fingerprint {
  /** SHA-256 of all parts. */
  all: string;
  /** SHA-256 of each part, by name. */
  parts: Record<string, string>;
  /** SHA-256 of the core's bytes. */
  core: string;
  /** Version of tauscope. */
  version: string;
  /** Name and version of the engine it ran on, as the engine says. */
  engine: string;
}

// sizes at which every padding and tail is run, and errors come in more than one chunk of steps; every stage counts as solved, so that curricula move on
const small = {
  units: 37,
  batch: 70,
  updates: 50,
  epochs: 4,
  testBatches: 2,
  maxN: 7,
  window: 3,
  forget: 2,
  solvedAt: 0,
  seed: 20231,
} satisfies Partial<TrainingSettings>;

// operands of more than 144 columns are packed for the weight gradient
const wide = {
  ...small,
  units: 150,
  batch: 24,
  updates: 10,
  epochs: 2,
  maxN: 3,
} satisfies Partial<TrainingSettings>;

const INTERRUPTED_AT = 77;

export interface FingerprintOptions {
  signal?: AbortSignal;
  /** Who computes the batches (default: this thread). */
  executor?: Executor;
}

/**
 * Run the program and hash its results; takes a few seconds.
 *
 * @throws NumericError if a result is not finite.
 */
export async function fingerprint(options: FingerprintOptions = {}): Promise<Fingerprint> {
  const parts: Record<string, string> = {};
  const trained = new Map<string, Checkpoint>();
  for (const [name, settings] of trainingRuns()) {
    const data = settings.task === "smnist" ? { digits } : {};
    const checkpoint = await trainNetwork(settings, { ...options, ...data });
    trained.set(name, checkpoint);
    parts[`training ${name}`] = hashTraining(checkpoint);
  }
  const [first] = trainingRuns();
  parts[`resume ${first![0]}`] = hashTraining(await interruptAndResume(first![1], options));
  parts.evaluation = await hashEvaluation([...trained.values()], options);
  parts.weights = hashWeights([...trained.values()]);
  for (const name of [first![0], "gru sgd parity multi", "lstm sgd dms sliding"]) {
    parts[`analysis ${name}`] = await hashAnalysis(trained.get(name)!, options);
  }
  parts.statistics = await hashStatistics();
  const simulated = new Map(simulatedRuns.map((name) => [name, trained.get(name)!]));
  for await (const [name, values] of systemParts(simulated)) parts[name] = hash(...values);
  const lines = Object.entries(parts).map(([name, hash]) => `${hash}  ${name}\n`);
  const all = bytesToHex(sha256(utf8ToBytes(lines.join(""))));
  return { all, parts, core: coreHash, version, engine: engineName() };
}

// trained networks that are followed in f64: every kind of cell, leaky ones with different activations
const simulatedRuns = [
  "leaky leaky-relu sgd parity multi 2 layers",
  "leaky-outside sigmoid sgd parity none",
  "gru sgd parity multi",
  "lstm sgd dms sliding",
];

// every combination of these once, activations take turns
const combinedCells = ["leaky", "leaky-outside"] as const;
const combinedTasks = ["parity", "dms"] as const;

const adam = { optimizer: "adam", learningRate: 0.002 } as const;

// what else there is to train
const others: [string, Partial<TrainingSettings>][] = [
  ["leaky leaky-relu sgd parity multi wide", wide],
  ["gru sgd parity multi", { ...small, cell: "gru" }],
  [
    "gru adam dms single bipolar",
    { ...small, ...adam, cell: "gru", task: "dms", curriculum: "single", bits: "bipolar" },
  ],
  ["lstm adam parity multi bipolar", { ...small, ...adam, cell: "lstm", bits: "bipolar" }],
  ["lstm sgd dms sliding", { ...small, cell: "lstm", task: "dms", curriculum: "sliding" }],
  [
    "leaky-outside tanh sgd parity multi 3, 2 steps per bit",
    { ...small, cell: "leaky-outside", activation: "tanh", stepsPerBit: [3, 2] },
  ],
  ["leaky leaky-relu sgd parity multi 2 layers", { ...small, layers: 2 }],
  ["leaky relu sgd dms multi labels every", { ...small, activation: "relu", task: "dms", labels: "every" }],
  [
    "leaky-outside sigmoid sgd smnist single",
    {
      ...small,
      cell: "leaky-outside",
      activation: "sigmoid",
      task: "smnist",
      curriculum: "single",
      updates: 10,
      maxN: 4,
    },
  ],
];

// not digits, but images that differ, and their labels
function drawnDigits(count: number, factor: number): Digits {
  return {
    images: Uint8Array.from({ length: 784 * count }, (_, i) => (i * factor) % 256),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
  };
}

const digits = { training: drawnDigits(30, 7), test: drawnDigits(20, 11) };

function trainingRuns(): [string, Partial<TrainingSettings>][] {
  const runs: [string, Partial<TrainingSettings>][] = [];
  for (const cell of combinedCells) {
    for (const optimizer of optimizerNames) {
      for (const task of combinedTasks) {
        for (const curriculum of curriculumNames) {
          const activation = activationNames[runs.length % activationNames.length]!;
          const learningRate = optimizer === "adam" ? 0.002 : 0.05;
          const settings = { ...small, cell, optimizer, task, curriculum, activation, learningRate };
          runs.push([[cell, activation, optimizer, task, curriculum].join(" "), settings]);
        }
      }
    }
  }
  return [...runs, ...others];
}

async function interruptAndResume(
  settings: Partial<TrainingSettings>,
  options: FingerprintOptions,
): Promise<Checkpoint> {
  const interruption = new AbortController();
  const onProgress = ({ step }: { step: number }) => {
    if (step === INTERRUPTED_AT) interruption.abort();
  };
  const trainer = await Trainer.start(settings, { ...options, signal: interruption.signal, onProgress });
  try {
    for await (const _ of trainer);
  } catch (error) {
    if (error !== interruption.signal.reason) throw error;
  }
  const interrupted = trainer.checkpointBytes();
  trainer.close();
  return trainNetwork(interrupted, options);
}

// parameters, the optimiser's state, and every number that was recorded
function hashTraining({ network, training }: Checkpoint): string {
  const { moments, updates, records, initialTau } = training!;
  const recorded = records.flatMap(({ epoch, step, N, loss, accuracy, solved, tau }) => [
    epoch,
    step,
    ...N,
    loss,
    ...N.map((n) => accuracy[n]!),
    Number(solved),
    ...tauValues(tau),
  ]);
  return hash(network.parameters, moments, updates, Float64Array.of(...tauValues(initialTau), ...recorded));
}

async function hashEvaluation(trained: readonly Checkpoint[], shared: FingerprintOptions): Promise<string> {
  const accuracies: number[] = [];
  for (const checkpoint of trained) {
    const data = checkpoint.purpose.task === "smnist" ? { digits } : {};
    const options = { ...shared, ...data, N: checkpoint.purpose.N, batch: 21, batches: 2, seed: 3 };
    const { accuracy } = await evaluateNetwork(checkpoint, options);
    accuracies.push(...Object.values(accuracy));
  }
  return hash(Float64Array.from(accuracies));
}

function hashWeights(trained: readonly Checkpoint[]): string {
  const values: number[] = [];
  for (const { network } of trained) {
    const { units } = network.shape;
    const weight = networkTensors(network.shape, network.parameters).get("recurrent.weight")!;
    // of one matrix; gated cells have several
    if (weight.shape[0] !== units) continue;
    const { mean, frobeniusNorm, spectralNorm } = weightStatistics(weight.data, units);
    values.push(mean, frobeniusNorm, spectralNorm, ...tauValues(networkTau(network)));
  }
  return hash(Float64Array.from(values));
}

// timescales, dimensionality, and what is left of the network when it is perturbed
async function hashAnalysis(checkpoint: Checkpoint, { signal }: FingerprintOptions): Promise<string> {
  const { network, purpose } = checkpoint;
  const options = { steps: 900, trials: 3, burnIn: 50, maxLag: 40, seed: 5, ...(signal ? { signal } : {}) };
  const { timescales, dimensionality } = await measureNetworkActivity(network, options);
  const { fits, autocovariances, populationAutocovariance } = timescales;
  const taus = fits.flatMap((fit) => (fit.ok ? [fit.tau] : []));
  const perturbed = [await perturbWeights(network, 0.1, { seed: 2 })];
  if (networkTau(network)) perturbed.push(await perturbTau(network, 0.1, { seed: 2 }));
  const accuracies: number[] = [];
  for (const changed of perturbed) {
    const stream = await measureStreamAccuracy({ network: changed, purpose }, { N: purpose.N, steps: 200 });
    accuracies.push(...Object.values(stream.accuracy));
  }
  return hash(
    autocovariances,
    populationAutocovariance,
    Float64Array.from(taus),
    dimensionality.eigenvalues,
    ...perturbed.map(({ parameters }) => parameters),
    Float64Array.from(accuracies),
  );
}

async function hashStatistics(): Promise<string> {
  const [a, b] = [
    [1.5, 2.25, 3, 2.75, 4],
    [1, 2, 2.5, 1.75, 3.5],
  ];
  const tests = [await tTest(a!, b!), await tTest(a!, b!, { variances: "equal" }), await pairedTTest(a!, b!)];
  return hash(Float64Array.from(tests.flatMap(({ t, df, p }) => [t, df, p])));
}

function tauValues(tau: TauStatistics | undefined): number[] {
  return tau ? [tau.mean, tau.sd, tau.min, tau.max, ...tau.quantiles] : [];
}

function hash(...arrays: (Float32Array | Float64Array | Int32Array)[]): string {
  const state = sha256.create();
  for (const array of arrays) {
    const bad = array.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new NumericError(`fingerprint: a result is ${array[bad]}, expected finite values.`);
    state.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return bytesToHex(state.digest());
}

// only named, never compared
function engineName(): string {
  const { Bun, Deno, process, navigator } = globalThis as {
    Bun?: { version: string };
    Deno?: { version: { deno: string } };
    process?: { versions?: { node?: string } };
    navigator?: { userAgent?: string };
  };
  if (Bun) return `Bun ${Bun.version}`;
  if (Deno) return `Deno ${Deno.version.deno}`;
  if (process?.versions?.node) return `Node ${process.versions.node}`;
  return navigator?.userAgent ?? "unknown";
}

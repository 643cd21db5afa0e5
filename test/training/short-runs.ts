// Runs of a few updates.

import type { DigitSets, Digits } from "../../src/core/digits.ts";
import type { EpochRecord } from "../../src/training/metrics.ts";
import type { TrainingSettings } from "../../src/training/settings.ts";
import { Trainer, type TrainerOptions } from "../../src/training/trainer.ts";

/** 3 epochs of 4 updates, in which about every second stage counts as solved. */
export const base = {
  units: 6,
  batch: 8,
  updates: 4,
  testBatches: 3,
  epochs: 3,
  maxN: 5,
  seed: 11,
  solvedAt: 0.4,
};

/** A run of sequential MNIST that goes through N = 2, 3 and 4. */
export const digitsBase: Partial<TrainingSettings> = {
  ...base,
  task: "smnist",
  curriculum: "single",
  solvedAt: 0,
  learningRateDecay: 0.8,
};

/** Images that are no digits, 30 to train and 20 to test. */
export const smallDigits: DigitSets = { training: makeDigits(30, 7), test: makeDigits(20, 11) };

function makeDigits(count: number, factor: number): Digits {
  return {
    images: Uint8Array.from({ length: 784 * count }, (_, i) => (factor * i * i + 3 * i) % 256),
    labels: Uint8Array.from({ length: count }, (_, i) => (factor * i) % 10),
  };
}

/** Train to the end; returns the epochs. */
export async function finish(trainer: Trainer): Promise<EpochRecord[]> {
  const records: EpochRecord[] = [];
  for await (const record of trainer) records.push(record);
  return records;
}

/** A run that is done. */
export async function trainToTheEnd(
  settings: Partial<TrainingSettings>,
  options: TrainerOptions = {},
): Promise<Trainer> {
  const trainer = await Trainer.start(settings, options);
  await finish(trainer);
  return trainer;
}

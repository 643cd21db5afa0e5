// Runs of a few updates.

import type { EpochRecord } from "../../src/training/metrics.ts";
import type { TrainingSettings } from "../../src/training/settings.ts";
import { Trainer } from "../../src/training/trainer.ts";

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

/** Train to the end; returns the epochs. */
export async function finish(trainer: Trainer): Promise<EpochRecord[]> {
  const records: EpochRecord[] = [];
  for await (const record of trainer) records.push(record);
  return records;
}

/** A run that is done. */
export async function trainToTheEnd(settings: Partial<TrainingSettings>): Promise<Trainer> {
  const trainer = await Trainer.start(settings);
  await finish(trainer);
  return trainer;
}

// A program in TypeScript that names every entry: it is only compiled, in strict projects without any other package.

import * as library from "tauscope";
import {
  type Checkpoint,
  type Fingerprint,
  NumericError,
  ShapeError,
  StateError,
  Trainer,
  type TrainingSettings,
  WorkerPool,
} from "tauscope";
import * as external from "tauscope/external";
import { type CheckpointFile, RunDirectory } from "tauscope/node";
import * as worker from "tauscope/worker";

const settings: Partial<TrainingSettings> = { units: 16, curriculum: "multi" };

export async function train(signal: AbortSignal): Promise<number> {
  const trainer = await Trainer.start(settings, { signal });
  for await (const { loss, N } of trainer) if (loss < 0.1) return N.length;
  return trainer.checkpointBytes().length;
}

export async function inWorkers(): Promise<Fingerprint> {
  const pool = new WorkerPool({ workers: 2, workerUrl: new URL("https://example.org/worker.js") });
  const networks: Checkpoint[] = await Promise.all([1, 2].map((seed) => pool.trainNetwork({ seed })));
  const { accuracy } = await pool.evaluateNetwork(networks[0]!, { N: [2] });
  const enough: number | undefined = accuracy[2];
  return pool.fingerprint({ workers: enough === 1 ? 2 : 1, timeout: 1000 });
}

export async function newest(path: string): Promise<CheckpointFile | undefined> {
  const { directory } = await RunDirectory.open(path);
  return (await directory.checkpoints())[0];
}

// @ts-expect-error a setting that there is not
export const wrong: Partial<TrainingSettings> = { neurons: 3 };

export const same: typeof library = external;
export const nothing: Record<never, never> = worker;
export const errors = [NumericError, ShapeError, StateError].map((each) => new each("").name);
export const core: Promise<void> = library.setCore(new Uint8Array(8));

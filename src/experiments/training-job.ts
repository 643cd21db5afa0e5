// A training run in a worker, as seen from the thread that started it.

import * as Comlink from "comlink";
import { workerSource } from "../../build/worker.js";
import { NumericError, ShapeError, StateError } from "../core/errors.ts";
import type { EpochRecord } from "../training/metrics.ts";
import type { Progress } from "../training/trainer.ts";
import { type Spawned, spawn } from "../workers/spawn.ts";
import type { PreparedTraining, StepCheckpoint, TrainingService, TrainingStart } from "./training-service.ts";

export type { StepCheckpoint, TrainingStart } from "./training-service.ts";

/** One training run in a worker of its own. */
export class TrainingJob {
  /** The run as it was when this job took it over. */
  readonly prepared: PreparedTraining;
  private readonly worker: Spawned<TrainingService>;

  private constructor(worker: Spawned<TrainingService>, prepared: PreparedTraining) {
    this.worker = worker;
    this.prepared = prepared;
  }

  /** Start a worker and load or initialise the network there. Errors are those of `Trainer.start` and `Trainer.resume`. */
  static async prepare(start: TrainingStart): Promise<TrainingJob> {
    const worker = await spawn<TrainingService>(workerSource);
    try {
      return new TrainingJob(worker, await call(worker, worker.remote.prepare(start)));
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** Train to the end, or until `stop`. `onEpoch` gets every epoch and its checkpoint, and is waited for. Returns whether nothing is left to do. */
  train(onEpoch: (record: EpochRecord, checkpoint: StepCheckpoint) => Promise<void>): Promise<boolean> {
    return call(this.worker, this.worker.remote.train(Comlink.proxy(onEpoch)));
  }

  /** The last update, if there was one. */
  progress(): Promise<Progress | undefined> {
    return call(this.worker, this.worker.remote.progress());
  }

  /** The state as it is now. */
  checkpoint(): Promise<StepCheckpoint> {
    return call(this.worker, this.worker.remote.checkpoint());
  }

  /** Let `train` return behind the present update. */
  stop(): Promise<void> {
    return call(this.worker, this.worker.remote.stop());
  }

  /** End the worker. */
  close(): Promise<void> {
    return this.worker.terminate();
  }
}

// classes do not survive the way between threads, names do
const errorClasses = { ShapeError, StateError, NumericError };

async function call<T>(worker: Spawned<TrainingService>, answer: Promise<T>): Promise<T> {
  try {
    return await worker.wait(answer);
  } catch (error) {
    const { name, message } = error as Error;
    const ErrorClass = errorClasses[name as keyof typeof errorClasses];
    throw ErrorClass && !(error instanceof ErrorClass) ? new ErrorClass(message) : error;
  }
}

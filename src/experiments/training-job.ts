// A training run in a worker, as seen from the thread that started it.

import * as Comlink from "comlink";
import { compiledCore } from "../core/compile.ts";
import type { EpochRecord } from "../training/metrics.ts";
import type { Progress } from "../training/trainer.ts";
import { type Spawned, spawn } from "../workers/spawn.ts";
import type { PreparedTraining, StepCheckpoint, TrainingStart } from "./training-service.ts";
import { restoreError } from "./worker-errors.ts";
import { workerScript } from "./worker-script.ts";
import type { WorkerService } from "./worker-service.ts";

export type { StepCheckpoint, TrainingStart } from "./training-service.ts";

/** One training run in a worker of its own. */
export class TrainingJob {
  /** The run as it was when this job took it over. */
  readonly prepared: PreparedTraining;
  private readonly worker: Spawned<WorkerService>;

  private constructor(worker: Spawned<WorkerService>, prepared: PreparedTraining) {
    this.worker = worker;
    this.prepared = prepared;
  }

  /** Start a worker and load or initialise the network there. Errors are those of `Trainer.start` and `Trainer.resume`. */
  static async prepare(start: TrainingStart): Promise<TrainingJob> {
    const worker = await spawn<WorkerService>(workerScript);
    try {
      await worker.wait(worker.remote.open(await compiledCore()));
      return new TrainingJob(worker, await call(worker, worker.remote.training.prepare(start)));
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** Train to the end, or until `stop`. `onEpoch` gets every epoch and its checkpoint, and is waited for. Returns whether nothing is left to do. */
  train(onEpoch: (record: EpochRecord, checkpoint: StepCheckpoint) => Promise<void>): Promise<boolean> {
    return call(this.worker, this.worker.remote.training.train(Comlink.proxy(onEpoch)));
  }

  /** The last update, if there was one. */
  progress(): Promise<Progress | undefined> {
    return call(this.worker, this.worker.remote.training.progress());
  }

  /** The state as it is now. */
  checkpoint(): Promise<StepCheckpoint> {
    return call(this.worker, this.worker.remote.training.checkpoint());
  }

  /** Let `train` return behind the present update. */
  stop(): Promise<void> {
    return call(this.worker, this.worker.remote.training.stop());
  }

  /** End the worker. */
  close(): Promise<void> {
    return this.worker.terminate();
  }
}

function call<T>(worker: Spawned<WorkerService>, answer: Promise<T>): Promise<T> {
  return worker.wait(answer).catch((error) => {
    throw restoreError(error);
  });
}

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

/** One training run in workers of its own: the first trains, the others share its batches. */
export class TrainingJob {
  /** The run as it was when this job took it over. */
  readonly prepared: PreparedTraining;
  private readonly workers: readonly Spawned<WorkerService>[];
  private readonly worker: Spawned<WorkerService>;

  private constructor(workers: readonly Spawned<WorkerService>[], prepared: PreparedTraining) {
    this.workers = workers;
    this.worker = workers[0]!;
    this.prepared = prepared;
  }

  /** Start the workers and load or initialise the network there. Errors are those of `Trainer.start` and `Trainer.resume`. */
  static async prepare(start: TrainingStart, count = 1): Promise<TrainingJob> {
    const workers: Spawned<WorkerService>[] = [];
    try {
      while (workers.length < count) {
        const worker = await spawn<WorkerService>(workerScript);
        workers.push(worker);
        await worker.wait(worker.remote.open(await compiledCore()));
      }
      const [leader, ...helpers] = workers;
      const ports = helpers.map((helper) => connect(leader!, helper));
      const sent = Comlink.transfer(ports, ports);
      return new TrainingJob(workers, await call(leader!, leader!.remote.training.prepare(start, sent)));
    } catch (error) {
      await terminate(workers);
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

  /** End the workers. */
  close(): Promise<void> {
    return terminate(this.workers);
  }
}

// the leader's port to a helper; a helper that fails takes the leader with it
function connect(leader: Spawned<WorkerService>, helper: Spawned<WorkerService>): MessagePort {
  const { port1, port2 } = new MessageChannel();
  helper
    .wait(helper.remote.serveShards(Comlink.transfer(port2, [port2])))
    .catch((error) => leader.giveUp(error));
  return port1;
}

async function terminate(workers: readonly Spawned<WorkerService>[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.terminate()));
}

function call<T>(worker: Spawned<WorkerService>, answer: Promise<T>): Promise<T> {
  return worker.wait(answer).catch((error) => {
    throw restoreError(error);
  });
}

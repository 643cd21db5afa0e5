// The worker's program: trains one network and answers questions about it meanwhile.

import type { TauStatistics } from "../cells/tau.ts";
import type { DigitSets } from "../core/digits.ts";
import { StateError } from "../core/errors.ts";
import type { EpochRecord } from "../training/metrics.ts";
import type { TrainingSettings } from "../training/settings.ts";
import { type Progress, Trainer } from "../training/trainer.ts";
import { leadShards } from "./shards.ts";

/** What to train: a new run, or one that goes on. */
export type TrainingStart = { digits?: DigitSets } & (
  | { settings: Partial<TrainingSettings> }
  | { checkpoint: Uint8Array; allowOtherCore: boolean; where: string }
);

/** What a run is when it begins or goes on. */
export interface PreparedTraining {
  settings: TrainingSettings;
  /** Epochs done before. */
  records: EpochRecord[];
  /** Time constants before the first update of the run. */
  initialTau: TauStatistics | undefined;
  /** Updates done before. */
  step: number;
}

/** A checkpoint as bytes, and the step it was taken at. */
export interface StepCheckpoint {
  step: number;
  bytes: Uint8Array;
}

export class TrainingService {
  private trainer: Trainer | undefined;
  private readonly stopping = new AbortController();
  private latest: Progress | undefined;

  /** Load or initialise the network; the workers behind `ports` share its batches. */
  async prepare(start: TrainingStart, ports: readonly MessagePort[] = []): Promise<PreparedTraining> {
    const options = {
      signal: this.stopping.signal,
      executor: leadShards(ports).executor,
      ...(start.digits && { digits: start.digits }),
      onProgress: (progress: Progress) => {
        this.latest = progress;
      },
    };
    this.trainer =
      "settings" in start
        ? await Trainer.start(start.settings, options)
        : await Trainer.resume(start.checkpoint, { ...options, ...start });
    const { settings, records, initialTau, steps: step } = this.trainer;
    return { settings, records, initialTau, step };
  }

  /**
   * Train to the end, or until `stop`; every epoch is handed over with its checkpoint before the next begins.
   *
   * @returns whether nothing is left to do.
   */
  async train(onEpoch: (record: EpochRecord, checkpoint: StepCheckpoint) => Promise<void>): Promise<boolean> {
    try {
      for await (const record of this.prepared) await onEpoch(record, this.checkpoint());
    } catch (error) {
      if (error !== this.stopping.signal.reason) throw error;
    }
    return this.prepared.finished;
  }

  /** The last update, if there was one. */
  progress(): Progress | undefined {
    return this.latest;
  }

  /** The state as it is now, in the middle of an epoch or not. */
  checkpoint(): StepCheckpoint {
    return { step: this.prepared.steps, bytes: this.prepared.checkpointBytes() };
  }

  /** Let `train` return behind the present update. */
  stop(): void {
    this.stopping.abort();
  }

  private get prepared(): Trainer {
    if (!this.trainer) throw new StateError("TrainingService: `prepare` has not been called.");
    return this.trainer;
  }
}

// Training from beginning to end in one call.

import type { Checkpoint } from "./checkpoint.ts";
import type { EpochRecord } from "./metrics.ts";
import type { TrainingSettings } from "./settings.ts";
import { type ResumeOptions, type StartOptions, Trainer } from "./trainer.ts";

export interface TrainNetworkOptions extends ResumeOptions, StartOptions {
  /** Called after every epoch, and waited for. */
  onEpoch?: (record: EpochRecord) => unknown;
  /** Called after every epoch with the whole state, to be resumed from; waited for. */
  onCheckpoint?: (checkpoint: Checkpoint) => unknown;
}

/**
 * Train a network until its curriculum is finished or all epochs are done.
 *
 * @param start  Settings that differ from the defaults (the paper's), for a new run; a checkpoint, or the bytes of one, to
 *               go on from.
 * @returns the network, what it was trained for, and all epochs (`training.records`).
 * @throws ShapeError  if a setting is wrong; the message names it.
 * @throws StateError  if the network does not fit into memory, or the checkpoint is not one to go on from.
 * @throws NumericError  if a loss or gradient is not finite; names step and tensor.
 * @throws the signal's reason when it is aborted.
 */
export async function trainNetwork(
  start: Partial<TrainingSettings> | Checkpoint | Uint8Array = {},
  { onEpoch, onCheckpoint, ...options }: TrainNetworkOptions = {},
): Promise<Checkpoint> {
  const trainer =
    start instanceof Uint8Array || "network" in start
      ? await Trainer.resume(start, options)
      : await Trainer.start(start, options);
  try {
    for await (const record of trainer) {
      await onEpoch?.(record);
      await onCheckpoint?.(trainer.checkpoint());
    }
    return trainer.checkpoint();
  } finally {
    trainer.close();
  }
}

// Checkpoints to be damaged, and what is said of them.

import { expect } from "vitest";
import { StateError } from "../../src/core/errors.ts";
import { decodeSafetensors, sealSafetensors, type Tensor } from "../../src/io/safetensors.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import type { TrainingSettings } from "../../src/training/settings.ts";
import { Trainer } from "../../src/training/trainer.ts";

const settings = { units: 5, batch: 8, updates: 3, testBatches: 1, epochs: 4, maxN: 4, seed: 7 };

/** A checkpoint in the middle of the third epoch. */
async function sample(more: Partial<TrainingSettings> = {}): Promise<Uint8Array> {
  const stop = new AbortController();
  const onProgress = ({ step }: { step: number }) => {
    if (step === 8) stop.abort();
  };
  const trainer = await Trainer.start({ ...settings, ...more }, { signal: stop.signal, onProgress });
  try {
    for await (const _ of trainer);
  } catch (error) {
    if (error === stop.signal.reason) return trainer.checkpointBytes();
    throw error;
  }
  throw new Error("not stopped");
}

/** Of 5 units and 3 heads, trained with SGD. */
export const sgd = await sample();
/** The same in all that an option changes: Adam, the other cell, another activation, the other task. */
export const adam = await sample({
  optimizer: "adam",
  cell: "leaky-outside",
  activation: "tanh",
  task: "dms",
});

/** The message of decoding, which must be a StateError of one short sentence about `where`. */
export function refusal(bytes: Uint8Array): string {
  try {
    decodeCheckpoint(bytes, "run/x");
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    expect(error.message).toMatch(/^run\/x: [^\n]+\.$/);
    expect(error.message.length).toBeLessThan(700);
    return error.message.slice("run/x: ".length);
  }
  throw new Error("accepted");
}

// biome-ignore lint/suspicious/noExplicitAny: a test changes whatever there is in a manifest
export type Manifest = any;

/** The bytes of a checkpoint, sealed again after its tensors and manifest were changed. */
export function changed(
  bytes: Uint8Array,
  change: {
    tensors?: (tensors: Map<string, Tensor>) => void;
    manifest?: (manifest: Manifest) => unknown;
    text?: (text: string) => string;
  },
): Uint8Array {
  const file = decodeSafetensors(bytes);
  const tensors = new Map(file.tensors);
  change.tensors?.(tensors);
  let text = file.metadata.tauscope!;
  if (change.manifest) {
    const manifest = JSON.parse(text);
    text = JSON.stringify(change.manifest(manifest) ?? manifest);
  }
  return sealSafetensors(tensors, { tauscope: change.text?.(text) ?? text });
}

/** The bytes of `sgd`, sealed again after its manifest was changed. */
export const withManifest = (change: (manifest: Manifest) => unknown) => changed(sgd, { manifest: change });

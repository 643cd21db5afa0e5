import { describe, expect, it } from "vitest";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import type { TrainingSettings } from "../../src/training/settings.ts";
import { type ResumeOptions, Trainer, type TrainerOptions } from "../../src/training/trainer.ts";
import { base, digitsBase, finish, smallDigits, trainToTheEnd } from "./short-runs.ts";

/** Train until `stop` says so, and return the bytes of the state; undefined if it never did. */
async function stopWhen(
  make: (options: TrainerOptions) => Promise<Trainer>,
  stop: (step: number, abort: () => void) => void,
): Promise<Uint8Array | undefined> {
  const controller = new AbortController();
  const onProgress = ({ step }: { step: number }) => stop(step, () => controller.abort());
  const trainer = await make({ signal: controller.signal, onProgress });
  try {
    await finish(trainer);
  } catch (error) {
    expect(error).toBe(controller.signal.reason);
    return trainer.checkpointBytes();
  }
  return undefined;
}

/** Call `action` behind so many turns of the queue of promises: within an evaluation, which has a few per batch. */
function later(turns: number, action: () => void): void {
  if (turns === 0) action();
  else Promise.resolve().then(() => later(turns - 1, action));
}

describe("resuming", () => {
  const kinds: [string, Partial<TrainingSettings>][] = [
    ["SGD, leaky, multi-head", {}],
    ["SGD, leaky-outside, single-head", { cell: "leaky-outside", activation: "tanh", curriculum: "single" }],
    [
      "Adam, leaky, sliding window",
      { optimizer: "adam", learningRate: 0.01, curriculum: "sliding", window: 2, forget: 1 },
    ],
    [
      "Adam, leaky-outside, multi-head, DMS",
      { optimizer: "adam", learningRate: 0.01, cell: "leaky-outside", activation: "sigmoid", task: "dms" },
    ],
    ["SGD, gru, multi-head, bipolar bits", { cell: "gru", bits: "bipolar" }],
    [
      "SGD, leaky, thresholds by N, falling learning rate",
      { solvedAt: [0.3, 0.4, 0.9], learningRateDecay: 0.5 },
    ],
    [
      "SGD, leaky-outside, multi-head, 3, 1 and 2 steps per bit in turn",
      { cell: "leaky-outside", stepsPerBit: [3, 1, 2] },
    ],
    ["SGD, 3 layers, multi-head", { layers: 3 }],
    [
      "Adam, 2 layers of leaky-outside, single-head",
      { optimizer: "adam", learningRate: 0.01, cell: "leaky-outside", curriculum: "single", layers: 2 },
    ],
    ["SGD, gru, multi-head", { cell: "gru" }],
    [
      "Adam, lstm, single-head",
      { optimizer: "adam", learningRate: 0.01, cell: "lstm", curriculum: "single" },
    ],
    ["sequential MNIST", digitsBase],
    ["SGD, leaky, labels at every step", { labels: "every" }],
    ["SGD, lstm, labels at every step, DMS", { labels: "every", cell: "lstm", task: "dms" }],
    ["fixed time constants, no curriculum", { trainTau: false, curriculum: "none", startN: 3, solvedAt: 1 }],
  ];

  it.each(kinds)(
    "behind each of 12 updates, and in each of 3 evaluations, gives the same bytes as never stopping: %s",
    async (_, more) => {
      const settings = { ...base, ...more };
      const digits = smallDigits;
      const whole = await trainToTheEnd(settings, { digits });
      const expected = whole.checkpointBytes();
      const total = whole.steps;
      if (settings.curriculum !== "none") expect(whole.records.some(({ solved }) => solved)).toBe(true);
      let stops = 0;
      const check = async (bytes: Uint8Array | undefined, resume: ResumeOptions = {}) => {
        if (!bytes) return;
        stops++;
        const trainer = await Trainer.resume(bytes, { ...resume, digits });
        // the state itself survives too
        expect(trainer.checkpointBytes()).toEqual(bytes);
        await finish(trainer);
        expect(trainer.checkpointBytes()).toEqual(expected);
        expect(trainer.records).toEqual(whole.records);
      };
      for (let at = 1; at <= total; at++) {
        await check(
          await stopWhen(
            (options) => Trainer.start(settings, { ...options, digits }),
            (step, abort) => step === at && abort(),
          ),
        );
      }
      expect(stops).toBe(total);
      // the last update of an epoch, and some turns later: in its evaluation, of 3 batches
      let withinEvaluation = 0;
      for (let at = settings.updates; at <= total; at += settings.updates) {
        for (const turns of [1, 2, 3, 4, 5, 6]) {
          const bytes = await stopWhen(
            (options) => Trainer.start(settings, { ...options, digits }),
            (step, abort) => step === at && later(turns, abort),
          );
          if (bytes && decodeCheckpoint(bytes).training!.step === at) withinEvaluation++;
          await check(bytes);
        }
      }
      expect(withinEvaluation).toBeGreaterThanOrEqual(total / settings.updates);
    },
  );

  it("stopping before the first update, and stopping behind every update in turn, gives the same bytes", async () => {
    const expected = (await trainToTheEnd(base)).checkpointBytes();
    const aborted = AbortSignal.abort();
    const first = await Trainer.start(base, { signal: aborted });
    await expect(finish(first)).rejects.toBe(aborted.reason);
    let bytes: Uint8Array = first.checkpointBytes();
    expect(decodeCheckpoint(bytes).training!.step).toBe(0);
    let stops = 0;
    for (;;) {
      const from = bytes;
      const next = await stopWhen(
        (options) => Trainer.resume(from, options),
        (_, abort) => abort(),
      );
      if (!next) break;
      bytes = next;
      stops++;
    }
    expect(stops).toBe(12);
    const trainer = await Trainer.resume(bytes);
    await finish(trainer);
    expect(trainer.checkpointBytes()).toEqual(expected);
  });

  it("from the checkpoint of every epoch gives the same bytes, whether as bytes or as an object", async () => {
    const trainer = await Trainer.start(base);
    const states = [];
    for await (const _ of trainer)
      states.push({ bytes: trainer.checkpointBytes(), object: trainer.checkpoint() });
    expect(states).toHaveLength(3);
    for (const { bytes, object } of states) {
      for (const state of [bytes, object]) {
        const again = await Trainer.resume(state);
        await finish(again);
        expect(again.checkpointBytes()).toEqual(trainer.checkpointBytes());
      }
    }
  });

  it("leaving the loop behind an epoch and iterating again goes on in the same trainer, to the same bytes", async () => {
    const trainer = await Trainer.start(base);
    for await (const _ of trainer) break;
    expect(trainer.steps).toBe(4);
    for await (const _ of trainer) break;
    expect(trainer.steps).toBe(8);
    await finish(trainer);
    expect(trainer.checkpointBytes()).toEqual((await trainToTheEnd(base)).checkpointBytes());
  });

  it("a finished run has nothing left to do, and stays as it is", async () => {
    const bytes = (await trainToTheEnd(base)).checkpointBytes();
    const trainer = await Trainer.resume(bytes);
    expect(trainer.finished).toBe(true);
    expect(await finish(trainer)).toEqual([]);
    expect(trainer.checkpointBytes()).toEqual(bytes);
  });

  it("leaves the object that it was given as it was", async () => {
    const trainer = await Trainer.start(base);
    for await (const _ of trainer) break;
    const state = trainer.checkpoint();
    const copy = structuredClone(state);
    await finish(await Trainer.resume(state));
    expect(state).toEqual(copy);
  });
});

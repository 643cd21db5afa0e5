// Training and evaluation on digits: that it learns, which set is for what, and that a run keeps its data.

import { describe, expect, test } from "vitest";
import { ShapeError, StateError } from "../../src/core/errors.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import { hashDigits } from "../../src/training/digits.ts";
import { evaluateNetwork } from "../../src/training/evaluation.ts";
import { presets } from "../../src/training/settings.ts";
import { trainNetwork } from "../../src/training/train-network.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { loadDigits } from "../tasks/npm-digits.ts";
import { digitsBase, smallDigits, trainToTheEnd } from "./short-runs.ts";

const digits = smallDigits;

describe("real digits", () => {
  test("a GRU of 32 units solves N = 2, 3 and 4 of sequential MNIST within 6 epochs of 300 updates, and reads N = 4 far above chance", async () => {
    const real = loadDigits();
    const small = { cell: "gru", optimizer: "adam", units: 32, batch: 32, updates: 300 } as const;
    const rates = { learningRate: 0.01, learningRateDecay: 1 };
    const settings = { ...presets.smnist, ...small, ...rates, testBatches: 20, epochs: 6, maxN: 4 };
    const trained = await trainNetwork(settings, { digits: real });
    expect(trained.training!.curriculum).toMatchObject({ solvedN: 4, finished: true });
    const { accuracy } = await evaluateNetwork(trained, { N: [4], digits: real });
    expect(accuracy[4]).toBeGreaterThan(0.5);
    // the labels are what it is about: with others it knows nothing
    const shuffled = { ...real.test, labels: real.test.labels.map((label) => (label * 3 + 1) % 10) };
    const wrong = await evaluateNetwork(trained, { N: [4], digits: { test: shuffled } });
    expect(wrong.accuracy[4]).toBeLessThan(0.2);
  });

  test("are 8004 for training and 1996 for tests, about as many of each kind", () => {
    const counts = Object.values(loadDigits()).map(({ labels }) =>
      Array.from({ length: 10 }, (_, digit) => labels.filter((label: number) => label === digit).length),
    );
    expect(counts.map((each) => each.reduce((sum, count) => sum + count))).toEqual([8004, 1996]);
    for (const count of counts[0]!) expect(Math.abs(count - 800)).toBeLessThan(110);
  });
});

describe("sets", () => {
  test("updates see the training set alone, evaluations the test set alone", async () => {
    const blank = { images: new Uint8Array(784 * 3), labels: Uint8Array.of(1, 2, 3) };
    const [one, other, third] = await Promise.all(
      [digits, { ...digits, test: blank }, { ...digits, training: blank }].map((sets) =>
        trainToTheEnd({ ...digitsBase, solvedAt: 1 }, { digits: sets }),
      ),
    );
    expect(other!.network).toEqual(one!.network);
    expect(other!.records.map(({ loss }) => loss)).toEqual(one!.records.map(({ loss }) => loss));
    expect(other!.records.map(({ accuracy }) => accuracy)).not.toEqual(
      one!.records.map(({ accuracy }) => accuracy),
    );
    expect(third!.network).not.toEqual(one!.network);
  });

  test("each N is measured on images of its own size: alone as together", async () => {
    const { network, purpose } = (await trainToTheEnd(digitsBase, { digits })).checkpoint();
    // weights so large that answers differ from image to image
    network.parameters.forEach((value, i) => {
      network.parameters[i] = 4 * value;
    });
    const measure = (N: number[]) =>
      evaluateNetwork({ network, purpose }, { N, batch: 100, batches: 4, digits: { test: digits.test } });
    const together = await measure([2, 3, 9]);
    expect(together.sequences).toBe(400);
    const alone = await Promise.all([2, 3, 9].map(async (n) => (await measure([n])).accuracy[n]));
    expect(Object.values(together.accuracy)).toEqual(alone);
    expect(new Set(alone).size).toBeGreaterThan(1);
  });

  test("their hash is in the checkpoint, and changes with one pixel or label of either set", async () => {
    const bytes = (await Trainer.start(digitsBase, { digits })).checkpointBytes();
    expect(decodeCheckpoint(bytes).training!.digits).toBe(hashDigits(digits));
    const hashes = (["training", "test"] as const).flatMap((set) =>
      (["images", "labels"] as const).map((field) => {
        const changed = structuredClone(digits);
        changed[set][field][5]! ^= 1;
        return hashDigits(changed);
      }),
    );
    expect(new Set([...hashes, hashDigits(digits)]).size).toBe(5);
  });
});

describe("errors", () => {
  async function expectError(
    run: Promise<unknown>,
    kind: typeof ShapeError | typeof StateError,
    text: string,
  ) {
    await expect(run).rejects.toThrow(kind);
    await expect(run).rejects.toThrow(text);
  }

  test("training without digits, or without a set of them, is refused", async () => {
    const { training } = digits;
    const missing =
      "Trainer: `digits` are missing, expected images and labels for the task smnist (on the command line: --mnist).";
    await expectError(Trainer.start(digitsBase), ShapeError, missing);
    const noTest = Trainer.start(digitsBase, { digits: { training } as typeof digits });
    await expectError(noTest, ShapeError, "Trainer: `digits` has no test set, expected");
  });

  test.each([
    [
      "images of another size",
      { images: new Uint8Array(10), labels: new Uint8Array(2) },
      "`test.images` has 10 bytes, expected 1568: 28 × 28 for each of 2 labels.",
    ],
    [
      "no images",
      { images: new Uint8Array(0), labels: new Uint8Array(0) },
      "`test.labels` is empty, expected at least one label.",
    ],
    [
      "a label of 10",
      { images: new Uint8Array(1568), labels: Uint8Array.of(9, 10) },
      "`test.labels` is 10 at index 1, expected 0 to 9.",
    ],
    ["a list", { images: [1], labels: new Uint8Array(1) }, "`test.images` is object, expected a Uint8Array."],
  ])("a test set with %s is refused", async (_, test, message) => {
    const wrong = { ...digits, test } as typeof digits;
    await expectError(Trainer.start(digitsBase, { digits: wrong }), ShapeError, `digits: ${message}`);
  });

  test("going on with other digits, or with none, is refused; both hashes are named", async () => {
    const checkpoint = (await Trainer.start(digitsBase, { digits })).checkpoint();
    const other = { ...digits, test: digits.training };
    const [trained, given] = [digits, other].map((sets) => hashDigits(sets).slice(0, 12));
    await expectError(
      Trainer.resume(checkpoint, { digits: other, where: "a.safetensors" }),
      StateError,
      `a.safetensors: it was trained on digits with SHA-256 ${trained}, those given have ${given}; a run keeps its data.`,
    );
    await expectError(Trainer.resume(checkpoint), ShapeError, "`digits` are missing");
  });

  test("a checkpoint whose hash of digits is missing, or is there for parity, is refused", async () => {
    const { training, ...rest } = (await Trainer.start(digitsBase, { digits })).checkpoint();
    const without = { ...rest, training: { ...training!, digits: undefined } };
    await expectError(
      Trainer.resume(without, { digits }),
      StateError,
      "`training.digits` is missing, expected one for the task smnist.",
    );
    const settings = { ...training!.settings, task: "parity" as const };
    const parity = { ...rest, training: { ...training!, settings } };
    await expectError(
      Trainer.resume(parity),
      StateError,
      "`training.digits` is there, expected none for the task parity.",
    );
  });

  test("measuring a network whose purpose has labels at every step is refused", async () => {
    const { network, purpose } = (await Trainer.start(digitsBase, { digits })).checkpoint();
    const every = { network, purpose: { ...purpose, labels: "every" as const } };
    await expectError(
      evaluateNetwork(every, { N: [2], digits }),
      ShapeError,
      "evaluateNetwork: `labels` is every, expected last.",
    );
  });

  test("measuring without digits, or with a length of sequences, is refused", async () => {
    const checkpoint = (await Trainer.start(digitsBase, { digits })).checkpoint();
    await expectError(
      evaluateNetwork(checkpoint, { N: [2] }),
      ShapeError,
      "evaluateNetwork: `digits` are missing",
    );
    await expectError(
      evaluateNetwork(checkpoint, { N: [2], sequenceN: 4, digits }),
      ShapeError,
      "evaluateNetwork: `sequenceN` is 4, expected none for the task smnist, whose sequences are for one N each.",
    );
  });
});

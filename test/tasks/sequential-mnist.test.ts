// Sequential MNIST: images and blank rows as PyTorch makes them, and what is drawn.

import { describe, expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { type Digits, PlacedDigits } from "../../src/core/digits.ts";
import { Plan } from "../../src/core/plan.ts";
import { tasks } from "../../src/tasks/task.ts";
import golden from "../golden/sequential-digits.json" with { type: "json" };
import { chiSquare, drawLengths } from "./drawn-batch.ts";

// χ² that one true hypothesis in a thousand exceeds, by degrees of freedom
const CHI_SQUARE_8 = 26.12;
const CHI_SQUARE_9 = 27.88;

/** A batch of `batch` sequences with `rows` blank rows for images of `side` pixels. */
async function drawBatch(digits: Digits, batch: number, side: number, rows: number, draw: number) {
  const core = await Core.load();
  const shape = { cell: "leaky", activation: "relu", units: 1, inputs: 1, heads: 1, classes: 10 } as const;
  const steps = side * (side + rows);
  const plan = new Plan(core, shape, { batch, steps, labelRows: 1 });
  plan.digits = new PlacedDigits(core, { test: digits });
  // what is left of another batch must not show through
  plan.inputs.fill(9);
  const sequenceN = side - 3;
  tasks.smnist.draw(plan, core.key(7, draw), steps, {
    N: [sequenceN],
    sequenceN,
    bits: "binary",
    set: "test",
  });
  const sequences = Array.from({ length: batch }, (_, b) =>
    Array.from({ length: steps }, (_, t) => plan.inputs[t * batch + b]!),
  );
  const labels = [...plan.labels];
  core.release();
  return { sequences, labels };
}

const images: Digits = { images: Uint8Array.from(golden.images.flat()), labels: Uint8Array.of(0, 1) };

/** Blank rows at the beginning of all sequences. */
function rowsBefore(sequences: number[][], side: number): number {
  const first = sequences[0]!.findIndex((_, t) => sequences.some((sequence) => sequence[t] !== 0));
  return Math.floor(first / side);
}

describe("images", () => {
  test.each(golden.cases.map((each) => [each.side, each.before, each.behind, each] as const))(
    "of %i pixels a side, with %i and %i blank rows are PyTorch's within 3e-7",
    async (side, before, behind, { sequences }) => {
      // the first of the draws that has these rows before the image
      for (let draw = 0; ; draw++) {
        const drawn = await drawBatch(images, 9, side, before + behind, draw);
        if (rowsBefore(drawn.sequences, side) !== before) continue;
        expect(new Set(drawn.labels)).toEqual(new Set([0, 1]));
        drawn.sequences.forEach((sequence, b) => {
          const wanted = sequences[drawn.labels[b]!]!;
          expect(sequence).toHaveLength(wanted.length);
          const errors = sequence.map((value, t) => Math.abs(value - wanted[t]!));
          expect(Math.max(...errors)).toBeLessThan(3e-7);
        });
        return;
      }
    },
  );

  test("of 28 × 28 pixels are the bytes times 2/255, less 1, within 1e-7", async () => {
    const { sequences, labels } = await drawBatch(images, 4, 28, 2, 0);
    const begin = 28 * rowsBefore(sequences, 28);
    sequences.forEach((sequence, b) => {
      golden.images[labels[b]!]!.forEach((byte, i) => {
        expect(Math.abs(sequence[begin + i]! - (2 * byte) / 255 + 1)).toBeLessThan(1e-7);
      });
    });
  });
});

describe("draws", () => {
  // image i is of one grey, which no other has
  const greys: Digits = {
    images: Uint8Array.from({ length: 10 * 784 }, (_, i) => 25 * Math.floor(i / 784)),
    labels: Uint8Array.of(7, 3, 9, 0, 1, 4, 5, 2, 8, 6),
  };

  test("are uniform over the images, and labels go with them: χ² of 10 000 below 27.88", async () => {
    const { sequences, labels } = await drawBatch(greys, 10_000, 5, 2, 0);
    const counts = Array(10).fill(0);
    const begin = 5 * rowsBefore(sequences, 5);
    sequences.forEach((sequence, b) => {
      const image = Math.round((255 * (sequence[begin]! + 1)) / 2 / 25);
      expect(greys.labels[image]).toBe(labels[b]);
      counts[image]++;
    });
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_9);
  });

  test("put 0 … M - 1 of M blank rows before the image, uniform: M = 9, χ² of 4500 draws below 26.12", async () => {
    const counts = Array(9).fill(0);
    for (let draw = 0; draw < 4500; draw++) {
      counts[rowsBefore((await drawBatch(greys, 2, 4, 9, draw)).sequences, 4)]++;
    }
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_8);
  });

  test("for N have 2 … N + 1 blank rows of N + 3 pixels: N = 10, χ² of 9000 draws below 27.88", async () => {
    const counts = Array(10).fill(0);
    for (const length of await drawLengths("smnist", 10, 9000)) counts[length / 13 - 13 - 2]++;
    expect(counts.reduce((sum, count) => sum + count)).toBe(9000);
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_9);
    // N = 2: images of 5 × 5 with two or three blank rows
    expect(new Set(await drawLengths("smnist", 2, 100))).toEqual(new Set([35, 40]));
  });

  test("under one key are the same images in all sizes, under another key others", async () => {
    const labels = async (side: number, draw: number) => (await drawBatch(greys, 50, side, 2, draw)).labels;
    expect(await labels(28, 3)).toEqual(await labels(5, 3));
    expect(await labels(5, 4)).not.toEqual(await labels(5, 3));
  });
});

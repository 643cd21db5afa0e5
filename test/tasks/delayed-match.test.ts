// N-delayed match to sample: what is drawn, and that the labels are right.

import { describe, expect, test } from "vitest";
import { chiSquare, drawBatch, drawEveryStep, drawLengths, standardErrors } from "./drawn-batch.ts";

// χ² that one true hypothesis in a thousand exceeds, by degrees of freedom
const CHI_SQUARE_11 = 31.26;
const CHI_SQUARE_15 = 37.7;

const matchOf = (bits: number[], N: number) => (bits.at(-N) === bits.at(-1) ? 1 : 0);

describe("labels", () => {
  test.each([
    [64, 41, [2, 3, 4, 5, 10, 11, 40, 41]],
    [1, 9, [2, 9]],
    [7, 12, [12, 2, 5]],
    [257, 5, [5, 3, 3]],
  ])(
    "of %d sequences of %d steps are 1 where the last bit is that of N - 1 steps before, N = %j at once",
    async (batch, steps, N) => {
      const { sequences, labels } = await drawBatch("dms", { batch, steps, N });
      expect(new Set(sequences.flat())).toEqual(new Set([0, 1]));
      expect(labels).toEqual(sequences.map((bits) => N.map((n) => matchOf(bits, n))));
    },
  );

  test("are 1 with probability 1/2 for every N, within 4 standard errors of 60 000", async () => {
    const N = Array.from({ length: 13 }, (_, i) => i + 2);
    const batch = 60_000;
    const { labels } = await drawBatch("dms", { batch, steps: 16, N });
    for (const [l, n] of N.entries()) {
      const matches = labels.filter((row) => row[l] === 1).length / batch;
      expect(standardErrors(matches, 1 / 2, batch), `N = ${n}: ${matches} match`).toBeLessThan(4);
    }
  });
});

describe("sequences", () => {
  test("have p = 1/2 at every step, within 4 standard errors of 20 000", async () => {
    const batch = 20_000;
    const { sequences } = await drawBatch("dms", { batch, steps: 16, N: [2] });
    for (let t = 0; t < 16; t++) {
      const ones = sequences.filter((bits) => bits[t] === 1).length / batch;
      expect(standardErrors(ones, 1 / 2, batch), `step ${t}`).toBeLessThan(4);
    }
  });

  test("are all alike: their first four bits are uniform on the 16 patterns, χ² of 20 000 below 37.7", async () => {
    const { sequences } = await drawBatch("dms", { batch: 20_000, steps: 8, N: [2] });
    const counts = Array(16).fill(0);
    for (const bits of sequences) counts[8 * bits[0]! + 4 * bits[1]! + 2 * bits[2]! + bits[3]!]++;
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_15);
  });

  test("for N are N + 2 … 4 N + 1 steps long, uniform with both ends: N = 4, χ² of 12 000 draws below 31.26", async () => {
    const lengths = await drawLengths("dms", 4, 12_000);
    const counts = Array(12).fill(0);
    for (const length of lengths) counts[length - 6]++;
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([6, 17]);
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_11);
  });
});

describe("keys", () => {
  const request = { batch: 33, steps: 20, N: [4, 7] };

  test("that are the same give the same batch, others batches without a common sequence", async () => {
    const long = { ...request, steps: 60 };
    const first = await drawBatch("dms", long);
    expect(await drawBatch("dms", long)).toEqual(first);
    const others = await Promise.all([1, 2, 3].map((draw) => drawBatch("dms", { ...long, draw })));
    const texts = [first, ...others].flatMap(({ sequences }) => sequences.map((bits) => bits.join("")));
    expect(new Set(texts).size).toBe(4 * 33);
  });

  test("alone determine the bits: asking for other N changes neither them nor the label of an N", async () => {
    const { sequences, labels } = await drawBatch("dms", request);
    const more = await drawBatch("dms", { ...request, N: [2, 20, 7, 3, 4] });
    expect(more.sequences).toEqual(sequences);
    expect(more.labels.map((row) => [row[4], row[2]])).toEqual(labels);
  });

  test("give a short batch as the beginning of a long one", async () => {
    const { sequences } = await drawBatch("dms", request);
    const short = await drawBatch("dms", { ...request, steps: 11 });
    expect(short.sequences).toEqual(sequences.map((bits) => bits.slice(0, 11)));
  });
});

describe("bipolar bits", () => {
  test.each([
    [64, 41, [2, 3, 4, 5, 10, 11, 40, 41]],
    [1, 9, [2, 9]],
    [7, 12, [12, 2, 5]],
  ])(
    "are -1 and 1: labels of %d sequences of %d steps are 1 where the last N match, N = %j",
    async (batch, steps, N) => {
      const { sequences, labels } = await drawBatch("dms", { batch, steps, N, bits: "bipolar" });
      expect(new Set(sequences.flat())).toEqual(new Set([-1, 1]));
      expect(labels).toEqual(sequences.map((bits) => N.map((n) => matchOf(bits, n))));
    },
  );

  test("have p = 1/2 in every sequence: the first four are uniform on the 16 patterns, χ² of 20 000 below 37.7", async () => {
    const { sequences } = await drawBatch("dms", { batch: 20_000, steps: 8, N: [2], bits: "bipolar" });
    const counts = Array(16).fill(0);
    for (const bits of sequences) counts[bits.slice(0, 4).reduce((sum, bit) => 2 * sum + (bit + 1) / 2, 0)]++;
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_15);
  });
});

describe("labels at every step", () => {
  test.each([
    [64, 41, [2, 3, 10, 11, 40, 41], "binary"],
    [1, 9, [2, 9], "bipolar"],
    [7, 12, [12, 2, 5], "binary"],
    [5, 3, [3], "bipolar"],
  ] as const)(
    "of %d sequences of %d steps, N = %j, %s bits, are from the N-th on those of the sequence that ends there",
    async (batch, steps, N, bits) => {
      const { sequences, labels } = await drawEveryStep("dms", { batch, steps, N: [...N], bits });
      const expected = sequences.map((all) =>
        N.map((n) => Array.from({ length: steps - n + 1 }, (_, i) => matchOf(all.slice(0, n + i), n))),
      );
      expect(labels).toEqual(expected);
    },
  );
});

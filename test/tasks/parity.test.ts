// N-parity: what is drawn, and that the labels are right.

import { describe, expect, test } from "vitest";
import { chiSquare, drawBatch, drawEveryStep, drawLengths, standardErrors } from "./drawn-batch.ts";

// χ² that one true hypothesis in a thousand exceeds, by degrees of freedom
const CHI_SQUARE_14 = 36.12;
const CHI_SQUARE_15 = 37.7;
const CHI_SQUARE_16 = 39.25;

const parityOf = (bits: number[], N: number) => bits.slice(-N).filter((bit) => bit === 1).length % 2;

describe("labels", () => {
  test.each([
    [64, 41, [2, 3, 4, 5, 10, 11, 40, 41]],
    [1, 9, [2, 9]],
    [7, 12, [12, 2, 5]],
    [257, 5, [5, 3, 3]],
  ])(
    "of %d sequences of %d steps are 1 where the last N bits hold an odd number of ones, N = %j at once",
    async (batch, steps, N) => {
      const { sequences, labels } = await drawBatch("parity", { batch, steps, N });
      expect(new Set(sequences.flat())).toEqual(new Set([0, 1]));
      expect(labels).toEqual(sequences.map((bits) => N.map((n) => parityOf(bits, n))));
    },
  );

  test("of N = T take the first bit in, those of N = T - 1 do not", async () => {
    const { sequences, labels } = await drawBatch("parity", { batch: 100, steps: 6, N: [6, 5] });
    expect(labels.map(([whole, rest]) => whole! ^ rest!)).toEqual(sequences.map((bits) => bits[0]));
  });

  test("are even with probability 1/2 + 1/(2 (N + 1)) for even N, 1/2 for odd N, within 4 standard errors of 60 000", async () => {
    const N = Array.from({ length: 13 }, (_, i) => i + 2);
    const batch = 60_000;
    const { labels } = await drawBatch("parity", { batch, steps: 16, N });
    for (const [l, n] of N.entries()) {
      const even = labels.filter((row) => row[l] === 0).length / batch;
      const expected = n % 2 === 0 ? 1 / 2 + 1 / (2 * (n + 1)) : 1 / 2;
      expect(standardErrors(even, expected, batch), `N = ${n}: ${even} even`).toBeLessThan(4);
    }
  });
});

describe("sequences", () => {
  test("have each their own p, uniform on 0 … 1: the ones in 16 bits are uniform on 0 … 16, χ² of 17 000 sequences below 39.25", async () => {
    const { sequences } = await drawBatch("parity", { batch: 17_000, steps: 16, N: [2] });
    const counts = Array(17).fill(0);
    for (const bits of sequences) counts[bits.reduce((sum, bit) => sum + bit)]++;
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_16);
  });

  test("keep their p throughout: first and last bit agree with probability 2/3, within 4 standard errors", async () => {
    const batch = 20_000;
    const { sequences } = await drawBatch("parity", { batch, steps: 40, N: [2] });
    const agree = sequences.filter((bits) => bits[0] === bits[39]).length / batch;
    expect(standardErrors(agree, 2 / 3, batch)).toBeLessThan(4);
  });

  test("of neighbouring places in the batch are independent: their last bits agree with probability 1/2", async () => {
    const batch = 20_000;
    const { sequences } = await drawBatch("parity", { batch, steps: 5, N: [2] });
    const agree = sequences.filter((bits, b) => bits[4] === sequences[(b + 1) % batch]![4]).length / batch;
    expect(standardErrors(agree, 1 / 2, batch)).toBeLessThan(4);
  });

  test("for N are N + 2 … 4 N + 1 steps long, uniform with both ends: N = 5, χ² of 15 000 draws below 36.12", async () => {
    const lengths = await drawLengths("parity", 5, 15_000);
    const counts = Array(15).fill(0);
    for (const length of lengths) counts[length - 7]++;
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([7, 21]);
    expect(chiSquare(counts)).toBeLessThan(CHI_SQUARE_14);
    const shortest = await drawLengths("parity", 2, 100);
    expect(new Set(shortest)).toEqual(new Set([4, 5, 6, 7, 8, 9]));
  });
});

describe("keys", () => {
  const request = { batch: 33, steps: 20, N: [4, 7] };

  test("that are the same give the same batch", async () => {
    expect(await drawBatch("parity", request)).toEqual(await drawBatch("parity", request));
  });

  test("that differ give independent batches: last bits agree with probability 1/2, within 4 standard errors of 20 000", async () => {
    const batch = 20_000;
    const draws = await Promise.all(
      [0, 1, 2].map((draw) => drawBatch("parity", { batch, steps: 4, N: [2], draw })),
    );
    for (const { sequences } of draws.slice(1)) {
      const agree = sequences.filter((bits, b) => bits[3] === draws[0]!.sequences[b]![3]).length / batch;
      expect(standardErrors(agree, 1 / 2, batch)).toBeLessThan(4);
    }
  });

  test("alone determine the bits: asking for other N changes neither them nor the label of an N", async () => {
    const { sequences, labels } = await drawBatch("parity", request);
    const more = await drawBatch("parity", { ...request, N: [2, 20, 7, 3, 4] });
    expect(more.sequences).toEqual(sequences);
    expect(more.labels.map((row) => [row[4], row[2]])).toEqual(labels);
  });

  test("give a short batch as the beginning of a long one", async () => {
    const { sequences } = await drawBatch("parity", request);
    const short = await drawBatch("parity", { ...request, steps: 11 });
    expect(short.sequences).toEqual(sequences.map((bits) => bits.slice(0, 11)));
  });
});

describe("bipolar bits", () => {
  test.each([
    [64, 41, [2, 3, 4, 5, 10, 11, 40, 41]],
    [1, 9, [2, 9]],
    [7, 12, [12, 2, 5]],
  ])(
    "are -1 and 1: labels of %d sequences of %d steps are 1 where the last N hold an odd number of ones, N = %j",
    async (batch, steps, N) => {
      const { sequences, labels } = await drawBatch("parity", { batch, steps, N, bits: "bipolar" });
      expect(new Set(sequences.flat())).toEqual(new Set([-1, 1]));
      expect(labels).toEqual(sequences.map((bits) => N.map((n) => parityOf(bits, n))));
    },
  );

  test("have p = 1/2 in every sequence: the first four are uniform on the 16 patterns, χ² of 20 000 below 37.7", async () => {
    const { sequences } = await drawBatch("parity", { batch: 20_000, steps: 8, N: [2], bits: "bipolar" });
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
      const { sequences, labels } = await drawEveryStep("parity", { batch, steps, N: [...N], bits });
      const expected = sequences.map((all) =>
        N.map((n) => Array.from({ length: steps - n + 1 }, (_, i) => parityOf(all.slice(0, n + i), n))),
      );
      expect(labels).toEqual(expected);
    },
  );
});

// Random draws: known answers of Threefry, the layout of draws, and their statistics.
//
// Statistics are of fixed keys, so a test passes always or never. Bounds are 4 standard errors, or the 99.9 %
// quantile of chi-square.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";

interface RngHarness {
  threefry(key: bigint, counter: bigint): bigint;
  foldIn(key: bigint, data: number): bigint;
  drawBits(key: bigint, n: number): Uint32Array;
  drawUniform(key: bigint, n: number): Float32Array;
  drawIntegers(key: bigint, n: number, low: number, high: number): Int32Array;
  fillUniform(key: bigint, n: number, low: number, high: number, room: number): Float32Array;
  normalQuantile(p: Float64Array): Float64Array;
  fillNormal(key: bigint, n: number, room: number): Float64Array;
}

const rng = await loadHarness<RngHarness>("rng");

// any key, with bits in both words
const KEY = 0x243f6a8885a308d3n;

function block(key: bigint, counter: bigint): string {
  return BigInt.asUintN(64, rng.threefry(key, counter)).toString(16).padStart(16, "0");
}

function fold(key: bigint, data: number): bigint {
  return BigInt.asUintN(64, rng.foldIn(key, data));
}

function uniforms(key: bigint, n: number, low = 0, high = 1): Float32Array {
  return rng.fillUniform(key, n, low, high, n);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [mx, my] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]! - mx, y[i]! - my];
    xx += a * a;
    xy += a * b;
    yy += b * b;
  }
  return xy / Math.sqrt(xx * yy);
}

// Σ (observed - expected)² / expected, for counts that are all expected to be equal
function chiSquare(counts: number[]): number {
  const expected = mean(counts);
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("threefry", () => {
  // Random123 1.14, tests/kat_vectors, "threefry2x32 20"
  test.each([
    ["0000000000000000", "0000000000000000", "6b20015999ba4efe"],
    ["ffffffffffffffff", "ffffffffffffffff", "1cb996fcbb002be7"],
    ["13198a2e03707344", "243f6a8885a308d3", "c4923a9c483df7a0"],
  ])("key %s and counter %s give %s, as in Random123", (key, counter, answer) => {
    expect(block(BigInt(`0x${key}`), BigInt(`0x${counter}`))).toBe(answer);
  });

  test("foldIn is the block whose counter is the folded number, also above 2^31", () => {
    for (const data of [0, 1, 77, 2 ** 31, 2 ** 32 - 1]) {
      expect(fold(KEY, data).toString(16).padStart(16, "0")).toBe(block(KEY, BigInt(data)));
    }
  });

  test("each of the 64 bits of a key, and of a counter, turns half of the 64 bits of a block: 32 ± 0.6 on average", () => {
    // 64 · 16 blocks: the standard error of the mean distance is 4 / √1024 = 0.125; single ones are 4 each
    for (const flip of ["key", "counter"]) {
      const distances = Array.from({ length: 1024 }, (_, i) => {
        const bit = 1n << BigInt(i % 64);
        const counter = BigInt(i >> 6);
        const other = flip === "key" ? block(KEY ^ bit, counter) : block(KEY, counter ^ bit);
        const difference = BigInt(`0x${block(KEY, counter)}`) ^ BigInt(`0x${other}`);
        return difference.toString(2).replaceAll("0", "").length;
      });
      expect(Math.abs(mean(distances) - 32)).toBeLessThan(0.6);
      expect(Math.min(...distances)).toBeGreaterThan(32 - 5 * 4);
    }
  });
});

describe("layout of draws", () => {
  test("draws 0-3 are the first, 4-7 the second words of blocks 0-3, 8-15 those of blocks 4-7, and so on to 199", () => {
    const bits = rng.drawBits(KEY, 200);
    bits.forEach((word, i) => {
      const words = block(KEY, BigInt(4 * Math.floor(i / 8) + (i % 4)));
      expect(word).toBe(Number.parseInt(i % 8 < 4 ? words.slice(0, 8) : words.slice(8), 16));
    });
  });

  test("a uniform value is the upper 24 bits of its draw over 2^24, without rounding", () => {
    const values = rng.drawUniform(KEY, 200);
    expect([...values]).toEqual([...rng.drawBits(KEY, 200)].map((bits) => (bits >>> 8) / 2 ** 24));
  });

  test("filling gives the same bits as single draws for every n from 0 to 70, and writes nothing behind them", () => {
    for (let n = 0; n <= 70; n++) {
      const filled = rng.fillUniform(KEY, n, 0, 1, n + 16);
      expect(filled.subarray(0, n)).toEqual(rng.drawUniform(KEY, n));
      expect(filled.subarray(n)).toEqual(new Float32Array(16).fill(-1));
    }
  });

  test("filling [-0.3, 0.5) gives round(-0.3 + round(0.8 u)) of the single draws for every n from 0 to 70", () => {
    const [low, high] = [Math.fround(-0.3), 0.5];
    const width = Math.fround(high - low);
    for (let n = 0; n <= 70; n++) {
      const single = rng.drawUniform(KEY, n).map((u) => low + Math.fround(width * u));
      expect(uniforms(KEY, n, low, high)).toEqual(single);
    }
  });
});

describe("whole numbers", () => {
  test.each([
    [0, 1],
    [2, 11],
    [-3, 3],
    [1, 997],
  ])(
    "drawInteger from %i to %i reaches both ends, and no value beyond them, in 200,000 draws",
    (low, high) => {
      const draws = rng.drawIntegers(KEY, 200_000, low, high);
      expect(draws.reduce((a, b) => Math.min(a, b))).toBe(low);
      expect(draws.reduce((a, b) => Math.max(a, b))).toBe(high);
    },
  );

  test("drawInteger of a single value is that value", () => {
    expect(new Set(rng.drawIntegers(KEY, 100, -7, -7))).toEqual(new Set([-7]));
  });

  test("drawInteger over all 2^32 values is the draw itself", () => {
    const draws = rng.drawIntegers(KEY, 100, -(2 ** 31), 2 ** 31 - 1);
    const expected = draws.map((_, i) => rng.drawBits(fold(KEY, i), 1)[0]! - 2 ** 31);
    expect(draws).toEqual(expected);
  });

  test.each([
    // 99.9 % quantiles for 1, 9, 36 and 996 degrees of freedom
    [0, 1, 10.83],
    [2, 11, 27.88],
    [3, 39, 67.99],
    [1, 997, 1139],
  ])("200,000 draws from %i to %i are uniform: chi-square below %d", (low, high, quantile) => {
    const counts = new Array<number>(high - low + 1).fill(0);
    for (const value of rng.drawIntegers(KEY, 200_000, low, high)) counts[value - low]!++;
    expect(chiSquare(counts)).toBeLessThan(quantile);
  });
});

describe("uniform values", () => {
  test("a million draws on [0, 1) lie there; their mean is 1/2 within 0.0012, their variance 1/12 within 0.0003", () => {
    const values = uniforms(KEY, 1_000_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    // standard errors: √(1/12 / n) and √((1/80 - 1/144) / n)
    expect(Math.abs(mean(values) - 1 / 2)).toBeLessThan(0.0012);
    expect(Math.abs(mean(values.map((value) => (value - 0.5) ** 2)) - 1 / 12)).toBeLessThan(0.0003);
  });

  test("a million draws fall evenly into 256 bins: chi-square below 330.5", () => {
    // the 99.9 % quantile for 255 degrees of freedom
    const counts = new Array<number>(256).fill(0);
    for (const value of uniforms(KEY, 1_000_000)) counts[Math.floor(value * 256)]!++;
    expect(chiSquare(counts)).toBeLessThan(330.5);
  });

  test.each([
    [1, 2],
    [-0.5, 0.5],
    [0, 0.1],
    [5, 20],
  ])("a million draws on [%d, %d) lie there and have the interval's mean and variance", (low, high) => {
    const values = uniforms(KEY, 1_000_000, low, high);
    const width = high - low;
    expect(values.every((value) => value >= Math.fround(low) && value < Math.fround(high))).toBe(true);
    expect(Math.abs(mean(values) - (low + high) / 2)).toBeLessThan(0.0012 * width);
    const variance = mean(values.map((value) => (value - (low + high) / 2) ** 2));
    expect(Math.abs(variance - width ** 2 / 12)).toBeLessThan(0.0003 * width ** 2);
  });

  test("the largest of the 2^24 values on [1, 2) is rounded to 2, the largest on [0, 1), [0, 0.1) and [-1, 1) stays below the end", () => {
    // the first such draw under any of the keys foldIn(KEY, 0 …)
    const [key, at] = [fold(KEY, 26), 236_999];
    const largest = (low: number, high: number) => uniforms(key, at + 1, low, high)[at]!;
    expect(largest(0, 1)).toBe(1 - 2 ** -24);
    expect(largest(1, 2)).toBe(2);
    expect(largest(0, 0.1)).toBeLessThan(Math.fround(0.1));
    expect(largest(-1, 1)).toBeLessThan(1);
  });

  test("an interval without width gives its one value", () => {
    expect(uniforms(KEY, 9, 3.5, 3.5)).toEqual(new Float32Array(9).fill(3.5));
  });
});

describe("bits with a probability", () => {
  test.each([0.01, 0.25, 0.5, 0.9])(
    "the share of a million draws below p = %d is p within 4 standard errors",
    (p) => {
      const ones = uniforms(KEY, 1_000_000).map((value) => (value < Math.fround(p) ? 1 : 0));
      expect(Math.abs(mean(ones) - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 1_000_000));
    },
  );

  test("no draw is below p = 0, every draw is below p = 1", () => {
    const values = uniforms(KEY, 1_000_000);
    expect(values.some((value) => value < 0)).toBe(false);
    expect(values.every((value) => value < 1)).toBe(true);
  });
});

describe("normal draws", () => {
  const golden = JSON.parse(readFileSync("test/golden/distributions.json", "utf8")) as {
    quantiles: [p: number, quantile: number][];
  };

  test("are quantiles: those of 121 probabilities from 2^-53 on agree with mpmath within 1e-15 of them", () => {
    const found = rng.normalQuantile(Float64Array.from(golden.quantiles, ([p]) => p));
    golden.quantiles.forEach(([p, quantile], i) => {
      if (quantile === 0) expect(found[i]).toBe(0);
      else expect(Math.abs(found[i]! / quantile - 1), `p ${p}`).toBeLessThan(1e-15);
    });
  });

  test("of p and 1 - p are the same but for the sign", () => {
    const p = Float64Array.from({ length: 200 }, (_, i) => (i + 1) / 512);
    const above = rng.normalQuantile(p.map((value) => 1 - value));
    expect(rng.normalQuantile(p).map((value) => -value)).toEqual(above);
  });

  test("draw i is the quantile at the upper 52 bits of block i, whatever n, and nothing is written behind", () => {
    const all = rng.fillNormal(KEY, 70, 70);
    const probabilities = Float64Array.from({ length: 70 }, (_, i) => {
      const bits = BigInt.asUintN(64, rng.threefry(KEY, BigInt(i))) >> 12n;
      return (Number(bits) + 0.5) / 2 ** 52;
    });
    expect(all).toEqual(rng.normalQuantile(probabilities));
    for (const n of [0, 1, 2, 13]) {
      const drawn = rng.fillNormal(KEY, n, 15);
      expect(drawn.subarray(0, n)).toEqual(all.subarray(0, n));
      expect(drawn.subarray(n).every((value) => value === -99)).toBe(true);
    }
  });

  test("a million have moments 0, 1, 0, 3 within 4 standard errors, and lie evenly in 256 bins: chi-square below 330.5", () => {
    const n = 1_000_000;
    const drawn = rng.fillNormal(KEY, n, n);
    const variances = [1, 2, 15, 96];
    [0, 1, 0, 3].forEach((expected, i) => {
      const moment = mean(drawn.map((value) => value ** (i + 1)));
      expect(Math.abs(moment - expected), `moment ${i + 1}`).toBeLessThan(4 * Math.sqrt(variances[i]! / n));
    });
    const ends = rng.normalQuantile(Float64Array.from({ length: 255 }, (_, i) => (i + 1) / 256));
    const counts = new Array(256).fill(0);
    const sorted = drawn.slice().sort();
    let bin = 0;
    for (const value of sorted) {
      while (bin < 255 && value >= ends[bin]!) bin++;
      counts[bin]++;
    }
    expect(chiSquare(counts)).toBeLessThan(330.5);
  });

  test("are uncorrelated with the draws 1 to 8 later: |r| < 0.0127", () => {
    const drawn = rng.fillNormal(KEY, 100_008, 100_008);
    for (let lag = 1; lag <= 8; lag++) {
      expect(
        Math.abs(correlation(drawn.subarray(0, 100_000), drawn.subarray(lag, 100_000 + lag))),
      ).toBeLessThan(0.0127);
    }
  });
});

describe("streams under different keys", () => {
  const DRAWS = 100_000;
  // 4 standard errors of a correlation of independent values
  const BOUND = 4 / Math.sqrt(DRAWS);

  test("streams under foldIn(key, 0 … 9), key + 1 and key + 2^32 are uncorrelated in pairs: |r| < 0.0127", () => {
    const keys = [...Array.from({ length: 10 }, (_, i) => fold(KEY, i)), KEY, KEY + 1n, KEY + (1n << 32n)];
    const streams = keys.map((key) => uniforms(key, DRAWS));
    for (let i = 0; i < streams.length; i++) {
      for (let j = 0; j < i; j++) {
        expect(Math.abs(correlation(streams[i]!, streams[j]!)), `${i} and ${j}`).toBeLessThan(BOUND);
      }
    }
  });

  test("a stream is uncorrelated with itself 1 to 16 draws later: |r| < 0.0127", () => {
    const stream = uniforms(KEY, DRAWS + 16);
    for (let lag = 1; lag <= 16; lag++) {
      const r = correlation(stream.subarray(0, DRAWS), stream.subarray(lag, lag + DRAWS));
      expect(Math.abs(r), `lag ${lag}`).toBeLessThan(BOUND);
    }
  });

  test("the same path gives the same key, another order of the path another one", () => {
    expect(fold(fold(KEY, 3), 4)).toBe(fold(fold(KEY, 3), 4));
    expect(fold(fold(KEY, 3), 4)).not.toBe(fold(fold(KEY, 4), 3));
  });
});

// Sums over arrays: the documented order bit for bit, and their accuracy against f64.

import { describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";
import { drawFrom, firstDifference, values } from "./values.ts";

interface ReduceHarness {
  dot(a: Float32Array, b: Float32Array): number;
  addScaled(y: Float32Array, a: number, x: Float32Array, n: number): Float32Array;
  add(y: Float32Array, x: Float32Array, n: number): Float32Array;
  sumOfSquares(x: Float32Array): number;
  findNonFinite(x: Float32Array): number;
}

const reduce = await loadHarness<ReduceHarness>("reduce");
const { fround } = Math;

const counts = [...Array.from({ length: 41 }, (_, n) => n), 63, 64, 65, 1000, 4099];

// the order of reduce.ts over terms: four lanes, (0 + 1) + (2 + 3), then the rest one by one
function sumInOrder(terms: number[], round: (x: number) => number): number {
  const whole = terms.length & ~3;
  const lanes = [0, 0, 0, 0];
  for (let i = 0; i < whole; i++) lanes[i % 4] = round(lanes[i % 4]! + terms[i]!);
  const [a, b, c, d] = lanes as [number, number, number, number];
  let sum = round(round(a + b) + round(c + d));
  for (const term of terms.slice(whole)) sum = round(sum + term);
  return sum;
}

describe("dot", () => {
  test(`gives the bits of the documented order for n = 0 … 40 and up to 4099`, () => {
    for (const n of counts) {
      const draw = drawFrom(n);
      const [a, b] = [values(draw, n), values(draw, n)];
      const terms = [...a].map((value, i) => fround(value * b[i]!));
      expect(reduce.dot(a, b), `n = ${n}`).toBe(sumInOrder(terms, fround));
    }
  });

  test("is within n / 4 + 3 roundings of the f64 sum", () => {
    for (const n of counts) {
      const draw = drawFrom(n);
      const [a, b] = [values(draw, n), values(draw, n)];
      let [exact, size] = [0, 0];
      a.forEach((value, i) => {
        exact += value * b[i]!;
        size += Math.abs(value * b[i]!);
      });
      expect(Math.abs(reduce.dot(a, b) - exact), `n = ${n}`).toBeLessThanOrEqual(
        (n / 4 + 3) * size * 2 ** -24,
      );
    }
  });

  test("another order of the same terms gives other bits, so the order is seen", () => {
    const draw = drawFrom(1);
    const [a, b] = [values(draw, 1000), values(draw, 1000)];
    const oneByOne = a.reduce((sum, value, i) => fround(sum + fround(value * b[i]!)), 0);
    expect(reduce.dot(a, b)).not.toBe(oneByOne);
  });
});

describe("addScaled and add", () => {
  test("addScaled gives y + round(a x) for n = 0 … 40 and up to 4099, and leaves the rest of y alone", () => {
    for (const n of counts) {
      const draw = drawFrom(n);
      const [y, x] = [values(draw, n + 8), values(draw, n + 8)];
      const a = fround(draw());
      const expected = y.map((value, i) => (i < n ? fround(value + fround(a * x[i]!)) : value));
      expect(firstDifference(reduce.addScaled(y, a, x, n), expected), `n = ${n}`).toBe(-1);
    }
  });

  test("add gives y + x for every multiple of four to 64, and leaves the rest of y alone", () => {
    for (let n = 0; n <= 64; n += 4) {
      const draw = drawFrom(n);
      const [y, x] = [values(draw, n + 8), values(draw, n + 8)];
      const expected = y.map((value, i) => (i < n ? fround(value + x[i]!) : value));
      expect(firstDifference(reduce.add(y, x, n), expected), `n = ${n}`).toBe(-1);
    }
  });
});

describe("sumOfSquares", () => {
  test("gives the f64 bits of the documented order for n = 0 … 40 and up to 4099", () => {
    for (const n of counts) {
      const x = values(drawFrom(n), n);
      const terms = [...x].map((value) => value * value);
      expect(reduce.sumOfSquares(x), `n = ${n}`).toBe(sumInOrder(terms, (sum) => sum));
    }
  });

  test("does not overflow where f32 would: 5 × (1e38)² is 5e76 within 1e-6", () => {
    expect(Math.abs(reduce.sumOfSquares(new Float32Array(5).fill(1e38)) / 5e76 - 1)).toBeLessThan(1e-6);
  });

  test("does not underflow where f32 would: 5 × (2^-149)² is 5 × 2^-298", () => {
    expect(reduce.sumOfSquares(new Float32Array(5).fill(2 ** -149))).toBe(5 * 2 ** -298);
  });

  test.each([NaN, Infinity, -Infinity])("%d in any of seven places shows in the sum", (value) => {
    for (let i = 0; i < 7; i++) {
      const x = new Float32Array(7).fill(1);
      x[i] = value;
      expect(reduce.sumOfSquares(x)).toBe(Math.abs(value));
    }
  });
});

describe("findNonFinite", () => {
  test.each([NaN, Infinity, -Infinity])("finds the first %d in each of nine places", (value) => {
    for (let i = 0; i < 9; i++) {
      const x = new Float32Array(9).fill(2 ** 127, 0, i).fill(value, i);
      expect(reduce.findNonFinite(x)).toBe(i);
    }
  });

  test("is -1 for the largest, the smallest and no values", () => {
    const largest = 2 ** 128 - 2 ** 104;
    expect(reduce.findNonFinite(Float32Array.of(largest, -largest, 2 ** -149, 0, -0))).toBe(-1);
    expect(reduce.findNonFinite(new Float32Array(0))).toBe(-1);
  });
});

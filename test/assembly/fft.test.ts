// The fast Fourier transform against the sum that defines it.

import { describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";
import { drawFrom } from "./values.ts";

interface FftHarness {
  fft(data: Float64Array, twiddles: Float64Array): Float64Array;
}

const harness = await loadHarness<FftHarness>("fft");
const transform = (data: Float64Array) => harness.fft(data, new Float64Array(Math.max(2, data.length / 2)));

function complexValues(n: number): Float64Array {
  const draw = drawFrom(n);
  return Float64Array.from({ length: 2 * n }, () => 2 * draw() - 1);
}

// X_k = Σ_t x_t e^(-2πi kt/n)
function directSum(data: Float64Array): Float64Array {
  const n = data.length / 2;
  const sums = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    for (let t = 0; t < n; t++) {
      const angle = (-2 * Math.PI * ((k * t) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      sums[2 * k]! += c * data[2 * t]! - s * data[2 * t + 1]!;
      sums[2 * k + 1]! += s * data[2 * t]! + c * data[2 * t + 1]!;
    }
  }
  return sums;
}

const length = (data: Float64Array) => Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
const distance = (a: Float64Array, b: Float64Array) => length(a.map((value, i) => value - b[i]!));

describe("fft", () => {
  test.each([1, 2, 4, 8, 16, 64, 512, 1024])(
    "of %i values is the direct sum within 1e-14 of its length",
    (n) => {
      const data = complexValues(n);
      const expected = directSum(data);
      expect(distance(transform(data), expected)).toBeLessThan(1e-14 * length(expected));
    },
  );

  test("of a single wave of frequency 3 in 32 steps has one value, 32, at 3", () => {
    const wave = Float64Array.from({ length: 64 }, (_, i) => {
      const angle = (2 * Math.PI * 3 * (i >> 1)) / 32;
      return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    });
    const expected = new Float64Array(64);
    expected[6] = 32;
    expect(distance(transform(wave), expected)).toBeLessThan(1e-13);
  });

  test("keeps the sum of squares, times 2^17, within 1e-13 over 2^17 values (Parseval)", () => {
    const n = 2 ** 17;
    const data = complexValues(n);
    expect(Math.abs(length(transform(data)) / length(data) / Math.sqrt(n) - 1)).toBeLessThan(1e-13);
  });
});

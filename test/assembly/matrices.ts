// Plain f64 matrices for tests, row by row, and what is measured of them.

import { type Draw, drawFrom } from "./values.ts";

export function matrix(m: number, n: number, entry: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: m * n }, (_, at) => entry(Math.floor(at / n), at % n));
}

/** Entries on [-0.5, 0.5). */
export function randomMatrix(m: number, n: number, seed: number): Float64Array {
  const draw = drawFrom(seed);
  return matrix(m, n, () => draw() - 0.5);
}

/** A draw of the standard normal distribution, by Box and Muller. */
export function normal(draw: Draw): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

export function transpose(a: Float64Array, m: number, n: number): Float64Array {
  return matrix(n, m, (i, j) => a[j * n + i]!);
}

/** A (m, k) · B (k, n), each element summed over k = 0, 1, 2 … */
export function times(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      for (let j = 0; j < n; j++) c[i * n + j]! += a[i * k + l]! * b[l * n + j]!;
    }
  }
  return c;
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    // NaN is no agreement
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}

/** The largest |Q Qᵀ - 1| of m rows of n values. */
export function orthogonality(q: Float64Array, m: number, n: number): number {
  const unit = matrix(m, m, (i, j) => (i === j ? 1 : 0));
  return largestDifference(times(q, transpose(q, m, n), m, n, m), unit);
}

/** The matrices of test/golden/linear_algebra.py. */
export function goldenMatrix(m: number, n: number): Float64Array {
  return matrix(m, n, (i, j) => {
    const spread = (i * i + 7) * (j + 3) * 2654435761 + (i + 1) * (j * j + 5) * 2246822519;
    return (spread % 2 ** 32) / 2 ** 32 - 0.5;
  });
}

export interface Complex {
  re: ArrayLike<number>;
  im: ArrayLike<number>;
}

/** The largest distance of complex values from the nearest of the expected ones, each of which is taken once. */
export function spectralDistance(found: Complex, expected: Complex): number {
  if (found.re.length !== expected.re.length) return Number.POSITIVE_INFINITY;
  const left = Array.from(expected.re, (re, i) => ({ re, im: expected.im[i]! }));
  let largest = 0;
  for (let i = 0; i < found.re.length; i++) {
    const distances = left.map(({ re, im }) => Math.hypot(re - found.re[i]!, im - found.im[i]!));
    const nearest = distances.reduce((best, distance, k) => (distance < distances[best]! ? k : best), 0);
    largest = Math.max(largest, distances[nearest]!);
    left.splice(nearest, 1);
  }
  return largest;
}

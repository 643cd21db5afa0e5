// QR of rows: orthogonality, residual and signs at many shapes, dependent rows, and extreme sizes.

import { describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";
import { largestDifference, matrix, orthogonality, randomMatrix, times } from "./matrices.ts";

const harness = await loadHarness<{
  orthonormalizeRows(a: Float64Array, k: number, n: number): Float64Array;
}>("linalg");

function orthonormalize(a: Float64Array, k: number, n: number) {
  const all = harness.orthonormalizeRows(a.slice(), k, n);
  return { q: all.slice(0, k * n), diagonal: all.slice(k * n, k * n + k), lower: all.slice(k * n + k) };
}

// the largest |A - L Q|, and of L what lies above the diagonal
function residual(a: Float64Array, { q, lower }: ReturnType<typeof orthonormalize>, k: number, n: number) {
  expect(lower.every((value, at) => at % k <= Math.floor(at / k) || value === 0)).toBe(true);
  return largestDifference(times(lower, q, k, k, n), a);
}

describe("orthonormalizeRows", () => {
  test.each([
    [1, 1],
    [1, 2],
    [1, 33],
    [2, 2],
    [2, 3],
    [3, 3],
    [5, 7],
    [7, 7],
    [8, 8],
    [8, 20],
    [9, 9],
    [31, 33],
    [32, 32],
    [33, 33],
    [33, 100],
    [64, 64],
    [65, 70],
    [100, 100],
    [129, 129],
    [20, 500],
  ])("%i rows of %i values: |Q Qᵀ - 1| and |A - L Q| are below 3e-15, R_ii is not negative", (k, n) => {
    const a = randomMatrix(k, n, 100 * k + n);
    const factors = orthonormalize(a, k, n);
    expect(orthogonality(factors.q, k, n)).toBeLessThan(3e-15);
    expect(residual(a, factors, k, n)).toBeLessThan(3e-15 * Math.sqrt(n));
    expect(Math.min(...factors.diagonal)).toBeGreaterThanOrEqual(0);
    expect(factors.diagonal).toEqual(factors.lower.filter((_, at) => at % (k + 1) === 0));
  });

  test("the rows that Gram and Schmidt's process gives, for 12 rows of 40 values to 1e-13", () => {
    const [k, n] = [12, 40];
    const a = randomMatrix(k, n, 3);
    const rows: Float64Array[] = [];
    const lengths: number[] = [];
    for (let i = 0; i < k; i++) {
      const row = a.slice(i * n, (i + 1) * n);
      for (let pass = 0; pass < 2; pass++) {
        for (const other of rows) {
          const along = other.reduce((sum, value, j) => sum + value * row[j]!, 0);
          other.forEach((value, j) => {
            row[j]! -= along * value;
          });
        }
      }
      const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      rows.push(row.map((value) => value / length));
      lengths.push(length);
    }
    const { q, diagonal } = orthonormalize(a, k, n);
    expect(
      largestDifference(
        q,
        rows.flatMap((row) => [...row]),
      ),
    ).toBeLessThan(1e-13);
    expect(largestDifference(diagonal, lengths)).toBeLessThan(1e-13);
  });

  test.each([
    [5, 5, 0],
    [12, 50, 1],
    [40, 40, 7],
    [70, 90, 33],
  ])("%i rows of %i values and rank %i: still orthonormal, R_ii below 1e-13 from there on", (k, n, rank) => {
    const a = times(randomMatrix(k, rank, 1), randomMatrix(rank, n, 2), k, rank, n);
    const factors = orthonormalize(a, k, n);
    expect(orthogonality(factors.q, k, n)).toBeLessThan(3e-15);
    expect(residual(a, factors, k, n)).toBeLessThan(1e-14);
    expect(Math.max(0, ...factors.diagonal.slice(rank))).toBeLessThan(1e-13);
    if (rank > 0) expect(Math.min(...factors.diagonal.slice(0, rank))).toBeGreaterThan(1e-3);
  });

  test("a zero row has R_ii = 0, and rows that are orthonormal stay what they are", () => {
    const unit = matrix(6, 9, (i, j) => (i === j ? 1 : 0));
    expect(orthonormalize(unit, 6, 9)).toMatchObject({ q: unit, diagonal: new Float64Array(6).fill(1) });
    const { q, diagonal } = orthonormalize(
      unit.map((value, at) => (Math.floor(at / 9) === 2 ? 0 : value)),
      6,
      9,
    );
    expect([...diagonal]).toEqual([1, 1, 0, 1, 1, 1]);
    expect(orthogonality(q, 6, 9)).toBeLessThan(3e-15);
  });

  test.each([1e-300, 1e-160, 1e160, 1e300])(
    "rows of size %f have the Q of rows of size 1 to 1e-14",
    (size) => {
      const a = randomMatrix(11, 13, 5);
      const { q, diagonal } = orthonormalize(a, 11, 13);
      const scaled = orthonormalize(
        a.map((value) => value * size),
        11,
        13,
      );
      expect(largestDifference(scaled.q, q)).toBeLessThan(1e-14);
      expect(
        largestDifference(
          scaled.diagonal.map((value) => value / size),
          diagonal,
        ),
      ).toBeLessThan(1e-14);
    },
  );

  test("graded rows from 1 to 1e-60 keep R_ii to 1e-13 of itself", () => {
    const [k, n] = [13, 20];
    const a = randomMatrix(k, n, 6);
    const grade = (i: number) => 10 ** (-5 * i);
    const { diagonal } = orthonormalize(a, k, n);
    const graded = orthonormalize(
      a.map((value, at) => value * grade(Math.floor(at / n))),
      k,
      n,
    );
    const ratios = graded.diagonal.map((value, i) => value / grade(i) / diagonal[i]!);
    expect(largestDifference(ratios, new Float64Array(k).fill(1))).toBeLessThan(1e-13);
  });

  test("a turned sign of one element of Q shows in both measures", () => {
    const a = randomMatrix(9, 9, 7);
    const factors = orthonormalize(a, 9, 9);
    factors.q[40]! *= -1;
    expect(orthogonality(factors.q, 9, 9)).toBeGreaterThan(1e-3);
    expect(residual(a, factors, 9, 9)).toBeGreaterThan(1e-4);
  });
});

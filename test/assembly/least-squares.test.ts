// Least squares and determinants: NumPy's, the normal equations, exact cases, dependent columns.

import { describe, expect, test } from "vitest";
import golden from "../golden/linear-algebra.json" with { type: "json" };
import { loadHarness } from "./as-bind/compile.ts";
import { goldenMatrix, largestDifference, matrix, randomMatrix, times } from "./matrices.ts";

const harness = await loadHarness<{
  solveLeastSquares(a: Float64Array, m: number, n: number, b: Float64Array): Float64Array;
  logDeterminant(a: Float64Array, n: number): number;
}>("linalg");

function solve(a: Float64Array, m: number, n: number, b: Float64Array) {
  const all = harness.solveLeastSquares(a, m, n, b.slice());
  return all.length ? { x: all.slice(0, n), residual: all[n]! } : undefined;
}

describe("solveLeastSquares", () => {
  const tall = golden.shapes.flatMap(({ m, n, x, residual }) => (x ? [{ m, n, x, residual }] : []));
  test.each(tall)(
    "$m equations for $n unknowns: NumPy's solution and residual to 1e-12",
    ({ m, n, x, residual }) => {
      const wide = goldenMatrix(m, n + 1);
      const b = wide.filter((_, at) => at % (n + 1) === n);
      const found = solve(goldenMatrix(m, n), m, n, b)!;
      expect(largestDifference(found.x, x)).toBeLessThan(1e-12);
      expect(Math.abs(found.residual - residual)).toBeLessThan(1e-13);
      b[0]! += 1e-6;
      expect(largestDifference(solve(goldenMatrix(m, n), m, n, b)!.x, x)).toBeGreaterThan(1e-9);
    },
  );

  test.each([
    [1, 1],
    [2, 2],
    [9, 9],
    [33, 33],
    [70, 70],
    [100, 41],
  ])("%i equations for %i unknowns that have a solution give it to 1e-10, with no residual", (m, n) => {
    const a = randomMatrix(m, n, m + n);
    const x = randomMatrix(n, 1, n);
    const found = solve(a, m, n, times(a, x, m, n, 1))!;
    expect(largestDifference(found.x, x)).toBeLessThan(1e-10);
    expect(found.residual).toBeLessThan(1e-13);
  });

  test.each([
    ["equal", [1, 1, 2, 2, 3, 3], 3, 2],
    ["zero", [1, 0, 2, 0, 3, 0], 3, 2],
    ["sums of others", [1, 2, 3, 4, 5, 9, 7, 8, 15], 3, 3],
    ["all zero", [0, 0, 0, 0], 2, 2],
    ["not a number", [1, 2, Number.NaN, 4], 2, 2],
  ])("columns that are %s have no solution", (_, a, m, n) => {
    expect(solve(Float64Array.from(a), m, n, new Float64Array(m).fill(1))).toBeUndefined();
  });
});

describe("logDeterminant", () => {
  test.each(golden.squares)("of $n: what NumPy finds, to 1e-12", ({ n, logDeterminant }) => {
    expect(Math.abs(harness.logDeterminant(goldenMatrix(n, n), n) - logDeterminant)).toBeLessThan(1e-12);
  });

  test("of a product it is the sum, of a triangle that of its diagonal, of a singular matrix -∞", () => {
    const n = 37;
    const [a, b] = [randomMatrix(n, n, 1), randomMatrix(n, n, 2)];
    const product = harness.logDeterminant(times(a, b, n, n, n), n);
    expect(Math.abs(product - harness.logDeterminant(a, n) - harness.logDeterminant(b, n))).toBeLessThan(
      1e-11,
    );
    const triangle = matrix(4, 4, (i, j) => (j > i ? 0 : i === j ? -2 : 1));
    expect(Math.abs(harness.logDeterminant(triangle, 4) - 4 * Math.LN2)).toBeLessThan(1e-14);
    expect(harness.logDeterminant(new Float64Array(9), 3)).toBe(Number.NEGATIVE_INFINITY);
  });
});

// Singular values and vectors: NumPy's values, residual and orthogonality at many shapes and ranks, and other ways to the same.

import { describe, expect, test } from "vitest";
import golden from "../golden/linear-algebra.json" with { type: "json" };
import { loadHarness } from "./as-bind/compile.ts";
import {
  goldenMatrix,
  largestDifference,
  matrix,
  orthogonality,
  randomMatrix,
  times,
  transpose,
} from "./matrices.ts";

const harness = await loadHarness<{
  decompose(rows: Float64Array, k: number, l: number, vectors: boolean): Float64Array;
  symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array;
  orthonormalizeRows(a: Float64Array, k: number, n: number): Float64Array;
}>("linalg");

function decompose(a: Float64Array, k: number, l: number) {
  const all = harness.decompose(a.slice(), k, l, true);
  expect(all).toHaveLength(k + k * k + k * l);
  return { values: all.slice(0, k), left: all.slice(k, k + k * k), right: all.slice(k + k * k) };
}

function residual(
  a: Float64Array,
  { values, left, right }: ReturnType<typeof decompose>,
  k: number,
  l: number,
) {
  const scaled = right.map((value, at) => value * values[Math.floor(at / l)]!);
  return largestDifference(times(transpose(left, k, k), scaled, k, k, l), a);
}

const shapes: [number, number][] = [
  [1, 1],
  [1, 7],
  [2, 2],
  [3, 5],
  [7, 7],
  [8, 33],
  [33, 33],
  [40, 100],
  [65, 65],
];

describe("decompose", () => {
  test.each(golden.shapes)(
    "a matrix of $m × $n has the values that NumPy finds, to 1e-13",
    ({ m, n, singular }) => {
      const a = m <= n ? goldenMatrix(m, n) : transpose(goldenMatrix(m, n), m, n);
      const [k, l] = m <= n ? [m, n] : [n, m];
      expect(largestDifference(harness.decompose(a.slice(), k, l, false), singular)).toBeLessThan(1e-13);
      a[0]! += 1e-6;
      expect(largestDifference(harness.decompose(a, k, l, false), singular)).toBeGreaterThan(1e-9);
    },
  );

  test.each(shapes)(
    "%i × %i: values descend, |A - U S Vᵀ| is below 2e-14, vectors orthonormal to 1e-14",
    (k, l) => {
      const a = randomMatrix(k, l, 10 * k + l);
      const found = decompose(a, k, l);
      expect(residual(a, found, k, l)).toBeLessThan(2e-14);
      expect(orthogonality(found.left, k, k)).toBeLessThan(1e-14);
      expect(orthogonality(found.right, k, l)).toBeLessThan(1e-14);
      expect([...found.values]).toEqual([...found.values].sort((x, y) => y - x));
      found.right[0]! *= -1;
      if (k * l > 1)
        expect(orthogonality(found.right, k, l) + residual(a, found, k, l)).toBeGreaterThan(1e-4);
    },
  );

  test.each([
    [1, 3, 0],
    [5, 5, 0],
    [6, 9, 1],
    [20, 20, 19],
    [33, 40, 5],
    [64, 64, 20],
  ])(
    "%i × %i of rank %i: the other values are below 1e-13, and their vectors orthonormal, too",
    (k, l, rank) => {
      const a = times(randomMatrix(k, rank, 1), randomMatrix(rank, l, 2), k, rank, l);
      const found = decompose(a, k, l);
      expect(Math.max(0, ...found.values.slice(rank))).toBeLessThan(1e-13);
      if (rank > 0) expect(found.values[rank - 1]).toBeGreaterThan(1e-4);
      expect(residual(a, found, k, l)).toBeLessThan(5e-14);
      expect(orthogonality(found.left, k, k)).toBeLessThan(1e-14);
      expect(orthogonality(found.right, k, l)).toBeLessThan(1e-14);
    },
  );

  test("squares are the eigenvalues of A Aᵀ, for 20 × 30 to 1e-13", () => {
    const a = randomMatrix(20, 30, 3);
    const product = times(a, transpose(a, 20, 30), 20, 30, 20);
    const squares = decompose(a, 20, 30).values.map((value) => value * value);
    const eigenvalues = harness.symmetricEigenvalues(product, 20).reverse();
    expect(largestDifference(squares, eigenvalues)).toBeLessThan(1e-13);
  });

  test("values from 1 to 1e-14 between orthogonal factors are found to 1e-15", () => {
    const n = 15;
    const orthogonal = (seed: number) =>
      harness.orthonormalizeRows(randomMatrix(n, n, seed), n, n).slice(0, n * n);
    const values = Float64Array.from({ length: n }, (_, i) => 10 ** -i);
    const scaled = orthogonal(1).map((value, at) => value * values[Math.floor(at / n)]!);
    const a = times(orthogonal(2), scaled, n, n, n);
    expect(largestDifference(decompose(a, n, n).values, values)).toBeLessThan(1e-15);
  });

  test("a diagonal matrix of any order of sizes and signs has their absolute values, exactly", () => {
    const sizes = [3, -7, 0, 1e-8, 5];
    const a = matrix(5, 5, (i, j) => (i === j ? sizes[i]! : 0));
    expect([...decompose(a, 5, 5).values]).toEqual([7, 5, 3, 1e-8, 0]);
  });

  test.each([1e-200, 1e200])("a matrix of size %d has the vectors of one of size 1", (size) => {
    const a = randomMatrix(6, 8, 5);
    const one = decompose(a, 6, 8);
    const scaled = decompose(
      a.map((value) => value * size),
      6,
      8,
    );
    expect(largestDifference(scaled.right, one.right)).toBeLessThan(1e-13);
    const values = scaled.values.map((value) => value / size);
    expect(largestDifference(values, one.values)).toBeLessThan(1e-14);
  });
});

// Linear algebra: eigenvalues of symmetric matrices against closed forms, invariants, and matrices made of known ones.

import { describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";
import { drawFrom } from "./values.ts";

const { symmetricEigenvalues } = await loadHarness<{
  symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array;
}>("linalg");

function matrix(n: number, entry: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => entry(Math.floor(k / n), k % n));
}

// largest difference relative to the largest of the expected values
function error(found: Float64Array, expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  const sorted = [...expected].sort((a, b) => a - b);
  const scale = Math.max(...sorted.map(Math.abs));
  return Math.max(...sorted.map((value, i) => Math.abs(value - found[i]!))) / scale;
}

// Q diag(values) Qᵀ with a random orthogonal Q, as a product of n reflections
function withEigenvalues(values: readonly number[], seed: number): Float64Array {
  const n = values.length;
  const draw = drawFrom(seed);
  const a = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? values[i]! : 0)),
  );
  for (let k = 0; k < 4; k++) {
    const v = Array.from({ length: n }, () => draw() - 0.5);
    const beta = 2 / v.reduce((sum, x) => sum + x * x, 0);
    for (const transpose of [false, true]) {
      for (let i = 0; i < n; i++) {
        const get = (j: number) => (transpose ? a[j]![i]! : a[i]![j]!);
        const product = beta * v.reduce((sum, x, j) => sum + x * get(j), 0);
        for (let j = 0; j < n; j++) {
          if (transpose) a[j]![i]! -= product * v[j]!;
          else a[i]![j]! -= product * v[j]!;
        }
      }
    }
  }
  return matrix(n, (i, j) => (a[i]![j]! + a[j]![i]!) / 2);
}

describe("symmetricEigenvalues", () => {
  test.each([1, 2, 3, 4, 5, 16, 33, 100])(
    "second differences of %i points have 2 - 2 cos(π k / (n + 1)) to 1e-14",
    (n) => {
      const a = matrix(n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
      const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1)));
      expect(error(symmetricEigenvalues(a, n), expected)).toBeLessThan(1e-14);
    },
  );

  test.each<[string, number[]]>([
    ["distinct", Array.from({ length: 40 }, (_, i) => i - 17.5)],
    ["graded over 12 orders", Array.from({ length: 25 }, (_, i) => 10 ** (-i / 2))],
    ["all equal", new Array(12).fill(3)],
    ["two of them, many times", Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? -1 : 2))],
    ["of rank three", Array.from({ length: 21 }, (_, i) => (i < 3 ? i + 1 : 0))],
  ])("eigenvalues that are %s are found in a full matrix to 2e-14 of the largest", (_, values) => {
    for (const seed of [1, 2, 3]) {
      expect(error(symmetricEigenvalues(withEigenvalues(values, seed), values.length), values)).toBeLessThan(
        2e-14,
      );
    }
  });

  test.each([
    [80, 0.2],
    [80, 0.5],
    [160, 0.5],
    [300, 0.2],
  ])("A Aᵀ of rank 3 with %i rows has those of Aᵀ A to 1e-14, and zeros", (n, rate) => {
    const draw = drawFrom(n);
    const columns = Array.from({ length: 3 }, (_, k) =>
      Array.from({ length: n }, () => (draw() - 0.5) * rate ** k),
    );
    const sum = (count: number, product: (k: number) => number) =>
      Array.from({ length: count }, (_, k) => product(k)).reduce((total, value) => total + value, 0);
    const large = matrix(n, (i, j) => sum(3, (k) => columns[k]![i]! * columns[k]![j]!));
    const small = matrix(3, (k, l) => sum(n, (i) => columns[k]![i]! * columns[l]![i]!));
    const expected = [...symmetricEigenvalues(small, 3), ...new Array(n - 3).fill(0)];
    expect(error(symmetricEigenvalues(large, n), expected)).toBeLessThan(1e-14);
  });

  test.each([2, 7, 50, 121])("a random matrix of %i keeps trace and sum of squares to 1e-13", (n) => {
    const draw = drawFrom(n);
    const upper = matrix(n, () => draw() - 0.5);
    const a = matrix(n, (i, j) => upper[Math.min(i, j) * n + Math.max(i, j)]!);
    const values = symmetricEigenvalues(a.slice(), n);
    const trace = Array.from({ length: n }, (_, i) => a[i * (n + 1)]!).reduce((sum, x) => sum + x, 0);
    const squares = a.reduce((sum, x) => sum + x * x, 0);
    expect(Math.abs(values.reduce((sum, x) => sum + x, 0) - trace)).toBeLessThan(1e-13 * squares);
    expect(Math.abs(values.reduce((sum, x) => sum + x * x, 0) / squares - 1)).toBeLessThan(1e-13);
    expect([...values]).toEqual([...values].sort((x, y) => x - y));
  });

  test("the order of rows and columns does not matter beyond rounding", () => {
    const n = 31;
    const draw = drawFrom(9);
    const upper = matrix(n, () => draw());
    const entry = (i: number, j: number) => upper[Math.min(i, j) * n + Math.max(i, j)]!;
    const turned = (i: number) => (i * 7) % n;
    const values = symmetricEigenvalues(matrix(n, entry), n);
    const permuted = symmetricEigenvalues(
      matrix(n, (i, j) => entry(turned(i), turned(j))),
      n,
    );
    expect(error(permuted, [...values])).toBeLessThan(2e-15 * n);
  });

  test.each([1e-300, 1e-160, 1e160, 1e300])("a matrix of size %d has %d times those of size 1", (size) => {
    const values = [-3, -1, 0.5, 2, 7];
    const a = withEigenvalues(values, 4);
    const found = symmetricEigenvalues(
      a.map((value) => value * size),
      5,
    );
    expect(
      error(
        found.map((value) => value / size),
        values,
      ),
    ).toBeLessThan(1e-14);
  });

  test.each([NaN, Infinity])("a matrix with %d has none", (value) => {
    expect(
      symmetricEigenvalues(
        matrix(5, (i, j) => (i + j === 4 ? value : i * j)),
        5,
      ),
    ).toHaveLength(0);
  });
});

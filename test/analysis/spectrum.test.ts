// Spectra of matrices for users: NumPy's values, shapes of what comes back, that inputs stay as they are, and errors.

import { describe, expect, test } from "vitest";
import {
  eigenvalues,
  logDeterminant,
  NumericError,
  ShapeError,
  singularDecomposition,
  singularValues,
  symmetricEigenvalues,
} from "../../src/index.ts";
import {
  goldenMatrix,
  largestDifference,
  matrix,
  orthogonality,
  randomMatrix,
  spectralDistance,
  times,
  transpose,
} from "../assembly/matrices.ts";
import golden from "../golden/linear-algebra.json" with { type: "json" };

const LARGE = 33;

describe("spectra", () => {
  test.each(golden.squares)("of a matrix of $n they are NumPy's to 1e-12", async (expected) => {
    const { n } = expected;
    const a = goldenMatrix(n, n);
    const symmetric = matrix(n, n, (i, j) => (a[i * n + j]! + a[j * n + i]!) / 2);
    const before = a.slice();
    expect(spectralDistance(await eigenvalues(a, n), expected)).toBeLessThan(1e-12);
    expect(largestDifference(await symmetricEigenvalues(symmetric, n), expected.symmetric)).toBeLessThan(
      1e-13,
    );
    expect(Math.abs((await logDeterminant(a, n)) - expected.logDeterminant)).toBeLessThan(1e-12);
    expect(a).toEqual(before);
  });

  test.each(golden.shapes)(
    "of $m × $n: values are NumPy's, A is Σ σ uᵀ v to 1e-13",
    async ({ m, n, singular }) => {
      const a = goldenMatrix(m, n);
      const r = Math.min(m, n);
      const { values, left, right } = await singularDecomposition(a, m, n);
      expect(largestDifference(values, singular)).toBeLessThan(1e-13);
      expect(largestDifference(await singularValues(a, m, n), values)).toBeLessThan(1e-14);
      expect(orthogonality(left, r, m)).toBeLessThan(1e-14);
      expect(orthogonality(right, r, n)).toBeLessThan(1e-14);
      const scaled = right.map((value, at) => value * values[Math.floor(at / n)]!);
      expect(largestDifference(times(transpose(left, r, m), scaled, m, r, n), a)).toBeLessThan(1e-13);
    },
  );

  test("a zero matrix has zeros, a determinant of 0 has -∞ as its logarithm", async () => {
    expect(await eigenvalues(new Float64Array(9), 3)).toEqual({
      re: new Float64Array(3),
      im: new Float64Array(3),
    });
    expect([...(await singularValues(new Float64Array(6), 2, 3))]).toEqual([0, 0]);
    expect(await logDeterminant(new Float64Array(4), 2)).toBe(Number.NEGATIVE_INFINITY);
  });

  test("the second call gives the bits of the first", async () => {
    const a = randomMatrix(LARGE, LARGE, 1);
    expect(await eigenvalues(a, LARGE)).toEqual(await eigenvalues(a, LARGE));
    expect(await singularDecomposition(a, LARGE, LARGE)).toEqual(
      await singularDecomposition(a, LARGE, LARGE),
    );
  });
});

describe("errors", () => {
  const all = [
    ["eigenvalues", eigenvalues],
    ["symmetricEigenvalues", symmetricEigenvalues],
    ["logDeterminant", logDeterminant],
    ["singularValues", (a: Float64Array, n: number) => singularValues(a, n, n)],
    ["singularDecomposition", (a: Float64Array, n: number) => singularDecomposition(a, n, n)],
  ] as const;

  test.each(all)("%s names itself, the length and the size", async (name, find) => {
    await expect(find(new Float64Array(5), 2)).rejects.toThrow(
      new ShapeError(`${name}: \`matrix\` has 5 values, expected 2 × 2.`),
    );
    for (const n of [0, -1, 1.5, Number.NaN]) {
      await expect(find(new Float64Array(1), n)).rejects.toThrow(ShapeError);
    }
  });

  test.each(all)("%s names the first entry that is not finite", async (name, find) => {
    await expect(find(Float64Array.of(1, 2, Number.NaN, Number.POSITIVE_INFINITY), 2)).rejects.toThrow(
      new NumericError(`${name}: \`matrix\` has NaN at 2, expected finite values.`),
    );
    await expect(find(Float64Array.of(Number.NEGATIVE_INFINITY), 1)).rejects.toThrow(NumericError);
  });

  test("symmetricEigenvalues names a pair of entries that differ", async () => {
    await expect(symmetricEigenvalues(Float64Array.of(1, 2, 3, 4), 2)).rejects.toThrow(
      "symmetricEigenvalues: `matrix` has 2 at (0, 1) and 3 across the diagonal, expected the same.",
    );
  });
});

// Eigenvalues of matrices that need not be symmetric: NumPy's, closed forms, invariants, and matrices that are hard.

import { describe, expect, test } from "vitest";
import golden from "../golden/linear-algebra.json" with { type: "json" };
import { loadHarness } from "./as-bind/compile.ts";
import {
  type Complex,
  goldenMatrix,
  largestDifference,
  matrix,
  normal,
  randomMatrix,
  spectralDistance,
  times,
  transpose,
} from "./matrices.ts";
import { drawFrom } from "./values.ts";

const harness = await loadHarness<{
  eigenvalues(matrix: Float64Array, n: number): Float64Array;
  symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array;
  orthonormalizeRows(a: Float64Array, k: number, n: number): Float64Array;
  logDeterminant(a: Float64Array, n: number): number;
}>("linalg");

function eigenvalues(a: Float64Array, n: number): { re: Float64Array; im: Float64Array } {
  const values = harness.eigenvalues(a.slice(), n);
  return { re: values.slice(0, n), im: values.slice(n) };
}

const real = (values: ArrayLike<number>): Complex => ({ re: values, im: new Float64Array(values.length) });
const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

function randomOrthogonal(n: number, seed: number): Float64Array {
  return harness.orthonormalizeRows(randomMatrix(n, n, seed), n, n).slice(0, n * n);
}

// Q A Qᵀ
function turned(a: Float64Array, n: number, seed: number): Float64Array {
  const q = randomOrthogonal(n, seed);
  return times(times(q, a, n, n, n), transpose(q, n, n), n, n, n);
}

// of a block of size n with `value` on its diagonal and ones above
const jordan = (n: number, value: number) => matrix(n, n, (i, j) => (i === j ? value : j === i + 1 ? 1 : 0));

// x^n + c_{n-1} x^{n-1} … + c_0
function companion(roots: readonly number[]): Float64Array {
  const n = roots.length;
  let coefficients = [1];
  for (const root of roots) {
    coefficients = [...coefficients, 0].map((c, i) => c - root * (coefficients[i - 1] ?? 0));
  }
  return matrix(n, n, (i, j) => (i === 0 ? -coefficients[j + 1]! : i === j + 1 ? 1 : 0));
}

describe("eigenvalues", () => {
  test.each(golden.squares)("a matrix of $n has those that NumPy finds, to 1e-13", ({ n, re, im }) => {
    const a = goldenMatrix(n, n);
    expect(spectralDistance(eigenvalues(a, n), { re, im })).toBeLessThan(1e-13);
    a[n * n - 1]! += 1e-6;
    expect(spectralDistance(eigenvalues(a, n), { re, im })).toBeGreaterThan(1e-10);
  });

  test.each([2, 3, 5, 33, 34, 35, 66, 129])("of %i: Σλ, Σλ² and Σ ln|λ| are those of the matrix", (n) => {
    const a = randomMatrix(n, n, n);
    const { re, im } = eigenvalues(a, n);
    const trace = sum(a.filter((_, at) => at % (n + 1) === 0));
    const trace2 = sum(times(a, a, n, n, n).filter((_, at) => at % (n + 1) === 0));
    expect(Math.abs(sum(re) - trace)).toBeLessThan(1e-13 * n);
    expect(Math.abs(sum(re.map((x, i) => x * x - im[i]! ** 2)) - trace2)).toBeLessThan(1e-13 * n);
    const logarithms = sum(re.map((x, i) => Math.log(Math.hypot(x, im[i]!))));
    expect(Math.abs(logarithms - harness.logDeterminant(a.slice(), n))).toBeLessThan(1e-11);
  });

  test("they come by descending real part, conjugates as neighbours, the positive one first", () => {
    const { re, im } = eigenvalues(randomMatrix(101, 101, 4), 101);
    for (let i = 1; i < 101; i++) expect(re[i]).toBeLessThanOrEqual(re[i - 1]!);
    let pairs = 0;
    for (let i = 0; i < 101; i++) {
      if (im[i] === 0) continue;
      expect(im[i]).toBeGreaterThan(0);
      expect([re[i + 1], im[i + 1]]).toEqual([re[i], -im[i]!]);
      pairs++;
      i++;
    }
    expect(pairs).toBeGreaterThan(30);
  });

  test("of two equal pairs and another one of the same real part, each pair stays together", () => {
    const blocks = [2, 1, 2];
    const a = matrix(6, 6, (i, j) => {
      if (i >> 1 !== j >> 1) return 0;
      return i === j ? 3 : i < j ? blocks[i >> 1]! : -blocks[i >> 1]!;
    });
    const { re, im } = eigenvalues(a, 6);
    expect([...re]).toEqual([3, 3, 3, 3, 3, 3]);
    expect([...im]).toEqual([2, -2, 2, -2, 1, -1]);
  });

  test.each<[string, number[], number[], number[]]>([
    ["1 × 1", [-3], [-3], [0]],
    ["zero", [0, 0, 0, 0], [0, 0], [0, 0]],
    ["a rotation", [0, -1, 1, 0], [0, 0], [1, -1]],
    ["diagonal", [1, 0, 0, 0, 5, 0, 0, 0, -2], [5, 1, -2], [0, 0, 0]],
    ["upper triangular", [1, 2, 3, 0, 4, 5, 0, 0, 6], [6, 4, 1], [0, 0, 0]],
    ["lower triangular", [1, 0, 0, 2, 4, 0, 3, 5, 6], [6, 4, 1], [0, 0, 0]],
    ["triangular with rows in another order", [4, 2, 5, 0, 1, 0, 0, 3, 6], [6, 4, 1], [0, 0, 0]],
    ["a Jordan block as it is", [2, 1, 0, 0, 2, 1, 0, 0, 2], [2, 2, 2], [0, 0, 0]],
  ])("%s: exact", (_, a, re, im) => {
    const found = eigenvalues(Float64Array.from(a), re.length);
    expect([...found.re]).toEqual(re);
    expect([...found.im]).toEqual(im);
  });

  test("300 Gaussian columns over √300: the circular law, 99 % within 1.05 and uniform in r²", () => {
    const n = 300;
    const draw = drawFrom(1);
    const { re, im } = eigenvalues(
      matrix(n, n, () => normal(draw) / Math.sqrt(n)),
      n,
    );
    const squares = re.map((x, i) => x * x + im[i]! * im[i]!);
    const share = (radius2: number) => squares.filter((square) => square < radius2).length / n;
    expect(share(1.05 ** 2)).toBeGreaterThan(0.99);
    for (const part of [0.1, 0.25, 0.5, 0.75, 0.9]) expect(Math.abs(share(part) - part)).toBeLessThan(0.04);
  });

  test.each([2, 3, 5, 8])(
    "a turned Jordan block of %i: within (n ε)^(1/k) of its eigenvalue, in the mean to 1e-14",
    (k) => {
      const { re, im } = eigenvalues(turned(jordan(k, 2), k, k), k);
      const distance = spectralDistance({ re, im }, real(new Float64Array(k).fill(2)));
      expect(distance).toBeLessThan(2 * (10 * k * 2.2e-16) ** (1 / k));
      expect(Math.abs(sum(re) / k - 2)).toBeLessThan(1e-14);
    },
  );

  test.each([
    [2, 1e-10],
    [3, 1e-9],
    [5, 1e-10],
    [7, 1e-7],
  ])(
    "a Jordan block of %i with δ = %d in its corner: 1 + δ^(1/k) times the roots of unity, to 1e-8",
    (k, delta) => {
      const a = jordan(k, 1);
      a[(k - 1) * k] = delta;
      const angles = Array.from({ length: k }, (_, i) => (2 * Math.PI * i) / k);
      const radius = delta ** (1 / k);
      const expected = {
        re: angles.map((angle) => 1 + radius * Math.cos(angle)),
        im: angles.map((angle) => radius * Math.sin(angle)),
      };
      expect(spectralDistance(eigenvalues(a, k), expected)).toBeLessThan(1e-8);
      expect(spectralDistance(eigenvalues(jordan(k, 1), k), expected)).toBeGreaterThan(radius / 2);
    },
  );

  test("D A D⁻¹ with D from 1e-10 to 1e10 has those of A to 1e-12, since it is balanced", () => {
    const n = 21;
    const a = randomMatrix(n, n, 8);
    const graded = a.map((value, at) => value * 10 ** (Math.floor(at / n) - (at % n)));
    expect(spectralDistance(eigenvalues(graded, n), eigenvalues(a, n))).toBeLessThan(1e-12);
  });

  test.each<[string, number[], number]>([
    ["-1, 0.5 and 2", [-1, 0.5, 2], 1e-14],
    ["1 to 8", [1, 2, 3, 4, 5, 6, 7, 8], 1e-8],
    ["1e-6 to 1e6", [1e-6, 1e-3, 1, 1e3, 1e6], 1e-9],
  ])("the companion matrix of a polynomial with roots %s has them", (_, roots, tolerance) => {
    const found = eigenvalues(companion(roots), roots.length);
    const relative = [...roots].sort((x, y) => y - x).map((root, i) => Math.abs(found.re[i]! / root - 1));
    expect(Math.max(...relative)).toBeLessThan(tolerance);
    expect(Math.max(...found.im.map(Math.abs))).toBe(0);
  });

  test.each([2, 3, 4, 7, 33, 100])("x^%i = 1: the roots of unity to 1e-14", (n) => {
    const a = matrix(n, n, (i, j) => (i === (j + 1) % n ? 1 : 0));
    const angles = Array.from({ length: n }, (_, i) => (2 * Math.PI * i) / n);
    const unity = { re: angles.map(Math.cos), im: angles.map(Math.sin) };
    expect(spectralDistance(eigenvalues(a, n), unity)).toBeLessThan(1e-14);
  });

  test.each([5, 33, 70])("an orthogonal matrix of %i has |λ| = 1 to 1e-14", (n) => {
    const { re, im } = eigenvalues(randomOrthogonal(n, n), n);
    const radii = re.map((x, i) => Math.hypot(x, im[i]!));
    expect(largestDifference(radii, new Float64Array(n).fill(1))).toBeLessThan(1e-14);
  });

  test.each([3, 33, 80])(
    "a symmetric matrix of %i has real ones, those of the symmetric iteration to 1e-13",
    (n) => {
      const half = randomMatrix(n, n, n);
      const a = matrix(n, n, (i, j) => half[i * n + j]! + half[j * n + i]!);
      const { re, im } = eigenvalues(a, n);
      expect(Math.max(...im.map(Math.abs))).toBe(0);
      expect(largestDifference(re, harness.symmetricEigenvalues(a.slice(), n).reverse())).toBeLessThan(1e-13);
    },
  );

  test.each([1e-300, 1e-160, 1e160, 1e300])(
    "a matrix of size %d has %d times those of size 1 to 1e-14",
    (size) => {
      const n = 17;
      const a = randomMatrix(n, n, 2);
      const scaled = eigenvalues(
        a.map((value) => value * size),
        n,
      );
      const back = { re: scaled.re.map((x) => x / size), im: scaled.im.map((x) => x / size) };
      expect(spectralDistance(back, eigenvalues(a, n))).toBeLessThan(1e-14);
    },
  );

  test.each([NaN, Infinity])("a matrix with %d has none", (value) => {
    const a = randomMatrix(6, 6, 1);
    a[8] = value;
    expect(harness.eigenvalues(a, 6)).toHaveLength(0);
  });
});

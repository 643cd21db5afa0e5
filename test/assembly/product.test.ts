// Products of f64 matrices against plain loops in the order that assembly/linalg/product.ts states.

import { describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";
import { largestDifference, randomMatrix, times, transpose } from "./matrices.ts";

const { multiply } = await loadHarness<{
  multiply(
    c: Float64Array,
    ldc: number,
    a: Float64Array,
    lda: number,
    b: Float64Array,
    turned: boolean,
    m: number,
    k: number,
    n: number,
    into: number,
  ): Float64Array;
}>("linalg");

const SET = 0;
const ADD = 1;
const SUBTRACT = 2;
const CHUNK = 512;

// sums of each chunk from zero, then the chunks one by one
function expected(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  m: number,
  k: number,
  n: number,
  into: number,
) {
  const result = into === SET ? new Float64Array(m * n) : c.slice();
  for (let first = 0; first < k; first += CHUNK) {
    const depth = Math.min(CHUNK, k - first);
    const columns = Float64Array.from({ length: m * depth }, (_, at) => {
      const i = Math.floor(at / depth);
      return a[i * k + first + (at % depth)]!;
    });
    const sums = times(columns, b.subarray(first * n), m, depth, n);
    sums.forEach((sum, at) => {
      result[at]! += into === SUBTRACT ? -sum : sum;
    });
  }
  return result;
}

const shapes = [
  [1, 1, 1],
  [1, 7, 8],
  [2, 1, 9],
  [3, 5, 7],
  [7, 33, 16],
  [33, 2, 33],
  [65, 129, 17],
  [2, 512, 3],
  [5, 513, 11],
  [3, 1100, 8],
] as const;

describe("multiplyPacked", () => {
  for (const [m, k, n] of shapes) {
    const a = randomMatrix(m, k, m + k);
    const b = randomMatrix(k, n, k + n);
    const c = randomMatrix(m, n, n);

    test.each([
      ["set", SET],
      ["add", ADD],
      ["subtract", SUBTRACT],
    ])(
      `${m} × ${k} × ${n}: %s gives the bits of sums over k in their order, of B and of its transpose`,
      (_, into) => {
        const wanted = expected(c, a, b, m, k, n, into);
        expect(multiply(c.slice(), n, a, k, b, false, m, k, n, into)).toEqual(wanted);
        expect(multiply(c.slice(), n, a, k, transpose(b, k, n), true, m, k, n, into)).toEqual(wanted);
      },
    );
  }

  test("what lies between the rows of A and C is not read or written", () => {
    const [m, k, n] = [5, 9, 11];
    const wide = randomMatrix(m, k + 4, 1).map((value, at) => (at % (k + 4) < k ? value : Number.NaN));
    const dense = Float64Array.from(
      { length: m * k },
      (_, at) => wide[Math.floor(at / k) * (k + 4) + (at % k)]!,
    );
    const b = randomMatrix(k, n, 2);
    const c = multiply(
      new Float64Array(m * (n + 3)).fill(Number.NaN),
      n + 3,
      wide,
      k + 4,
      b,
      false,
      m,
      k,
      n,
      SET,
    );
    const inside = c.filter((_, at) => at % (n + 3) < n);
    expect(inside).toEqual(times(dense, b, m, k, n));
    expect(c.filter((_, at) => at % (n + 3) >= n).every(Number.isNaN)).toBe(true);
  });

  test("a changed element of B shows", () => {
    const [m, k, n] = [3, 5, 7];
    const a = randomMatrix(m, k, 1);
    const b = randomMatrix(k, n, 2);
    const c = new Float64Array(m * n);
    const wanted = times(a, b, m, k, n);
    b[k * n - 1]! += 1e-9;
    expect(largestDifference(multiply(c, n, a, k, b, false, m, k, n, SET), wanted)).toBeGreaterThan(1e-11);
  });
});

// Matrix products: the documented order of sums bit for bit, padding, and accuracy against f64.

import { describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";
import { type Draw, drawFrom, firstDifference, values } from "./values.ts";

interface GemmHarness {
  outerDepth(): number;
  multiplyPanels(
    a: Float32Array,
    lda: number,
    panels: Float32Array,
    depth: number,
    c: Float32Array,
    ldc: number,
    rows: number,
    columns: number,
  ): Float32Array;
  accumulateOuter(
    d: Float32Array,
    x: Float32Array,
    ld: number,
    count: number,
    g: Float32Array,
    ldg: number,
    rows: number,
    columns: number,
  ): Float32Array;
}

const gemm = await loadHarness<GemmHarness>("gemm");
const { fround } = Math;

const PANEL = 16;
const LANES = 4;
const UNTOUCHED = 7;

function roundUp(n: number, unit: number): number {
  return Math.ceil(n / unit) * unit;
}

// one accumulator that starts at zero and takes the terms in turn
function sumInTurn(n: number, term: (k: number) => number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum = fround(sum + fround(term(k)));
  return sum;
}

// a matrix of rows that are `ld` apart, `padding` in all that is none of its entries
function matrix(draw: Draw, rows: number, columns: number, ld: number, padding: number): Float32Array {
  const entries = new Float32Array(rows * ld).fill(padding);
  for (let r = 0; r < rows; r++) entries.set(values(draw, columns), r * ld);
  return entries;
}

describe("multiplyPanels", () => {
  // B (depth × columns) in panels of 16 columns, `padding` beside the last column
  function pack(b: Float32Array, depth: number, columns: number, padding: number): Float32Array {
    const panels = new Float32Array(depth * roundUp(columns, PANEL)).fill(padding);
    for (let k = 0; k < depth; k++) {
      for (let j = 0; j < columns; j++) {
        panels[(j - (j % PANEL)) * depth + k * PANEL + (j % PANEL)] = b[k * columns + j]!;
      }
    }
    return panels;
  }

  const sizes = [2, 4, 6].flatMap((rows) =>
    [1, 3, 4, 15, 16, 17, 33].flatMap((columns) =>
      [1, 2, 3, 16, 257].map((depth) => ({ rows, columns, depth })),
    ),
  );

  // the product with NaN in all padding, and the operands
  function multiply({ rows, columns, depth }: (typeof sizes)[number]) {
    const draw = drawFrom(1000 * rows + 10 * columns + depth);
    const lda = depth + 3;
    const ldc = roundUp(columns, PANEL) + 5;
    const a = matrix(draw, rows, depth, lda, NaN);
    const b = values(draw, depth * columns);
    const c = new Float32Array(rows * ldc).fill(UNTOUCHED);
    const product = gemm.multiplyPanels(a, lda, pack(b, depth, columns, NaN), depth, c, ldc, rows, columns);
    const entry = (r: number, j: number) => product[r * ldc + j]!;
    const term = (r: number, j: number) => (k: number) => a[r * lda + k]! * b[k * columns + j]!;
    return { ldc, product, entry, term };
  }

  test("gives the bits of the documented order at 2, 4, 6 rows × 1 … 33 columns × depth 1 … 257, with NaN as padding", () => {
    for (const size of sizes) {
      const { entry, term } = multiply(size);
      for (let r = 0; r < size.rows; r++) {
        for (let j = 0; j < size.columns; j++) {
          expect(entry(r, j), JSON.stringify({ ...size, r, j })).toBe(sumInTurn(size.depth, term(r, j)));
        }
      }
    }
  });

  test("is within `depth` roundings of the f64 product at the same sizes", () => {
    for (const size of sizes) {
      const { entry, term } = multiply(size);
      for (let r = 0; r < size.rows; r++) {
        for (let j = 0; j < size.columns; j++) {
          let [exact, largest] = [0, 0];
          for (let k = 0; k < size.depth; k++) {
            exact += term(r, j)(k);
            largest += Math.abs(term(r, j)(k));
          }
          expect(Math.abs(entry(r, j) - exact)).toBeLessThanOrEqual(size.depth * largest * 2 ** -24);
        }
      }
    }
  });

  test("writes whole panels and nothing beside them", () => {
    for (const size of sizes) {
      const { ldc, product } = multiply(size);
      for (let r = 0; r < size.rows; r++) {
        const row = product.subarray(r * ldc, (r + 1) * ldc);
        expect([...row.subarray(roundUp(size.columns, PANEL))]).toEqual(new Array(5).fill(UNTOUCHED));
      }
    }
  });

  test("overwrites what was there, and gives zeros for depth 0", () => {
    const product = gemm.multiplyPanels(
      values(drawFrom(1), 8),
      4,
      new Float32Array(16),
      0,
      values(drawFrom(2), 32),
      16,
      2,
      16,
    );
    expect(product).toEqual(new Float32Array(32));
  });
});

describe("accumulateOuter", () => {
  const OUTER_DEPTH = 256;
  // from one row over one and two whole chunks to a part of a third
  const counts = [1, 2, 3, 7, 16, 255, 256, 257, 300, 511, 512, 513, 600];
  const shapes = [1, 3, 4, 5, 17].flatMap((rows) =>
    [1, 3, 15, 16, 17, 33].map((columns) => ({ rows, columns })),
  );

  function accumulate(count: number, { rows, columns }: (typeof shapes)[number]) {
    const draw = drawFrom(100_000 * count + 100 * rows + columns);
    const ld = roundUp(Math.max(rows, columns), PANEL) + 2;
    const ldg = roundUp(columns, PANEL) + 3;
    const d = matrix(draw, count, rows, ld, NaN);
    const x = matrix(draw, count, columns, ld, NaN);
    const before = matrix(draw, roundUp(rows, LANES) + 1, columns, ldg, UNTOUCHED);
    const after = gemm.accumulateOuter(d, x, ld, count, before, ldg, rows, columns);
    const term = (i: number, j: number) => (k: number) => d[k * ld + i]! * x[k * ld + j]!;
    return { ldg, before, after, term };
  }

  test("chunks are 256 rows deep, and the counts below reach three of them", () => {
    expect(gemm.outerDepth()).toBe(OUTER_DEPTH);
    expect(Math.max(...counts)).toBeGreaterThan(2 * OUTER_DEPTH);
  });

  test("gives the bits of the documented order for counts 1 … 600 at 1 … 17 rows × 1 … 33 columns, with NaN as padding", () => {
    for (const count of counts) {
      for (const shape of shapes) {
        const { ldg, before, after, term } = accumulate(count, shape);
        for (let i = 0; i < shape.rows; i++) {
          for (let j = 0; j < shape.columns; j++) {
            let expected = before[i * ldg + j]!;
            for (let first = 0; first < count; first += OUTER_DEPTH) {
              const depth = Math.min(OUTER_DEPTH, count - first);
              expected = fround(expected + sumInTurn(depth, (k) => term(i, j)(first + k)));
            }
            if (after[i * ldg + j] !== expected) {
              expect(after[i * ldg + j], JSON.stringify({ count, ...shape, i, j })).toBe(expected);
            }
          }
        }
      }
    }
  });

  test("gives the same bits when called chunk by chunk, and other bits when the chunks are shifted", () => {
    const draw = drawFrom(5);
    const [rows, columns, ld, count] = [5, 17, 32, 600];
    const d = matrix(draw, count, rows, ld, 0);
    const x = matrix(draw, count, columns, ld, 0);
    const inParts = (...ends: number[]) => {
      let g = new Float32Array(8 * ld);
      let start = 0;
      for (const end of ends) {
        const part = (whole: Float32Array) => whole.slice(start * ld, end * ld);
        g = gemm.accumulateOuter(part(d), part(x), ld, end - start, g, ld, rows, columns) as typeof g;
        start = end;
      }
      return g;
    };
    expect(firstDifference(inParts(600), inParts(256, 512, 600))).toBe(-1);
    expect(firstDifference(inParts(600), inParts(100, 356, 600))).toBeGreaterThanOrEqual(0);
  });

  test("adds to rows up to a multiple of four and columns up to one of 16, and touches nothing beside them", () => {
    for (const shape of shapes) {
      const { ldg, after } = accumulate(300, shape);
      const [rows, columns] = [roundUp(shape.rows, LANES), roundUp(shape.columns, PANEL)];
      for (let i = 0; i <= rows; i++) {
        const beside = after.subarray(i * ldg + columns, (i + 1) * ldg);
        expect([...beside]).toEqual(new Array(3).fill(UNTOUCHED));
      }
      const behind = after.subarray(rows * ldg + shape.columns);
      expect(new Set(behind)).toEqual(new Set([UNTOUCHED]));
    }
  });

  test("chunks keep the error of 600 rows within 260 roundings of the f64 sum", () => {
    for (const shape of shapes) {
      const { ldg, before, after, term } = accumulate(600, shape);
      for (let i = 0; i < shape.rows; i++) {
        for (let j = 0; j < shape.columns; j++) {
          let [exact, size] = [before[i * ldg + j]!, Math.abs(before[i * ldg + j]!)];
          for (let k = 0; k < 600; k++) {
            exact += term(i, j)(k);
            size += Math.abs(term(i, j)(k));
          }
          expect(Math.abs(after[i * ldg + j]! - exact)).toBeLessThanOrEqual(260 * size * 2 ** -24);
        }
      }
    }
  });
});

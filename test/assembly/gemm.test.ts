// Matrix products: the documented order of sums bit for bit with tiles of both shapes, epilogues, padding, and accuracy
// against f64.

import { beforeEach, describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";
import { type Draw, drawFrom, firstDifference, values } from "./values.ts";

interface GemmHarness {
  outerDepth(): number;
  setTallTiles(tall: boolean): void;
  multiply(
    a: Float32Array,
    lda: number,
    panels: Float32Array,
    depth: number,
    c: Float32Array,
    ldc: number,
    rows: number,
    columns: number,
  ): Float32Array;
  multiplyBoth(
    a: Float32Array,
    lda: number,
    panels: Float32Array,
    depth: number,
    c: Float32Array,
    ldc: number,
    rows: number,
    columns: number,
    y: Float32Array,
    x: Float32Array,
  ): Float32Array;
  leftBits(): number;
  accumulateOuter(
    d: Float32Array,
    ldd: number,
    x: Float32Array,
    ldx: number,
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
const NARROW = 8;
const LANES = 4;
const UNTOUCHED = 7;

function roundUp(n: number, unit: number): number {
  return Math.ceil(n / unit) * unit;
}

// columns up to the end of the last panel, which is narrow if that is enough
function roundUpPanels(columns: number): number {
  return columns - (columns % PANEL) + Math.ceil((columns % PANEL) / NARROW) * NARROW;
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

describe.each([
  ["two", false],
  ["four", true],
])("tiles of %s rows", (_, tall) => {
  beforeEach(() => gemm.setTallTiles(tall));

  describe("multiply", () => {
    // B (depth × columns) in panels of 16 columns, the last one of 8 if that is enough, with NaN beside the last column
    function pack(b: Float32Array, depth: number, columns: number): Float32Array {
      const panels = new Float32Array(depth * roundUpPanels(columns)).fill(NaN);
      for (let j = 0; j < columns; j++) {
        const first = j - (j % PANEL);
        const width = Math.min(PANEL, roundUpPanels(columns) - first);
        for (let k = 0; k < depth; k++) {
          panels[first * depth + k * width + (j % PANEL)] = b[k * columns + j]!;
        }
      }
      return panels;
    }

    const sizes = [2, 4, 6, 10].flatMap((rows) =>
      [1, 3, 8, 9, 16, 17, 24, 31, 33, 48].flatMap((columns) =>
        [1, 2, 3, 16, 257].map((depth) => ({ rows, columns, depth })),
      ),
    );

    // operands with NaN in all padding, and the product's terms
    function draw({ rows, columns, depth }: (typeof sizes)[number]) {
      const draws = drawFrom(1000 * rows + 10 * columns + depth);
      const lda = depth + 3;
      const ldc = roundUp(columns, PANEL) + 5;
      const a = matrix(draws, rows, depth, lda, NaN);
      const b = values(draws, depth * columns);
      const term = (r: number, j: number) => (k: number) => a[r * lda + k]! * b[k * columns + j]!;
      const y = matrix(draws, rows, columns, ldc, NaN);
      const x = matrix(draws, 1, columns, ldc, NaN);
      return { a, lda, panels: pack(b, depth, columns), ldc, term, y, x };
    }

    function multiply(size: (typeof sizes)[number]) {
      const { a, lda, panels, ldc, term } = draw(size);
      const { rows, columns, depth } = size;
      const c = new Float32Array(rows * ldc).fill(UNTOUCHED);
      const product = gemm.multiply(a, lda, panels, depth, c, ldc, rows, columns);
      return { ldc, product, entry: (r: number, j: number) => product[r * ldc + j]!, term };
    }

    // calls back for every entry
    function forEntries({ rows, columns }: (typeof sizes)[number], run: (r: number, j: number) => void) {
      for (let r = 0; r < rows; r++) for (let j = 0; j < columns; j++) run(r, j);
    }

    test("gives the bits of the documented order at 2 … 10 rows × 1 … 48 columns × depth 1 … 257, with NaN as padding", () => {
      for (const size of sizes) {
        const { entry, term } = multiply(size);
        forEntries(size, (r, j) => {
          const expected = sumInTurn(size.depth, term(r, j));
          if (entry(r, j) !== expected) {
            expect(entry(r, j), JSON.stringify({ ...size, r, j })).toBe(expected);
          }
        });
      }
    });

    test("is within `depth` roundings of the f64 product at the same sizes", () => {
      for (const size of sizes) {
        const { entry, term } = multiply(size);
        forEntries(size, (r, j) => {
          let [exact, largest] = [0, 0];
          for (let k = 0; k < size.depth; k++) {
            exact += term(r, j)(k);
            largest += Math.abs(term(r, j)(k));
          }
          expect(Math.abs(entry(r, j) - exact)).toBeLessThanOrEqual(size.depth * largest * 2 ** -24);
        });
      }
    });

    test("writes whole panels and nothing beside them", () => {
      for (const size of sizes) {
        const { ldc, product } = multiply(size);
        for (let r = 0; r < size.rows; r++) {
          const beside = product.subarray(r * ldc + roundUpPanels(size.columns), (r + 1) * ldc);
          expect(beside.length).toBeGreaterThan(0);
          expect(new Set(beside)).toEqual(new Set([UNTOUCHED]));
        }
      }
    });

    test("an epilogue sees every sum once, beside its own matrix and row, and stores two results", () => {
      for (const size of sizes) {
        const { a, lda, panels, ldc, term, y, x } = draw(size);
        const { rows, columns, depth } = size;
        const both = new Float32Array(2 * rows * ldc).fill(UNTOUCHED);
        const results = gemm.multiplyBoth(a, lda, panels, depth, both, ldc, rows, columns, y, x);
        forEntries(size, (r, j) => {
          const at = r * ldc + j;
          const value = fround(sumInTurn(depth, term(r, j)) + y[at]!);
          const second = fround(value * x[j]!);
          if (results[at] !== value || results[rows * ldc + at] !== second) {
            expect([results[at], results[rows * ldc + at]], JSON.stringify({ ...size, r, j })).toEqual([
              value,
              second,
            ]);
          }
        });
      }
    });

    test("tells whether any value has a bit set, wherever it is", () => {
      for (const [rows, columns] of [
        [2, 5],
        [6, 16],
        [10, 40],
      ] as const) {
        const ldc = 48;
        const zeros = (n: number) => new Float32Array(n);
        const run = (y: Float32Array) => {
          gemm.multiplyBoth(
            zeros(rows),
            1,
            zeros(roundUpPanels(columns)),
            1,
            zeros(2 * rows * ldc),
            ldc,
            rows,
            columns,
            y,
            zeros(ldc),
          );
          return gemm.leftBits();
        };
        expect(run(zeros(rows * ldc))).toBe(0);
        for (let r = 0; r < rows; r++) {
          for (let j = 0; j < columns; j++) {
            const y = zeros(rows * ldc);
            y[r * ldc + j] = 2 ** -140;
            expect(run(y), `row ${r}, column ${j}`).toBe(1);
          }
        }
      }
    });
  });

  describe("accumulateOuter", () => {
    const OUTER_DEPTH = 256;
    // from one row over one and two whole chunks to a part of a third
    const counts = [1, 2, 3, 7, 16, 255, 256, 257, 300, 511, 512, 513, 600];
    const shapes = [1, 3, 4, 5, 17].flatMap((rows) =>
      [1, 3, 15, 16, 17, 33].map((columns) => ({ rows, columns })),
    );
    // operands of so many columns are packed
    shapes.push({ rows: 3, columns: 145 }, { rows: 5, columns: 155 });

    function accumulate(count: number, { rows, columns }: (typeof shapes)[number]) {
      const draw = drawFrom(100_000 * count + 100 * rows + columns);
      const ldd = roundUp(rows, PANEL) + 2;
      const ldx = roundUp(columns, PANEL) + 3;
      const ldg = roundUp(columns, PANEL) + 3;
      const d = matrix(draw, count, rows, ldd, NaN);
      const x = matrix(draw, count, columns, ldx, NaN);
      const before = matrix(draw, roundUp(rows, LANES) + 1, columns, ldg, UNTOUCHED);
      const after = gemm.accumulateOuter(d, ldd, x, ldx, count, before, ldg, rows, columns);
      const term = (i: number, j: number) => (k: number) => d[k * ldd + i]! * x[k * ldx + j]!;
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
          g = gemm.accumulateOuter(part(d), ld, part(x), ld, end - start, g, ld, rows, columns) as typeof g;
          start = end;
        }
        return g;
      };
      expect(firstDifference(inParts(600), inParts(256, 512, 600))).toBe(-1);
      expect(firstDifference(inParts(600), inParts(100, 356, 600))).toBeGreaterThanOrEqual(0);
    });

    test("adds to rows up to a multiple of four and columns to the end of a panel, and touches nothing beside them", () => {
      for (const shape of shapes) {
        const { ldg, after } = accumulate(300, shape);
        const [rows, columns] = [roundUp(shape.rows, LANES), roundUpPanels(shape.columns)];
        for (let i = 0; i <= rows; i++) {
          const beside = after.subarray(i * ldg + columns, (i + 1) * ldg);
          expect(beside.length).toBeGreaterThan(0);
          expect(new Set(beside)).toEqual(new Set([UNTOUCHED]));
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
});

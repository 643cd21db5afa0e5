// Matrix products in f32: rows times packed panels, and the accumulated outer product that gives a weight gradient.
//
// A panel holds 16 columns of the right-hand matrix, row after row: panel[k][0..15]. A tile of two rows and 16
// columns keeps its eight accumulators in registers; more rows or a hand-unrolled loop over k spill on V8.
//
// Order of sums: every element of a product is one accumulator that starts at zero and takes k = 0, 1, 2 … in
// turn. `accumulateOuter` starts again at zero in each chunk of OUTER_DEPTH rows and adds the chunk's sum to the
// target, which keeps the rounding error of long sums small. Padding adds exact zeros only.

import { LANES, PANEL, f32Bytes, roundUp } from "./simd";

const PANEL_ROW: usize = 64;

/** Rows that one chunk of `accumulateOuter` sums from zero (and packs); 256 keeps a packed chunk in the second-level cache. */
export const OUTER_DEPTH: i32 = 256;

// Two rows times one panel. Element k of a row lies `step` bytes behind element k - 1.
// @ts-ignore: decorator
@inline
function tile(
  a0: usize,
  a1: usize,
  step: usize,
  panel: usize,
  depth: i32,
  c0: usize,
  c1: usize,
  accumulate: bool,
): void {
  let s00 = f32x4.splat(0),
    s01 = f32x4.splat(0),
    s02 = f32x4.splat(0),
    s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0),
    s11 = f32x4.splat(0),
    s12 = f32x4.splat(0),
    s13 = f32x4.splat(0);
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(panel),
      b1 = v128.load(panel, 16),
      b2 = v128.load(panel, 32),
      b3 = v128.load(panel, 48);
    const x0 = v128.load_splat<f32>(a0);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    s02 = f32x4.add(s02, f32x4.mul(x0, b2));
    s03 = f32x4.add(s03, f32x4.mul(x0, b3));
    const x1 = v128.load_splat<f32>(a1);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    s12 = f32x4.add(s12, f32x4.mul(x1, b2));
    s13 = f32x4.add(s13, f32x4.mul(x1, b3));
    a0 += step;
    a1 += step;
    panel += PANEL_ROW;
  }
  if (accumulate) {
    s00 = f32x4.add(v128.load(c0), s00);
    s01 = f32x4.add(v128.load(c0, 16), s01);
    s02 = f32x4.add(v128.load(c0, 32), s02);
    s03 = f32x4.add(v128.load(c0, 48), s03);
    s10 = f32x4.add(v128.load(c1), s10);
    s11 = f32x4.add(v128.load(c1, 16), s11);
    s12 = f32x4.add(v128.load(c1, 32), s12);
    s13 = f32x4.add(v128.load(c1, 48), s13);
  }
  v128.store(c0, s00);
  v128.store(c0, s01, 16);
  v128.store(c0, s02, 32);
  v128.store(c0, s03, 48);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
}

// all rows times one panel; the loop over rows belongs inside the function that holds the tile
function panelRows(a: usize, lda: usize, panel: usize, depth: i32, c: usize, ldc: usize, rows: i32): void {
  for (let r = 0; r < rows; r += 2) {
    tile(a, a + lda, 4, panel, depth, c, c + ldc, false);
    a += 2 * lda;
    c += 2 * ldc;
  }
}

/**
 * C = A · P: `rows` (even) rows of A times the matrix packed in `panels`.
 *
 * `lda` and `ldc` are row strides in bytes; each panel is `depth` × 16 floats; C gets roundUp(columns, 16) columns.
 */
export function multiplyPanels(
  a: usize,
  lda: usize,
  panels: usize,
  depth: i32,
  c: usize,
  ldc: usize,
  rows: i32,
  columns: i32,
): void {
  for (let j = 0; j < columns; j += PANEL) {
    panelRows(a, lda, panels, depth, c, ldc, rows);
    panels += <usize>depth * PANEL_ROW;
    c += PANEL_ROW;
  }
}

// columns of `source` four by four, so that a row of its transpose is read with a fixed step: [column / 4][row][4]
function packQuads(source: usize, ld: usize, rows: i32, columns: i32, target: usize): void {
  for (let j = 0; j < columns; j += LANES) {
    let from = source + f32Bytes(j);
    for (let k = 0; k < rows; k++) {
      v128.store(target, v128.load(from));
      from += ld;
      target += 16;
    }
  }
}

// 16 columns of `source` as one panel
function packPanel(source: usize, ld: usize, rows: i32, target: usize): void {
  for (let k = 0; k < rows; k++) {
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    v128.store(target, v128.load(source, 32), 32);
    v128.store(target, v128.load(source, 48), 48);
    source += ld;
    target += PANEL_ROW;
  }
}

// rows of a transpose packed in quads, times one panel, added to G
function outerRows(quads: usize, panel: usize, depth: i32, g: usize, ldg: usize, rows: i32): void {
  const quad = (<usize>depth) << 4;
  for (let i = 0; i < rows; i += LANES) {
    tile(quads, quads + 4, 16, panel, depth, g, g + ldg, true);
    tile(quads + 8, quads + 12, 16, panel, depth, g + 2 * ldg, g + 3 * ldg, true);
    quads += quad;
    g += 4 * ldg;
  }
}

/** f32 values of scratch that `accumulateOuter` needs for a left matrix with `rows` columns. */
export function outerScratch(rows: i32): i32 {
  return (roundUp(rows, LANES) + PANEL) * OUTER_DEPTH;
}

/**
 * G += Dᵀ · X: the sum over `count` rows of the outer products of a row of D with a row of X.
 *
 * D and X share the row stride `ld` in bytes; G has roundUp(rows, 4) rows of stride `ldg` and takes
 * roundUp(columns, 16) columns; `scratch` holds outerScratch(rows) floats.
 */
export function accumulateOuter(
  d: usize,
  x: usize,
  ld: usize,
  count: i32,
  g: usize,
  ldg: usize,
  rows: i32,
  columns: i32,
  scratch: usize,
): void {
  const panel = scratch + f32Bytes(roundUp(rows, LANES) * OUTER_DEPTH);
  for (let first = 0; first < count; first += OUTER_DEPTH) {
    const depth = min(OUTER_DEPTH, count - first);
    const offset = <usize>first * ld;
    packQuads(d + offset, ld, depth, rows, scratch);
    for (let j = 0; j < columns; j += PANEL) {
      packPanel(x + offset + f32Bytes(j), ld, depth, panel);
      outerRows(scratch, panel, depth, g + f32Bytes(j), ldg, rows);
    }
  }
}

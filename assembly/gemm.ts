// Matrix products in f32: rows times packed panels, and the accumulated outer product that gives a weight gradient.
//
// A panel holds 16 columns of the right-hand matrix, row after row: panel[k][0..15]; where at most 8 columns are left,
// the last panel holds 8.
//
// Order of sums: every element of a product is one accumulator that starts at zero and takes k = 0, 1, 2 … in
// turn. `accumulateOuter` starts again at zero in each chunk of OUTER_DEPTH rows and adds the chunk's sum to the
// target, which keeps the rounding error of long sums small. Padding adds exact zeros only. Tiles of any shape
// give the same bits.

import { LANES, PANEL, f32Bytes, roundUp } from "./simd";
import { OPERANDS, Product, narrowTile, tallTile, wideTile } from "./tile";

/** Rows that one chunk of `accumulateOuter` sums from zero (and packs); 256 keeps a packed chunk in the second-level cache. */
export const OUTER_DEPTH: i32 = 256;

/** Columns of a last, narrow panel. */
const NARROW: i32 = 8;

/** Up to so many columns the operands of an outer product stay in the first cache, and packing costs more than it brings. */
const UNPACKED_COLUMNS: i32 = 144;

let tallTiles = false;

/** Take tiles of four rows and 16 columns: for engines that combine pairs of vectors. Results do not depend on it. */
export function setTallTiles(tall: bool): void {
  tallTiles = tall;
}

/** Columns of a panel in front of which `left` columns are left. */
// @ts-ignore: decorator
@inline
export function panelWidth(left: i32): i32 {
  return left > NARROW ? PANEL : NARROW;
}

// Rows from `first` on times the panel in front of which lie `column` bytes of columns. A function of its own, which two
// others call, because an engine allocates its registers for a function as a whole: several such loops in one are slower by
// a twentieth.
function widePanel<E>(e: E, first: i32, panel: usize, column: usize): bool {
  let left = false;
  let a = e.a + <usize>first * e.lda,
    at = column + <usize>first * e.ldc;
  for (let r = first; r < e.rows; r += 2) {
    const values = wideTile<E>(e, a, a + e.lda, 4, panel, 64, at, column);
    if (isDefined(e.tracked)) left |= v128.any_true(values);
    a += 2 * e.lda;
    at += 2 * e.ldc;
  }
  return left;
}

// The same with tiles of four rows, as far as there are any.
function tallPanel<E>(e: E, panel: usize, column: usize): bool {
  let left = false;
  let a = e.a,
    at = column;
  let r = 0;
  for (; r + 4 <= e.rows; r += 4) {
    const values = tallTile<E>(e, a, e.lda, 4, panel, 64, at, column);
    if (isDefined(e.tracked)) left |= v128.any_true(values);
    a += 4 * e.lda;
    at += 4 * e.ldc;
  }
  const rest = r < e.rows && widePanel<E>(e, r, panel, column);
  return rest || left;
}

// All rows times a narrow panel.
function narrowPanel<E>(e: E, panel: usize, column: usize): bool {
  let left = false;
  let a = e.a,
    at = column;
  let r = 0;
  for (; r + 4 <= e.rows; r += 4) {
    const values = narrowTile<E>(e, false, a, e.lda, 4, panel, 32, at, column);
    if (isDefined(e.tracked)) left |= v128.any_true(values);
    a += 4 * e.lda;
    at += 4 * e.ldc;
  }
  if (r < e.rows) {
    const values = narrowTile<E>(e, true, a, e.lda, 4, panel, 32, at, column);
    if (isDefined(e.tracked)) left |= v128.any_true(values);
  }
  return left;
}

/** Compute the product with its epilogue. Returns whether any value has a bit set, if it is `tracked`. */
export function multiply<E>(e: E): bool {
  const wide = f32Bytes(e.columns);
  let panel = e.panels;
  let left = false;
  let column: usize = 0;
  for (; column + f32Bytes(NARROW) < wide; column += f32Bytes(PANEL)) {
    const some = tallTiles ? tallPanel<E>(e, panel, column) : widePanel<E>(e, 0, panel, column);
    left = some || left;
    panel += (<usize>e.depth) << 6;
  }
  const rest = column < wide && narrowPanel<E>(e, panel, column);
  return rest || left;
}

/** c ← c + s */
@unmanaged
class Add extends Product {

  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    return f32x4.add(v128.load(this.c + at + offset), sums);
  }
}

// Four rows of G after four, times one wide panel: element k of row i of Dᵀ lies `i` floats behind d + k `step`, and
// the next four rows lie `quad` bytes behind these.
function outerWide(add: Add, d: usize, step: usize, quad: usize, panel: usize, panelStep: usize): void {
  let at: usize = 0;
  for (let i = 0; i < add.rows; i += LANES) {
    wideTile<Add>(add, d, d + 4, step, panel, panelStep, at, 0);
    wideTile<Add>(add, d + 8, d + 12, step, panel, panelStep, at + 2 * add.ldc, 0);
    d += quad;
    at += 4 * add.ldc;
  }
}

function outerTall(add: Add, d: usize, step: usize, quad: usize, panel: usize, panelStep: usize): void {
  let at: usize = 0;
  for (let i = 0; i < add.rows; i += LANES) {
    tallTile<Add>(add, d, 4, step, panel, panelStep, at, 0);
    d += quad;
    at += 4 * add.ldc;
  }
}

function outerNarrow(add: Add, d: usize, step: usize, quad: usize, panel: usize, panelStep: usize): void {
  let at: usize = 0;
  for (let i = 0; i < add.rows; i += LANES) {
    narrowTile<Add>(add, false, d, 4, step, panel, panelStep, at, 0);
    d += quad;
    at += 4 * add.ldc;
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

// 16 columns of `source` as one panel, or 8
function packPanel(source: usize, ld: usize, rows: i32, wide: bool, target: usize): void {
  for (let k = 0; k < rows; k++) {
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    target += 32;
    if (wide) {
      v128.store(target, v128.load(source, 32));
      v128.store(target, v128.load(source, 48), 16);
      target += 32;
    }
    source += ld;
  }
}

/** f32 values of scratch that `accumulateOuter` needs for a left matrix with `rows` columns. */
export function outerScratch(rows: i32): i32 {
  return OPERANDS + (roundUp(rows, LANES) + PANEL) * OUTER_DEPTH;
}

/**
 * G += Dᵀ · X: the sum over `count` rows of the outer products of a row of D with a row of X.
 *
 * Rows of D and X are `ldd` and `ldx` bytes apart; G has roundUp(rows, 4) rows of stride `ldg` and takes `columns`
 * columns rounded up to whole panels; `scratch` holds outerScratch(rows) floats.
 */
export function accumulateOuter(
  d: usize,
  ldd: usize,
  x: usize,
  ldx: usize,
  count: i32,
  g: usize,
  ldg: usize,
  rows: i32,
  columns: i32,
  scratch: usize,
): void {
  const packed = columns > UNPACKED_COLUMNS;
  const add = changetype<Add>(scratch);
  const quads = scratch + f32Bytes(OPERANDS);
  const panel = quads + f32Bytes(roundUp(rows, LANES) * OUTER_DEPTH);
  for (let first = 0; first < count; first += OUTER_DEPTH) {
    const depth = min(OUTER_DEPTH, count - first);
    if (packed) packQuads(d, ldd, depth, rows, quads);
    for (let j = 0; j < columns; j += PANEL) {
      const wide = panelWidth(columns - j) == PANEL;
      add.set(0, 0, 0, depth, g + f32Bytes(j), ldg, rows, 0);
      if (packed) {
        packPanel(x + f32Bytes(j), ldx, depth, wide, panel);
        const quad = (<usize>depth) << 4;
        if (!wide) outerNarrow(add, quads, 16, quad, panel, 32);
        else if (tallTiles) outerTall(add, quads, 16, quad, panel, 64);
        else outerWide(add, quads, 16, quad, panel, 64);
      } else if (!wide) outerNarrow(add, d, ldd, 16, x + f32Bytes(j), ldx);
      else if (tallTiles) outerTall(add, d, ldd, 16, x + f32Bytes(j), ldx);
      else outerWide(add, d, ldd, 16, x + f32Bytes(j), ldx);
    }
    d += <usize>depth * ldd;
    x += <usize>depth * ldx;
  }
}

// The tiles that matrix products are made of: a few rows times one packed panel, with all sums in registers.
//
// Eight vectors of sums, as two rows of 16 columns or four rows of 8, and their operands fill the sixteen registers
// of a processor's 128-bit instructions. Four rows of 16 pay where the engine makes 256-bit instructions of them.
// Other shapes, and a loop over k unrolled by hand, lose: bench/ladder/README.md has the numbers.
//
// What becomes of a finished sum is an epilogue: a type that the template is compiled for, with what it reads and
// writes beside the product. Both passes of a cell are such products, so no step goes over a matrix twice.

/** Floats that the operands of a product take, with all that an epilogue adds to them. */
export const OPERANDS: i32 = 16;

/**
 * The product C = A · P. An epilogue extends it with what it reads and writes besides, and with what the template asks
 * of it. Four sums lie `at` + `offset` bytes behind the beginning of C, and `column` + `offset` behind that of their row.
 *
 *   value(sums, at, column, offset)      what is stored in C
 *   second(at, column, offset) and also  a second result, computed from what C then holds, and where it is stored, laid out
 *                                        as C; may be missing
 *   tracked                              there if `multiply` is to tell whether any value has a bit set
 *   isLong()                             whether `value` is long code: it then stands in one place for each epilogue, and takes
 *                                        sums that were stored in C; may be missing
 *
 * An epilogue adds `offset`, a constant, to an address last, which makes it a load's immediate offset: engines that
 * combine vectors do so only with such neighbours.
 */
@unmanaged
export class Product {
  a: usize;
  /** Bytes from one row of A to the next. */
  lda: usize;
  /** Panels of `depth` × 16 floats; the last one × 8 if at most 8 columns are left. */
  panels: usize;
  /** At least 1. */
  depth: i32;
  /** Gets as many columns as the panels have. */
  c: usize;
  ldc: usize;
  /** Even. */
  rows: i32;
  columns: i32;


  @inline
  set(a: usize, lda: usize, panels: usize, depth: i32, c: usize, ldc: usize, rows: i32, columns: i32): void {
    this.a = a;
    this.lda = lda;
    this.panels = panels;
    this.depth = depth;
    this.c = c;
    this.ldc = ldc;
    this.rows = rows;
    this.columns = columns;
  }
}

// One row of a tile, four vectors wide or two. All that a result needs is read before any of it is stored, so that
// neighbouring stores can be combined.
// @ts-ignore: decorator
@inline
function finish<E>(e: E, wide: bool, s0: v128, s1: v128, s2: v128, s3: v128, at: usize, column: usize): v128 {
  if (isDefined(e.isLong)) {
    if (e.isLong()) {
      storeRow(e.c + at, wide, s0, s1, s2, s3);
      finishStored<E>(e, wide, at, column);
      return s0;
    }
  }
  const v0 = e.value(s0, at, column, 0);
  const v1 = e.value(s1, at, column, 16);
  const v2 = wide ? e.value(s2, at, column, 32) : s2;
  const v3 = wide ? e.value(s3, at, column, 48) : s3;
  storeRow(e.c + at, wide, v0, v1, v2, v3);
  if (isDefined(e.second)) {
    const w0 = e.second(at, column, 0);
    const w1 = e.second(at, column, 16);
    const w2 = wide ? e.second(at, column, 32) : s2;
    const w3 = wide ? e.second(at, column, 48) : s3;
    storeRow(e.also + at, wide, w0, w1, w2, w3);
  }
  return isDefined(e.tracked) ? storedBits(e.c + at, wide) : v0;
}

// The same of sums that lie in C. A function that many tiles call.
function finishStored<E>(e: E, wide: bool, at: usize, column: usize): void {
  const end: usize = wide ? 64 : 32;
  for (let offset: usize = 0; offset < end; offset += 32) {
    const row = at + offset,
      beside = column + offset;
    const v0 = e.value(v128.load(e.c + row), row, beside, 0);
    const v1 = e.value(v128.load(e.c + row, 16), row, beside, 16);
    v128.store(e.c + row, v0);
    v128.store(e.c + row, v1, 16);
    if (isDefined(e.second)) {
      const w0 = e.second(row, beside, 0);
      const w1 = e.second(row, beside, 16);
      v128.store(e.also + row, w0);
      v128.store(e.also + row, w1, 16);
    }
  }
}

// What a row of a tile now holds, put together. It is read again, since V8 12.4 combines no vectors that are also used otherwise.
// @ts-ignore: decorator
@inline
function storedBits(at: usize, wide: bool): v128 {
  const low = v128.or(v128.load(at), v128.load(at, 16));
  return wide ? v128.or(low, v128.or(v128.load(at, 32), v128.load(at, 48))) : low;
}

// @ts-ignore: decorator
@inline
function storeRow(at: usize, wide: bool, v0: v128, v1: v128, v2: v128, v3: v128): void {
  v128.store(at, v0);
  v128.store(at, v1, 16);
  if (wide) {
    v128.store(at, v2, 32);
    v128.store(at, v3, 48);
  }
}

// Two rows and 16 columns. Element k + 1 of a row lies `step` bytes behind element k, that of the panel `panelStep`.
// @ts-ignore: decorator
@inline
export function wideTile<E>(
  e: E,
  a0: usize,
  a1: usize,
  step: usize,
  panel: usize,
  panelStep: usize,
  at: usize,
  column: usize,
): v128 {
  let s00 = f32x4.splat(0),
    s01 = f32x4.splat(0),
    s02 = f32x4.splat(0),
    s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0),
    s11 = f32x4.splat(0),
    s12 = f32x4.splat(0),
    s13 = f32x4.splat(0);
  let k = e.depth;
  do {
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
    panel += panelStep;
  } while (--k);
  return v128.or(
    finish<E>(e, true, s00, s01, s02, s03, at, column),
    finish<E>(e, true, s10, s11, s12, s13, at + e.ldc, column),
  );
}

// Four rows and 16 columns, `row` bytes from one row of A to the next.
// @ts-ignore: decorator
@inline
export function tallTile<E>(
  e: E,
  a0: usize,
  row: usize,
  step: usize,
  panel: usize,
  panelStep: usize,
  at: usize,
  column: usize,
): v128 {
  let a1 = a0 + row,
    a2 = a1 + row,
    a3 = a2 + row;
  let s00 = f32x4.splat(0),
    s01 = f32x4.splat(0),
    s02 = f32x4.splat(0),
    s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0),
    s11 = f32x4.splat(0),
    s12 = f32x4.splat(0),
    s13 = f32x4.splat(0);
  let s20 = f32x4.splat(0),
    s21 = f32x4.splat(0),
    s22 = f32x4.splat(0),
    s23 = f32x4.splat(0);
  let s30 = f32x4.splat(0),
    s31 = f32x4.splat(0),
    s32 = f32x4.splat(0),
    s33 = f32x4.splat(0);
  let k = e.depth;
  do {
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
    const x2 = v128.load_splat<f32>(a2);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    s22 = f32x4.add(s22, f32x4.mul(x2, b2));
    s23 = f32x4.add(s23, f32x4.mul(x2, b3));
    const x3 = v128.load_splat<f32>(a3);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
    s32 = f32x4.add(s32, f32x4.mul(x3, b2));
    s33 = f32x4.add(s33, f32x4.mul(x3, b3));
    a0 += step;
    a1 += step;
    a2 += step;
    a3 += step;
    panel += panelStep;
  } while (--k);
  const upper = v128.or(
    finish<E>(e, true, s00, s01, s02, s03, at, column),
    finish<E>(e, true, s10, s11, s12, s13, at + e.ldc, column),
  );
  const lower = v128.or(
    finish<E>(e, true, s20, s21, s22, s23, at + 2 * e.ldc, column),
    finish<E>(e, true, s30, s31, s32, s33, at + 3 * e.ldc, column),
  );
  return v128.or(upper, lower);
}

// Four rows and 8 columns, or with `pair` two rows.
// @ts-ignore: decorator
@inline
export function narrowTile<E>(
  e: E,
  pair: bool,
  a0: usize,
  row: usize,
  step: usize,
  panel: usize,
  panelStep: usize,
  at: usize,
  column: usize,
): v128 {
  const zero = f32x4.splat(0);
  let a1 = a0 + row,
    a2 = a1 + row,
    a3 = a2 + row;
  let s00 = zero,
    s01 = zero,
    s10 = zero,
    s11 = zero;
  let s20 = zero,
    s21 = zero,
    s30 = zero,
    s31 = zero;
  let k = e.depth;
  do {
    const b0 = v128.load(panel),
      b1 = v128.load(panel, 16);
    const x0 = v128.load_splat<f32>(a0);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load_splat<f32>(a1);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    a0 += step;
    a1 += step;
    if (!pair) {
      const x2 = v128.load_splat<f32>(a2);
      s20 = f32x4.add(s20, f32x4.mul(x2, b0));
      s21 = f32x4.add(s21, f32x4.mul(x2, b1));
      const x3 = v128.load_splat<f32>(a3);
      s30 = f32x4.add(s30, f32x4.mul(x3, b0));
      s31 = f32x4.add(s31, f32x4.mul(x3, b1));
      a2 += step;
      a3 += step;
    }
    panel += panelStep;
  } while (--k);
  const upper = v128.or(
    finish<E>(e, false, s00, s01, zero, zero, at, column),
    finish<E>(e, false, s10, s11, zero, zero, at + e.ldc, column),
  );
  if (pair) return upper;
  const lower = v128.or(
    finish<E>(e, false, s20, s21, zero, zero, at + 2 * e.ldc, column),
    finish<E>(e, false, s30, s31, zero, zero, at + 3 * e.ldc, column),
  );
  return v128.or(upper, lower);
}

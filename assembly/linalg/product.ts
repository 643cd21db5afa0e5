// Matrix products in f64: C = A · B, or added to C or subtracted from it, with B packed in panels.
//
// Panels hold 8 columns of B, row after row, the last one filled up with zeros; B is cut into chunks of DEPTH rows, whose
// panels lie one chunk behind the other. What is packed once serves any number of products.
//
// Order of sums: one accumulator per element and chunk, from zero over k = 0, 1, 2 …; the chunk's sum is then added to C, or
// subtracted. The first chunk of a plain product is added to zero. Tiles do not change any of it.

/** Columns of a panel. */
const PANEL: i32 = 8;

const F64: usize = 8;
const PANEL_BYTES: usize = 64;

/** Rows of B that are summed from zero: a panel of so many fills two thirds of a first cache. */
const DEPTH: i32 = 512;

/** Rows of A that meet all panels before the next ones do: with DEPTH columns they take a quarter of a second cache. */
const ROWS: i32 = 64;

/** What becomes of the old C: it is replaced, added to, or subtracted from. */
export namespace Into {
  export const Set: i32 = 0;
  export const Add: i32 = 1;
  export const Subtract: i32 = 2;
}

/** f64 values of a packed matrix of k rows and n columns. */
export function packedValues(k: i32, n: i32): i32 {
  return k * ((n + PANEL - 1) & -PANEL);
}

/** Pack the k × n matrix B, `ldb` values from row to row. */
export function packMatrix(b: usize, ldb: i32, k: i32, n: i32, packed: usize): void {
  const row = <usize>ldb * F64;
  for (let first = 0; first < k; first += DEPTH) {
    const depth = min(DEPTH, k - first);
    for (let column = 0; column < n; column += PANEL) {
      const width = min(PANEL, n - column);
      let source = b + <usize>first * row + <usize>column * F64;
      for (let i = 0; i < depth; i++, source += row, packed += PANEL_BYTES) {
        if (width == PANEL) {
          v128.store(packed, v128.load(source));
          v128.store(packed, v128.load(source, 16), 16);
          v128.store(packed, v128.load(source, 32), 32);
          v128.store(packed, v128.load(source, 48), 48);
        } else {
          memory.copy(packed, source, <usize>width * F64);
          memory.fill(packed + <usize>width * F64, 0, <usize>(PANEL - width) * F64);
        }
      }
    }
  }
}

/** Pack the k × n matrix B whose columns are rows of memory: element (i, j) lies at j `ldb` + i. */
export function packTransposed(b: usize, ldb: i32, k: i32, n: i32, packed: usize): void {
  const row = <usize>ldb * F64;
  for (let first = 0; first < k; first += DEPTH) {
    const depth = min(DEPTH, k - first);
    for (let column = 0; column < n; column += PANEL) {
      const width = min(PANEL, n - column);
      if (width < PANEL) memory.fill(packed, 0, <usize>depth * PANEL_BYTES);
      const source = b + <usize>column * row + <usize>first * F64;
      let j = 0;
      for (; j + 2 <= width; j += 2) packPair(source + <usize>j * row, row, depth, packed + <usize>j * F64);
      if (j < width) packRow(source + <usize>j * row, depth, packed + <usize>j * F64);
      packed += <usize>depth * PANEL_BYTES;
    }
  }
}

function packPair(source: usize, row: usize, depth: i32, target: usize): void {
  let i = 0;
  for (; i + 2 <= depth; i += 2, source += 16, target += 2 * PANEL_BYTES) {
    const a = v128.load(source);
    const b = v128.load(source + row);
    v128.store(target, v128.shuffle<f64>(a, b, 0, 2));
    v128.store(target, v128.shuffle<f64>(a, b, 1, 3), PANEL_BYTES);
  }
  if (i < depth) {
    store<f64>(target, load<f64>(source));
    store<f64>(target, load<f64>(source + row), F64);
  }
}

function packRow(source: usize, depth: i32, target: usize): void {
  for (let i = 0; i < depth; i++, source += F64, target += PANEL_BYTES) store<f64>(target, load<f64>(source));
}

/**
 * The m × n product of A (m × k, `lda` values from row to row) and a packed B into C (`ldc` values from row to row), which
 * may not overlap with them. `into` is one of `Into`.
 */
export function multiplyPacked(
  c: usize,
  ldc: i32,
  a: usize,
  lda: i32,
  packed: usize,
  m: i32,
  k: i32,
  n: i32,
  into: i32,
): void {
  // of old values, all bits or none; of sums, the sign turned or not
  let kept = i64x2.splat(into == Into.Set ? 0 : -1);
  const turned = i64x2.splat(into == Into.Subtract ? i64.MIN_VALUE : 0);
  const rowA = <usize>lda * F64,
    rowC = <usize>ldc * F64;
  for (let first = 0; first < k; first += DEPTH) {
    const depth = min(DEPTH, k - first);
    const panelBytes = <usize>depth * PANEL_BYTES;
    for (let row = 0; row < m; row += ROWS) {
      const rows = min(ROWS, m - row);
      const rowsOfA = a + <usize>row * rowA + <usize>first * F64;
      const rowsOfC = c + <usize>row * rowC;
      let panel = packed;
      for (let column = 0; column < n; column += PANEL, panel += panelBytes) {
        const at = rowsOfC + <usize>column * F64;
        if (n - column >= PANEL) wholePanel(at, rowC, rowsOfA, rowA, panel, rows, depth, kept, turned);
        else lastPanel(at, rowC, rowsOfA, rowA, panel, rows, depth, n - column, kept, turned);
      }
    }
    packed += panelBytes * <usize>((n + PANEL - 1) / PANEL);
    kept = i64x2.splat(-1);
  }
}

// Pairs of rows times one panel. Eight vectors of sums and their operands fill the registers, as in tile.ts.
function wholePanel(
  c: usize,
  rowC: usize,
  a: usize,
  rowA: usize,
  panel: usize,
  rows: i32,
  depth: i32,
  kept: v128,
  turned: v128,
): void {
  let r = 0;
  for (; r + 2 <= rows; r += 2) {
    let a0 = a,
      a1 = a + rowA,
      b = panel;
    let s00 = f64x2.splat(0),
      s01 = f64x2.splat(0),
      s02 = f64x2.splat(0),
      s03 = f64x2.splat(0);
    let s10 = f64x2.splat(0),
      s11 = f64x2.splat(0),
      s12 = f64x2.splat(0),
      s13 = f64x2.splat(0);
    let i = depth;
    do {
      const b0 = v128.load(b),
        b1 = v128.load(b, 16),
        b2 = v128.load(b, 32),
        b3 = v128.load(b, 48);
      const x0 = v128.load_splat<u64>(a0);
      s00 = f64x2.add(s00, f64x2.mul(x0, b0));
      s01 = f64x2.add(s01, f64x2.mul(x0, b1));
      s02 = f64x2.add(s02, f64x2.mul(x0, b2));
      s03 = f64x2.add(s03, f64x2.mul(x0, b3));
      const x1 = v128.load_splat<u64>(a1);
      s10 = f64x2.add(s10, f64x2.mul(x1, b0));
      s11 = f64x2.add(s11, f64x2.mul(x1, b1));
      s12 = f64x2.add(s12, f64x2.mul(x1, b2));
      s13 = f64x2.add(s13, f64x2.mul(x1, b3));
      a0 += F64;
      a1 += F64;
      b += PANEL_BYTES;
    } while (--i);
    storeRow(c, kept, turned, s00, s01, s02, s03);
    storeRow(c + rowC, kept, turned, s10, s11, s12, s13);
    a += 2 * rowA;
    c += 2 * rowC;
  }
  if (r < rows) wholeRow(c, a, panel, depth, kept, turned);
}

// The last of an odd number of rows times one panel.
function wholeRow(c: usize, a: usize, b: usize, depth: i32, kept: v128, turned: v128): void {
  let s0 = f64x2.splat(0),
    s1 = f64x2.splat(0),
    s2 = f64x2.splat(0),
    s3 = f64x2.splat(0);
  do {
    const x = v128.load_splat<u64>(a);
    s0 = f64x2.add(s0, f64x2.mul(x, v128.load(b)));
    s1 = f64x2.add(s1, f64x2.mul(x, v128.load(b, 16)));
    s2 = f64x2.add(s2, f64x2.mul(x, v128.load(b, 32)));
    s3 = f64x2.add(s3, f64x2.mul(x, v128.load(b, 48)));
    a += F64;
    b += PANEL_BYTES;
  } while (--depth);
  storeRow(c, kept, turned, s0, s1, s2, s3);
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, kept: v128, turned: v128, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(c, f64x2.add(v128.and(v128.load(c), kept), v128.xor(s0, turned)));
  v128.store(c, f64x2.add(v128.and(v128.load(c, 16), kept), v128.xor(s1, turned)), 16);
  v128.store(c, f64x2.add(v128.and(v128.load(c, 32), kept), v128.xor(s2, turned)), 32);
  v128.store(c, f64x2.add(v128.and(v128.load(c, 48), kept), v128.xor(s3, turned)), 48);
}

// the sums of two rows and one panel, before those of its columns that exist are stored
const EDGE = memory.data(128, 16);

// Pairs of rows times a panel of which `width` columns count.
function lastPanel(
  c: usize,
  rowC: usize,
  a: usize,
  rowA: usize,
  panel: usize,
  rows: i32,
  depth: i32,
  width: i32,
  kept: v128,
  turned: v128,
): void {
  const bytes = <usize>width * F64;
  for (let r = 0; r < rows; r += 2) {
    const count = min(2, rows - r);
    memory.copy(EDGE, c, bytes);
    if (count > 1) memory.copy(EDGE + PANEL_BYTES, c + rowC, bytes);
    wholePanel(EDGE, PANEL_BYTES, a, rowA, panel, count, depth, kept, turned);
    memory.copy(c, EDGE, bytes);
    if (count > 1) memory.copy(c + rowC, EDGE + PANEL_BYTES, bytes);
    a += 2 * rowA;
    c += 2 * rowC;
  }
}

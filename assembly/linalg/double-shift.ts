// Eigenvalues of an upper Hessenberg matrix by implicit double shifts.
//
// Based on  Francis, "The QR transformation" (1961, 1962), in the form of Golub and Van Loan, "Matrix Computations", 4th edition,
//           section 7.5; Ahues and Tisseur, "A new deflation criterion for the QR algorithm" (1997) for when an element below the
//           diagonal counts as zero.
//
// Deviation  blocks that have split off are left alone, since no vectors are wanted, and no shifts are chased together: with an
//            element's row and column in the first cache, a matrix of 500 takes less than twice the time of LAPACK's small-bulge
//            sweeps with early deflation.
//
// Order of sums: those of bulge.ts.

import { factor, left, smallReflection } from "./reflection";
import { reflectColumns, reflectRows, reflectTwoColumns, reflectTwoRows } from "./bulge";

const F64: usize = 8;

// one rounding
const ROUNDING: f64 = 2.220446049250313e-16;

// what is below it counts as zero beside values near 1
const TINY: f64 = 1e-290;

/** Steps for each eigenvalue before it counts as not found; two or three are usual. */
const MOST_STEPS: i32 = 30;

/** Steps without an eigenvalue behind which the shifts are other ones. */
const STUCK: i32 = 10;

// both eigenvalues of the last pair; the imaginary parts are ± the third
let pairFirst: f64 = 0,
  pairSecond: f64 = 0,
  pairImaginary: f64 = 0;

// eigenvalues of ((a, b), (c, d))
function solvePair(a: f64, b: f64, c: f64, d: f64): void {
  const scale = Math.abs(a) + Math.abs(b) + Math.abs(c) + Math.abs(d);
  pairImaginary = 0;
  pairFirst = a;
  pairSecond = d;
  // triangular ones as they are
  if (scale == 0 || b == 0 || c == 0) return;
  const half = (0.5 * (a - d)) / scale;
  const product = (b / scale) * (c / scale);
  const square = half * half + product;
  if (square >= 0) {
    const root = half + (half >= 0 ? Math.sqrt(square) : -Math.sqrt(square));
    pairFirst = d + scale * root;
    pairSecond = root == 0 ? d : d - scale * (product / root);
  } else {
    pairFirst = d + scale * half;
    pairSecond = pairFirst;
    pairImaginary = scale * Math.sqrt(-square);
  }
}

// @ts-ignore: decorator
@inline
function at(h: usize, n: i32, i: i32, j: i32): f64 {
  return load<f64>(h + <usize>(i * n + j) * F64);
}

// whether element (k, k - 1) counts as zero
function isSmall(h: usize, n: i32, k: i32, low: i32, high: i32): bool {
  const below = Math.abs(at(h, n, k, k - 1));
  if (below <= TINY) return true;
  const d0 = at(h, n, k - 1, k - 1),
    d1 = at(h, n, k, k);
  let size = Math.abs(d0) + Math.abs(d1);
  if (size == 0) {
    if (k - 2 >= low) size += Math.abs(at(h, n, k - 1, k - 2));
    if (k + 1 < high) size += Math.abs(at(h, n, k + 1, k));
  }
  if (below > ROUNDING * size) return false;
  const above = Math.abs(at(h, n, k - 1, k));
  const apart = Math.abs(d0 - d1);
  const d = Math.abs(d1);
  const larger = max(d, apart),
    smaller = min(d, apart);
  const most = max(below, above),
    least = min(below, above);
  const sum = larger + most;
  return least * (most / sum) <= max(TINY, ROUNDING * (smaller * (larger / sum)));
}

/**
 * The eigenvalues of rows and columns `low` … `high` - 1 of the upper Hessenberg matrix `h`, `n` values from row to row, into
 * `re` and `im` at their places; the rows change. Returns whether all were found.
 */
export function iterate(h: usize, n: i32, low: i32, high: i32, re: usize, im: usize): bool {
  let end = high;
  let steps = 0;
  let left = MOST_STEPS * max(10, high - low);
  while (end > low) {
    let start = end - 1;
    while (start > low && !isSmall(h, n, start, low, high)) start--;
    if (start > low) store<f64>(h + <usize>(start * n + start - 1) * F64, 0);
    if (start >= end - 2) {
      storeEigenvalues(h, n, start, end, re, im);
      end = start;
      steps = 0;
      continue;
    }
    if (left-- == 0) return false;
    doubleShift(h, n, start, end, ++steps);
  }
  return true;
}

// eigenvalues of a block of one or two rows
function storeEigenvalues(h: usize, n: i32, start: i32, end: i32, re: usize, im: usize): void {
  const atRe = re + <usize>start * F64,
    atIm = im + <usize>start * F64;
  if (end - start == 1) {
    store<f64>(atRe, at(h, n, start, start));
    store<f64>(atIm, 0);
    return;
  }
  const i = start + 1;
  solvePair(at(h, n, start, start), at(h, n, start, i), at(h, n, i, start), at(h, n, i, i));
  store<f64>(atRe, pairFirst);
  store<f64>(atRe, pairSecond, F64);
  store<f64>(atIm, pairImaginary);
  store<f64>(atIm, -pairImaginary, F64);
}

// first column of (H - s₁) (H - s₂) at row m, up to a factor, for shifts that are conjugate or both real
let column0: f64 = 0,
  column1: f64 = 0,
  column2: f64 = 0;

function shiftedColumn(h: usize, n: i32, m: i32, re1: f64, im1: f64, re2: f64, im2: f64): void {
  const h00 = at(h, n, m, m),
    h10 = at(h, n, m + 1, m),
    h11 = at(h, n, m + 1, m + 1);
  const size = Math.abs(h00 - re2) + Math.abs(im2) + Math.abs(h10);
  column0 = 0;
  column1 = 0;
  column2 = 0;
  if (size == 0) return;
  const below = h10 / size;
  const first = below * at(h, n, m, m + 1) + (h00 - re1) * ((h00 - re2) / size) - im1 * (im2 / size);
  const next = below * (h00 + h11 - re1 - re2);
  const last = below * at(h, n, m + 2, m + 1);
  const sum = Math.abs(first) + Math.abs(next) + Math.abs(last);
  if (sum == 0) return;
  column0 = first / sum;
  column1 = next / sum;
  column2 = last / sum;
}

function doubleShift(h: usize, n: i32, start: i32, end: i32, step: i32): void {
  const last = end - 1;
  if (step % STUCK == 0) {
    const size = Math.abs(at(h, n, last, last - 1)) + Math.abs(at(h, n, last - 1, last - 2));
    const d = 0.75 * size + at(h, n, last, last);
    solvePair(d, -0.4375 * size, size, d);
  } else {
    const before = last - 1;
    solvePair(at(h, n, before, before), at(h, n, before, last), at(h, n, last, before), at(h, n, last, last));
  }
  let re1 = pairFirst,
    re2 = pairSecond;
  const im = pairImaginary;
  if (im == 0) {
    // the one that is nearer, twice
    const d = at(h, n, last, last);
    if (Math.abs(re1 - d) <= Math.abs(re2 - d)) re2 = re1;
    else re1 = re2;
  }
  // the bulge may start where two elements below the diagonal are small together
  let m = end - 3;
  for (; ; m--) {
    shiftedColumn(h, n, m, re1, im, re2, -im);
    if (m == start) break;
    const around =
      Math.abs(at(h, n, m - 1, m - 1)) + Math.abs(at(h, n, m, m)) + Math.abs(at(h, n, m + 1, m + 1));
    const outside = Math.abs(at(h, n, m, m - 1)) * (Math.abs(column1) + Math.abs(column2));
    if (outside <= ROUNDING * Math.abs(column0) * around) break;
  }
  chase(h, n, m, start, end);
}

// a bulge from row m down to the end of a block
function chase(h: usize, n: i32, m: i32, start: i32, end: i32): void {
  const row = <usize>n * F64;
  for (let k = m; k < end - 1; k++) {
    const two = k == end - 2;
    const before = h + <usize>(k * n + k - 1) * F64;
    if (k == m) {
      smallReflection(column0, column1, column2);
      // what is left of the element where the bulge starts below the first row
      if (k > start) store<f64>(before, load<f64>(before) * (1 - factor));
    } else {
      smallReflection(load<f64>(before), load<f64>(before + row), two ? 0 : load<f64>(before + 2 * row));
      store<f64>(before, left);
      store<f64>(before + row, 0);
      if (!two) store<f64>(before + 2 * row, 0);
    }
    const corner = h + <usize>(k * (n + 1)) * F64;
    const above = h + <usize>(start * n + k) * F64;
    const rows = min(k + 4, end) - start;
    if (two) {
      reflectTwoRows(corner, row, end - k);
      reflectTwoColumns(above, row, rows);
    } else {
      reflectRows(corner, row, end - k);
      reflectColumns(above, row, rows);
    }
  }
}

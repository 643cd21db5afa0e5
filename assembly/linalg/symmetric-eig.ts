// Eigenvalues of a symmetric matrix, f64: Householder reflections to a tridiagonal matrix, then implicit QL steps.
//
// Based on  Golub and Van Loan, "Matrix Computations", 4th edition, sections 8.3.1 (tridiagonalisation) and 8.3.3 to 8.3.5
//           (implicit symmetric QR step with Wilkinson's shift); EISPACK's tql1 for when an off-diagonal element counts as
//           zero: it is at most one rounding of the largest row. Eigenvalues are then right to roundings of the largest of
//           them; beside its own neighbours alone, it may never become small where a matrix is nearly singular.
//
// Order of sums: dot products are those of vectors.ts.

import { bringNearOne, dot, multiply } from "./vectors";

const F64: usize = 8;

/** QL steps that one eigenvalue may take; two or three are usual. */
const MOST_STEPS: i32 = 60;

// y ← y - a x - b z, and of what y then is the product with v, in the order of `dot`
function subtractBoth(y: usize, a: f64, x: usize, b: f64, z: usize, v: usize, n: i32): f64 {
  const va = f64x2.splat(a),
    vb = f64x2.splat(b);
  let s0 = f64x2.splat(0),
    s1 = f64x2.splat(0),
    s2 = f64x2.splat(0),
    s3 = f64x2.splat(0);
  for (; n >= 8; n -= 8, y += 64, x += 64, z += 64, v += 64) {
    const y0 = changed(y, va, x, vb, z);
    const y1 = changed(y + 16, va, x + 16, vb, z + 16);
    const y2 = changed(y + 32, va, x + 32, vb, z + 32);
    const y3 = changed(y + 48, va, x + 48, vb, z + 48);
    s0 = f64x2.add(s0, f64x2.mul(y0, v128.load(v)));
    s1 = f64x2.add(s1, f64x2.mul(y1, v128.load(v, 16)));
    s2 = f64x2.add(s2, f64x2.mul(y2, v128.load(v, 32)));
    s3 = f64x2.add(s3, f64x2.mul(y3, v128.load(v, 48)));
  }
  const lanes = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
  for (; n > 0; n--, y += F64, x += F64, z += F64, v += F64) {
    const value = load<f64>(y) - a * load<f64>(x) - b * load<f64>(z);
    store<f64>(y, value);
    sum += value * load<f64>(v);
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function changed(y: usize, a: v128, x: usize, b: v128, z: usize): v128 {
  const value = f64x2.sub(f64x2.sub(v128.load(y), f64x2.mul(a, v128.load(x))), f64x2.mul(b, v128.load(z)));
  v128.store(y, value);
  return value;
}

/** f64 values of scratch that `symmetricEigenvalues` needs. */
export function symmetricScratch(n: i32): i32 {
  return 3 * n;
}

/**
 * The eigenvalues of the symmetric n × n matrix `a`, row by row, into `values`, ascending. Both triangles are read, and the
 * matrix is overwritten. Returns whether they were found; they are not if an entry is not finite.
 */
export function symmetricEigenvalues(a: usize, n: i32, values: usize, scratch: usize): bool {
  const factor = bringNearOne(a, n * n);
  if (!isFinite<f64>(factor)) return false;
  const off = scratch;
  tridiagonalize(a, n, values, off, scratch + <usize>n * F64);
  if (!diagonalize(values, off, n)) return false;
  multiply(values, 1 / factor, n);
  return sort(values, n);
}

// Diagonal into d, element i of `off` couples i and i + 1. What a reflection changes of a row and the row's product with the next
// one's vector are one pass, so that each takes the matrix from memory once.
function tridiagonalize(a: usize, n: i32, d: usize, off: usize, p: usize): void {
  const row = <usize>n * F64;
  let q = p + row;
  let beta: f64 = 0;
  for (let k = 0; k < n - 1; k++) {
    const size = n - k - 1;
    const v = a + <usize>k * row + <usize>(k + 1) * F64;
    const before = v - row - F64;
    const changes = beta != 0;
    // the row itself, from its diagonal on, behind the reflection of row k - 1 with its p
    if (changes) subtractBoth(v - F64, load<f64>(before), q, load<f64>(q), before, before, size + 1);
    store<f64>(d + <usize>k * F64, load<f64>(v - F64));
    const next = reflect(v, size, off + <usize>k * F64);
    // p of this one, and with it what is left of the one before
    for (let i = 0; i < size; i++) {
      const at = <usize>i * F64;
      const rest = v + <usize>(i + 1) * row;
      let product: f64 = 0;
      if (changes) {
        const coupled = load<f64>(before + at, F64);
        product = subtractBoth(rest, coupled, q + F64, load<f64>(q + at, F64), before + F64, v, size);
      } else if (next != 0) product = dot(rest, v, size);
      store<f64>(p + at, next * product);
    }
    const half = 0.5 * next * dot(p, v, size);
    for (let i = 0; i < size; i++) {
      const at = <usize>i * F64;
      store<f64>(p + at, load<f64>(p + at) - half * load<f64>(v + at));
    }
    beta = next;
    const kept = p;
    p = q;
    q = kept;
  }
  if (n == 0) return;
  const last = a + <usize>(n - 1) * (row + F64);
  const before = last - row;
  if (beta != 0) store<f64>(last, load<f64>(last) - 2 * load<f64>(before) * load<f64>(q));
  store<f64>(d + <usize>(n - 1) * F64, load<f64>(last));
}

// The reflection that leaves only the first of the values at v, which goes to `target`; v becomes its vector. Returns 2 / |v|², or 0
// if nothing else was there.
function reflect(v: usize, size: i32, target: usize): f64 {
  const first = load<f64>(v);
  const tail = dot(v + F64, v + F64, size - 1);
  store<f64>(target, first);
  if (tail == 0) return 0;
  const norm = Math.sqrt(first * first + tail);
  const alpha = first > 0 ? -norm : norm;
  store<f64>(target, alpha);
  store<f64>(v, first - alpha);
  return 1 / (norm * (norm + Math.abs(first)));
}

// one rounding of the largest row of a tridiagonal matrix
function roundingOf(d: usize, off: usize, n: i32): f64 {
  let largest: f64 = 0;
  let before: f64 = 0;
  for (let i = 0; i < n; i++) {
    const behind = i < n - 1 ? Math.abs(at(off, i)) : 0;
    largest = max(largest, before + Math.abs(at(d, i)) + behind);
    before = behind;
  }
  return 2.220446049250313e-16 * largest;
}

// eigenvalues of a tridiagonal matrix in place of its diagonal
function diagonalize(d: usize, off: usize, n: i32): bool {
  const rounding = roundingOf(d, off, n);
  for (let l = 0; l < n; l++) {
    for (let step = 0; ; step++) {
      // the block from l to m is coupled
      let m = l;
      while (m < n - 1 && !(Math.abs(at(off, m)) <= rounding)) m++;
      if (m == l) break;
      if (step == MOST_STEPS) return false;
      qlStep(d, off, l, m);
    }
  }
  for (let i = 0; i < n; i++) if (!isFinite<f64>(load<f64>(d + <usize>i * F64))) return false;
  return true;
}

// one implicit step on the block l … m, with the shift that suits its upper end
function qlStep(d: usize, off: usize, l: i32, m: i32): void {
  const at = <usize>l * F64;
  const e = load<f64>(off + at);
  const half = (load<f64>(d + at, F64) - load<f64>(d + at)) / (2 * e);
  const root = Math.sqrt(half * half + 1);
  const shift = load<f64>(d + at) - e / (half + (half >= 0 ? root : -root));
  let g = load<f64>(d + <usize>m * F64) - shift;
  let s: f64 = 1,
    c: f64 = 1,
    p: f64 = 0;
  for (let i = m - 1; i >= l; i--) {
    const here = <usize>i * F64;
    const f = s * load<f64>(off + here);
    const b = c * load<f64>(off + here);
    const r = Math.sqrt(f * f + g * g);
    if (i < m - 1) store<f64>(off + here, r, F64);
    if (r == 0) {
      // the block falls apart here
      store<f64>(d + here, load<f64>(d + here, F64) - p, F64);
      store<f64>(off + <usize>m * F64, 0);
      return;
    }
    s = f / r;
    c = g / r;
    g = load<f64>(d + here, F64) - p;
    const t = (load<f64>(d + here) - g) * s + 2 * c * b;
    p = s * t;
    store<f64>(d + here, g + p, F64);
    g = c * t - b;
  }
  store<f64>(d + at, load<f64>(d + at) - p);
  store<f64>(off + at, g);
}

// heap sort, ascending
function sort(values: usize, n: i32): bool {
  for (let i = (n >> 1) - 1; i >= 0; i--) sift(values, i, n);
  for (let end = n - 1; end > 0; end--) {
    swap(values, 0, end);
    sift(values, 0, end);
  }
  return true;
}

function sift(values: usize, root: i32, n: i32): void {
  for (let child = 2 * root + 1; child < n; child = 2 * root + 1) {
    if (child + 1 < n && at(values, child + 1) > at(values, child)) child++;
    if (at(values, root) >= at(values, child)) return;
    swap(values, root, child);
    root = child;
  }
}

// @ts-ignore: decorator
@inline
function at(values: usize, i: i32): f64 {
  return load<f64>(values + <usize>i * F64);
}

function swap(values: usize, i: i32, j: i32): void {
  const kept = at(values, i);
  store<f64>(values + <usize>i * F64, at(values, j));
  store<f64>(values + <usize>j * F64, kept);
}

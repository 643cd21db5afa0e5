// Eigenvalues of a symmetric matrix, f64: Householder reflections to a tridiagonal matrix, then implicit QL steps.
//
// Based on  Golub and Van Loan, "Matrix Computations", 4th edition, sections 8.3.1 (tridiagonalisation) and 8.3.3 to 8.3.5
//           (implicit symmetric QR step with Wilkinson's shift); EISPACK's tql1 for when an off-diagonal element counts as
//           zero: it is at most one rounding of the largest row. Eigenvalues are then right to roundings of the largest of
//           them; beside its own neighbours alone, it may never become small where a matrix is nearly singular.
//
// Order of sums: dot products have two lanes, elements 2 i and 2 i + 1 in turn, added at the end, and the odd element last.

const F64: usize = 8;

/** QL steps that one eigenvalue may take; two or three are usual. */
const MOST_STEPS: i32 = 60;

// Σ a_i b_i
function dot(a: usize, b: usize, n: i32): f64 {
  let lanes = f64x2.splat(0);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const at = <usize>i * F64;
    lanes = f64x2.add(lanes, f64x2.mul(v128.load(a + at), v128.load(b + at)));
  }
  let sum = f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
  if (i < n) sum += load<f64>(a + <usize>i * F64) * load<f64>(b + <usize>i * F64);
  return sum;
}

// y ← y - a x - b z
function subtractBoth(y: usize, a: f64, x: usize, b: f64, z: usize, n: i32): void {
  const va = f64x2.splat(a),
    vb = f64x2.splat(b);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const at = <usize>i * F64;
    const changed = f64x2.sub(v128.load(y + at), f64x2.mul(va, v128.load(x + at)));
    v128.store(y + at, f64x2.sub(changed, f64x2.mul(vb, v128.load(z + at))));
  }
  if (i < n) {
    const at = <usize>i * F64;
    store<f64>(y + at, load<f64>(y + at) - a * load<f64>(x + at) - b * load<f64>(z + at));
  }
}

/** f64 values of scratch that `symmetricEigenvalues` needs. */
export function symmetricScratch(n: i32): i32 {
  return 2 * n;
}

/**
 * The eigenvalues of the symmetric n × n matrix `a`, row by row, into `values`, ascending. Both triangles are read, and the
 * matrix is overwritten. Returns whether they were found; they are not if an entry is not finite.
 */
export function symmetricEigenvalues(a: usize, n: i32, values: usize, scratch: usize): bool {
  const off = scratch;
  tridiagonalize(a, n, values, off, scratch + <usize>n * F64);
  return diagonalize(values, off, n) && sort(values, n);
}

// diagonal into d, element i of `off` couples i and i + 1
function tridiagonalize(a: usize, n: i32, d: usize, off: usize, p: usize): void {
  const row = <usize>n * F64;
  for (let k = 0; k < n - 1; k++) {
    // the reflection that leaves only the first element of row k behind the diagonal
    const size = n - k - 1;
    const v = a + <usize>k * row + <usize>(k + 1) * F64;
    const first = load<f64>(v);
    const tail = dot(v + F64, v + F64, size - 1);
    store<f64>(d + <usize>k * F64, load<f64>(v - F64));
    if (tail == 0) {
      store<f64>(off + <usize>k * F64, first);
      continue;
    }
    const norm = Math.sqrt(first * first + tail);
    const alpha = first > 0 ? -norm : norm;
    store<f64>(off + <usize>k * F64, alpha);
    store<f64>(v, first - alpha);
    // 2 / |v|²
    const beta = 1 / (norm * (norm + Math.abs(first)));
    const rest = v + row;
    for (let i = 0; i < size; i++) {
      store<f64>(p + <usize>i * F64, beta * dot(rest + <usize>i * row, v, size));
    }
    const half = 0.5 * beta * dot(p, v, size);
    for (let i = 0; i < size; i++) {
      const at = <usize>i * F64;
      store<f64>(p + at, load<f64>(p + at) - half * load<f64>(v + at));
    }
    for (let i = 0; i < size; i++) {
      const at = <usize>i * F64;
      subtractBoth(rest + <usize>i * row, load<f64>(v + at), p, load<f64>(p + at), v, size);
    }
  }
  if (n > 0) store<f64>(d + <usize>(n - 1) * F64, load<f64>(a + <usize>(n - 1) * (row + F64)));
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

// Reduction of a square matrix to two diagonals, G = U B Vᵀ, and the iteration that makes it one.
//
// Based on  Golub and Kahan, "Calculating the singular values and pseudo-inverse of a matrix" (1965), the reduction; Golub and
//           Reinsch, "Singular value decomposition and least squares solutions" (1970), the implicit iteration, with rotations
//           that take out what is coupled to a zero on the diagonal.
//
// Order of sums: those of vectors.ts and row-sums.ts; rotations from the top of a block to its end.

import { Qr } from "./qr";
import { reflection } from "./reflection";
import { sumRows } from "./row-sums";
import { addScaled, dot } from "./vectors";

const F64: usize = 8;
const ROUNDING: f64 = 2.220446049250313e-16;

/** Steps that one value may take; two or three are usual. */
const MOST_STEPS: i32 = 60;

/**
 * Reduce the n × n matrix `g`: the diagonal into d, element i of `below` lies at (i, i - 1). Vectors of the reflections from
 * the left and from the right go to two workspaces, their τ to `taus` (n) and behind. `work` holds 2 n values.
 */
export function bidiagonalize(
  g: usize,
  n: i32,
  d: usize,
  below: usize,
  left: Qr,
  right: Qr,
  taus: usize,
  work: usize,
): void {
  const row = <usize>n * F64;
  const leftTaus = taus,
    rightTaus = taus + row;
  const sums = work,
    column = work + row;
  memory.fill(left.v, 0, <usize>n * row);
  memory.fill(right.v, 0, <usize>n * row);
  store<f64>(leftTaus, 0);
  store<f64>(below, 0);
  for (let j = 0; j < n; j++) {
    const corner = g + <usize>(j * (n + 1)) * F64;
    const rows = n - j - 1;
    const u = left.v + <usize>(j * (n + 1)) * F64;
    const leftTau = load<f64>(leftTaus + <usize>j * F64);
    // what the last reflection from the left makes of row j, then the one from the right that this row wants
    if (leftTau != 0) addScaled(corner, -leftTau, sums, rows + 1);
    const v = right.v + <usize>(j * (n + 1)) * F64;
    const tau = reflection(corner, v, rows + 1);
    store<f64>(rightTaus + <usize>j * F64, tau);
    store<f64>(d + <usize>j * F64, load<f64>(corner));
    if (rows == 0) break;
    // both, for each row behind, and its element of the column
    let at = corner + row;
    for (let i = 1; i <= rows; i++, at += row) {
      if (leftTau != 0) addScaled(at, -leftTau * load<f64>(u + <usize>i * F64), sums, rows + 1);
      if (tau != 0) addScaled(at, -tau * dot(at, v, rows + 1), v, rows + 1);
      store<f64>(column + <usize>(i - 1) * F64, load<f64>(at));
    }
    // the reflection from the left that the column wants, and its product with what is behind
    const next = u + row + F64;
    store<f64>(leftTaus + <usize>(j + 1) * F64, reflection(column, next, rows));
    store<f64>(below + <usize>(j + 1) * F64, load<f64>(column));
    memory.fill(sums, 0, <usize>rows * F64);
    sumRows(sums, corner + row + F64, n, next, rows, rows);
  }
}

/**
 * Singular values of the two diagonals into d, not negative, in no order. Unless they are 0, rotations are applied to the rows of
 * `left` and `right` (n, n), too. Returns whether all were found.
 */
export function diagonalize(d: usize, below: usize, n: i32, left: usize, right: usize): bool {
  let size: f64 = 0;
  for (let i = 0; i < n; i++) size = max(size, Math.abs(at(d, i)) + Math.abs(at(below, i)));
  const zero = ROUNDING * size;
  for (let k = n - 1; k >= 0; k--) {
    for (let step = 0; ; step++) {
      let l = k;
      while (l > 0 && !(Math.abs(at(below, l)) <= zero) && !(Math.abs(at(d, l - 1)) <= zero)) l--;
      if (l > 0 && !(Math.abs(at(below, l)) <= zero)) decouple(d, below, l, k, zero, n, right);
      if (l == k) break;
      if (step == MOST_STEPS) return false;
      iterate(d, below, l, k, n, left, right);
    }
    if (at(d, k) >= 0) continue;
    store<f64>(d + <usize>k * F64, -at(d, k));
    if (left) for (let i = 0; i < n; i++) store<f64>(left + <usize>(k * n + i) * F64, -at(left, k * n + i));
  }
  return true;
}

// d_{l-1} is zero: rotate away what couples it to the block l … k
function decouple(d: usize, below: usize, l: i32, k: i32, zero: f64, n: i32, right: usize): void {
  let c: f64 = 0,
    s: f64 = 1;
  for (let i = l; i <= k; i++) {
    const f = s * at(below, i);
    store<f64>(below + <usize>i * F64, c * at(below, i));
    if (Math.abs(f) <= zero) return;
    const g = at(d, i);
    const h = Math.sqrt(f * f + g * g);
    store<f64>(d + <usize>i * F64, h);
    c = g / h;
    s = -f / h;
    if (right) rotate(right + <usize>((l - 1) * n) * F64, right + <usize>(i * n) * F64, c, s, n);
  }
}

// one implicit step on the block l … k
function iterate(d: usize, below: usize, l: i32, k: i32, n: i32, left: usize, right: usize): void {
  let x = at(d, l);
  const last = at(d, k),
    before = at(d, k - 1);
  const above = at(below, k - 1),
    coupled = at(below, k);
  const turn =
    ((before - last) * (before + last) + (above - coupled) * (above + coupled)) / (2 * coupled * before);
  const root = Math.sqrt(turn * turn + 1);
  const shift = before / (turn + (turn >= 0 ? root : -root)) - coupled;
  let f = ((x - last) * (x + last) + coupled * shift) / x;
  let c: f64 = 1,
    s: f64 = 1;
  for (let j = l; j < k; j++) {
    const i = j + 1;
    let g = at(below, i),
      y = at(d, i);
    let h = s * g;
    g = c * g;
    let z = Math.sqrt(f * f + h * h);
    store<f64>(below + <usize>j * F64, z);
    c = z == 0 ? 1 : f / z;
    s = z == 0 ? 0 : h / z;
    f = x * c + g * s;
    g = g * c - x * s;
    h = y * s;
    y *= c;
    if (left) rotate(left + <usize>(j * n) * F64, left + <usize>(i * n) * F64, c, s, n);
    z = Math.sqrt(f * f + h * h);
    store<f64>(d + <usize>j * F64, z);
    if (z != 0) {
      c = f / z;
      s = h / z;
    }
    f = c * g + s * y;
    x = c * y - s * g;
    if (right) rotate(right + <usize>(j * n) * F64, right + <usize>(i * n) * F64, c, s, n);
  }
  store<f64>(below + <usize>l * F64, 0);
  store<f64>(below + <usize>k * F64, f);
  store<f64>(d + <usize>k * F64, x);
}

// x, y ← c x + s y, c y - s x
function rotate(x: usize, y: usize, c: f64, s: f64, n: i32): void {
  const vc = f64x2.splat(c),
    vs = f64x2.splat(s);
  for (; n >= 2; n -= 2, x += 16, y += 16) {
    const a = v128.load(x),
      b = v128.load(y);
    v128.store(x, f64x2.add(f64x2.mul(vc, a), f64x2.mul(vs, b)));
    v128.store(y, f64x2.sub(f64x2.mul(vc, b), f64x2.mul(vs, a)));
  }
  if (!n) return;
  const a = load<f64>(x),
    b = load<f64>(y);
  store<f64>(x, c * a + s * b);
  store<f64>(y, c * b - s * a);
}

// @ts-ignore: decorator
@inline
function at(values: usize, i: i32): f64 {
  return load<f64>(values + <usize>i * F64);
}

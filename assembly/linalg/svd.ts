// Singular values and vectors by one-sided Jacobi rotations behind two QR factorisations.
//
// Based on  Hestenes, "Inversion of matrices by biorthogonalization and related results" (1958); Drmač and Veselić, "New fast and
//           accurate Jacobi SVD algorithm" (2008): the transpose of a triangular factor has rows that are nearly orthogonal.
//
// X = L₁ Q₁ and L₁ᵀ = L₂ Q₂; rotations J make the rows of G = L₂ᵀ orthogonal, J G = S P. Then X = (J Q₂)ᵀ S (P Q₁). Vectors
// of singular values that are zero come from the QR factors of what is left of their rows, so that all are orthonormal.
//
// Order: row pairs (0, 1), (0, 2) … (1, 2) …, sweep by sweep; sums are those of vectors.ts and product.ts.

import { Into, multiplyPacked, packMatrix, packedValues } from "./product";
import { orthonormalizeRows, orthonormalizeScratch } from "./qr";
import { bringNearOne, dot, multiply, norm } from "./vectors";

const F64: usize = 8;

/** Sweeps over all pairs; six to ten are usual. */
const MOST_SWEEPS: i32 = 40;

/** Rows are orthogonal when the cosine of their angle is at most √k times this, and rows of so small a share of the largest are zero. */
const ROUNDING: f64 = 2.220446049250313e-16;

/** f64 values of scratch that `decompose` needs. */
export function decomposeScratch(k: i32, l: i32): i32 {
  return 4 * k * k + 2 * k + k * l + packedValues(k, l) + orthonormalizeScratch(k, l);
}

/**
 * The singular values of the k rows of l ≥ k finite values at `x`, descending. If `vectors` is not 0, `x` becomes the right singular
 * vectors (k, l), and there are the left ones (k, k), as rows: X = Σ σ_i left_iᵀ right_i. Returns whether they were found.
 */
export function decompose(x: usize, k: i32, l: i32, values: usize, vectors: usize, scratch: usize): bool {
  const square = <usize>(k * k) * F64;
  const lower = scratch,
    g = lower + square,
    second = g + square,
    rotations = second + square;
  const diagonal = rotations + square,
    squares = diagonal + <usize>k * F64,
    right = squares + <usize>k * F64,
    packed = right + <usize>(k * l) * F64,
    work = packed + <usize>packedValues(k, l) * F64;
  const factor = bringNearOne(x, k * l);
  orthonormalizeRows(x, k, l, diagonal, lower, work);
  transpose(lower, k, second);
  orthonormalizeRows(second, k, k, diagonal, lower, work);
  transpose(lower, k, g);

  memory.fill(rotations, 0, square);
  for (let i = 0; i < k; i++) store<f64>(rotations + <usize>(i * (k + 1)) * F64, 1);
  let sweep = 0;
  while (rotateAll(g, k, squares, vectors ? rotations : 0)) if (++sweep == MOST_SWEEPS) return false;
  for (let i = 0; i < k; i++) store<f64>(values + <usize>i * F64, norm(g + <usize>(i * k) * F64, k));
  sort(values, g, rotations, k);
  multiply(values, 1 / factor, k);
  if (!vectors) return true;

  // which also takes from the rotations what rounding has added up
  orthonormalizeRows(g, k, k, diagonal, 0, work);
  orthonormalizeRows(rotations, k, k, diagonal, 0, work);
  packMatrix(second, k, k, k, packed);
  multiplyPacked(vectors, k, rotations, k, packed, k, k, k, Into.Set);
  packMatrix(x, l, k, l, packed);
  multiplyPacked(right, l, g, k, packed, k, k, l, Into.Set);
  memory.copy(x, right, <usize>(k * l) * F64);
  return true;
}

function transpose(a: usize, n: i32, target: usize): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      store<f64>(target + <usize>(j * n + i) * F64, load<f64>(a + <usize>(i * n + j) * F64));
    }
  }
}

// one sweep; returns whether a pair was not yet orthogonal
function rotateAll(g: usize, k: i32, squares: usize, rotations: usize): bool {
  const row = <usize>k * F64;
  let most: f64 = 0;
  for (let i = 0; i < k; i++) {
    const square = dot(g + <usize>i * row, g + <usize>i * row, k);
    store<f64>(squares + <usize>i * F64, square);
    most = max(most, square);
  }
  const zero = ROUNDING * ROUNDING * most;
  const tolerance = ROUNDING * Math.sqrt(<f64>k);
  let rotated = false;
  for (let i = 0; i < k - 1; i++) {
    const x = g + <usize>i * row;
    for (let j = i + 1; j < k; j++) {
      const a = load<f64>(squares + <usize>i * F64),
        b = load<f64>(squares + <usize>j * F64);
      if (a <= zero || b <= zero) continue;
      const y = g + <usize>j * row;
      const product = dot(x, y, k);
      if (Math.abs(product) <= tolerance * Math.sqrt(a) * Math.sqrt(b)) continue;
      rotated = true;
      const zeta = (b - a) / (2 * product);
      const size = 1 / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      const t = zeta < 0 ? -size : size;
      const c = 1 / Math.sqrt(1 + t * t);
      rotate(x, y, c, c * t, k);
      if (rotations) rotate(rotations + <usize>i * row, rotations + <usize>j * row, c, c * t, k);
      // what little is left of a row has lost its digits in the difference
      const first = a - t * product,
        other = b + t * product;
      store<f64>(squares + <usize>i * F64, first > 1e-3 * a ? first : dot(x, x, k));
      store<f64>(squares + <usize>j * F64, other > 1e-3 * b ? other : dot(y, y, k));
    }
  }
  return rotated;
}

// x, y ← c x - s y, s x + c y
function rotate(x: usize, y: usize, c: f64, s: f64, n: i32): void {
  const vc = f64x2.splat(c),
    vs = f64x2.splat(s);
  for (; n >= 2; n -= 2, x += 16, y += 16) {
    const a = v128.load(x),
      b = v128.load(y);
    v128.store(x, f64x2.sub(f64x2.mul(vc, a), f64x2.mul(vs, b)));
    v128.store(y, f64x2.add(f64x2.mul(vs, a), f64x2.mul(vc, b)));
  }
  if (!n) return;
  const a = load<f64>(x),
    b = load<f64>(y);
  store<f64>(x, c * a - s * b);
  store<f64>(y, s * a + c * b);
}

// descending values, their rows with them
function sort(values: usize, g: usize, rotations: usize, k: i32): void {
  for (let i = 0; i < k - 1; i++) {
    let best = i;
    for (let j = i + 1; j < k; j++) {
      if (load<f64>(values + <usize>j * F64) > load<f64>(values + <usize>best * F64)) best = j;
    }
    if (best == i) continue;
    exchange(values + <usize>i * F64, values + <usize>best * F64, 1);
    exchange(g + <usize>(i * k) * F64, g + <usize>(best * k) * F64, k);
    exchange(rotations + <usize>(i * k) * F64, rotations + <usize>(best * k) * F64, k);
  }
}

function exchange(x: usize, y: usize, n: i32): void {
  for (; n > 0; n--, x += F64, y += F64) {
    const kept = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, kept);
  }
}

// Singular values and vectors: an orthogonal basis of the rows first, then two diagonals, then one.
//
// Based on  Chan, "An improved algorithm for computing the singular value decomposition" (1982): the reduction to two diagonals
//           takes the triangular factor only; bidiagonal.ts for the rest.
//
// X = L Q and L = U S Vᵀ, so that X = U S (Vᵀ Q). U and V are products of reflections and rotations, orthonormal whatever X is.
// Order of sums: those of qr.ts, bidiagonal.ts and product.ts.

import { bidiagonalize, diagonalize } from "./bidiagonal";
import { Into, multiplyPacked, packMatrix, packedValues } from "./product";
import {
  Qr,
  formRows,
  joinReflections,
  layOutQr,
  orthonormalizeRows,
  orthonormalizeScratch,
  qrHead,
  qrValues,
} from "./qr";
import { bringNearOne, multiply } from "./vectors";

const F64: usize = 8;

/** f64 values of scratch that `decompose` needs. */
export function decomposeScratch(k: i32, l: i32): i32 {
  const reductions = 2 * (qrHead() + qrValues(k, k));
  return 2 * k * k + 6 * k + k * l + packedValues(k, l) + max(orthonormalizeScratch(k, l), reductions);
}

/**
 * The singular values of the k rows of l ≥ k finite values at `x`, descending. If `vectors` is not 0, `x` becomes the right singular
 * vectors (k, l), and there are the left ones (k, k), as rows: X = Σ σ_i left_iᵀ right_i. Returns whether they were found.
 */
export function decompose(x: usize, k: i32, l: i32, values: usize, vectors: usize, scratch: usize): bool {
  const square = <usize>(k * k) * F64,
    row = <usize>k * F64;
  const lower = scratch,
    right = lower + square,
    below = right + square,
    taus = below + row,
    few = taus + 2 * row,
    copy = few + 3 * row,
    packed = copy + <usize>(k * l) * F64,
    work = packed + <usize>packedValues(k, l) * F64;
  const factor = bringNearOne(x, k * l);
  orthonormalizeRows(x, k, l, few, lower, work);

  const second = work + <usize>(qrHead() + qrValues(k, k)) * F64;
  const fromLeft = layOut(work, k),
    fromRight = layOut(second, k);
  bidiagonalize(lower, k, values, below, fromLeft, fromRight, taus, few);
  if (vectors) {
    joinReflections(fromLeft, taus);
    formRows(fromLeft, vectors);
    joinReflections(fromRight, taus + row);
    formRows(fromRight, right);
  }
  if (!diagonalize(values, below, k, vectors, vectors ? right : 0)) return false;
  sort(values, vectors, right, k);
  multiply(values, 1 / factor, k);
  if (!vectors) return true;

  packMatrix(x, l, k, l, packed);
  multiplyPacked(copy, l, right, k, packed, k, k, l, Into.Set);
  memory.copy(x, copy, <usize>(k * l) * F64);
  return true;
}

function layOut(base: usize, k: i32): Qr {
  const qr = changetype<Qr>(base);
  layOutQr(qr, k, k, base + <usize>qrHead() * F64);
  return qr;
}

// descending values, their vectors with them
function sort(values: usize, left: usize, right: usize, k: i32): void {
  for (let i = 0; i < k - 1; i++) {
    let best = i;
    for (let j = i + 1; j < k; j++) {
      if (load<f64>(values + <usize>j * F64) > load<f64>(values + <usize>best * F64)) best = j;
    }
    if (best == i) continue;
    exchange(values + <usize>i * F64, values + <usize>best * F64, 1);
    if (!left) continue;
    exchange(left + <usize>(i * k) * F64, left + <usize>(best * k) * F64, k);
    exchange(right + <usize>(i * k) * F64, right + <usize>(best * k) * F64, k);
  }
}

function exchange(x: usize, y: usize, n: i32): void {
  for (; n > 0; n--, x += F64, y += F64) {
    const kept = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, kept);
  }
}

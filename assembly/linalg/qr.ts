// QR factors of vectors that lie as rows: A = L Q, with orthonormal rows Q and a lower triangle L, the transpose of R.
//
// Based on  Schreiber and Van Loan, "A storage-efficient WY representation for products of Householder transformations"
//           (1989): blocks of reflections as I - Vᵀ T V; Elmroth and Gustavson, "Applying recursion to serial and parallel
//           QR factorization leads to better performance" (2000): a block's V and T from those of its halves.
//
// Reflection j is I - τ v vᵀ with v_j = 1 and zeros before; it leaves nothing of row j behind its diagonal. A row without
// anything there is left alone (τ = 0), so that rows which depend on others give zeros in L, to rounding, and Q is
// orthonormal whatever A is.
//
// Order of sums: those of vectors.ts and product.ts, blocks of 32 rows, halves down to 8.

import { Into, multiplyPacked, packMatrix, packTransposed, packedValues } from "./product";
import { reflection } from "./reflection";
import { addScaled, dot } from "./vectors";

const F64: usize = 8;

/** Reflections that are applied at once. */
const BLOCK: i32 = 32;

/** Rows that are made triangular one by one. */
const LEAF: i32 = 8;

/** A factorisation of k rows of n values, k ≤ n. */
@unmanaged
export class Qr {
  k: i32;
  n: i32;
  /** The vectors of the reflections (k, n). */
  v: usize;
  /** T of each block (k, BLOCK), and room for as much. */
  t: usize;
  // V of a block as a product's operand in both directions, a T, and A Vᵀ before and behind T
  packed: usize;
  packedTransposed: usize;
  packedT: usize;
  w: usize;
  wt: usize;
}

/** f64 values of the workspace of k rows of n values. */
export function qrValues(k: i32, n: i32): i32 {
  const operands = packedValues(n, BLOCK) + packedValues(BLOCK, n) + BLOCK * BLOCK;
  return k * n + 3 * k * BLOCK + operands;
}

/** Lay a workspace out from `base` on. */
export function layOutQr(qr: Qr, k: i32, n: i32, base: usize): void {
  qr.k = k;
  qr.n = n;
  qr.v = base;
  qr.t = qr.v + <usize>(k * n) * F64;
  qr.w = qr.t + <usize>(k * BLOCK) * F64;
  qr.wt = qr.w + <usize>(k * BLOCK) * F64;
  qr.packedT = qr.wt + <usize>(k * BLOCK) * F64;
  qr.packedTransposed = qr.packedT + <usize>(BLOCK * BLOCK) * F64;
  qr.packed = qr.packedTransposed + <usize>packedValues(n, BLOCK) * F64;
}

/** Leave L of the rows at `a` in their lower triangle, of any sign on its diagonal, and its reflections in the workspace. */
export function factorRows(qr: Qr, a: usize): void {
  const k = qr.k,
    n = qr.n;
  memory.fill(qr.v, 0, <usize>(k * n) * F64);
  memory.fill(qr.t, 0, <usize>(k * BLOCK) * F64);
  for (let first = 0; first < k; first += BLOCK) {
    const count = min(BLOCK, k - first);
    const t = qr.t + <usize>(first * BLOCK) * F64;
    factorBlock(qr, a, first, count, t, qr.packedTransposed);
    const behind = first + count;
    if (behind == k) break;
    packTransposed(vector(qr, first, first), n, n - first, count, qr.packedTransposed);
    reflectRows(qr, a + at(qr, behind, first), k - behind, first, count, t, qr.packedTransposed);
  }
}

// Rows `first` … `first` + `count` - 1, and their T, of which `t` is the first element. The halves' operands lie one behind the
// other from `packed` on.
function factorBlock(qr: Qr, a: usize, first: i32, count: i32, t: usize, packed: usize): void {
  if (count <= LEAF) {
    factorLeaf(qr, a, first, count, t);
    return;
  }
  const n = qr.n;
  const upper = ((count >> 1) + LEAF - 1) & -LEAF;
  const lower = count - upper;
  const behind = first + upper;
  const free = packed + <usize>packedValues(n - first, upper) * F64;
  factorBlock(qr, a, first, upper, t, free);
  packTransposed(vector(qr, first, first), n, n - first, upper, packed);
  reflectRows(qr, a + at(qr, behind, first), lower, first, upper, t, packed);
  factorBlock(qr, a, behind, lower, t + <usize>(upper * (BLOCK + 1)) * F64, free);
  multiplyPacked(qr.w, upper, vector(qr, behind, first), n, packed, lower, n - first, upper, Into.Set);
  joinHalves(t, upper, lower, qr.w);
}

// The block of T right above its diagonal, -T₁ (V₁ V₂ᵀ) T₂, from the transpose of the product in brackets.
function joinHalves(t: usize, upper: i32, lower: i32, product: usize): void {
  const row = <usize>BLOCK * F64;
  const target = t + <usize>upper * F64;
  const second = target + <usize>upper * row;
  for (let i = 0; i < upper; i++) {
    for (let j = 0; j < lower; j++) {
      let sum: f64 = 0;
      for (let l = 0; l <= j; l++) {
        sum +=
          load<f64>(product + <usize>(l * upper + i) * F64) *
          load<f64>(second + <usize>(l * BLOCK + j) * F64);
      }
      store<f64>(target + <usize>i * row + <usize>j * F64, sum);
    }
  }
  for (let i = 0; i < upper; i++) {
    for (let j = 0; j < lower; j++) {
      let sum: f64 = 0;
      for (let l = i; l < upper; l++) {
        sum += load<f64>(t + <usize>(i * BLOCK + l) * F64) * load<f64>(target + <usize>(l * BLOCK + j) * F64);
      }
      store<f64>(target + <usize>i * row + <usize>j * F64, -sum);
    }
  }
}

function factorLeaf(qr: Qr, a: usize, first: i32, count: i32, t: usize): void {
  const n = qr.n;
  for (let j = 0; j < count; j++) {
    const i = first + j;
    const v = vector(qr, i, i);
    const tau = reflection(a + at(qr, i, i), v, n - i);
    for (let r = i + 1; r < first + count; r++) {
      const row = a + at(qr, r, i);
      if (tau != 0) addScaled(row, -tau * dot(row, v, n - i), v, n - i);
    }
    extendT(qr, first, j, t, tau);
  }
}

// Column j of a T that has j columns: τ, and -τ T (V v) above it, of which row l wants what lies at it and below.
function extendT(qr: Qr, first: i32, j: i32, t: usize, tau: f64): void {
  const i = first + j;
  const v = vector(qr, i, i);
  const column = t + <usize>j * F64;
  for (let l = 0; l < j; l++) {
    store<f64>(column + <usize>(l * BLOCK) * F64, dot(vector(qr, first + l, i), v, qr.n - i));
  }
  for (let l = 0; l < j; l++) {
    let sum: f64 = 0;
    for (let p = l; p < j; p++) {
      sum += load<f64>(t + <usize>(l * BLOCK + p) * F64) * load<f64>(column + <usize>(p * BLOCK) * F64);
    }
    store<f64>(column + <usize>(l * BLOCK) * F64, -tau * sum);
  }
  store<f64>(column + <usize>(j * BLOCK) * F64, tau);
}

/** Of reflections whose vectors are in the workspace, and whose τ are given: what `formRows` wants besides. */
export function joinReflections(qr: Qr, taus: usize): void {
  memory.fill(qr.t, 0, <usize>(qr.k * BLOCK) * F64);
  for (let i = 0; i < qr.k; i++) {
    const j = i % BLOCK;
    const first = i - j;
    extendT(qr, first, j, qr.t + <usize>(first * BLOCK) * F64, load<f64>(taus + <usize>i * F64));
  }
}

// m rows at `c`, of columns `first` and on, times the `count` reflections from `first` on, whose Vᵀ is packed
function reflectRows(qr: Qr, c: usize, m: i32, first: i32, count: i32, t: usize, packed: usize): void {
  const n = qr.n;
  multiplyPacked(qr.w, count, c, n, packed, m, n - first, count, Into.Set);
  packMatrix(t, BLOCK, count, count, qr.packedT);
  multiplyPacked(qr.wt, count, qr.w, count, qr.packedT, m, count, count, Into.Set);
  packMatrix(vector(qr, first, first), n, count, n - first, qr.packed);
  multiplyPacked(c, n, qr.wt, count, qr.packed, m, count, n - first, Into.Subtract);
}

/** Q of the factored rows at `a`, in their place. */
export function formRows(qr: Qr, a: usize): void {
  const k = qr.k,
    n = qr.n;
  memory.fill(a, 0, <usize>(k * n) * F64);
  for (let first = (k - 1) & -BLOCK; first >= 0; first -= BLOCK) {
    const count = min(BLOCK, k - first);
    const behind = first + count;
    const v = vector(qr, first, first);
    // rows of the block are those of the unit matrix so far, and those behind it have nothing in its columns
    for (let i = 0; i < count; i++) {
      for (let l = 0; l < count; l++) {
        store<f64>(qr.w + <usize>(i * count + l) * F64, load<f64>(v + <usize>(l * n + i) * F64));
      }
    }
    if (behind < k) {
      packTransposed(v + <usize>count * F64, n, n - behind, count, qr.packedTransposed);
      const w = qr.w + <usize>(count * count) * F64;
      multiplyPacked(
        w,
        count,
        a + at(qr, behind, behind),
        n,
        qr.packedTransposed,
        k - behind,
        n - behind,
        count,
        Into.Set,
      );
    }
    packTransposed(qr.t + <usize>(first * BLOCK) * F64, BLOCK, count, count, qr.packedT);
    multiplyPacked(qr.wt, count, qr.w, count, qr.packedT, k - first, count, count, Into.Set);
    packMatrix(v, n, count, n - first, qr.packed);
    multiplyPacked(
      a + at(qr, first, first),
      n,
      qr.wt,
      count,
      qr.packed,
      k - first,
      count,
      n - first,
      Into.Subtract,
    );
    for (let i = first; i < behind; i++) {
      const diagonal = a + at(qr, i, i);
      store<f64>(diagonal, 1 + load<f64>(diagonal));
    }
  }
}

/** The vector of reflection j, from its 1 on. */
export function vectorOf(qr: Qr, j: i32): usize {
  return vector(qr, j, j);
}

/** τ of reflection j. */
export function tauOf(qr: Qr, j: i32): f64 {
  return load<f64>(qr.t + <usize>(j * BLOCK + (j % BLOCK)) * F64);
}

/** f64 values of the struct. */
export function qrHead(): i32 {
  return <i32>((offsetof<Qr>() + F64 - 1) / F64);
}

/** f64 values of scratch that `orthonormalizeRows` needs. */
export function orthonormalizeScratch(k: i32, n: i32): i32 {
  return qrHead() + qrValues(k, n);
}

/**
 * The k rows of n values at `a`, k ≤ n, become orthonormal: A = L Q, with the diagonal of L, which is not negative, at
 * `diagonal`, and all of L (k, k) at `lower` unless that is 0. Rows may depend on each other.
 */
export function orthonormalizeRows(
  a: usize,
  k: i32,
  n: i32,
  diagonal: usize,
  lower: usize,
  scratch: usize,
): void {
  const qr = changetype<Qr>(scratch);
  layOutQr(qr, k, n, scratch + <usize>qrHead() * F64);
  factorRows(qr, a);
  for (let i = 0; i < k; i++) store<f64>(diagonal + <usize>i * F64, load<f64>(a + at(qr, i, i)));
  if (lower) copyLower(qr, a, lower);
  formRows(qr, a);
  for (let j = 0; j < k; j++) {
    const value = load<f64>(diagonal + <usize>j * F64);
    if (value >= 0) continue;
    store<f64>(diagonal + <usize>j * F64, -value);
    negate(a + at(qr, j, 0), F64, n);
    if (lower) negate(lower + <usize>(j * (k + 1)) * F64, <usize>k * F64, k - j);
  }
}

function copyLower(qr: Qr, a: usize, lower: usize): void {
  const row = <usize>qr.k * F64;
  memory.fill(lower, 0, <usize>qr.k * row);
  for (let i = 0; i < qr.k; i++) memory.copy(lower + <usize>i * row, a + at(qr, i, 0), <usize>(i + 1) * F64);
}

function negate(x: usize, step: usize, n: i32): void {
  for (; n > 0; n--, x += step) store<f64>(x, -load<f64>(x));
}

// bytes from the first value of the rows to one of theirs
// @ts-ignore: decorator
@inline
function at(qr: Qr, row: i32, column: i32): usize {
  return <usize>(row * qr.n + column) * F64;
}

// @ts-ignore: decorator
@inline
function vector(qr: Qr, row: i32, column: i32): usize {
  return qr.v + at(qr, row, column);
}

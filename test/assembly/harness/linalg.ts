// The linear algebra of assembly/linalg over arrays; what it changes in place is returned.

import * as eig from "../../../assembly/linalg/eig";
import * as equations from "../../../assembly/linalg/least-squares";
import * as product from "../../../assembly/linalg/product";
import * as qr from "../../../assembly/linalg/qr";
import * as svd from "../../../assembly/linalg/svd";
import * as symmetric from "../../../assembly/linalg/symmetric-eig";

/** C of `ldc` columns in which the product of A (m, lda) and B (k, n) or, with `turned`, its transpose has been put. */
export function multiply(
  c: Float64Array,
  ldc: i32,
  a: Float64Array,
  lda: i32,
  b: Float64Array,
  turned: bool,
  m: i32,
  k: i32,
  n: i32,
  into: i32,
): Float64Array {
  const packed = new Float64Array(product.packedValues(k, n));
  packed.fill(NaN);
  if (turned) product.packTransposed(b.dataStart, k, k, n, packed.dataStart);
  else product.packMatrix(b.dataStart, n, k, n, packed.dataStart);
  product.multiplyPacked(c.dataStart, ldc, a.dataStart, lda, packed.dataStart, m, k, n, into);
  return c;
}

/** Q (k, n), the diagonal of L (k), and L (k, k), one behind the other. */
export function orthonormalizeRows(a: Float64Array, k: i32, n: i32): Float64Array {
  const diagonal = new Float64Array(k);
  const lower = new Float64Array(k * k);
  const scratch = new Float64Array(qr.orthonormalizeScratch(k, n));
  scratch.fill(NaN);
  qr.orthonormalizeRows(a.dataStart, k, n, diagonal.dataStart, lower.dataStart, scratch.dataStart);
  const all = new Float64Array(k * n + k + k * k);
  all.set(a, 0);
  all.set(diagonal, k * n);
  all.set(lower, k * n + k);
  return all;
}

/** The eigenvalues of a symmetric matrix, ascending; empty if they were not found. */
export function symmetricEigenvalues(matrix: Float64Array, n: i32): Float64Array {
  const values = new Float64Array(n);
  const scratch = new Float64Array(symmetric.symmetricScratch(n));
  const found = symmetric.symmetricEigenvalues(matrix.dataStart, n, values.dataStart, scratch.dataStart);
  return found ? values : new Float64Array(0);
}

/** Real parts, then imaginary parts; empty if they were not found. */
export function eigenvalues(matrix: Float64Array, n: i32): Float64Array {
  const values = new Float64Array(2 * n);
  const scratch = new Float64Array(eig.eigenvaluesScratch(n));
  scratch.fill(NaN);
  const im = values.dataStart + ((<usize>n) << 3);
  const found = eig.eigenvalues(matrix.dataStart, n, values.dataStart, im, scratch.dataStart);
  return found ? values : new Float64Array(0);
}

/** Singular values (k), left vectors (k, k), right vectors (k, l), one behind the other; only values without `vectors`. */
export function decompose(rows: Float64Array, k: i32, l: i32, vectors: bool): Float64Array {
  const values = new Float64Array(k);
  const left = new Float64Array(k * k);
  const scratch = new Float64Array(svd.decomposeScratch(k, l));
  scratch.fill(NaN);
  const at = vectors ? left.dataStart : 0;
  if (!svd.decompose(rows.dataStart, k, l, values.dataStart, at, scratch.dataStart))
    return new Float64Array(0);
  if (!vectors) return values;
  const all = new Float64Array(k + k * k + k * l);
  all.set(values, 0);
  all.set(left, k);
  all.set(rows, k + k * k);
  return all;
}

/** x (n) and the length of A x - b; empty if the columns of A depend on each other. */
export function solveLeastSquares(a: Float64Array, m: i32, n: i32, b: Float64Array): Float64Array {
  const scratch = new Float64Array(equations.leastSquaresScratch(m, n));
  scratch.fill(NaN);
  if (!equations.solveLeastSquares(a.dataStart, m, n, b.dataStart, scratch.dataStart))
    return new Float64Array(0);
  const result = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) result[i] = b[i];
  result[n] = equations.residual(b.dataStart, m, n);
  return result;
}

export function logDeterminant(a: Float64Array, n: i32): f64 {
  const scratch = new Float64Array(equations.leastSquaresScratch(n, n));
  scratch.fill(NaN);
  return equations.logDeterminant(a.dataStart, n, scratch.dataStart);
}

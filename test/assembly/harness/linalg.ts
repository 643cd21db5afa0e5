// The linear algebra of assembly/linalg over arrays; what it changes in place is returned.

import * as product from "../../../assembly/linalg/product";
import * as qr from "../../../assembly/linalg/qr";
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

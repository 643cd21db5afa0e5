// The linear algebra of assembly/linalg over arrays.

import * as symmetric from "../../../assembly/linalg/symmetric-eig";

/** The eigenvalues of a symmetric matrix, ascending; empty if they were not found. */
export function symmetricEigenvalues(matrix: Float64Array, n: i32): Float64Array {
  const values = new Float64Array(n);
  const scratch = new Float64Array(symmetric.symmetricScratch(n));
  const found = symmetric.symmetricEigenvalues(matrix.dataStart, n, values.dataStart, scratch.dataStart);
  return found ? values : new Float64Array(0);
}

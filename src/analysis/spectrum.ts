// Spectra of matrices: eigenvalues, singular values and vectors, the logarithm of the determinant.
//
// Based on   Golub and Van Loan, "Matrix Computations", 4th edition, chapters 5, 7 and 8; assembly/linalg names the source of each
//            part.
//
// Matrices are Float64Arrays, row by row. All of it is deterministic: the same bits on every engine.

import { Core } from "../core/core.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import * as linear from "../core/linear-algebra.ts";

/** Eigenvalues of a real matrix. */
export interface Eigenvalues {
  /** Real parts (n), descending. */
  re: Float64Array;
  /**
   * Imaginary parts (n). Of the same real part, the larger size comes first; conjugates are neighbours, the positive one first.
   */
  im: Float64Array;
}

/** Singular values and vectors: A = Σ values_i left_iᵀ right_i, over r = min(m, n) of them. */
export interface SingularDecomposition {
  /** Singular values (r), descending. */
  values: Float64Array;
  /** Left singular vectors (r, m), one row each; orthonormal also where values are 0. */
  left: Float64Array;
  /** Right singular vectors (r, n), likewise. */
  right: Float64Array;
}

/**
 * Find the eigenvalues of a real matrix that need not be symmetric. Errors are about 1e-16 |A| for well-conditioned eigenvalues;
 * one of a Jordan block of size k is right to about (1e-16 |A|)^(1/k).
 *
 * @param matrix  (n, n), row by row.
 * @param n       Rows and columns, at least 1.
 * @throws ShapeError    if n is no whole number above 0, or the length is not n².
 * @throws NumericError  if an entry is NaN or infinite, or if the iteration does not converge.
 * @throws StateError    if the memory cannot hold it.
 */
export async function eigenvalues(matrix: Float64Array, n: number): Promise<Eigenvalues> {
  return compute("eigenvalues", matrix, n, n, (core) => linear.eigenvalues(core, matrix, n));
}

/**
 * Find the eigenvalues (n) of a symmetric matrix, ascending, to about 1e-15 of the largest.
 *
 * @param matrix  (n, n), row by row, both triangles.
 * @param n       Rows and columns, at least 1.
 * @throws ShapeError    if n is no whole number above 0, the length is not n², or the matrix is not symmetric to the last bit.
 * @throws NumericError  if an entry is NaN or infinite, or if the iteration does not converge.
 * @throws StateError    if the memory cannot hold it.
 */
export async function symmetricEigenvalues(matrix: Float64Array, n: number): Promise<Float64Array> {
  return compute("symmetricEigenvalues", matrix, n, n, (core) => {
    for (let i = 0; i < n * n; i++) {
      const row = Math.floor(i / n);
      const column = i % n;
      if (matrix[i] === matrix[column * n + row]) continue;
      throw new ShapeError(
        `symmetricEigenvalues: \`matrix\` has ${matrix[i]} at (${row}, ${column}) and ${matrix[column * n + row]} across the diagonal, expected the same.`,
      );
    }
    return linear.symmetricEigenvalues(core, matrix, n);
  });
}

/**
 * Find the singular values (min(m, n)) of a matrix, descending.
 *
 * @param matrix  (m, n), row by row.
 * @param m       Rows, at least 1.
 * @param n       Columns, at least 1.
 * @throws ShapeError    if m or n is no whole number above 0, or the length is not m n.
 * @throws NumericError  if an entry is NaN or infinite, or if the iteration does not converge.
 * @throws StateError    if the memory cannot hold it.
 */
export async function singularValues(matrix: Float64Array, m: number, n: number): Promise<Float64Array> {
  return compute("singularValues", matrix, m, n, (core) => linear.singularValues(core, matrix, m, n));
}

/**
 * Find the singular values and vectors of a matrix. Parameters and errors are those of `singularValues`.
 */
export async function singularDecomposition(
  matrix: Float64Array,
  m: number,
  n: number,
): Promise<SingularDecomposition> {
  return compute("singularDecomposition", matrix, m, n, (core) =>
    linear.decomposeSingular(core, matrix, m, n),
  );
}

/**
 * Find ln |det A| of a matrix; -∞ if it is singular.
 *
 * @param matrix  (n, n), row by row.
 * @param n       Rows and columns, at least 1.
 * @throws ShapeError    if n is no whole number above 0, or the length is not n².
 * @throws NumericError  if an entry is NaN or infinite.
 * @throws StateError    if the memory cannot hold it.
 */
export async function logDeterminant(matrix: Float64Array, n: number): Promise<number> {
  return compute("logDeterminant", matrix, n, n, (core) => linear.logDeterminant(core, matrix, n));
}

async function compute<Result>(
  name: string,
  matrix: Float64Array,
  m: number,
  n: number,
  find: (core: Core) => Result | undefined,
): Promise<Result> {
  for (const size of [m, n]) {
    if (!(Number.isInteger(size) && size > 0))
      throw new ShapeError(`${name}: a size of \`matrix\` is ${size}, expected a whole number above 0.`);
  }
  if (matrix.length !== m * n)
    throw new ShapeError(`${name}: \`matrix\` has ${matrix.length} values, expected ${m} × ${n}.`);
  const odd = matrix.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    throw new NumericError(`${name}: \`matrix\` has ${matrix[odd]} at ${odd}, expected finite values.`);
  const core = await Core.load();
  try {
    const found = find(core);
    if (found !== undefined) return found;
  } finally {
    core.release();
  }
  throw new NumericError(`${name}: the iteration did not converge for this matrix of ${m} × ${n}.`);
}

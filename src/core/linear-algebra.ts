// Linear algebra in f64 over matrices of the host's memory, which stay as they are.

import type { Core } from "./core.ts";

/** Rows made orthonormal: A = L Q. */
export interface OrthonormalRows {
  /** Q (k, n). */
  rows: Float64Array;
  /** L (k, k), the transpose of R: zero above its diagonal, which is not negative. */
  lower: Float64Array;
}

/** The factors A = L Q of k rows of n values, k ≤ n. */
export function orthonormalizeRows(core: Core, matrix: Float64Array, k: number, n: number): OrthonormalRows {
  const { exports } = core;
  return core.temporarily(() => {
    const purpose = `orthonormal rows of ${k} × ${n}`;
    const rows = core.allocate(8 * k * n, purpose);
    const diagonal = core.allocate(8 * k, purpose);
    const lower = core.allocate(8 * k * k, purpose);
    const scratch = core.allocate(8 * exports.orthonormalizeScratch(k, n), purpose);
    core.f64(rows, k * n).set(matrix);
    exports.orthonormalizeRows(rows, k, n, diagonal, lower, scratch);
    return { rows: core.f64(rows, k * n).slice(), lower: core.f64(lower, k * k).slice() };
  });
}

/** Complex values. */
export interface ComplexValues {
  /** Real parts. */
  re: Float64Array;
  /** Imaginary parts. */
  im: Float64Array;
}

/** The eigenvalues of a matrix (n, n), as assembly/linalg/eig.ts orders them; undefined if they were not found. */
export function eigenvalues(core: Core, matrix: Float64Array, n: number): ComplexValues | undefined {
  const { exports } = core;
  return core.temporarily(() => {
    const purpose = `eigenvalues of a matrix of ${n} rows`;
    const copy = core.allocate(8 * n * n, purpose);
    const re = core.allocate(8 * n, purpose);
    const im = core.allocate(8 * n, purpose);
    const scratch = core.allocate(8 * exports.eigenvaluesScratch(n), purpose);
    core.f64(copy, n * n).set(matrix);
    if (!exports.eigenvalues(copy, n, re, im, scratch)) return undefined;
    return { re: core.f64(re, n).slice(), im: core.f64(im, n).slice() };
  });
}

/** The eigenvalues of a symmetric matrix (n, n), ascending; undefined if an entry is not finite. */
export function symmetricEigenvalues(core: Core, matrix: Float64Array, n: number): Float64Array | undefined {
  const { exports } = core;
  return core.temporarily(() => {
    const purpose = `eigenvalues of a matrix of ${n} rows`;
    const copy = core.allocate(8 * n * n, purpose);
    const values = core.allocate(8 * n, purpose);
    const scratch = core.allocate(8 * exports.symmetricScratch(n), purpose);
    core.f64(copy, n * n).set(matrix);
    const found = exports.symmetricEigenvalues(copy, n, values, scratch);
    return found ? core.f64(values, n).slice() : undefined;
  });
}

/** Singular values, and vectors as rows: A = Σ values_i left_iᵀ right_i. */
export interface SingularVectors {
  /** (r), r = min(m, n), descending. */
  values: Float64Array;
  /** (r, m) */
  left: Float64Array;
  /** (r, n) */
  right: Float64Array;
}

/** Of a finite matrix (m, n); undefined if the iteration does not converge. */
export function decomposeSingular(
  core: Core,
  matrix: Float64Array,
  m: number,
  n: number,
): SingularVectors | undefined {
  return decompose(core, matrix, m, n, true);
}

/** Singular values alone, descending; undefined if the iteration does not converge. */
export function singularValues(
  core: Core,
  matrix: Float64Array,
  m: number,
  n: number,
): Float64Array | undefined {
  return decompose(core, matrix, m, n, false)?.values;
}

// the core takes as many rows as they are long, or fewer: of a tall matrix, its columns
function decompose(
  core: Core,
  matrix: Float64Array,
  m: number,
  n: number,
  vectors: boolean,
): SingularVectors | undefined {
  const { exports } = core;
  const [k, l] = m <= n ? [m, n] : [n, m];
  return core.temporarily(() => {
    const purpose = `singular values of ${m} × ${n}`;
    const rows = core.allocate(8 * m * n, purpose);
    const values = core.allocate(8 * k, purpose);
    const square = vectors ? core.allocate(8 * k * k, purpose) : 0;
    const scratch = core.allocate(8 * exports.decomposeScratch(k, l), purpose);
    const copy = core.f64(rows, m * n);
    if (m <= n) copy.set(matrix);
    else for (let i = 0; i < m * n; i++) copy[(i % n) * m + Math.floor(i / n)] = matrix[i]!;
    if (!exports.decompose(rows, k, l, values, square, scratch)) return undefined;
    const long = core.f64(rows, vectors ? m * n : 0).slice();
    const short = core.f64(square, vectors ? k * k : 0).slice();
    const [left, right] = m <= n ? [short, long] : [long, short];
    return { values: core.f64(values, k).slice(), left, right };
  });
}

/** The x (n) that makes |A x - b| smallest, and that length. */
export interface LeastSquares {
  x: Float64Array;
  residual: number;
}

/** For A (m, n), m ≥ n, and b (m), both finite; undefined if the columns of A depend on each other. */
export function solveLeastSquares(
  core: Core,
  matrix: Float64Array,
  m: number,
  n: number,
  right: Float64Array,
): LeastSquares | undefined {
  const { exports } = core;
  return core.temporarily(() => {
    const purpose = `least squares of ${m} equations for ${n} unknowns`;
    const copy = core.allocate(8 * m * n, purpose);
    const b = core.allocate(8 * m, purpose);
    const scratch = core.allocate(8 * exports.leastSquaresScratch(m, n), purpose);
    core.f64(copy, m * n).set(matrix);
    core.f64(b, m).set(right);
    if (!exports.solveLeastSquares(copy, m, n, b, scratch)) return undefined;
    return { x: core.f64(b, n).slice(), residual: exports.residual(b, m, n) };
  });
}

/** ln |det A| of a finite matrix (n, n); -∞ if it is singular. */
export function logDeterminant(core: Core, matrix: Float64Array, n: number): number {
  const { exports } = core;
  return core.temporarily(() => {
    const purpose = `the determinant of a matrix of ${n} rows`;
    const copy = core.allocate(8 * n * n, purpose);
    const scratch = core.allocate(8 * exports.leastSquaresScratch(n, n), purpose);
    core.f64(copy, n * n).set(matrix);
    return exports.logDeterminant(copy, n, scratch);
  });
}

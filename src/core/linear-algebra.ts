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

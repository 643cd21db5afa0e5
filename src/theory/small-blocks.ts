// Matrices of two or three rows, row by row, as they stand in a block tridiagonal one.

/** `count` times a diagonal matrix. */
export function identity(n: number, diagonal: readonly number[], count: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let j = 0; j < n; j++) result[j * (n + 1)] = count * diagonal[j]!;
  return result;
}

/** target += factor · source. */
export function multiplyAdd(target: Float64Array, factor: number, source: Float64Array): void {
  for (let k = 0; k < target.length; k++) target[k]! += factor * source[k]!;
}

/** Solve for `width` right-hand sides, (n, width), in their place; the largest element of each column is its pivot. */
export function solveBlock(matrix: Float64Array, right: Float64Array, n: number, width: number): void {
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(matrix[row * n + column]!) > Math.abs(matrix[pivot * n + column]!)) pivot = row;
    }
    if (pivot !== column) {
      swapRows(matrix, n, pivot, column);
      swapRows(right, width, pivot, column);
    }
    for (let row = 0; row < n; row++) {
      if (row === column) continue;
      const factor = matrix[row * n + column]! / matrix[column * n + column]!;
      for (let k = column; k < n; k++) matrix[row * n + k]! -= factor * matrix[column * n + k]!;
      for (let k = 0; k < width; k++) right[row * width + k]! -= factor * right[column * width + k]!;
    }
  }
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < width; k++) right[row * width + k]! /= matrix[row * (n + 1)]!;
  }
}

function swapRows(matrix: Float64Array, width: number, a: number, b: number): void {
  for (let k = 0; k < width; k++) {
    const kept = matrix[a * width + k]!;
    matrix[a * width + k] = matrix[b * width + k]!;
    matrix[b * width + k] = kept;
  }
}

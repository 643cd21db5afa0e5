// Size and balance of a network's recurrent weights.

import { ShapeError } from "../core/errors.ts";

/** Statistics of W (H, H), whose diagonal is zero. */
export interface WeightStatistics {
  /** Mean over the off-diagonal weights; 0 for a single unit. */
  mean: number;
  /** Frobenius norm: the root of the sum of squares. */
  frobeniusNorm: number;
  /** Largest singular value, a bound on the modulus of every eigenvalue; by power iteration, to about 1e-6. */
  spectralNorm: number;
}

const MOST_ITERATIONS = 2000;
const TOLERANCE = 1e-9;
const GOLDEN_RATIO = 1.618033988749895;

/**
 * Statistics of the recurrent weights; `weight` (H, H) row by row, row = receiving unit.
 *
 * @throws ShapeError if `weight` has not H × H elements.
 */
export function weightStatistics(weight: Float32Array, units: number): WeightStatistics {
  if (weight.length !== units * units || units < 1) {
    throw new ShapeError(
      `weightStatistics: \`weight\` has ${weight.length} elements, expected ${units} × ${units}.`,
    );
  }
  let sum = 0;
  let squares = 0;
  for (const value of weight) {
    sum += value;
    squares += value * value;
  }
  return {
    mean: sum / Math.max(1, units * (units - 1)),
    frobeniusNorm: Math.sqrt(squares),
    spectralNorm: spectralNorm(weight, units),
  };
}

// the root of the largest eigenvalue of WᵀW, by repeated multiplication of a vector; it starts irregular, since one of
// equal entries is orthogonal to the singular vector sought if, say, the rows of W sum to zero
function spectralNorm(weight: Float32Array, units: number): number {
  const start = Float64Array.from({ length: units }, (_, i) => ((i + 1) * GOLDEN_RATIO) % 1);
  const startLength = lengthOf(start);
  let vector = start.map((value) => value / startLength);
  let norm = 0;
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    const next = multiplyTransposed(weight, multiply(weight, vector));
    const length = lengthOf(next);
    if (length === 0) return 0;
    const before = norm;
    norm = Math.sqrt(length);
    vector = next.map((value) => value / length);
    if (Math.abs(norm - before) <= TOLERANCE * norm) break;
  }
  return norm;
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

function multiply(weight: Float32Array, vector: Float64Array): Float64Array {
  const units = vector.length;
  return vector.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < units; j++) sum += weight[i * units + j]! * vector[j]!;
    return sum;
  });
}

function multiplyTransposed(weight: Float32Array, vector: Float64Array): Float64Array {
  const units = vector.length;
  const result = new Float64Array(units);
  for (let i = 0; i < units; i++) {
    for (let j = 0; j < units; j++) result[j]! += weight[i * units + j]! * vector[i]!;
  }
  return result;
}

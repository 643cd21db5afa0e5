// What is said of repeated measurements.

/** The middle value, or the upper one of two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** A number with so many decimals. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

// Series with known autocorrelations, and the sums that define autocorrelations.

import { type Draw, drawFrom } from "../assembly/values.ts";

/** A draw of the standard normal distribution, by the polar method. */
export function normal(draw: Draw): number {
  for (;;) {
    const [u, v] = [2 * draw() - 1, 2 * draw() - 1];
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** An AR(1) process of unit variance; its autocorrelation at lag k is e^(-k/tau). */
export function ar1(seed: number, tau: number, steps: number): Float64Array {
  const draw = drawFrom(seed);
  const coefficient = Math.exp(-1 / tau);
  const scale = Math.sqrt(1 - coefficient * coefficient);
  let value = normal(draw);
  return Float64Array.from({ length: steps }, () => {
    value = coefficient * value + scale * normal(draw);
    return value;
  });
}

/** The autocovariance as it is defined: mean subtracted first, lag k divided by n - k. */
export function autocovarianceOf(series: ArrayLike<number>, maxLag: number): number[] {
  const values = Array.from(series);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return Array.from({ length: maxLag + 1 }, (_, k) => {
    let sum = 0;
    for (let t = k; t < n; t++) sum += (values[t]! - mean) * (values[t - k]! - mean);
    return sum / (n - k);
  });
}

/** Series s of (steps, count) values. */
export function column(values: ArrayLike<number>, s: number, count: number): number[] {
  return Array.from({ length: values.length / count }, (_, t) => values[t * count + s]!);
}

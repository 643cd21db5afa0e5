// The autocovariance of one series as a whole, by way of its power spectrum.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code comp_ac_fft: zero-padded FFT, mean subtracted.
// Deviation  lag k is divided by its n - k products, not by n - 1 - k.

import { fft, fillTwiddles } from "../linalg/fft";

/** Complex values of the padded series: the smallest power of two from n + L, so that no lag up to L wraps around. */
export function paddedLength(n: i32, L: i32): i32 {
  let length = 1;
  while (length < n + L && length > 0) length <<= 1;
  return length;
}

/** Bytes of the workspace of `autocovariance`. */
export function autocovarianceBytes(n: i32, L: i32): f64 {
  return 24.0 * paddedLength(n, L);
}

/**
 * Lags 0 … L < n of the n f64 values at `series` into L + 1 f64 at `target`.
 *
 * The mean is that of the differences from the first value, added one by one, so that a constant gives zeros.
 */
export function autocovariance(series: usize, n: i32, L: i32, work: usize, target: usize): void {
  const length = paddedLength(n, L);
  const twiddles = work + ((<usize>length) << 4);
  const first = load<f64>(series);
  let sum: f64 = 0;
  for (let t = 0; t < n; t++) sum += load<f64>(series + ((<usize>t) << 3)) - first;
  const mean = sum / n;
  memory.fill(work, 0, (<usize>length) << 4);
  for (let t = 0; t < n; t++) {
    store<f64>(work + ((<usize>t) << 4), load<f64>(series + ((<usize>t) << 3)) - first - mean);
  }
  fillTwiddles(twiddles, length);
  fft(work, length, twiddles);
  for (let k = 0; k < length; k++) {
    const at = work + ((<usize>k) << 4);
    const re = load<f64>(at);
    const im = load<f64>(at, 8);
    store<f64>(at, re * re + im * im);
    store<f64>(at, 0, 8);
  }
  // the spectrum is real and even, so that forward and back are the same but for the factor
  fft(work, length, twiddles);
  for (let k = 0; k <= L; k++) {
    store<f64>(target + ((<usize>k) << 3), load<f64>(work + ((<usize>k) << 4)) / length / (n - k));
  }
}

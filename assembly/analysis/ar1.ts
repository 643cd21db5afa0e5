// A process of known timescale: AR(1), x_t = φ x_{t-1} + √(1 - φ²) z_t with φ = e^(-1/τ), of variance 1.
//
// Its autocorrelation at lag k is e^(-k/τ). Each value follows from the one before it, in f64.

/**
 * Turn the n steps of `series` standard normal values at `target`, (n, series) f64, into as many of the processes, which go
 * on from the values at `last`, (series), and leave theirs there.
 */
export function filterAr1(tau: f64, last: usize, target: usize, n: i32, series: i32): void {
  const keep = Math.exp(-1 / tau);
  const scale = Math.sqrt(1 - keep * keep);
  const row = (<usize>series) << 3;
  let before = last;
  for (let t = 0; t < n; t++) {
    for (let at: usize = 0; at < row; at += 8) {
      store<f64>(target + at, keep * load<f64>(before + at) + scale * load<f64>(target + at));
    }
    before = target;
    target += row;
  }
  memory.copy(last, before, row);
}

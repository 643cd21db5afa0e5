// Processes of known timescale, by the core: piece by piece, in memory that is allocated once.

import type { Core, Key } from "./core.ts";

/** AR(1) processes side by side, of variance 1 and autocorrelation e^(-k/τ). */
export class Ar1 {
  private readonly core: Core;
  private readonly tau: number;
  private readonly series: number;
  private readonly last: number;
  private readonly target: number;

  /**
   * @param most  Most steps of a piece.
   * @throws StateError if the memory cannot hold a piece.
   */
  constructor(core: Core, tau: number, series: number, most: number) {
    this.core = core;
    this.tau = tau;
    this.series = series;
    this.last = core.allocate(8 * series, "processes");
    this.target = core.allocate(8 * series * most, "a piece of processes");
  }

  /** Begin anew, with values drawn under `key`. */
  start(key: Key): void {
    this.core.exports.fillNormal(key, this.last, this.series);
  }

  /** The next steps, (steps, series), whose noise is drawn under `key`: a view that the next call overwrites. */
  run(key: Key, steps: number): Float64Array {
    const { exports } = this.core;
    const count = steps * this.series;
    exports.fillNormal(key, this.target, count);
    exports.filterAr1(this.tau, this.last, this.target, steps, this.series);
    return this.core.f64(this.target, count);
  }
}

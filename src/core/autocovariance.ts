// The autocovariance of one whole series, by the core.

import type { Core } from "./core.ts";

/**
 * Lags 0 … maxLag of `series`, which has more than maxLag values.
 *
 * @throws StateError if the memory cannot hold it, padded; the message names the bytes needed.
 */
export function autocovariance(core: Core, series: ArrayLike<number>, maxLag: number): Float64Array {
  const { exports } = core;
  return core.temporarily(() => {
    const n = series.length;
    const purpose = `the autocovariance of ${n} steps`;
    const values = core.allocate(8 * n, purpose);
    const work = core.allocate(exports.autocovarianceBytes(n, maxLag), purpose);
    const target = core.allocate(8 * (maxLag + 1), purpose);
    core.f64(values, n).set(series);
    exports.autocovariance(values, n, maxLag, work, target);
    return core.f64(target, maxLag + 1).slice();
  });
}

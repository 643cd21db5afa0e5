// One site of a large random network in the field of all others, by the core.

import type { Core, Key } from "./core.ts";
import type { GatingParameters } from "./gating-parameters.ts";

/** Power spectra of φ(h) and of h, means over paths. */
export interface PathPowers {
  readonly activation: Float64Array;
  readonly state: Float64Array;
}

/** Paths of `n` samples, a power of two from 8, and spectra of covariances that are even in time and of period n. */
export class SingleSite {
  readonly n: number;
  private readonly core: Core;
  private readonly twiddles: number;
  private readonly scratch: number;
  private readonly amplitudes: number;
  private readonly data: number;

  /** @throws StateError if the memory cannot hold it; the message names the bytes needed. */
  constructor(core: Core, n: number) {
    this.core = core;
    this.n = n;
    const purpose = `paths of ${n} samples`;
    this.twiddles = core.allocate(8 * n, purpose);
    this.scratch = core.allocate(8 * core.exports.pathScratch(n), purpose);
    this.amplitudes = core.allocate(16 * (n / 2 + 1), purpose);
    this.data = core.allocate(16 * n, purpose);
    core.exports.fillTwiddles(this.twiddles, n);
  }

  /** The discrete Fourier transform of n real values that are even around the first. */
  transform(values: Float64Array): Float64Array {
    this.core.f64(this.data, this.n).set(values);
    this.core.exports.evenTransform(this.data, this.n, this.twiddles, this.scratch);
    return this.core.f64(this.data, this.n).slice();
  }

  /**
   * Draw `pairs` pairs of paths of z and η with these amplitudes at modes 0 … n / 2, √(spectrum / n), and integrate h.
   */
  sample(
    key: Key,
    pairs: number,
    dt: number,
    parameters: GatingParameters,
    z: Float64Array,
    eta: Float64Array,
  ): PathPowers {
    const { n, core } = this;
    const { gain, bias, updateGain, updateBias } = parameters;
    const amplitudes = core.f64(this.amplitudes, n + 2);
    amplitudes.set(z);
    amplitudes.set(eta, n / 2 + 1);
    const powers = core.f64(this.data, 2 * n).fill(0);
    core.exports.samplePaths(
      key,
      0,
      pairs,
      n,
      dt,
      gain,
      bias,
      updateGain,
      updateBias,
      this.amplitudes,
      this.twiddles,
      this.scratch,
      this.data,
    );
    const mean = powers.map((power) => power / (2 * pairs));
    return { activation: evenPart(mean.subarray(0, n)), state: evenPart(mean.subarray(n)) };
  }
}

// two paths in one transform leave their powers in the mean of a mode and its negative
function evenPart(powers: Float64Array): Float64Array {
  const n = powers.length;
  return powers.map((power, k) => 0.5 * (power + powers[(n - k) % n]!));
}

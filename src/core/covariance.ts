// Covariances of all pairs of units, in the core's memory, while their states come in step by step.

import type { Core } from "./core.ts";
import { StateError } from "./errors.ts";

/** Sums behind the covariances of `units` units in each of `trials` trials. */
export class CovarianceSums {
  readonly units: number;
  readonly trials: number;
  private readonly core: Core;
  private readonly address: number;

  /** @throws StateError if the memory cannot hold them; the message names the bytes needed. */
  constructor(core: Core, units: number, trials: number) {
    this.core = core;
    this.units = units;
    this.trials = trials;
    const { exports } = core;
    this.address = exports.createCovarianceSums(units, trials);
    if (this.address === 0)
      throw new StateError("CovarianceSums: the memory of this core is full. Load another core.");
    const bytes = exports.layOutCovarianceSums(this.address, 0);
    const purpose = `measuring covariances of ${units} units in ${trials} trials`;
    exports.layOutCovarianceSums(this.address, core.allocate(bytes, purpose));
  }

  /** Add whole steps, (n, trials, units), a view of the core's own memory. */
  add(states: Float32Array): void {
    const steps = states.length / (this.trials * this.units);
    this.core.exports.addStates(this.address, states.byteOffset, steps);
  }

  /** The covariances of one trial, (units, units); divisor: steps. */
  covariances(trial: number): Float64Array {
    const size = this.units * this.units;
    return this.core.temporarily(() => {
      const target = this.core.allocate(8 * size, "covariances");
      this.core.exports.finishCovariances(this.address, trial, target);
      return this.core.f64(target, size).slice();
    });
  }
}

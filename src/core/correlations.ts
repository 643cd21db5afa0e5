// Correlation functions of trajectories, in the core's memory, while their states come in.

import type { Core } from "./core.ts";
import { type Dynamics, stateSize } from "./dynamics.ts";
import { StateError } from "./errors.ts";

/** Sums behind the correlations of all units of `trials` trajectories up to `maxLag` states. */
export class CorrelationSums {
  private readonly core: Core;
  private readonly address: number;
  private readonly trials: number;
  private readonly maxLag: number;
  private readonly units: number;
  private readonly size: number;
  private seen = 0;

  /**
   * @param activated  Whether tanh(gain h + bias) is correlated, of a tanh or gated system, and not h.
   * @throws StateError if the memory cannot hold them; the message names the bytes needed.
   */
  constructor(core: Core, dynamics: Dynamics, trials: number, maxLag: number, activated: boolean) {
    const { gain, bias } = dynamics.gating ?? { gain: 1, bias: 0 };
    this.core = core;
    this.trials = trials;
    this.maxLag = maxLag;
    this.units = dynamics.units * dynamics.layers.length;
    this.size = stateSize(dynamics);
    const { exports } = core;
    this.address = exports.createCorrelations(this.units, this.size, trials, maxLag, activated, gain, bias);
    if (this.address === 0)
      throw new StateError("CorrelationSums: the memory of this core is full. Load another core.");
    const bytes = exports.layOutCorrelations(this.address, 0);
    const purpose = `correlations of ${trials} trials up to ${maxLag} states`;
    exports.layOutCorrelations(this.address, core.allocate(bytes, purpose));
  }

  /** Add states (n, trials, D). */
  add(states: Float64Array): void {
    const { core, address } = this;
    const count = states.length / (this.trials * this.size);
    core.temporarily(() => {
      const at = core.allocate(8 * states.length, "a piece of a trajectory");
      core.f64(at, states.length).set(states);
      core.exports.addToCorrelations(address, at, count);
    });
    this.seen += count;
  }

  /** Means over units and time (trials, maxLag + 1); more than maxLag states have been added. */
  finish(): Float64Array {
    const { core, address, trials, maxLag } = this;
    const length = maxLag + 1;
    const sums = core.f64(core.exports.correlationSumsOf(address), trials * length);
    return Float64Array.from(sums, (sum, i) => sum / (this.units * (this.seen - (i % length))));
  }
}

// Searches for fixed points of a system, in the core's memory.

import type { DynamicalSystem } from "./dynamics.ts";
import { StateError } from "./errors.ts";

/** Where a search ended. */
export interface SearchEnd {
  /** Iterations, or -1 if the tolerance was not reached. */
  iterations: number;
  /** Root mean square of the field, or of what a step changes. */
  residual: number;
  /** (D). */
  state: Float64Array;
}

/** A search for fixed points, in memory that is allocated once. */
export class FixedPointSearch {
  private readonly system: DynamicalSystem;
  private readonly address: number;

  /**
   * @param input  External input (I), or none.
   * @throws StateError if the memory cannot hold it; the message names the bytes needed.
   */
  constructor(system: DynamicalSystem, input: Float64Array | undefined) {
    this.system = system;
    const { core, size, dynamics } = system;
    const { exports } = core;
    this.address = exports.createFixedPoint(system.address);
    if (this.address === 0)
      throw new StateError("FixedPointSearch: the memory of this core is full. Load another core.");
    const bytes = exports.layOutFixedPoint(this.address, 0);
    const purpose = `searching fixed points of ${size} variables`;
    exports.layOutFixedPoint(this.address, core.allocate(bytes, purpose));
    if (input) core.f64(exports.searchInputOf(this.address), dynamics.inputs).set(input);
  }

  /** Go on from `start` (D) until the residual is at most `tolerance`, for at most so many iterations. */
  run(start: Float64Array, tolerance: number, mostIterations: number): SearchEnd {
    const { core, size } = this.system;
    const { exports } = core;
    const at = exports.searchStateOf(this.address);
    core.f64(at, size).set(start);
    const iterations = exports.findFixedPoint(this.address, tolerance, mostIterations);
    return { iterations, residual: exports.residualOf(this.address), state: core.f64(at, size).slice() };
  }
}

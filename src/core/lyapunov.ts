// Tangents that follow a trajectory, in the core's memory, and the sums behind Lyapunov exponents.

import type { Key } from "./core.ts";
import type { DynamicalSystem } from "./dynamics.ts";
import { StateError } from "./errors.ts";

/** What is added up of the determinants of the steps: nothing, ln |det| of each step's matrix, or ln |tanh′| of all units. */
export const Determinants = { none: 0, decomposed: 1, slopes: 2 } as const;
export type DeterminantKind = (typeof Determinants)[keyof typeof Determinants];

/** `count` tangents of a system, orthonormal behind every `interval` steps. */
export class TangentVectors {
  readonly system: DynamicalSystem;
  readonly count: number;
  private readonly address: number;

  /** @throws StateError if the memory cannot hold them; the message names the bytes needed. */
  constructor(system: DynamicalSystem, count: number, interval: number, determinant: DeterminantKind) {
    this.system = system;
    this.count = count;
    const { core, address, size } = system;
    this.address = core.exports.createLyapunov(address, count, interval, determinant);
    if (this.address === 0)
      throw new StateError("TangentVectors: the memory of this core is full. Load another core.");
    const bytes = core.exports.layOutLyapunov(this.address, 0);
    const purpose = `following ${count} tangents of ${size} variables`;
    core.exports.layOutLyapunov(this.address, core.allocate(bytes, purpose));
  }

  /** The state that they are at (D); a view, valid until the memory grows. */
  get state(): Float64Array {
    const { core, size } = this.system;
    return core.f64(core.exports.trajectoryOf(this.address), size);
  }

  /** The tangents (count, D); a view. */
  get vectors(): Float64Array {
    const { core, size } = this.system;
    return core.f64(core.exports.tangentsOf(this.address), this.count * size);
  }

  /** Σ ln of growth (count), Σ ln |det| and Σ divergence of the field, to which steps add; a view. */
  get sums(): Float64Array {
    const { core } = this.system;
    return core.f64(core.exports.exponentSumsOf(this.address), this.count + 2);
  }

  /** Begin with random directions. */
  draw(key: Key): void {
    this.system.core.exports.drawTangents(this.address, key);
  }

  /** Follow `steps` steps, a multiple of the interval, with inputs (steps, I) at an address, or none; returns those that were finite. */
  follow(inputs: number, steps: number): number {
    return this.system.core.exports.followTangents(this.address, inputs, steps);
  }
}

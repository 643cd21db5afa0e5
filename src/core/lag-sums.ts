// Sums behind the autocovariances of many series, in the core's memory, while the series come in step by step.

import type { Core } from "./core.ts";
import { StateError } from "./errors.ts";

// bytes of a piece that comes from outside the core's memory
const BYTES_AT_ONCE = 2 ** 20;

/** Lag sums of `series` series up to lag `maxLag`. */
export class LagSums {
  readonly series: number;
  readonly maxLag: number;
  private readonly core: Core;
  private readonly address: number;

  /** @throws StateError if the memory cannot hold them; the message names the bytes needed. */
  constructor(core: Core, series: number, maxLag: number) {
    this.core = core;
    this.series = series;
    this.maxLag = maxLag;
    const { exports } = core;
    this.address = exports.createLagSums(series, maxLag);
    if (this.address === 0)
      throw new StateError("LagSums: the memory of this core is full. Load another core.");
    const bytes = exports.layOutLagSums(this.address, 0);
    const purpose = `measuring ${maxLag} lags of ${series} series`;
    exports.layOutLagSums(this.address, core.allocate(bytes, purpose));
  }

  /** Steps so far. */
  get steps(): number {
    return this.core.exports.stepsOf(this.address);
  }

  /** Add whole steps of all series, (n, series); a view of the core's own memory is not copied. */
  add(values: Float32Array | Float64Array): void {
    const { core, series } = this;
    if (values.buffer === core.exports.memory.buffer) {
      this.addAt(values.byteOffset, values);
      return;
    }
    const stepsAtOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / (series * values.BYTES_PER_ELEMENT)));
    core.temporarily(() => {
      const most = Math.min(values.length, stepsAtOnce * series);
      const address = core.allocate(most * values.BYTES_PER_ELEMENT, "a piece of a series");
      for (let first = 0; first < values.length; first += most) {
        const piece = values.subarray(first, first + most);
        const view = piece instanceof Float64Array ? core.f64(address, most) : core.f32(address, most);
        view.set(piece);
        this.addAt(address, piece);
      }
    });
  }

  /** Autocovariances at lags 0 … maxLag, (series, maxLag + 1); more than maxLag steps have been added. */
  autocovariances(): Float64Array {
    const count = this.series * (this.maxLag + 1);
    return this.core.temporarily(() => {
      const target = this.core.allocate(8 * count, "autocovariances");
      this.core.exports.finishLagSums(this.address, target);
      return this.core.f64(target, count).slice();
    });
  }

  private addAt(address: number, { length, BYTES_PER_ELEMENT }: Float32Array | Float64Array): void {
    this.core.exports.addSteps(this.address, address, length / this.series, BYTES_PER_ELEMENT === 8);
  }
}

/** Sums of rows of states, in memory that is allocated once. */
export class RowSums {
  private readonly core: Core;
  private readonly address: number;

  /** @throws StateError if the memory cannot hold the sums of `rows` rows. */
  constructor(core: Core, rows: number) {
    this.core = core;
    this.address = core.allocate(8 * rows, "sums of rows");
  }

  /**
   * Σ over each row of (rows, columns) f32 `values`, a view of the core's memory; in f64. The next call overwrites the result.
   */
  of(values: Float32Array, columns: number): Float64Array {
    const rows = values.length / columns;
    this.core.exports.sumRows(values.byteOffset, rows, columns, this.address);
    return this.core.f64(this.address, rows);
  }
}

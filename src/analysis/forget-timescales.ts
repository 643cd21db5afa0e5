// Timescales of an LSTM's units by their forget gates: how many steps a cell state lasts if its gate stays as it is on average.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code compute_taus and plot_forget_gate: 1 / (1 - mean of f).

import type { Network } from "../cells/network.ts";
import { Core } from "../core/core.ts";
import { NumericError } from "../core/errors.ts";
import { type DriveOptions, driveNetwork, type Observer, resolveDrive } from "./driven-activity.ts";

/** Timescales by forget gates, in steps. */
export interface ForgetTimescales {
  /** Timescale 1 / (1 - ⟨f⟩) of each unit (H); infinite for a gate that is always open. */
  taus: Float64Array;
  /** Mean forget gate ⟨f⟩ of each unit (H), over steps and trials. */
  forget: Float64Array;
  /** The timescale by the mean of ⟨f⟩ over units, as the source plots it. */
  tau: number;
}

/**
 * Measure the timescales of an LSTM's forget gates while random bits drive the network, as for `measureNetworkTimescales` of
 * its cell states with the same options.
 *
 * @throws ShapeError    if an option is out of range, or the network is no LSTM with one input.
 * @throws NumericError  if a gate is NaN.
 * @throws StateError    if the memory cannot hold it.
 * @throws the signal's reason if it has been aborted.
 */
export async function forgetTimescales(
  network: Network,
  options: Omit<DriveOptions, "states"> = {},
): Promise<ForgetTimescales> {
  const name = "forgetTimescales";
  const drive = resolveDrive(name, network, { ...options, states: "cell" });
  const { units } = network.shape;
  const sums = new Float64Array(units);
  // one by one in order of step and trial
  const observer: Observer = {
    sees: "forget",
    operations: units * drive.trials,
    add: (gates) => {
      for (let i = 0; i < gates.length; i++) sums[i % units]! += gates[i]!;
    },
  };
  const core = await Core.load();
  try {
    await driveNetwork(core, network, drive, { low: 0, high: drive.trials }, [observer], options);
  } finally {
    core.release();
  }
  const forget = sums.map((sum) => sum / (drive.steps * drive.trials));
  const bad = forget.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NumericError(`${name}: a gate of unit ${bad} is NaN, expected finite values.`);
  const mean = forget.reduce((sum, value) => sum + value, 0) / units;
  return { taus: forget.map((value) => 1 / (1 - value)), forget, tau: 1 / (1 - mean) };
}

// The Lyapunov spectrum of a trained network while it works: driven by bits of the kind that it was trained on.

import type { InputStream } from "../analysis/initial-state.ts";
import {
  type LyapunovOptions,
  type LyapunovSpectrum,
  measureLyapunovSpectrum,
} from "../analysis/lyapunov.ts";
import { networkDynamics } from "../cells/network-dynamics.ts";
import { largestStepsPerBit } from "../cells/steps-per-bit.ts";
import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { tasks } from "../tasks/task.ts";
import type { Measured } from "./measurements.ts";

export interface TrainedSpectrumOptions
  extends Pick<
    LyapunovOptions,
    "count" | "steps" | "transient" | "interval" | "seed" | "tolerance" | "signal" | "onProgress"
  > {
  /** Whether random bits drive the network (default true); else it is left to itself. */
  driven?: boolean;
}

// the first part of every key, behind those of other draws
const PURPOSE = 12;

/**
 * Measure the Lyapunov spectrum of a trained network, per time step. Its input are random bits, 0 and 1 or -1 and 1 as in training, each
 * held for as many steps as the largest of its `stepsPerBit`.
 *
 * @throws ShapeError    if an option is out of range, or the task has no bits.
 * @throws NumericError  if a state becomes infinite.
 */
export async function measureTrainedSpectrum(
  { network, purpose }: Measured,
  { driven = true, ...options }: TrainedSpectrumOptions = {},
): Promise<LyapunovSpectrum> {
  if (driven && !tasks[purpose.task].label)
    throw new ShapeError(
      `measureTrainedSpectrum: the task is ${purpose.task}, expected one of bits; or leave the network to itself with \`driven\` false.`,
    );
  const stepsPerBit = largestStepsPerBit(purpose.stepsPerBit);
  const core = await Core.load();
  try {
    const low = purpose.bits === "bipolar" ? -1 : 0;
    const key = core.key(options.seed ?? 0, PURPOSE);
    const bitAt = (bit: number) => (core.drawInteger(core.fold(key, bit), 0, 1) === 1 ? 1 : low);
    const input: InputStream = (inputs, first) => {
      for (let i = 0; i < inputs.length; i++) inputs[i] = bitAt(Math.floor((first + i) / stepsPerBit));
    };
    const dynamics = networkDynamics(network, { stepsPerBit });
    return await measureLyapunovSpectrum(dynamics, { ...options, ...(driven ? { input } : {}) });
  } finally {
    core.release();
  }
}

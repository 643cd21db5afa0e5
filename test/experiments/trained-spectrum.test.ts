// The spectrum of a trained network under its task's input, against tangents followed by hand.

import { expect, test } from "vitest";
import { jacobian, simulateDynamics } from "../../src/analysis/dynamics-simulation.ts";
import { logDeterminant } from "../../src/analysis/spectrum.ts";
import { networkDynamics } from "../../src/cells/network-dynamics.ts";
import { Core } from "../../src/core/core.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { measureTrainedSpectrum } from "../../src/experiments/trained-spectrum.ts";
import { trainNetwork } from "../../src/training/train-network.ts";

const small = { units: 7, batch: 8, updates: 20, epochs: 1, testBatches: 1, maxN: 3 } as const;

test.each([
  ["bits 0 and 1", { cell: "gru" }, 1, 0],
  ["bits -1 and 1", { cell: "leaky-outside", activation: "tanh", bits: "bipolar" }, 1, -1],
  ["three steps per bit", { cell: "leaky-outside", activation: "tanh", stepsPerBit: [2, 3] }, 3, 0],
] as const)(
  "with %s, exponents add up to the mean log-determinant along the driven trajectory",
  async (_, settings, k, low) => {
    const { network, purpose } = await trainNetwork({ ...small, ...settings });
    const [steps, transient, seed] = [60, 12, 4];
    const { sum, exponents } = await measureTrainedSpectrum({ network, purpose }, { steps, transient, seed });
    expect(exponents).toHaveLength(7);
    // the same bits, and the states that they lead to
    const core = await Core.load();
    const key = core.key(seed, 12);
    const inputs = Array.from({ length: steps + transient }, (_, t) =>
      core.drawInteger(core.fold(key, Math.floor(t / k)), 0, 1) === 1 ? 1 : low,
    );
    core.release();
    expect(new Set(inputs)).toEqual(new Set([low, 1]));
    const dynamics = networkDynamics(network, { stepsPerBit: k });
    const states: Float64Array[] = [];
    const input = (values: Float64Array, first: number) =>
      values.set(inputs.slice(first, first + values.length));
    for await (const piece of simulateDynamics(dynamics, { steps: steps + transient, input })) {
      for (let i = 0; i < piece.times.length; i++) states.push(piece.states.slice(i * 7, (i + 1) * 7));
    }
    let total = 0;
    for (let t = transient; t < transient + steps; t++) {
      const { matrix } = await jacobian(dynamics, states[t - 1]!, { input: Float64Array.of(inputs[t]!) });
      total += await logDeterminant(matrix, 7);
    }
    expect(sum).toBeCloseTo(total / steps, 9);
    const free = await measureTrainedSpectrum(
      { network, purpose },
      { steps, transient, seed, driven: false },
    );
    expect(free.sum).not.toBeCloseTo(sum, 4);
  },
);

test("a task without bits is refused, unless the network is left to itself", async () => {
  const { network, purpose } = await trainNetwork({ ...small, cell: "gru" });
  const digits = { network, purpose: { ...purpose, task: "smnist" as const } };
  await expect(measureTrainedSpectrum(digits)).rejects.toThrow(ShapeError);
  await expect(measureTrainedSpectrum(digits)).rejects.toThrow("the task is smnist, expected one of bits");
  await measureTrainedSpectrum(digits, { driven: false, steps: 10, transient: 0 });
});

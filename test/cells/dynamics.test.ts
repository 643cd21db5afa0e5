// Dynamical systems: random ones have the statistics that they say, and those of networks take the same steps as the networks.

import { describe, expect, test } from "vitest";
import { simulateDynamics } from "../../src/analysis/dynamics-simulation.ts";
import { simulateNetwork } from "../../src/analysis/simulation.ts";
import { type CellName, type NetworkShape, parameterCount } from "../../src/cells/network.ts";
import { networkDynamics } from "../../src/cells/network-dynamics.ts";
import { gatedDynamics, randomGru, randomLstm, tanhDynamics } from "../../src/cells/random-dynamics.ts";
import type { Dynamics } from "../../src/core/dynamics.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { drawFrom, values } from "../assembly/values.ts";

const variance = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0) / x.length;

const networks: [CellName, Partial<NetworkShape>, number][] = [
  ["leaky", { activation: "leaky-relu" }, 1],
  ["leaky", { layers: 3 }, 4],
  ["leaky-outside", { activation: "sigmoid", layers: 2 }, 1],
  ["leaky-outside", {}, 5],
  ["gru", {}, 1],
  ["lstm", {}, 1],
];

describe.each(networks)("a %s network %j with %i steps per bit", (cell, change, stepsPerBit) => {
  test.each([1, 7])(
    "of %i units is at the states of its f32 simulation after each of 40 steps, to 1e-5",
    async (units) => {
      const shape: NetworkShape = {
        cell,
        activation: "tanh",
        units,
        inputs: 2,
        heads: 1,
        classes: 2,
        ...change,
      };
      const size = units * (shape.layers ?? 1);
      const draw = drawFrom(units);
      const parameters = values(draw, parameterCount(shape), -0.7, 0.7);
      // time constants, which come first
      if (cell.startsWith("leaky")) parameters.set(values(draw, units, 0.5, 4));
      const network = { shape, parameters };
      const initial = cell === "lstm" ? undefined : values(draw, 3 * size);
      const stream = values(draw, 40 * 3 * 2);
      const simulated: number[] = [];
      const input = (inputs: Float32Array | Float64Array, first: number) =>
        inputs.set(stream.subarray(6 * first, 6 * first + inputs.length));
      const options = { steps: 40, trials: 3, input, stepsAtOnce: 9 };
      for await (const { states } of simulateNetwork(network, {
        ...options,
        stepsPerBit,
        ...(initial ? { initialState: initial } : {}),
      }))
        simulated.push(...states);
      const found: number[] = [];
      const dynamics = networkDynamics(network, { stepsPerBit });
      const initialState = initial ? Float64Array.from(initial) : { rms: 0 };
      for await (const { states } of simulateDynamics(dynamics, {
        steps: 40,
        trials: 3,
        input,
        initialState,
      }))
        found.push(...states);
      // an LSTM's state holds its cells too
      const hidden = cell === "lstm" ? found.filter((_, i) => i % (2 * units) < units) : found;
      expect(hidden).toHaveLength(simulated.length);
      const errors = hidden.map((value, i) => Math.abs(value - simulated[i]!));
      expect(Math.max(...errors)).toBeLessThan(1e-5);
      expect(variance(Float64Array.from(hidden))).toBeGreaterThan(1e-4);
    },
  );
});

describe("random systems", () => {
  test("tanh: √N times the weights of 200 units have the standard deviation g within 1 %", async () => {
    const { layers } = await tanhDynamics({ units: 200, gain: 2.5 });
    expect(Math.abs(Math.sqrt(200 * variance(layers[0]!.recurrent)) / 2.5 - 1)).toBeLessThan(0.01);
  });

  test("gated: three independent matrices of variance 1/N within 3 %, with nothing on their diagonals", async () => {
    const N = 100;
    const { layers } = await gatedDynamics({ units: N });
    const [h, z, r] = [0, 1, 2].map((g) => layers[0]!.recurrent.subarray(g * N * N, (g + 1) * N * N));
    for (const matrix of [h!, z!, r!]) {
      expect(Math.abs(variance(matrix) * N * (N / (N - 1)) - 1)).toBeLessThan(0.05);
      for (let i = 0; i < N; i++) expect(matrix[i * (N + 1)]).toBe(0);
    }
    const overlap = h!.reduce((sum, value, i) => sum + value * z![i]!, 0) / (N * N * variance(h!));
    expect(Math.abs(overlap)).toBeLessThan(0.03);
  });

  test("GRU and LSTM: each gate has its gain within 4 %, in the order r, z, n and i, f, g, o", async () => {
    const N = 100;
    const gainsOf = ({ layers }: Dynamics, G: number) =>
      Array.from({ length: G }, (_, g) =>
        Math.sqrt(N * variance(layers[0]!.recurrent.subarray(g * N * N, (g + 1) * N * N))),
      );
    const gru = await randomGru({ units: N, candidateGain: 3, resetGain: 1, updateGain: 2 });
    for (const gain of [1, 2, 3]) expect(Math.abs(gainsOf(gru, 3)[gain - 1]! / gain - 1)).toBeLessThan(0.04);
    const lstm = await randomLstm({ units: N, inputGain: 1, forgetGain: 2, candidateGain: 3, outputGain: 4 });
    for (const gain of [1, 2, 3, 4])
      expect(Math.abs(gainsOf(lstm, 4)[gain - 1]! / gain - 1)).toBeLessThan(0.04);
  });

  test("the same seed gives the same weights, another one others", async () => {
    const weights = async (seed: number) => (await gatedDynamics({ units: 5, seed })).layers[0]!.recurrent;
    expect(await weights(3)).toEqual(await weights(3));
    expect(await weights(3)).not.toEqual(await weights(4));
  });

  test("sizes, gains and δ out of range are refused", async () => {
    await expect(tanhDynamics({ units: 0 })).rejects.toThrow(ShapeError);
    await expect(tanhDynamics({ units: 2, delta: 1.1 })).rejects.toThrow(ShapeError);
    await expect(tanhDynamics({ units: 2, gain: -1 })).rejects.toThrow(ShapeError);
    await expect(gatedDynamics({ units: 2, updateGain: -1 })).rejects.toThrow(ShapeError);
    await expect(gatedDynamics({ units: 2, constantInput: new Float64Array(5) })).rejects.toThrow(ShapeError);
    await expect(randomGru({ units: 2, resetGain: NaN })).rejects.toThrow(ShapeError);
    await expect(randomLstm({ units: 2.5 })).rejects.toThrow(ShapeError);
  });
});

describe("a system made by hand", () => {
  const run = async (change: Partial<Dynamics>) => {
    const dynamics = { ...(await gatedDynamics({ units: 2 })), ...change };
    for await (const _ of simulateDynamics(dynamics, { steps: 1 })) return;
  };
  const gating = async (change: object) => ({
    gating: { ...(await gatedDynamics({ units: 2 })).gating!, ...change },
  });

  test("is refused with an unknown kind or method, a τ of 0, one weight too few, and a weight that is NaN", async () => {
    await expect(run({ kind: "other" as "gru" })).rejects.toThrow(
      /simulateDynamics: `kind` is "other", expected one of/,
    );
    await expect(run({ method: "map" })).rejects.toThrow(ShapeError);
    await expect(run(await gating({ updateTau: 0 }))).rejects.toThrow(/`updateTau` is 0/);
    const layer = (await gatedDynamics({ units: 2 })).layers[0]!;
    const fewer = { ...layer, constant: new Float64Array(5) };
    await expect(run({ layers: [fewer] })).rejects.toThrow(
      /`layers\[0\]\.constant` has 5 elements, expected 6/,
    );
    const bad = { ...layer, constant: new Float64Array(6).fill(NaN) };
    await expect(run({ layers: [bad] })).rejects.toThrow(/has NaN at 0, expected finite values/);
    await expect(run({ layers: [layer, layer] })).rejects.toThrow(/2 layers, expected one/);
  });
});

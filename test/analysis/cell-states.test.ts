// Cell states and forget gates of an LSTM: those of its equations, recorded in any pieces, and their timescales.

import { describe, expect, test } from "vitest";
import { AutocorrelationAccumulator } from "../../src/analysis/autocorrelation.ts";
import { forgetTimescales } from "../../src/analysis/forget-timescales.ts";
import { measureNetworkTimescales } from "../../src/analysis/network-timescales.ts";
import { type SimulationOptions, simulateNetwork } from "../../src/analysis/simulation.ts";
import { type Network, networkTensors, packParameters, parameterCount } from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { NumericError, ShapeError } from "../../src/core/errors.ts";
import { Plan } from "../../src/core/plan.ts";
import { drawFrom, values } from "../assembly/values.ts";

const shapeOf = (units: number) =>
  ({ cell: "lstm", activation: "tanh", units, inputs: 1, heads: 1, classes: 2 }) as const;

const randomNetwork = (units: number): Network => ({
  shape: shapeOf(units),
  parameters: values(drawFrom(units), parameterCount(shapeOf(units)), -0.8, 0.8),
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

// units that add the bits to what is left of their cell states, with forget gates f that nothing changes
function constantGates(forget: readonly number[]): Network {
  const H = forget.length;
  const shape = shapeOf(H);
  const tensors = networkTensors(shape, new Float32Array(parameterCount(shape)));
  const weight = tensors.get("input.weight")!.data;
  const bias = tensors.get("input.bias")!.data;
  for (let i = 0; i < H; i++) {
    bias[H + i] = Math.log(forget[i]! / (1 - forget[i]!));
    // small, so that tanh is nearly linear
    weight[2 * H + i] = 0.1;
  }
  return { shape, parameters: packParameters(shape, tensors) };
}

async function simulate(network: Network, options: SimulationOptions) {
  const found = { states: [] as number[], cellStates: [] as number[], forgetGates: [] as number[] };
  for await (const piece of simulateNetwork(network, { cells: true, ...options })) {
    found.states.push(...piece.states);
    found.cellStates.push(...piece.cellStates!);
    found.forgetGates.push(...piece.forgetGates!);
  }
  return found;
}

const input = (inputs: Float32Array, first: number) => {
  inputs.forEach((_, i) => {
    inputs[i] = ((first * 3 + i) * 7) % 5 < 2 ? 1 : 0;
  });
};

describe("a simulation", () => {
  test.each([
    [1, 1],
    [5, 3],
    [17, 2],
  ])("of %i units in %i trials records c and f of the equations within 1e-5", async (H, trials) => {
    const network = randomNetwork(H);
    const { states, cellStates, forgetGates } = await simulate(network, { steps: 12, trials, input });
    const tensors = networkTensors(network.shape, network.parameters);
    const tensor = (name: Parameters<typeof tensors.get>[0]) => tensors.get(name)!.data;
    const bits = new Float32Array(12 * trials);
    input(bits, 0);
    const at = (list: number[], t: number, b: number, i: number) =>
      t < 0 ? 0 : list[(t * trials + b) * H + i]!;
    for (let t = 0; t < 12; t++) {
      for (let b = 0; b < trials; b++) {
        const sum = (row: number) => {
          let total = tensor("input.bias")[row]! + tensor("recurrent.bias")[row]!;
          total += tensor("input.weight")[row]! * bits[t * trials + b]!;
          for (let j = 0; j < H; j++)
            total += tensor("recurrent.weight")[row * H + j]! * at(states, t - 1, b, j);
          return total;
        };
        for (let i = 0; i < H; i++) {
          const f = sigmoid(sum(H + i));
          const c = f * at(cellStates, t - 1, b, i) + sigmoid(sum(i)) * Math.tanh(sum(2 * H + i));
          expect(Math.abs(at(forgetGates, t, b, i) - f)).toBeLessThan(1e-5);
          expect(Math.abs(at(cellStates, t, b, i) - c)).toBeLessThan(1e-5);
          expect(Math.abs(at(states, t, b, i) - sigmoid(sum(3 * H + i)) * Math.tanh(c))).toBeLessThan(1e-5);
        }
      }
    }
  });

  test.each([1, 4, 7])("in pieces of %i steps records the bits of one piece", async (stepsAtOnce) => {
    const network = randomNetwork(6);
    const options = { steps: 23, trials: 3, input: () => {} };
    const whole = await simulate(network, options);
    expect(await simulate(network, { ...options, stepsAtOnce })).toEqual(whole);
  });

  test("that is not asked for them has states alone, with the same bits", async () => {
    const network = randomNetwork(6);
    const { states } = await simulate(network, { steps: 9, input });
    for await (const piece of simulateNetwork(network, { steps: 9, input })) {
      expect(Object.keys(piece)).toEqual(["first", "steps", "states"]);
      expect([...piece.states]).toEqual(states);
    }
  });
});

describe("timescales", () => {
  const options = { steps: 60_000, trials: 4, maxLag: 30 };

  test("of cell states with constant gates f are -1 / ln f, within 3 %; of the gates 1 / (1 - f), within 1e-5", async () => {
    const forget = [0.5, 0.75, 0.9];
    const network = constantGates(forget);
    const { fits } = await measureNetworkTimescales(network, { ...options, states: "cell" });
    const gates = await forgetTimescales(network, { steps: 1000, trials: 2 });
    forget.forEach((f, i) => {
      const fit = fits[i]!;
      expect(Math.abs((fit.ok ? fit.one!.taus[0]! : Number.NaN) / (-1 / Math.log(f)) - 1)).toBeLessThan(0.03);
      expect(Math.abs(gates.taus[i]! * (1 - f) - 1)).toBeLessThan(1e-5);
      expect(gates.forget[i]).toBeCloseTo(f, 6);
    });
    expect(gates.tau).toBeCloseTo(1 / (1 - (0.5 + 0.75 + 0.9) / 3), 4);
  });

  test("and mean gates are of the cell states and gates of simulateNetwork, whatever the pieces", async () => {
    const network = randomNetwork(4);
    // without weights from the input, bits do not matter
    network.parameters.fill(0, 0, 16);
    const small = { steps: 300, trials: 2, burnIn: 0, maxLag: 20, fitLag: 10 };
    const { autocovariances } = await measureNetworkTimescales(network, { ...small, states: "cell" });
    const { forget } = await forgetTimescales(network, small);
    const core = await Core.load();
    const plan = new Plan(core, network.shape, { batch: 2, steps: 1, labelRows: 1 });
    plan.drawState(core.fold(core.key(0, 4), 2), 0.1);
    const initialState = plan.initialState.slice();
    core.release();
    const { cellStates, forgetGates } = await simulate(network, { steps: 300, trials: 2, initialState });
    const accumulator = await AutocorrelationAccumulator.start({ series: 4, trials: 2, maxLag: 20 });
    accumulator.add(Float32Array.from(cellStates));
    expect(autocovariances).toEqual(accumulator.autocovariances());
    accumulator.close();
    for (let i = 0; i < 4; i++) {
      const own = forgetGates.filter((_, k) => k % 4 === i);
      expect(forget[i]).toBe(own.reduce((sum, value) => sum + value, 0) / own.length);
    }
  });
});

describe("errors", () => {
  const shape = { ...shapeOf(3), cell: "gru" } as const;
  const gru: Network = { shape, parameters: new Float32Array(parameterCount(shape)) };

  test("other cells have no cell states and no forget gates", async () => {
    const message = "a gru network has no cell states, expected an lstm network.";
    await expect(forgetTimescales(gru)).rejects.toThrow(ShapeError);
    await expect(forgetTimescales(gru)).rejects.toThrow(`forgetTimescales: ${message}`);
    await expect(measureNetworkTimescales(gru, { states: "cell" })).rejects.toThrow(
      `measureNetworkTimescales: ${message}`,
    );
    await expect(simulate(gru, { steps: 1 })).rejects.toThrow(`simulateNetwork: ${message}`);
  });

  test("a gate that is NaN is one", async () => {
    const network = randomNetwork(3);
    network.parameters[4] = Number.NaN;
    await expect(forgetTimescales(network, { steps: 10 })).rejects.toThrow(NumericError);
    await expect(forgetTimescales(network, { steps: 10 })).rejects.toThrow(
      "forgetTimescales: a gate of unit",
    );
  });
});

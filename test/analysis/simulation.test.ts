// Long simulations: the states of the equations, whatever the pieces, and no more memory than a piece takes.

import { describe, expect, test } from "vitest";
import { type SimulationOptions, simulateNetwork } from "../../src/analysis/simulation.ts";
import {
  type CellName,
  cellNames,
  layerTensor,
  type Network,
  networkTensors,
  packParameters,
  parameterCount,
} from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { cellKind } from "../../src/core/network-shape.ts";
import { referenceStates, type Tensors } from "../assembly/reference-network.ts";
import { drawFrom, firstDifference, values } from "../assembly/values.ts";

function makeNetwork(cell: CellName, units = 13, layers = 1): Network {
  const shape = { cell, activation: "tanh", units, layers, inputs: 2, heads: 1, classes: 2 } as const;
  const tensors = networkTensors(shape, values(drawFrom(units), parameterCount(shape), -0.5, 0.5));
  for (let l = 0; cellKind(cell).tau && l < layers; l++) {
    // time constants from below 1 to 4; no unit has a connection to itself
    for (let i = 0; i < units; i++) {
      tensors.get(layerTensor(l, "tau"))!.data[i] = 0.5 + (3.5 * i) / units;
      tensors.get(layerTensor(l, "recurrent.weight"))!.data[i * (units + 1)] = 0;
    }
  }
  return { shape, parameters: packParameters(shape, tensors) };
}

// every state, (T, B, H), and the pieces that they came in
async function simulate(network: Network, options: SimulationOptions) {
  const pieces: [number, number][] = [];
  const states: number[] = [];
  for await (const piece of simulateNetwork(network, options)) {
    pieces.push([piece.first, piece.steps]);
    for (const state of piece.states) states.push(state);
  }
  return { pieces, states: Float32Array.from(states) };
}

// input k of trial b at step t
const inputAt = (t: number, b: number, k: number) => Math.fround(((t * 7 + b * 3 + k) % 5) / 5);

function setInput(trials: number): NonNullable<SimulationOptions["input"]> {
  return (inputs, first) => {
    inputs.forEach((_, i) => {
      const [t, b, k] = [first + Math.floor(i / (2 * trials)), Math.floor(i / 2) % trials, i % 2];
      inputs[i] = inputAt(t, b, k);
    });
  };
}

// by the equations, in f64
function expectedStates(
  network: Network,
  steps: number,
  trials: number,
  initial: Float32Array,
  stepsPerBit = 1,
): number[] {
  const { shape, parameters } = network;
  const tensors: Tensors = new Map();
  for (const [name, { data }] of networkTensors(shape, parameters))
    tensors.set(name, Float64Array.from(data));
  const inputs = new Float32Array(steps * trials * shape.inputs);
  setInput(trials)(inputs, 0);
  const batch = { batch: trials, steps, active: 0, inputs, labels: [], initialState: initial, stepsPerBit };
  const runs = Array.from({ length: trials }, (_, b) => referenceStates(shape, tensors, batch, b));
  return Array.from({ length: steps }, (_, t) => runs.flatMap((run) => [...run[t]!])).flat();
}

describe.each<[CellName, number]>([
  ...cellNames.map((cell): [CellName, number] => [cell, 1]),
  ["leaky", 3],
  ["leaky-outside", 2],
])("%s, %i layers", (cell, layers) => {
  const network = makeNetwork(cell, 13, layers);

  test.each([1, 2, 3, 9])("%i trials have the states of the equations within 2e-6", async (trials) => {
    const steps = 21;
    const initialState = values(drawFrom(trials), trials * 13 * layers, -1, 1);
    const { states } = await simulate(network, { steps, trials, initialState, input: setInput(trials) });
    const expected = expectedStates(network, steps, trials, initialState);
    expect(states).toHaveLength(expected.length);
    states.forEach((state, i) => {
      expect(Math.abs(state - expected[i]!)).toBeLessThan(2e-6);
    });
  });

  test("pieces of any length give the same bits, and follow each other", async () => {
    const options = { steps: 40, trials: 3, input: setInput(3) };
    const whole = await simulate(network, options);
    expect(whole.pieces).toEqual([[0, 40]]);
    for (const stepsAtOnce of [1, 7, 39, 40, 100]) {
      const { pieces, states } = await simulate(network, { ...options, stepsAtOnce });
      expect(firstDifference(states, whole.states)).toBe(-1);
      expect(pieces.reduce((next, [first, steps]) => (first === next ? next + steps : -1), 0)).toBe(40);
    }
  });

  test("without input and initial state it starts from zero and is driven by the biases alone", async () => {
    const initialState = new Float32Array(13 * layers);
    const input = (inputs: Float32Array) => inputs.fill(0);
    const explicit = await simulate(network, { steps: 9, initialState, input });
    const { states } = await simulate(network, { steps: 9 });
    expect(firstDifference(states, explicit.states)).toBe(-1);
    expect(states.every((state) => state !== 0)).toBe(true);
  });
});

test.each(["leaky", "leaky-outside"] as const)(
  "%s: with 3 and 200 steps per bit, states are those of time constants 3 and 200 times as long, within 2e-6",
  async (cell) => {
    const network = makeNetwork(cell);
    const initialState = values(drawFrom(3), 2 * 13, -1, 1);
    const options = { steps: 21, trials: 2, initialState, input: setInput(2) };
    for (const stepsPerBit of [3, 200]) {
      const { states } = await simulate(network, { ...options, stepsPerBit });
      const expected = expectedStates(network, 21, 2, initialState, stepsPerBit);
      states.forEach((state, i) => {
        expect(Math.abs(state - expected[i]!)).toBeLessThan(2e-6);
      });
    }
  },
);

test("a gated network has no time constants for more than one step per bit", async () => {
  const run = simulateNetwork(makeNetwork("lstm"), { steps: 5, stepsPerBit: 2 }).next();
  await expect(run).rejects.toThrow(
    new ShapeError(
      "simulateNetwork: `stepsPerBit` is 2, expected 1 for a lstm cell, which has no time constants.",
    ),
  );
});

test("100,000 steps take the memory of one piece", async () => {
  const network = makeNetwork("leaky", 16);
  let steps = 0;
  let largest = 0;
  for await (const piece of simulateNetwork(network, { steps: 1e5, trials: 10 })) {
    steps += piece.steps;
    largest = Math.max(largest, piece.states.byteLength);
  }
  expect(steps).toBe(1e5);
  expect(largest).toBeLessThanOrEqual(2 ** 22);
  // the core that was used is the next one to be loaded
  const core = await Core.load();
  expect(core.exports.memory.buffer.byteLength).toBeLessThan(2 ** 23);
  core.release();
});

test("a signal ends it between two pieces", async () => {
  const abort = new AbortController();
  const run = async () => {
    for await (const { first } of simulateNetwork(makeNetwork("leaky"), {
      steps: 1e6,
      stepsAtOnce: 10,
      signal: abort.signal,
    }))
      if (first === 50) abort.abort(new Error("enough"));
  };
  await expect(run()).rejects.toThrow("enough");
});

test.each<[Partial<SimulationOptions>, string]>([
  [{ steps: 0 }, "`steps` is 0, expected a whole number from 1"],
  [{ stepsPerBit: 0 }, "`stepsPerBit` is 0, expected a whole number from 1 to 1000"],
  [{ trials: 1.5 }, "`trials` is 1.5, expected a whole number from 1"],
  [{ stepsAtOnce: Number.NaN }, "`stepsAtOnce` is NaN, expected a whole number from 1"],
  [{ trials: 2, initialState: new Float32Array(13) }, "`initialState` has 13 elements, expected 26"],
])("%o is refused", async (options, message) => {
  const run = simulateNetwork(makeNetwork("leaky"), { steps: 5, ...options }).next();
  await expect(run).rejects.toThrow(ShapeError);
  await expect(run).rejects.toThrow(message);
});

test("parameters that are not the shape's are refused", async () => {
  const { shape, parameters } = makeNetwork("leaky");
  const run = simulateNetwork({ shape, parameters: parameters.slice(1) }, { steps: 5 }).next();
  await expect(run).rejects.toThrow("`parameters` has");
});

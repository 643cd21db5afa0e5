// Networks without some units: what is taken out, what stays, and what that does to the dynamics.

import { describe, expect, test } from "vitest";
import { ablateUnits, unitsByTau } from "../../src/analysis/ablation.ts";
import { simulateNetwork } from "../../src/analysis/simulation.ts";
import {
  type Network,
  networkTensors,
  packParameters,
  parameterCount,
  type TensorName,
} from "../../src/cells/network.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { drawFrom, values } from "../assembly/values.ts";

const shape = { cell: "leaky", activation: "tanh", units: 6, inputs: 1, heads: 3, classes: 2 } as const;
const network: Network = { shape, parameters: values(drawFrom(1), parameterCount(shape), 0.1, 0.9) };

function dataOf(
  { shape, parameters }: Network,
  name: Parameters<ReturnType<typeof networkTensors>["get"]>[0],
) {
  return networkTensors(shape, parameters).get(name)!.data;
}

test("rows, columns, inputs and the read-outs of all heads become zero, and nothing else changes", () => {
  const ablated = ablateUnits(network, [1, 4]);
  const gone = (unit: number) => unit === 1 || unit === 4;
  const check = (name: Parameters<typeof dataOf>[1], isGone: (i: number) => boolean) => {
    const before = dataOf(network, name);
    dataOf(ablated, name).forEach((value, i) => {
      expect(value, `${name}[${i}]`).toBe(isGone(i) ? 0 : before[i]);
    });
  };
  check("recurrent.weight", (i) => gone(Math.floor(i / 6)) || gone(i % 6));
  check("input.weight", gone);
  check("readout.weight", (i) => gone(i % 6));
  for (const name of ["tau", "input.bias", "recurrent.bias", "readout.bias"] as const)
    check(name, () => false);
  expect(network.parameters).toEqual(values(drawFrom(1), parameterCount(shape), 0.1, 0.9));
});

test("an ablated unit does not see the input, and the others do not see it", async () => {
  const run = async (subject: Network, amplitude: number) => {
    const input = (inputs: Float32Array) => inputs.fill(amplitude);
    for await (const { states } of simulateNetwork(subject, { steps: 20, input })) return states;
    throw new Error("nothing came");
  };
  const ablated = ablateUnits(network, [2]);
  const [quiet, driven] = [await run(ablated, 0), await run(ablated, 1)];
  for (let t = 0; t < 20; t++) {
    expect(driven[t * 6 + 2]).toBe(quiet[t * 6 + 2]);
    expect(driven[t * 6 + 3]).not.toBe(quiet[t * 6 + 3]);
  }
  // whatever its bias, the others are the same
  const biased = { shape, parameters: ablated.parameters.slice() };
  biased.parameters[6 + 6 + 2]! += 0.5;
  const other = await run(biased, 1);
  expect([...other].filter((_, i) => i % 6 !== 2)).toEqual([...driven].filter((_, i) => i % 6 !== 2));
  expect(other[2]).not.toBe(driven[2]);
});

test.each(["gru", "lstm"] as const)(
  "in %s, the rows of all gates become zero, and all that leads from the unit",
  (cell) => {
    const gated = { ...shape, cell };
    const before: Network = {
      shape: gated,
      parameters: values(drawFrom(2), parameterCount(gated), 0.1, 0.9),
    };
    const after = ablateUnits(before, [2]);
    for (const [name, isGone] of [
      ["recurrent.weight", (i: number) => i % 6 === 2 || Math.floor(i / 6) % 6 === 2],
      ["input.weight", (i: number) => i % 6 === 2],
      ["input.bias", () => false],
      ["readout.weight", (i: number) => i % 6 === 2],
    ] as const) {
      const old = dataOf(before, name);
      expect(dataOf(after, name)).toEqual(old.map((value, i) => (isGone(i) ? 0 : value)));
    }
    expect(() => unitsByTau(before, 2)).toThrow(ShapeError);
    expect(() => unitsByTau(before, 2)).toThrow(`unitsByTau: a ${cell} cell has no time constants`);
  },
);

describe("3 layers", () => {
  const stack = { ...shape, layers: 3 };
  const deep: Network = { shape: stack, parameters: values(drawFrom(2), parameterCount(stack), 0.1, 0.9) };

  test("unit 1 of layer 1 and unit 4 of layer 3, 1 and 16, are taken out of their layers and of what reads these", () => {
    const ablated = ablateUnits(deep, [1, 16]);
    const gone: Partial<Record<TensorName, (i: number) => boolean>> = {
      "input.weight": (i) => i === 1,
      "recurrent.weight": (i) => Math.floor(i / 6) === 1 || i % 6 === 1,
      "layer2.input.weight": (i) => i % 6 === 1,
      "layer3.input.weight": (i) => Math.floor(i / 6) === 4,
      "layer3.recurrent.weight": (i) => Math.floor(i / 6) === 4 || i % 6 === 4,
      "readout.weight": (i) => i % 6 === 4,
    };
    for (const [name, { data }] of networkTensors(stack, ablated.parameters)) {
      const before = dataOf(deep, name);
      data.forEach((value, i) => {
        expect(value, `${name}[${i}]`).toBe(gone[name]?.(i) ? 0 : before[i]);
      });
    }
  });

  test("unit 18 of 18 is refused, and units are ordered over all layers", () => {
    expect(() => ablateUnits(deep, [18])).toThrow("unit 18 is not in the network, expected 0 to 17");
    expect(() => unitsByTau(deep, 19)).toThrow("`count` is 19, expected a whole number from 1 to 18");
    const tensors = networkTensors(stack, deep.parameters);
    tensors.get("layer2.tau")!.data[3] = 0.01;
    tensors.get("layer3.tau")!.data[5] = 30;
    const { shortest, longest } = unitsByTau({ shape: stack, parameters: packParameters(stack, tensors) }, 1);
    expect([shortest, longest]).toEqual([[9], [17]]);
  });
});

test("units are ordered by time constant, the first of equal ones first", () => {
  const parameters = network.parameters.slice();
  parameters.set([2, 1, 3, 1, 3, 1.5]);
  expect(unitsByTau({ shape, parameters }, 3)).toEqual({ shortest: [1, 3, 5], longest: [2, 4, 0] });
});

test.each([[-1], [6], [1.5], [Number.NaN]])("unit %d is refused", (unit) => {
  expect(() => ablateUnits(network, [0, unit])).toThrow(ShapeError);
  expect(() => ablateUnits(network, [0, unit])).toThrow(
    `unit ${unit} is not in the network, expected 0 to 5`,
  );
});

test.each([0, 7, 2.5])("%d units of six are refused", (count) => {
  expect(() => unitsByTau(network, count)).toThrow(
    `\`count\` is ${count}, expected a whole number from 1 to 6`,
  );
});

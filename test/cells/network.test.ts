// The layout of a network's parameters, and the way between it and named tensors.

import { describe, expect, test } from "vitest";
import {
  type CellName,
  locateParameter,
  type NetworkShape,
  networkTensors,
  packParameters,
  parameterCount,
  type TensorName,
  tensorShapes,
} from "../../src/cells/network.ts";
import { ShapeError } from "../../src/core/errors.ts";

const shapeOf = (
  units: number,
  inputs: number,
  heads: number,
  classes: number,
  cell: CellName = "leaky",
): NetworkShape => ({
  cell,
  activation: "tanh",
  units,
  inputs,
  heads,
  classes,
});
const shapes = [
  shapeOf(1, 1, 1, 1),
  shapeOf(1, 3, 2, 5),
  shapeOf(5, 1, 1, 2),
  shapeOf(7, 3, 4, 3),
  shapeOf(13, 2, 1, 10),
  shapeOf(1, 1, 1, 1, "gru"),
  shapeOf(7, 3, 4, 3, "gru"),
  shapeOf(5, 2, 1, 2, "lstm"),
  { ...shapeOf(1, 1, 1, 1), layers: 2 },
  { ...shapeOf(5, 2, 3, 2, "leaky-outside"), layers: 3 },
];
// the index of every parameter as its value
const numbered = (shape: NetworkShape) => Float32Array.from({ length: parameterCount(shape) }, (_, i) => i);

describe("values", () => {
  test("of 2 units, 3 inputs, 2 heads and 2 classes lie as documented: cell first, then head by head", () => {
    const shape = shapeOf(2, 3, 2, 2);
    const tensors = networkTensors(shape, numbered(shape));
    const expected: [TensorName, number[], number[]][] = [
      ["tau", [2], [0, 1]],
      ["input.weight", [2, 3], [2, 3, 4, 5, 6, 7]],
      ["input.bias", [2], [8, 9]],
      ["recurrent.weight", [2, 2], [10, 11, 12, 13]],
      ["recurrent.bias", [2], [14, 15]],
      ["readout.weight", [2, 2, 2], [16, 17, 18, 19, 22, 23, 24, 25]],
      ["readout.bias", [2, 2], [20, 21, 26, 27]],
    ];
    const actual = [...tensors].map(([name, { shape, data }]) => [name, shape, [...data]]);
    expect(actual).toEqual(expected);
    expect(parameterCount(shape)).toBe(28);
  });

  test("of 2 layers of 2 units, 1 input and 1 head lie layer behind layer, then the head; the second has 2 inputs", () => {
    const shape = { ...shapeOf(2, 1, 1, 1), layers: 2 };
    const actual = [...networkTensors(shape, numbered(shape))].map(([name, { data }]) => [name, ...data]);
    expect(actual).toEqual([
      ["tau", 0, 1],
      ["input.weight", 2, 3],
      ["input.bias", 4, 5],
      ["recurrent.weight", 6, 7, 8, 9],
      ["recurrent.bias", 10, 11],
      ["layer2.tau", 12, 13],
      ["layer2.input.weight", 14, 15, 16, 17],
      ["layer2.input.bias", 18, 19],
      ["layer2.recurrent.weight", 20, 21, 22, 23],
      ["layer2.recurrent.bias", 24, 25],
      ["readout.weight", 26, 27],
      ["readout.bias", 28],
    ]);
  });

  test.each([
    ["gru", 3],
    ["lstm", 4],
  ] as const)(
    "of a %s of 5 units are %d gates of them, as in PyTorch, and no time constants",
    (cell, gates) => {
      const shapes = tensorShapes(shapeOf(5, 2, 3, 4, cell));
      expect([...shapes]).toEqual([
        ["input.weight", [5 * gates, 2]],
        ["input.bias", [5 * gates]],
        ["recurrent.weight", [5 * gates, 5]],
        ["recurrent.bias", [5 * gates]],
        ["readout.weight", [3, 4, 5]],
        ["readout.bias", [3, 4]],
      ]);
    },
  );

  test("of the paper's network number 354 000 in 7 tensors: 500 units, 1 input, 100 heads of 2 classes", () => {
    const shape = shapeOf(500, 1, 100, 2);
    const sizes = [...tensorShapes(shape).values()].map((dimensions) => dimensions.reduce((a, b) => a * b));
    expect(sizes).toEqual([500, 500, 500, 250_000, 500, 100_000, 200]);
    expect(sizes.reduce((a, b) => a + b)).toBe(parameterCount(shape));
  });
});

describe.each(shapes)(
  "$cell, $layers layers, $units units, $inputs inputs, $heads heads, $classes classes",
  (shape) => {
    test("unpacking and packing gives every parameter back", () => {
      const parameters = numbered(shape);
      expect(packParameters(shape, networkTensors(shape, parameters))).toEqual(parameters);
    });

    test("every parameter is in exactly one tensor", () => {
      const all = [...networkTensors(shape, numbered(shape)).values()].flatMap(({ data }) => [...data]);
      expect(all.sort((a, b) => a - b)).toEqual([...numbered(shape)]);
    });

    test("tensors have the names and shapes of tensorShapes, in its order", () => {
      const tensors = [...networkTensors(shape, numbered(shape))].map(([name, tensor]) => [
        name,
        tensor.shape,
      ]);
      expect(tensors).toEqual([...tensorShapes(shape)]);
    });

    test("locateParameter names the place where networkTensors puts each parameter", () => {
      const tensors = networkTensors(shape, numbered(shape));
      const found = [...numbered(shape)].map((index) => {
        const [, name, indices] = /^([\w.]+)\[([\d, ]+)\]$/.exec(locateParameter(shape, index))!;
        const { shape: dimensions, data } = tensors.get(name as TensorName)!;
        const at = indices!.split(", ").map(Number);
        expect(at.every((i, axis) => i < dimensions[axis]!)).toBe(true);
        return data[at.reduce((flat, i, axis) => flat * dimensions[axis]! + i, 0)];
      });
      expect(found).toEqual([...numbered(shape)]);
    });
  },
);

describe("invariants", () => {
  const shape = shapeOf(3, 1, 2, 2);

  test("tensors are copies: writing to them does not change the parameters", () => {
    const parameters = numbered(shape);
    for (const { data } of networkTensors(shape, parameters).values()) data.fill(-1);
    expect(parameters).toEqual(numbered(shape));
  });

  test("packing takes plain arrays and rounds to f32", () => {
    const tensors = new Map<TensorName, { data: number[] }>();
    for (const [name, { data }] of networkTensors(shape, numbered(shape)))
      tensors.set(name, { data: Array.from(data, (value) => value + 0.1) });
    expect(packParameters(shape, tensors)).toEqual(numbered(shape).map((value) => value + 0.1));
  });
});

describe("errors", () => {
  const shape = shapeOf(3, 1, 2, 2);

  test.each([...tensorShapes(shape).keys()])(
    "packParameters names %s if it is too short or missing",
    (name) => {
      const size = tensorShapes(shape)
        .get(name)!
        .reduce((a, b) => a * b);
      const tensors = networkTensors(shape, numbered(shape));
      const pack = (data?: Float32Array) => () => {
        const changed = new Map<TensorName, { data: Float32Array }>(tensors);
        if (data) changed.set(name, { data });
        else changed.delete(name);
        return packParameters(shape, changed);
      };
      const message = (got: number) =>
        `packParameters: \`${name}\` has ${got} elements; expected ${size} for shape (`;
      expect(pack(new Float32Array(size - 1))).toThrow(message(size - 1));
      expect(pack(new Float32Array(size + 1))).toThrow(message(size + 1));
      expect(pack()).toThrow(message(0));
      expect(pack()).toThrow(ShapeError);
    },
  );

  test.each([-1, 37, 0.5, Number.NaN])("locateParameter refuses index %d of 37", (index) => {
    expect(parameterCount(shape)).toBe(37);
    expect(() => locateParameter(shape, index)).toThrow(
      new ShapeError(`locateParameter: \`index\` is ${index}; expected 0 to 36.`),
    );
  });
});

// Statistics of recurrent weights: small networks by hand, which weights count, and the released networks.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { connectivityStatistics } from "../../src/analysis/connectivity.ts";
import { weightStatistics } from "../../src/analysis/weight-statistics.ts";
import {
  type CellName,
  cellNames,
  type NetworkShape,
  networkTensors,
  packParameters,
  parameterCount,
} from "../../src/cells/network.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { cellKind } from "../../src/core/network-shape.ts";
import { decodeRnnTimescale } from "../../src/io/rnn-timescale.ts";
import { drawFrom, values } from "../assembly/values.ts";

function statisticsOf(cell: CellName, units: number, weight: ArrayLike<number>) {
  const shape = { cell, activation: "tanh", units, inputs: 1, heads: 1, classes: 2 } as const;
  const tensors = networkTensors(shape, new Float32Array(parameterCount(shape)));
  const { shape: dimensions } = tensors.get("recurrent.weight")!;
  tensors.set("recurrent.weight", { shape: dimensions, data: Float32Array.from(weight) });
  return connectivityStatistics({ shape, parameters: packParameters(shape, tensors) });
}

describe("values", () => {
  test("three leaky units by hand: their weights to themselves count nowhere", () => {
    const found = statisticsOf("leaky", 3, [99, 1, -2, 0, -99, 3, -1, -5, 99]);
    expect([...found.incoming]).toEqual([-0.5, 1.5, -3]);
    expect(found.mean).toBeCloseTo(-4 / 6, 15);
    expect(found.negative).toBe(0.5);
    expect(found.sd).toBeCloseTo(Math.sqrt((1 + 4 + 0 + 9 + 1 + 25) / 6 - (4 / 6) ** 2), 14);
    expect(found.incomingSd).toBeCloseTo(Math.sqrt((0.25 + 2.25 + 9) / 3 - (2 / 3) ** 2), 14);
  });

  test("two gru units by hand: one mean for each gate of each unit, and every weight counts", () => {
    const found = statisticsOf("gru", 2, [1, 3, 0, 0, -1, -1, 2, 0, 5, 5, -4, 0]);
    expect([...found.incoming]).toEqual([2, 0, -1, 1, 5, -2]);
    expect(found.mean).toBeCloseTo(10 / 12, 15);
    expect(found.negative).toBe(3 / 12);
  });

  test.each(cellNames)(
    "%s, 41 units: mean and spread of as many weights as the cell uses, within 1e-12",
    (cell) => {
      const weight = values(drawFrom(2), cellKind(cell).gates * 41 * 41, -1, 0.5);
      const found = statisticsOf(cell, 41, weight);
      const used = [...weight].filter((_, k) => !(cellKind(cell).tau && k % 42 === 0));
      const mean = used.reduce((sum, value) => sum + value, 0) / used.length;
      expect(found.mean).toBeCloseTo(mean, 12);
      expect(found.sd ** 2).toBeCloseTo(
        used.reduce((sum, value) => sum + (value - mean) ** 2, 0) / used.length,
        12,
      );
      expect(found.incoming.reduce((sum, value) => sum + value, 0) / found.incoming.length).toBeCloseTo(
        mean,
        12,
      );
      expect(found.incoming).toHaveLength(cellKind(cell).gates * 41);
    },
  );

  test("a single leaky unit has no weights, and zeros", () => {
    expect(statisticsOf("leaky", 1, [5])).toEqual({
      incoming: Float64Array.of(0),
      ...{ mean: 0, sd: 0, negative: 0, incomingSd: 0 },
    });
  });
});

describe("layers", () => {
  const shape = { cell: "leaky", activation: "tanh", units: 3, inputs: 1, heads: 1, classes: 2 } as const;
  const stack: NetworkShape = { ...shape, layers: 2 };
  const parameters = values(drawFrom(3), parameterCount(stack), -1, 0.5);

  test("of each layer they are those of a network with its recurrent weights", () => {
    const tensors = networkTensors(stack, parameters);
    for (const [layer, name] of [
      [1, "recurrent.weight"],
      [2, "layer2.recurrent.weight"],
    ] as const) {
      const own = statisticsOf("leaky", 3, tensors.get(name)!.data);
      expect(connectivityStatistics({ shape: stack, parameters }, layer)).toEqual(own);
    }
  });

  test.each([undefined, 0, 3, 1.5])("layer %s of two is refused", (layer) => {
    const run = () => connectivityStatistics({ shape: stack, parameters }, layer);
    expect(run).toThrow(
      new ShapeError(`connectivityStatistics: \`layer\` is ${layer}, expected a whole number from 1 to 2.`),
    );
  });
});

const source = fileURLToPath(new URL("../../../shared/data/levina/", import.meta.url));

describe.skipIf(!existsSync(source))("released networks (skipped without ../shared/data/levina)", () => {
  test("the single-head network of N = 8 is more inhibitory than the multi-head one", () => {
    const meanOf = (name: string) => {
      const network = decodeRnnTimescale(readFileSync(join(source, `${name}.safetensors`)), name);
      const { mean } = connectivityStatistics(network);
      const weight = networkTensors(network.shape, network.parameters).get("recurrent.weight")!.data;
      expect(mean).toBeCloseTo(weightStatistics(weight, network.shape.units).mean, 12);
      return mean;
    };
    expect(meanOf("single_N8")).toBeLessThan(meanOf("multi_N2_N8"));
    expect(meanOf("single_N8")).toBeLessThan(0);
  });
});

// Networks before their first update: PyTorch's default for linear layers, and the paper's time constants and states.

import { describe, expect, test } from "vitest";
import {
  type LayerTensorName,
  layerTensor,
  networkTensors,
  type TensorName,
} from "../../src/cells/network.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { TrainingSettings } from "../../src/training/settings.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { chiSquare } from "../tasks/drawn-batch.ts";

const UNITS = 200;
const HEADS = 20;

async function startTensors(settings: Partial<TrainingSettings> = {}) {
  const trainer = await Trainer.start({ units: UNITS, maxN: HEADS + 1, ...settings });
  const { shape, parameters } = trainer.network;
  const tensors = networkTensors(shape, parameters);
  return (name: TensorName) => [...tensors.get(name)!.data];
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const withoutDiagonal = (weight: number[]) => weight.filter((_, i) => i % (UNITS + 1) !== 0);

// fan-in as in the source: input layer 1, recurrent layer and heads H
const bounds: [TensorName, number, number][] = [
  ["input.weight", UNITS, 1],
  ["input.bias", UNITS, 1],
  ["recurrent.weight", UNITS * (UNITS - 1), 1 / Math.sqrt(UNITS)],
  ["recurrent.bias", UNITS, 1 / Math.sqrt(UNITS)],
  ["readout.weight", HEADS * 2 * UNITS, 1 / Math.sqrt(UNITS)],
  ["readout.bias", HEADS * 2, 1 / Math.sqrt(UNITS)],
];

// uniform on ±bound: mean 0 and mean square bound²/3 within 4 standard errors, and no value outside
function expectUniform(values: number[], bound: number): void {
  const n = values.length;
  const highest = values.reduce((a, b) => Math.max(a, b));
  const lowest = values.reduce((a, b) => Math.min(a, b));
  expect(Math.max(highest, -lowest)).toBeLessThanOrEqual(Math.fround(bound));
  expect(highest).toBeGreaterThan(bound * (1 - 20 / n));
  expect(lowest).toBeLessThan(-bound * (1 - 20 / n));
  expect(Math.abs(mean(values))).toBeLessThan((4 * bound) / Math.sqrt(3 * n));
  const square = mean(values.map((value) => value * value));
  expect(Math.abs(square - bound ** 2 / 3)).toBeLessThan(4 * bound ** 2 * Math.sqrt(4 / 45 / n));
}

describe("values", () => {
  test.each(bounds)(
    "%s: %d values uniform on ±%d, moments within 4 standard errors",
    async (name, count, bound) => {
      const values = (await startTensors())(name);
      const drawn = name === "recurrent.weight" ? withoutDiagonal(values) : values;
      expect(drawn.length).toBe(count);
      expectUniform(drawn, bound);
    },
  );

  test("recurrent and read-out weights fill 10 equal parts of their range evenly, χ² below 27.88", async () => {
    const tensor = await startTensors();
    for (const values of [withoutDiagonal(tensor("recurrent.weight")), tensor("readout.weight")]) {
      const counts = Array(10).fill(0);
      for (const value of values) counts[Math.floor((value * Math.sqrt(UNITS) + 1) * 5)]++;
      expect(counts.length).toBe(10);
      expect(chiSquare(counts)).toBeLessThan(27.88);
    }
  });

  test("tau is uniform on [1, 2): moments within 4 standard errors", async () => {
    const tau = (await startTensors())("tau");
    expect(Math.min(...tau)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...tau)).toBeLessThan(2);
    expectUniform(
      tau.map((value) => value - 1.5),
      0.5,
    );
  });

  test("tauLow and tauHigh are the limits of tau: uniform on [3, 7), and all 4 if both are", async () => {
    const wide = (await startTensors({ tauLow: 3, tauHigh: 7 }))("tau");
    expectUniform(
      wide.map((value) => value - 5),
      2,
    );
    expect((await startTensors({ tauLow: 4, tauHigh: 4 }))("tau")).toEqual(Array(UNITS).fill(4));
  });

  test("the recurrent weights have a diagonal of exact zeros and no other zero", async () => {
    const weight = (await startTensors())("recurrent.weight");
    const zeros = [...weight.keys()].filter((i) => weight[i] === 0);
    expect(zeros).toEqual(Array.from({ length: UNITS }, (_, i) => i * (UNITS + 1)));
  });
});

describe("gains and biases of gates", () => {
  const gates = [
    ["leaky", 1, ["input.weight", "readout.weight", "readout.bias", "tau"]],
    ["gru", 3, ["input.weight", "readout.weight", "readout.bias"]],
    ["lstm", 4, ["input.weight", "readout.weight", "readout.bias"]],
  ] as const;

  test.each(gates)(
    "%s: recurrent weights of %d gates are normal with variance g²/H, moments within 4 standard errors; all else is as without",
    async (cell, count, others) => {
      const initialGain = [3, 0.5, 0, 2].slice(0, count);
      const tensor = await startTensors({ cell, initialGain });
      const plain = await startTensors({ cell });
      const weight = tensor("recurrent.weight");
      expect(weight).toHaveLength(count * UNITS * UNITS);
      for (const [gate, gain] of initialGain.entries()) {
        const block = weight.slice(gate * UNITS * UNITS, (gate + 1) * UNITS * UNITS);
        const drawn = cell === "leaky" ? withoutDiagonal(block) : block;
        const [n, variance] = [drawn.length, gain ** 2 / UNITS];
        const power = (k: number) => mean(drawn.map((value) => value ** k));
        expect(Math.abs(power(1))).toBeLessThanOrEqual(4 * Math.sqrt(variance / n));
        expect(Math.abs(power(2) - variance)).toBeLessThanOrEqual(4 * variance * Math.sqrt(2 / n));
        // a normal distribution's fourth moment is three times the square of the second, a uniform one's 1.8 times
        expect(Math.abs(power(4) - 3 * variance ** 2)).toBeLessThanOrEqual(
          4 * variance ** 2 * Math.sqrt(96 / n),
        );
      }
      for (const name of [...others, "input.bias", "recurrent.bias"] as const) {
        expect(tensor(name)).toEqual(plain(name));
      }
    },
  );

  test.each(gates)("%s: biases of %d gates begin at the values asked for", async (cell, count, others) => {
    const initialBias = [-1, 2, 0, 0.5].slice(0, count);
    const tensor = await startTensors({ cell, initialBias });
    const plain = await startTensors({ cell });
    expect(tensor("input.bias")).toEqual(Array(count * UNITS).fill(0));
    expect(tensor("recurrent.bias")).toEqual(initialBias.flatMap((bias) => Array(UNITS).fill(bias)));
    for (const name of [...others, "recurrent.weight"] as const) expect(tensor(name)).toEqual(plain(name));
  });

  test("the weights of gates, of layers and of seeds are different draws", async () => {
    const blocks = await Promise.all([
      startTensors({ cell: "gru", initialGain: [1, 1, 1] }),
      startTensors({ layers: 2, initialGain: [1], seed: 1 }),
    ]).then(([gru, leaky]) => {
      const size = UNITS * UNITS;
      const all = gru!("recurrent.weight");
      const of = (gate: number) => all.slice(gate * size, (gate + 1) * size);
      return [of(0), of(1), of(2), leaky!("recurrent.weight"), leaky!(layerTensor(1, "recurrent.weight"))];
    });
    // behind the diagonal's zero
    expect(new Set(blocks.map((block) => block[1])).size).toBe(5);
  });

  test("in every layer, the diagonal of a leaky network's weights stays zero", async () => {
    const tensor = await startTensors({ layers: 2, initialGain: [2] });
    for (const name of ["recurrent.weight", layerTensor(1, "recurrent.weight")] as const) {
      const weight = tensor(name);
      expect(weight.filter((_, i) => i % (UNITS + 1) === 0).every((value) => value === 0)).toBe(true);
      expect(mean(weight.map((value) => value * value)) * UNITS).toBeCloseTo(4, 0);
    }
  });
});

describe("layers", () => {
  const drawn: LayerTensorName[] = ["input.weight", "input.bias", "recurrent.weight", "recurrent.bias"];

  test("weights and biases of layers 2 and 3 are uniform on ±1/√H, inputs' too, as PyTorch draws H inputs; tau on [1, 2)", async () => {
    const tensor = await startTensors({ layers: 3 });
    for (const l of [1, 2]) {
      for (const name of drawn) {
        const values = tensor(layerTensor(l, name));
        expect(values.length).toBe(name.endsWith("weight") ? UNITS * UNITS : UNITS);
        expectUniform(name === "recurrent.weight" ? withoutDiagonal(values) : values, 1 / Math.sqrt(UNITS));
      }
      const tau = tensor(layerTensor(l, "tau"));
      expectUniform(
        tau.map((value) => value - 1.5),
        0.5,
      );
    }
  });

  test("the draws of a layer, and the heads', do not depend on the number of layers", async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map((layers) => startTensors({ layers })));
    for (const name of ["tau", ...drawn, "readout.weight", "readout.bias"] as const) {
      expect(two!(name)).toEqual(one!(name));
      expect(three!(name)).toEqual(one!(name));
    }
    for (const name of ["tau", ...drawn] as const) {
      expect(three!(layerTensor(1, name))).toEqual(two!(layerTensor(1, name)));
    }
  });

  test("no two layers share a stream: the first draws of all tensors of 3 layers are different", async () => {
    const tensor = await startTensors({ layers: 3 });
    const unit = (name: LayerTensorName, l: number) => {
      const fan = l === 0 && name.startsWith("input") ? 1 : UNITS;
      // behind the diagonal's zero
      const value = tensor(layerTensor(l, name))[1]!;
      return name === "tau" ? value - 1 : (value * Math.sqrt(fan) + 1) / 2;
    };
    const first = [0, 1, 2].flatMap((l) => (["tau", ...drawn] as const).map((name) => unit(name, l)));
    expect(new Set(first.map((value) => Math.round(value * 2 ** 20))).size).toBe(15);
  });
});

describe.each(["gru", "lstm"] as const)("%s", (cell) => {
  const gates = { gru: 3, lstm: 4 }[cell];

  test("weights and biases are uniform on ±1/√H, inputs' too, as in PyTorch; none is zero", async () => {
    const tensor = await startTensors({ cell });
    const sizes = { "input.weight": 1, "input.bias": 1, "recurrent.weight": UNITS, "recurrent.bias": 1 };
    for (const [name, columns] of Object.entries(sizes)) {
      const drawn = tensor(name as TensorName);
      expect(drawn.length).toBe(gates * UNITS * columns);
      expect(drawn).not.toContain(0);
      expectUniform(drawn, 1 / Math.sqrt(UNITS));
    }
  });
});

describe("keys", () => {
  const every: TensorName[] = [
    "tau",
    "input.weight",
    "input.bias",
    "recurrent.weight",
    "recurrent.bias",
    "readout.weight",
    "readout.bias",
  ];

  test("a head's draws, and the cell's, do not depend on the number of heads", async () => {
    const many = await startTensors();
    const few = await startTensors({ maxN: 4 });
    for (const name of every) {
      expect(few(name)).toEqual(many(name).slice(0, few(name).length));
    }
    expect(few("readout.weight").length).toBe(3 * 2 * UNITS);
    expect(few("readout.bias").length).toBe(3 * 2);
  });

  test("no two tensors, and no two heads, share a stream: their second draws are all different", async () => {
    const tensor = await startTensors();
    const blocks = [
      tensor("tau").map((value) => value - 1),
      ...bounds.slice(0, 4).map(([name, , bound]) => tensor(name).map((value) => (value / bound + 1) / 2)),
      ...Array.from({ length: HEADS }, (_, k) => toUnit(tensor("readout.weight").slice(k * 2 * UNITS))),
      ...Array.from({ length: HEADS }, (_, k) => toUnit(tensor("readout.bias").slice(k * 2))),
    ];
    expect(blocks.length).toBe(45);
    expect(new Set(blocks.map((values) => Math.round(values[1]! * 2 ** 20))).size).toBe(45);
  });

  test("the same seed gives the same network, another seed another, the task and curriculum do not matter", async () => {
    const first = await startTensors();
    const same = await startTensors({ task: "dms", batch: 3, learningRate: 1 });
    const other = await startTensors({ seed: 1 });
    const single = await startTensors({ curriculum: "single" });
    for (const name of every) {
      expect(same(name)).toEqual(first(name));
      expect(other(name)).not.toEqual(first(name));
      expect(single(name)).toEqual(first(name).slice(0, single(name).length));
    }
  });

  test("seeds that differ only above 2^32 give different networks", async () => {
    const low = await startTensors({ seed: 5 });
    const high = await startTensors({ seed: 5 + 2 ** 32 });
    expect(high("tau")).not.toEqual(low("tau"));
  });
});

describe("initial states", () => {
  // the states before the first step, at every update
  async function statesOf(settings: Partial<TrainingSettings>): Promise<number[][]> {
    const states: number[][] = [];
    const options = {
      onProgress: () => states.push([...(Reflect.get(trainer, "plan") as Plan).initialState]),
    };
    const small = { units: 50, batch: 40, updates: 3, testBatches: 1, epochs: 1, maxN: 3 };
    const trainer: Trainer = await Trainer.start({ ...small, ...settings }, options);
    for await (const _ of trainer);
    return states;
  }

  test("h0 is uniform on [0, 0.1) for every unit and sequence, and drawn afresh at every update", async () => {
    const states = await statesOf({});
    expect(states.map((state) => state.length)).toEqual([2000, 2000, 2000]);
    for (const state of states) {
      expect(Math.min(...state)).toBeGreaterThanOrEqual(0);
      expectUniform(
        state.map((value) => value - 0.05),
        0.05,
      );
    }
    const shared = states[0]!.filter((value, i) => value === states[1]![i] || value === states[2]![i]);
    expect(shared.length).toBeLessThan(3);
    expect(new Set(states[0]).size).toBeGreaterThan(1990);
  });

  test("two layers have states of their own: 2 × 50 units for each of 40 sequences, no two alike", async () => {
    const [state] = await statesOf({ layers: 2 });
    expect(state!.length).toBe(4000);
    expect(new Set(state).size).toBeGreaterThan(3990);
    expectUniform(
      state!.map((value) => value - 0.05),
      0.05,
    );
  });

  test("initialState scales them: 0 gives zeros, 0.2 twice the values of 0.1", async () => {
    const [zeros, once, twice] = await Promise.all(
      [0, 0.1, 0.2].map((initialState) => statesOf({ initialState })),
    );
    expect(new Set(zeros!.flat())).toEqual(new Set([0]));
    expect(twice![0]).toEqual(once![0]!.map((value) => 2 * value));
  });
});

// heads' draws, from ±1/sqrt(H) to 0 … 1
function toUnit(values: number[]): number[] {
  return values.map((value) => (value * Math.sqrt(UNITS) + 1) / 2);
}

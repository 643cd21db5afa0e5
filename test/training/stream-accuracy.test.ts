// Accuracy at every step of a stream, of networks whose accuracy is known, and against a simulation by hand.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ablateUnits, unitsByTau } from "../../src/analysis/ablation.ts";
import { simulateNetwork } from "../../src/analysis/simulation.ts";
import { cellNames, networkTensors, parameterCount } from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { NumericError, ShapeError } from "../../src/core/errors.ts";
import { Plan } from "../../src/core/plan.ts";
import { decodeRnnTimescale } from "../../src/io/rnn-timescale.ts";
import type { TaskName } from "../../src/tasks/task.ts";
import { measureStreamAccuracy, type StreamAccuracyOptions } from "../../src/training/stream-accuracy.ts";
import { drawFrom, values } from "../assembly/values.ts";
import { standardErrors } from "../tasks/drawn-batch.ts";
import { forBipolarBits, makeConstant, makeSolver, purposeOf } from "./hand-made-network.ts";

// bits, 0 and 1, and initial states, (T, B) and (B, units), as they are drawn where k steps make a bit
async function drawn(units: number, repeats: number, all: number, bias: number, k: number, seed: number) {
  const core = await Core.load();
  const shape = { cell: "leaky", activation: "relu", units, inputs: 1, heads: 1, classes: 2 } as const;
  const plan = new Plan(core, shape, { batch: repeats, steps: 256, labelRows: 1 });
  const key = core.key(seed, 5);
  plan.drawState(core.fold(key, 1), 0.1);
  const initialState = plan.initialState.slice();
  const bits: number[] = [];
  const atOnce = Math.max(1, Math.floor(256 / k));
  for (let piece = 0; piece * atOnce < all; piece++) {
    plan.drawBits(core.fold(key, 0, piece), bias, "binary", atOnce);
    bits.push(...plan.inputs.subarray(0, atOnce * repeats));
  }
  core.release();
  return { initialState, bits: bits.slice(0, all * repeats) };
}

describe("values", () => {
  test.each([
    ["dms", [13]],
    ["dms", [2, 3, 4, 5, 6, 7]],
    ["parity", [13]],
    ["parity", [2, 3, 4, 5, 6, 7]],
  ] as [TaskName, number[]][])(
    "a network made by hand to solve %s at N = %j is right at each of 10 × 1000 steps",
    async (task, N) => {
      const { accuracy, repeats } = await measureStreamAccuracy(makeSolver(task, N), { N });
      expect(accuracy).toEqual(Object.fromEntries(N.map((n) => [n, 1])));
      expect(repeats).toEqual(Object.fromEntries(N.map((n) => [n, Array(10).fill(1)])));
    },
  );

  test("a network made by hand for bits -1 and 1 is right at each of them", async () => {
    const { accuracy } = await measureStreamAccuracy(forBipolarBits(makeSolver("parity", [2, 3])), {
      N: [2, 3],
    });
    expect(accuracy).toEqual({ 2: 1, 3: 1 });
  });

  test.each([0.5, 0.1, 0.9])(
    "always answering even, where bits are 1 with p = %f, scores (1 + (1 - 2p)^N) / 2, within 4 standard errors of 50,000 / N",
    async (bias) => {
      const N = [2, 3, 4, 7];
      const options = { N, bias, steps: 5000 };
      const even = await measureStreamAccuracy(makeConstant("parity", 0), options);
      const odd = await measureStreamAccuracy(makeConstant("parity", 1), options);
      for (const n of N) {
        // neighbouring labels share N - 1 bits
        const expected = (1 + (1 - 2 * bias) ** n) / 2;
        expect(standardErrors(even.accuracy[n]!, expected, 50_000 / n), `N = ${n}`).toBeLessThan(4);
        // the same bits for both networks
        even.repeats[n]!.forEach((value, b) => {
          expect(value + odd.repeats[n]![b]!).toBeCloseTo(1, 12);
        });
      }
    },
  );

  test.each([
    ...cellNames.flatMap((cell) => [[cell, "parity", 1, 1] as const, [cell, "dms", 1, 1] as const]),
    ["leaky", "parity", 3, 1] as const,
    ["leaky", "dms", 1, 7] as const,
    ["leaky-outside", "parity", 2, 3] as const,
    ["leaky-outside", "parity", 1, 300] as const,
  ])(
    "%s, %s, layers: %d, steps per bit: %d: an untrained network's are those of a simulation and of read-outs by hand",
    async (cell, task, layers, k) => {
      const [H, repeats, steps, warmUp, bias, seed] = [9, 3, 300, 45, 0.3, 7];
      const shape = { cell, activation: "tanh", units: H, layers, inputs: 1, heads: 4, classes: 2 } as const;
      const network = { shape, parameters: values(drawFrom(H), parameterCount(shape), -0.9, 0.9) };
      const N = [2, 5, 3];
      const options = { N, steps, repeats, warmUp, bias, seed };
      const found = await measureStreamAccuracy(
        { network, purpose: { ...purposeOf(task, "multi", [2, 3, 4, 5]), stepsPerBit: [1, k] } },
        options,
      );
      const { bits, initialState } = await drawn(layers * H, repeats, warmUp + steps, bias, k, seed);
      const tensors = networkTensors(shape, network.parameters);
      const [weight, offset] = [tensors.get("readout.weight")!.data, tensors.get("readout.bias")!.data];
      const states: number[] = [];
      const input = (inputs: Float32Array, first: number) => {
        for (let i = 0; i < inputs.length; i++) {
          const t = first + Math.floor(i / repeats);
          inputs[i] = bits[Math.floor(t / k) * repeats + (i % repeats)]!;
        }
      };
      const simulation = { steps: (warmUp + steps) * k, trials: repeats, input, initialState };
      for await (const piece of simulateNetwork(network, {
        ...simulation,
        stepsPerBit: k,
        stepsAtOnce: 50,
      })) {
        for (const state of piece.states) states.push(state);
      }
      for (const n of N) {
        const right = Array.from({ length: repeats }, (_, b) => {
          let count = 0;
          for (let t = warmUp; t < warmUp + steps; t++) {
            const [zero, one] = [0, 1].map((c) => {
              const row = (n - 2) * 2 + c;
              const sum = Array.from(
                { length: H },
                (_, i) =>
                  weight[row * H + i]! *
                  states[(((t * k + k - 1) * repeats + b) * layers + layers - 1) * H + i]!,
              ).reduce((total, value) => total + value, 0);
              return sum + offset[row]!;
            }) as [number, number];
            const seen = Array.from({ length: n }, (_, k) => bits[(t - n + 1 + k) * repeats + b]!);
            const parity = seen.reduce((sum, bit) => sum + bit, 0) % 2;
            const label = task === "parity" ? parity : Number(seen[0] === seen[n - 1]);
            if (Number(one > zero) === label) count++;
          }
          return count / steps;
        });
        expect(found.repeats[n]).toEqual(right);
        expect(found.accuracy[n]).toBeCloseTo(right.reduce((sum, value) => sum + value, 0) / repeats, 12);
      }
    },
  );

  test("are the same twice, other ones of another seed, and of an N whatever else is asked for", async () => {
    const network = makeConstant("parity", 0);
    const options = { N: [4], steps: 200, seed: 1 };
    const first = await measureStreamAccuracy(network, options);
    expect(await measureStreamAccuracy(network, options)).toEqual(first);
    expect(await measureStreamAccuracy(network, { ...options, seed: 2 })).not.toEqual(first);
    const { repeats } = await measureStreamAccuracy(network, { ...options, N: [7, 4] });
    expect(repeats[4]).toEqual(first.repeats[4]);
  });
});

describe("errors", () => {
  const solver = makeSolver("parity", [2, 3]);

  test.each<[Partial<StreamAccuracyOptions>, string]>([
    [{ N: [] }, "measureStreamAccuracy: `N` is empty, expected at least one memory length."],
    [{ N: [1] }, "measureStreamAccuracy: `N` is 1, expected a whole number from 2"],
    [{ N: [4] }, "measureStreamAccuracy: no head answers N = 4"],
    [{ steps: 0 }, "`steps` is 0, expected a whole number from 1"],
    [{ repeats: 1.5 }, "`repeats` is 1.5"],
    [{ warmUp: 1 }, "`warmUp` is 1, expected at least 2: the answer to N = 3 reads so many earlier bits."],
    [{ bias: 1.1 }, "`bias` is 1.1, expected a probability from 0 to 1."],
    [{ bias: Number.NaN }, "`bias` is NaN"],
    [{ seed: -1 }, "`seed` is -1, expected a whole number from 0"],
    [{ stepsPerBit: 0 }, "`stepsPerBit` is 0, expected a whole number from 1"],
  ])("%o is refused", async (wrong, message) => {
    const run = measureStreamAccuracy(solver, { N: [2, 3], ...wrong });
    await expect(run).rejects.toThrow(ShapeError);
    await expect(run).rejects.toThrow(message);
  });

  test("an output that is not finite is one", async () => {
    const { network, purpose } = solver;
    const parameters = network.parameters.slice();
    parameters[parameters.length - 1] = Number.NaN;
    const run = measureStreamAccuracy({ network: { ...network, parameters }, purpose }, { N: [3] });
    await expect(run).rejects.toThrow(NumericError);
    await expect(run).rejects.toThrow("measureStreamAccuracy: an output of the network is NaN or infinite");
  });

  test("a task without an answer at every step is one", async () => {
    const [inputs, classes] = [1, 10];
    const shape = { cell: "leaky", activation: "relu", units: 3, inputs, heads: 1, classes } as const;
    const network = { shape, parameters: new Float32Array(parameterCount(shape)) };
    const run = measureStreamAccuracy({ network, purpose: purposeOf("smnist", "single", [2]) }, { N: [2] });
    await expect(run).rejects.toThrow(ShapeError);
    await expect(run).rejects.toThrow("the task is smnist, expected one of bits");
  });

  test("a signal ends it", async () => {
    const run = measureStreamAccuracy(solver, { N: [2], signal: AbortSignal.abort(new Error("enough")) });
    await expect(run).rejects.toThrow("enough");
  });
});

const source = fileURLToPath(new URL("../../../shared/data/levina/", import.meta.url));

describe.skipIf(!existsSync(source))("released networks (skipped without ../shared/data/levina)", () => {
  test("multi-head, N = 5: right at every step; without one of the 20 units of shortest tau 0.99 to 0.999 of them, of longest tau above 0.9995", async () => {
    // the released measurements of another such network: 1.000, 0.997, 1.000
    const network = decodeRnnTimescale(readFileSync(join(source, "multi_N2_N5.safetensors")), "multi_N2_N5");
    const purpose = purposeOf("parity", "multi", [2, 3, 4, 5]);
    const { accuracy } = await measureStreamAccuracy({ network, purpose }, { N: [2, 3, 4, 5] });
    expect(Object.values(accuracy)).toEqual([1, 1, 1, 1]);
    const { shortest, longest } = unitsByTau(network);
    const without = async (units: number[]) => {
      let sum = 0;
      for (const unit of units) {
        const ablated = { network: ablateUnits(network, [unit]), purpose };
        sum += (await measureStreamAccuracy(ablated, { N: [5] })).accuracy[5]!;
      }
      return sum / units.length;
    };
    const short = await without(shortest);
    expect(short).toBeGreaterThan(0.99);
    expect(short).toBeLessThan(0.999);
    expect(await without(longest)).toBeGreaterThan(0.9995);
  });
});

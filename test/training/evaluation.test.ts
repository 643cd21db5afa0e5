// Accuracy of networks whose accuracy is known.

import { describe, expect, test } from "vitest";
import type { NetworkShape } from "../../src/cells/network.ts";
import { ShapeError } from "../../src/core/errors.ts";
import type { TaskName } from "../../src/tasks/task.ts";
import { type EvaluationOptions, evaluateNetwork } from "../../src/training/evaluation.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { standardErrors } from "../tasks/drawn-batch.ts";
import { forBipolarBits, makeConstant, makeSolver, purposeOf } from "./hand-made-network.ts";

const N = [2, 3, 4, 5, 6, 7, 8, 12, 13];

describe("values", () => {
  test.each([
    ["dms", [2]],
    ["dms", [13]],
    ["dms", [2, 3, 4, 5, 6, 7]],
    ["parity", [2]],
    ["parity", [13]],
    ["parity", [2, 3, 4, 5, 6, 7]],
  ] as [TaskName, number[]][])(
    "a network made by hand to solve %s at N = %j is right on every one of 2560 sequences",
    async (task, lengths) => {
      const result = await evaluateNetwork(makeSolver(task, lengths), { N: lengths, batches: 10 });
      expect(result).toEqual({
        sequences: 2560,
        accuracy: Object.fromEntries(lengths.map((n) => [n, 1])),
      });
    },
  );

  test.each(["dms", "parity"] as const)(
    "bits are those of the purpose: a solver of %s made for -1 and 1 is right on every one of 2560 sequences of those, one made for 0 and 1 on fewer than 80 %",
    async (task) => {
      const made = forBipolarBits(makeSolver(task, [2, 3, 4, 5]));
      const { accuracy } = await evaluateNetwork(made, { N: [2, 3, 4, 5], batches: 10 });
      expect(accuracy).toEqual({ 2: 1, 3: 1, 4: 1, 5: 1 });
      const other = { ...makeSolver(task, [2, 3, 4, 5]), purpose: made.purpose };
      const wrong = await evaluateNetwork(other, { N: [5], batches: 10 });
      expect(wrong.accuracy[5]).toBeLessThan(0.8);
    },
  );

  test.each(["dms", "parity"] as const)(
    "a solver of %s is right at every one of the steps that have a label",
    async (task) => {
      const { network, purpose } = makeSolver(task, [2, 3, 4, 5]);
      const options = { N: [2, 3, 4, 5], sequenceN: 7, batches: 10 };
      const every = { network, purpose: { ...purpose, labels: "every" as const } };
      expect(await evaluateNetwork(every, options)).toEqual({
        sequences: 2560,
        accuracy: { 2: 1, 3: 1, 4: 1, 5: 1 },
      });
    },
  );

  test("a constant answer's accuracy over every step is the share of its label: of even and odd, 1 in all", async () => {
    const measure = async (answer: 0 | 1) => {
      const { network, purpose } = makeConstant("parity", answer);
      return evaluateNetwork(
        { network, purpose: { ...purpose, labels: "every" } },
        { N: [2, 5], batches: 20 },
      );
    };
    const [even, odd] = await Promise.all([measure(0), measure(1)]);
    for (const n of [2, 5]) {
      expect(even!.accuracy[n]! + odd!.accuracy[n]!).toBeCloseTo(1, 12);
      // 1/2 + 1/(2 (N + 1)) at N = 2; steps of one sequence share its p
      const expected = n === 2 ? 2 / 3 : 1 / 2;
      expect(Math.abs(even!.accuracy[n]! - expected)).toBeLessThan(0.03);
    }
  });

  test("a network that solves 5-parity scores 1/2 + 1/(2 (Δ + 1)) on (5 ± Δ)-parity for even Δ, 1/2 for odd Δ, within 4 standard errors of 51 200", async () => {
    const { accuracy, sequences } = await evaluateNetwork(makeSolver("parity", [5]), { N, batches: 200 });
    for (const n of N) {
      const distance = Math.abs(n - 5);
      const expected = distance % 2 === 0 ? 1 / 2 + 1 / (2 * (distance + 1)) : 1 / 2;
      if (n === 5) expect(accuracy[n]).toBe(1);
      else {
        const errors = standardErrors(accuracy[n]!, expected, sequences);
        expect(errors, `N = ${n}: ${accuracy[n]}`).toBeLessThan(4);
      }
    }
  });

  test("always answering even scores 1/2 + 1/(2 (N + 1)) at even N, 1/2 at odd N, within 4 standard errors of 51 200; always odd the rest", async () => {
    const even = await evaluateNetwork(makeConstant("parity", 0), { N, batches: 200 });
    const odd = await evaluateNetwork(makeConstant("parity", 1), { N, batches: 200 });
    for (const n of N) {
      const expected = n % 2 === 0 ? 1 / 2 + 1 / (2 * (n + 1)) : 1 / 2;
      const errors = standardErrors(even.accuracy[n]!, expected, even.sequences);
      expect(errors, `N = ${n}: ${even.accuracy[n]}`).toBeLessThan(4);
      expect(even.accuracy[n]! + odd.accuracy[n]!).toBeCloseTo(1, 12);
    }
  });

  test("equal logits count as class 0", async () => {
    const { network, purpose } = makeConstant("parity", 0);
    const undecided = { network: { ...network, parameters: network.parameters.slice().fill(0) }, purpose };
    const options = { N, batches: 4 };
    expect(await evaluateNetwork(undecided, options)).toEqual(
      await evaluateNetwork({ network, purpose }, options),
    );
  });

  test.each(["parity", "dms"] as const)(
    "an untrained network scores 0.4 to 0.6 on %s from N = 5 on, in each of 6 seeds",
    async (task) => {
      for (let seed = 0; seed < 6; seed++) {
        const trainer = await Trainer.start({ task, seed, units: 64, maxN: 12 });
        const lengths = [5, 6, 7, 8, 9, 10, 11, 12];
        const { accuracy } = await evaluateNetwork(trainer.checkpoint(), { N: lengths, batches: 10 });
        for (const n of lengths) {
          expect(Math.abs(accuracy[n]! - 0.5), `seed ${seed}, N = ${n}: ${accuracy[n]}`).toBeLessThan(0.1);
        }
      }
    },
  );
});

describe("invariants", () => {
  const made = makeSolver("parity", [2, 3, 4]);
  // asked for other N than its own, a network's accuracy is neither 1 nor chance: about 2/3, 1/2 and 2/3 here
  const other = makeSolver("parity", [5]);
  const N = [3, 6, 7];
  const measure = async (options: Partial<EvaluationOptions> = {}) =>
    (await evaluateNetwork(other, { N, batches: 8, ...options })).accuracy;

  test("the same options give the same accuracies, another seed others", async () => {
    const first = await measure();
    expect(new Set(Object.values(first)).size).toBe(3);
    for (const n of N) expect(Math.abs(first[n]! - 0.6)).toBeLessThan(0.15);
    expect(await measure()).toEqual(first);
    expect(await measure({ seed: 1 })).not.toEqual(first);
  });

  test("an N's accuracy does not depend on the order of N, nor on what else is measured", async () => {
    const first = await measure();
    expect(await measure({ N: [7, 3, 6] })).toEqual(first);
    for (const n of N) expect(await measure({ N: [n], sequenceN: 7 })).toEqual({ [n]: first[n] });
  });

  test("every batch has its own key: the first 4 of 8 are the 4, and the other 4 are others", async () => {
    const [four, eight] = [await measure({ batches: 4 }), await measure({ batches: 8 })];
    for (const n of N) {
      const rest = 2 * eight[n]! - four[n]!;
      expect(Number.isInteger(rest * 1024)).toBe(true);
      expect(Math.abs(rest - four[n]!)).toBeLessThan(0.1);
      expect(rest).not.toBe(four[n]);
    }
  });

  // a unit with tau = 1e6 that keeps its initial state and answers by it: always right on 2/3 or 1/3 of the sequences if
  // all batches began alike
  test("initial states are drawn afresh for every batch: answers that depend on them alone are right half the time", async () => {
    const shape = { cell: "leaky", activation: "relu", units: 1, inputs: 1, heads: 1, classes: 2 } as const;
    const [tau, ...noInput] = [1e6, 0, 0, 0, 0];
    const keeper = {
      network: { shape, parameters: Float32Array.of(tau!, ...noInput, 0, 1, 0.05, 0) },
      purpose: purposeOf("parity", "single", [2]),
    };
    const { accuracy, sequences } = await evaluateNetwork(keeper, { N: [2], batch: 1, batches: 5000 });
    expect(standardErrors(accuracy[2]!, 1 / 2, sequences)).toBeLessThan(4);
    const scaled = { ...keeper, purpose: { ...keeper.purpose, initialState: 0.05 } };
    const low = await evaluateNetwork(scaled, { N: [2], batch: 1, batches: 5000 });
    expect(standardErrors(low.accuracy[2]!, 2 / 3, sequences)).toBeLessThan(4);
  });

  test("neither network nor purpose is changed", async () => {
    const before = structuredClone(other);
    await measure();
    expect(other).toEqual(before);
  });

  test("sequences are as long as the network was trained on, if that is longer than N asks for", async () => {
    const trained = { ...other, purpose: purposeOf("parity", "single", [2, 9, 4]) };
    const { accuracy } = await evaluateNetwork(trained, { N, batches: 8 });
    expect(accuracy).toEqual(await measure({ sequenceN: 9 }));
    expect(accuracy).not.toEqual(await measure());
  });

  test("batches of 1, 3 and 9 sequences work: a solver stays right on all of them", async () => {
    for (const batch of [1, 3, 9]) {
      const result = await evaluateNetwork(made, { N: [2, 3, 4], batch, batches: 20 });
      expect(result).toEqual({ sequences: 20 * batch, accuracy: { 2: 1, 3: 1, 4: 1 } });
    }
  });
});

describe("heads", () => {
  const made = makeSolver("dms", [2, 3, 4, 5, 6, 7]);

  test("of multi-head answer N = 2 … 7 in order; of a sliding window the N of the window", async () => {
    const sliding = { ...made, purpose: purposeOf("dms", "sliding", [2, 3, 4, 5, 6, 7]) };
    const { accuracy } = await evaluateNetwork(sliding, { N: [7, 5], batches: 2 });
    expect(accuracy).toEqual({ 5: 1, 7: 1 });
    const shifted = { ...made, purpose: { ...sliding.purpose, N: [3, 4, 5, 6, 7, 8] } };
    const moved = await evaluateNetwork(shifted, { N: [3, 8], batches: 20 });
    for (const value of Object.values(moved.accuracy)) expect(Math.abs(value - 0.5)).toBeLessThan(0.05);
  });

  test("of single-head is the first, whatever N", async () => {
    const single = { ...made, purpose: purposeOf("dms", "single", [2]) };
    const { accuracy } = await evaluateNetwork(single, { N: [2, 3], batches: 20 });
    expect(accuracy[2]).toBe(1);
    expect(Math.abs(accuracy[3]! - 0.5)).toBeLessThan(0.05);
  });
});

describe("errors", () => {
  const made = makeSolver("dms", [2, 3, 4]);

  test.each([
    [{ N: [] }, "`N` is empty, expected at least one memory length."],
    [{ N: [2, 1] }, "`N` is 1, expected a whole number from 2 to 1000000."],
    [{ N: [2.5] }, "`N` is 2.5, expected a whole number from 2 to 1000000."],
    [{ N: [Number.NaN] }, "`N` is NaN, expected a whole number from 2 to 1000000."],
    [{ N: [3], sequenceN: 2 }, "`sequenceN` is 2, expected a whole number from 3 to 1000000."],
    [{ N: [2], batch: 0 }, "`batch` is 0, expected a whole number from 1 to 2147483647."],
    [{ N: [2], batches: 0 }, "`batches` is 0, expected a whole number from 1 to 2147483647."],
    [{ N: [2], batches: Infinity }, "`batches` is Infinity, expected a whole number from 1 to 2147483647."],
    [{ N: [2], seed: -1 }, "`seed` is -1, expected a whole number from 0 to 9007199254740991."],
    [{ N: [2, 5] }, "no head answers N = 5; this multi network has 3 heads, for N = 2 to 4."],
  ])("%o is refused", async (options, problem) => {
    await expect(evaluateNetwork(made, options)).rejects.toThrow(
      new ShapeError(`evaluateNetwork: ${problem}`),
    );
  });

  test("an aborted evaluation rejects with the signal's reason", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(evaluateNetwork(made, { N: [2], signal })).rejects.toThrow("enough");
  });

  test.each([
    [{ inputs: 3 }, "`inputs` is 3, expected 1."],
    [{ classes: 1 }, "`classes` is 1, expected 2."],
    [{ units: 5 }, "`parameters.length` is "],
    [{ cell: "elman" }, '`cell` is "elman", expected one of leaky, leaky-outside, gru, lstm.'],
    [{ activation: "gelu" }, '`activation` is "gelu", expected one of leaky-relu, relu, tanh, sigmoid.'],
  ])("a network of shape %o is refused", async (shape, problem) => {
    const network = { ...made.network, shape: { ...made.network.shape, ...shape } as NetworkShape };
    const answer = evaluateNetwork({ ...made, network }, { N: [2] });
    await expect(answer).rejects.toThrow(ShapeError);
    await expect(answer).rejects.toThrow(problem);
  });
});

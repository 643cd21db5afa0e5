// Training and evaluation with several steps per bit.

import { describe, expect, test } from "vitest";
import { tauStatistics } from "../../src/cells/tau.ts";
import { Core, type Key } from "../../src/core/core.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { Plan } from "../../src/core/plan.ts";
import { BatchDrawer } from "../../src/training/batches.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/training/checkpoint.ts";
import { type EvaluationOptions, evaluateNetwork } from "../../src/training/evaluation.ts";
import { resolveSettings, type TrainingSettings } from "../../src/training/settings.ts";
import { trainNetwork } from "../../src/training/train-network.ts";
import { firstDifference } from "../assembly/values.ts";
import { changed } from "./damaged-checkpoint.ts";
import { type Made, makeSolver, purposeOf } from "./hand-made-network.ts";
import { base, trainToTheEnd } from "./short-runs.ts";

// two epochs of five updates and four batches, with k = 3, 1 and 2 in turn
const settings: Partial<TrainingSettings> = {
  ...base,
  cell: "leaky-outside",
  curriculum: "none",
  startN: 4,
  stepsPerBit: [3, 1, 2],
  tauLow: 0.2,
  solvedAt: 1,
  updates: 5,
  testBatches: 4,
  epochs: 2,
};

// the batch of a key as discrete time has it, with every bit written k times
function drawByHand(core: Core, plan: Plan, key: Key, k: number): number {
  const batch = plan.batchShape.batch;
  const bits = core.drawInteger(core.fold(key, 0), 4 + 2, 4 * 4 + 1);
  plan.drawParity(core.fold(key, 1), bits, [4]);
  const drawn = plan.inputs.slice(0, bits * batch);
  for (let t = 0; t < bits * k; t++) {
    for (let b = 0; b < batch; b++) plan.inputs[t * batch + b] = drawn[Math.floor(t / k) * batch + b]!;
  }
  plan.drawState(core.fold(key, 2), 0.1);
  plan.stepsPerBit = k;
  return bits * k;
}

test("update i takes k = 3, 1, 2, 3 …, batch i of each evaluation too, and k does not change the bits that are drawn", async () => {
  const { network, training } = await trainNetwork(settings);
  const core = await Core.load();
  const resolved = resolveSettings(settings);
  const batchShape = { batch: resolved.batch, steps: 17 * 3, labelRows: 1 };
  const plan = new Plan(core, network.shape, batchShape, resolved);
  plan.initialize(core.key(resolved.seed, 0), resolved.tauLow, resolved.tauHigh);
  const kOf = (i: number) => resolved.stepsPerBit[i % 3]!;
  for (const [epoch, record] of training!.records.entries()) {
    for (let step = 5 * epoch; step < 5 * epoch + 5; step++) {
      plan.trainStep(drawByHand(core, plan, core.key(resolved.seed, 1, step), kOf(step)), 1);
    }
    let correct = 0;
    for (let i = 0; i < 4; i++) {
      const key = core.key(resolved.seed, 2, 5 * epoch + 5, i);
      correct += plan.countCorrect(drawByHand(core, plan, key, kOf(i)), [0])![0]!;
    }
    expect(record.accuracy[4]).toBe(correct / (4 * resolved.batch));
  }
  expect(firstDifference(network.parameters, plan.parameters)).toBe(-1);
  expect(training!.step).toBe(10);
});

test("a batch that was drawn ahead with k = 2 and is asked for with k = 3 has its bits three times, and the same labels", async () => {
  const core = await Core.load();
  const shape = { cell: "leaky", activation: "relu", units: 2, inputs: 1, heads: 1, classes: 2 } as const;
  const plan = new Plan(core, shape, { batch: 5, steps: 17 * 3, labelRows: 1 });
  const drawer = new BatchDrawer(core, plan);
  const key = core.key(1);
  const draw = {
    task: "parity",
    N: [4],
    bits: "binary",
    set: "training",
    sequenceN: 4,
    initialState: 0.1,
    key,
  } as const;
  drawer.drawAhead({ ...draw, stepsPerBit: 2 });
  const labels = plan.labels.slice();
  const bits = drawer.draw({ ...draw, stepsPerBit: 3 }) / 3;
  const held = Array.from({ length: bits }, (_, bit) =>
    [0, 1, 2].map((j) => [...plan.inputs.subarray((3 * bit + j) * 5, (3 * bit + j + 1) * 5)]),
  );
  for (const [first, ...rest] of held) expect(rest).toEqual([first, first]);
  expect(drawer.draw({ ...draw, stepsPerBit: 1 })).toBe(bits);
  expect([...plan.inputs.subarray(0, bits * 5)]).toEqual(held.flatMap(([first]) => first));
  expect(plan.labels).toEqual(labels);
});

test("k = 1 gives the bits of discrete time, k = 2 others", async () => {
  const [discrete, one, two] = await Promise.all(
    [{}, { stepsPerBit: [1, 1] }, { stepsPerBit: [2] }].map((more) => trainToTheEnd({ ...base, ...more })),
  );
  expect(firstDifference(one!.network.parameters, discrete!.network.parameters)).toBe(-1);
  expect(one!.records).toEqual(discrete!.records);
  expect(firstDifference(two!.network.parameters, discrete!.network.parameters)).toBe(0);
});

test("time constants are recorded in bits and not below 1/k, k the largest: 0.2 with k = 3 counts as 1/3", async () => {
  const { network, training } = await trainNetwork({ ...settings, tauHigh: 0.4, trainTau: false });
  const tau = network.parameters.slice(0, 6);
  expect(tau.some((value) => value < 1 / 3) && tau.some((value) => value > 1 / 3)).toBe(true);
  const clamped = tau.map((value) => Math.max(value, 1 / 3));
  expect(training!.initialTau!.min).toBe(1 / 3);
  expect(training!.initialTau!.mean).toBeCloseTo(clamped.reduce((sum, value) => sum + value) / 6, 7);
  expect(training!.records.at(-1)!.tau).toEqual(tauStatistics(tau, 3));
});

test("the list may be changed by who gave it, and by who gets a checkpoint, without effect", async () => {
  const given = [3, 1, 2];
  const expected = encodeCheckpoint(await trainNetwork(settings));
  const changed = await trainNetwork(
    { ...settings, stepsPerBit: given },
    { onEpoch: () => given.fill(1), onCheckpoint: ({ purpose }) => (purpose.stepsPerBit = [1]) },
  );
  expect(encodeCheckpoint(changed)).toEqual(expected);
  expect(decodeCheckpoint(expected).purpose.stepsPerBit).toEqual([3, 1, 2]);
});

test("a checkpoint that says nothing of steps per bit is of discrete time", async () => {
  const bytes = encodeCheckpoint(await trainNetwork({ ...base, epochs: 1 }));
  const older = changed(bytes, { text: (text) => text.replaceAll(/,"stepsPerBit":\[1\]/g, "") });
  expect(older.length).toBeLessThan(bytes.length);
  const { purpose, training } = decodeCheckpoint(older);
  expect([purpose.stepsPerBit, training!.settings.stepsPerBit]).toEqual([[1], [1]]);
});

describe("evaluation at k", () => {
  // Compares the last input with the one four steps before, since time constants below a step count as a step: it solves DMS of N
  // bits, with one head for whatever N, where N - 1 bits are what 4 steps reach back over.
  function makeComparer(tau: number): Made {
    const { network } = makeSolver("dms", [5]);
    const parameters = network.parameters.slice();
    parameters.fill(tau, 0, network.shape.units);
    return { network: { ...network, parameters }, purpose: purposeOf("dms", "single", [5]) };
  }
  const N = [2, 3, 5];
  const measure = async (made: Made, options: Partial<EvaluationOptions>) =>
    (await evaluateNetwork(made, { N, batches: 4, ...options })).accuracy;

  test.each([
    [1, 5],
    [2, 3],
    [4, 2],
  ])(
    "a network that compares with 4 steps before is right at k = %i on every N = %i, about half the time else",
    async (k, solved) => {
      const accuracy = await measure(makeComparer(0.25), { stepsPerBit: [k] });
      for (const n of N) {
        if (n === solved) expect(accuracy[n]).toBe(1);
        else expect(Math.abs(accuracy[n]! - 0.5)).toBeLessThan(0.1);
      }
      // a bit is longer than a step, and its unit no delay
      if (k > 1) expect((await measure(makeComparer(1), { stepsPerBit: [k] }))[solved]).toBeLessThan(0.99);
    },
  );

  test("takes the list's k in turn, by default that of training: of 4 batches, 0 and 2 are at k = 2, 1 and 3 at k = 4", async () => {
    const made = makeComparer(0.25);
    const trained = { ...made, purpose: { ...made.purpose, stepsPerBit: [2, 4] } };
    const both = await measure(trained, {});
    expect(await measure(made, { stepsPerBit: [2, 4] })).toEqual(both);
    // right answers of batch i alone
    const ofBatch = async (i: number, k: number, n: number) => {
      const first = async (batches: number) =>
        batches > 0 ? (await measure(made, { stepsPerBit: [k], batches }))[n]! * batches : 0;
      return (await first(i + 1)) - (await first(i));
    };
    for (const n of N) {
      const parts = await Promise.all([2, 4, 2, 4].map((k, i) => ofBatch(i, k, n)));
      expect(both[n]).toBeCloseTo(parts.reduce((sum, part) => sum + part) / 4, 12);
    }
    expect(await measure(made, {})).toEqual(await measure(made, { stepsPerBit: [1] }));
  });

  test.each([
    [{ stepsPerBit: [] }, "`stepsPerBit` is [], expected a list of at least one whole number."],
    [{ stepsPerBit: 7 as never }, "`stepsPerBit` is 7, expected a list of at least one whole number."],
    [{ stepsPerBit: [2, 0] }, "`stepsPerBit` is 0, expected a whole number from 1 to 1000."],
    [{ stepsPerBit: [2.5] }, "`stepsPerBit` is 2.5, expected a whole number from 1 to 1000."],
    [{ stepsPerBit: [1001] }, "`stepsPerBit` is 1001, expected a whole number from 1 to 1000."],
  ])("%o is refused", async (options, problem) => {
    const run = evaluateNetwork(makeComparer(1), { N, ...options });
    await expect(run).rejects.toThrow(new ShapeError(`evaluateNetwork: ${problem}`));
  });

  test("of a network with labels at every step is refused for any k but 1", async () => {
    const made = makeComparer(1);
    const every = { ...made, purpose: { ...made.purpose, labels: "every" as const } };
    await evaluateNetwork(every, { N, stepsPerBit: [1] });
    await expect(evaluateNetwork(every, { N, stepsPerBit: [1, 3] })).rejects.toThrow(
      new ShapeError(
        "evaluateNetwork: `stepsPerBit` is 1,3, expected 1 for a network with labels at every step.",
      ),
    );
  });

  test("of a gated cell is refused for any k but 1", async () => {
    const checkpoint = await trainNetwork({ ...base, cell: "gru", epochs: 1 });
    await evaluateNetwork(checkpoint, { N: [2], stepsPerBit: [1] });
    await expect(evaluateNetwork(checkpoint, { N: [2], stepsPerBit: [1, 2] })).rejects.toThrow(
      new ShapeError(
        "evaluateNetwork: `stepsPerBit` is 2, expected 1 for a gru cell, which has no time constants.",
      ),
    );
  });
});

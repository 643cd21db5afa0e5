// Several leaky layers: gradients against central differences in f64, the promised order bit for bit, what must not change
// the bits, and networks whose result is known from those of one layer.

import { describe, expect, test } from "vitest";
import {
  type ActivationName,
  activationNames,
  type CellName,
  networkTensors,
  packParameters,
  type TensorName,
  tensorShapes,
} from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { type OptimizerSettings, Plan } from "../../src/core/plan.ts";
import { loadHarness } from "./as-bind/compile.ts";
import {
  drawProblem,
  gradientErrors,
  loadProblem,
  makeProblem,
  type Problem,
  type ProblemSizes,
  relativeError,
} from "./gradient-problem.ts";
import { gradientInOrder } from "./reference-gate-order.ts";
import { referenceAnswer, referenceLoss } from "./reference-network.ts";
import type { ElementaryFunctions } from "./reference-order.ts";
import { firstDifference } from "./values.ts";

const TOLERANCE = 1e-5;

const math = await loadHarness<Record<keyof ElementaryFunctions, (x: Float32Array) => Float32Array>>("math");
const scalar = (name: keyof ElementaryFunctions) => (x: number) => math[name](Float32Array.of(x))[0]!;
const elementary: ElementaryFunctions = {
  exp: scalar("exp"),
  log: scalar("log"),
  tanh: scalar("tanh"),
  sigmoid: scalar("sigmoid"),
};

const kinds = (["leaky", "leaky-outside"] as const).flatMap((cell) =>
  activationNames.map((activation) => [cell, activation] as const),
);

const base: ProblemSizes = { H: 5, B: 9, T: 7, I: 2, K: 3, C: 3, active: 2, tau: "clamped", layers: 2 };
const sizes: ProblemSizes[] = [
  { ...base, layers: 3 },
  { ...base, H: 1, B: 1, T: 1, I: 1, K: 1, active: 1, tau: "free" },
  { ...base, H: 1, B: 3, T: 5, tau: "fixed" },
  { ...base, H: 5, B: 1, T: 11, I: 1, tau: "free" },
  { ...base, H: 5, B: 3, T: 1, I: 3, tau: "fixed", layers: 3 },
  { ...base, H: 3, B: 17, T: 2, layers: 3 },
];

function label({ H, B, T, I, tau, layers }: ProblemSizes): string {
  return `${layers} layers of H=${H}, B=${B} T=${T} I=${I}, tau ${tau}`;
}

async function expectGradient(cell: CellName, activation: ActivationName, size: ProblemSizes): Promise<void> {
  const { problem, expected } = makeProblem(cell, activation, size);
  const errors = gradientErrors(await Core.load(), problem, expected);
  expect(errors.size).toBe(1 + 5 * size.layers! + 2);
  for (const [name, error] of errors) expect(error, name).toBeLessThan(TOLERANCE);
}

describe.each(kinds)("%s cell, %s", (cell, activation) => {
  test.each(sizes.map((size) => [label(size), size] as const))(
    "%s: the loss, and every gradient relative to its largest entry, are within 1e-5",
    (_, size) => expectGradient(cell, activation, size),
  );

  test("B = 1, 7, 8, 9 and 64, in 2 and 3 layers: loss and gradient have the bits of the promised order", async () => {
    for (const layers of [2, 3]) {
      for (const B of [1, 7, 8, 9, 64]) {
        await expectOrder(drawProblem(cell, activation, { ...base, B, layers }, B));
      }
    }
  });
});

async function expectOrder(problem: Problem): Promise<void> {
  const plan = loadProblem(await Core.load(), problem);
  plan.computeGradient(problem.batch.steps, problem.batch.active);
  const wanted = gradientInOrder(problem, elementary);
  expect(plan.loss).toBe(wanted.loss);
  expect(firstDifference(plan.gradient, wanted.gradient)).toBe(-1);
}

const cells = ["leaky", "leaky-outside"] as const;

describe.each(cells)("%s: long and wide", (cell) => {
  test("37 units: the loss and every gradient are within 1e-5", () =>
    expectGradient(cell, "tanh", { ...base, H: 37, B: 3, T: 2, K: 1, active: 1, tau: "free" }));

  test.each<[string, Partial<ProblemSizes>]>([
    ["41 steps in chunks of 32 and 9", { B: 64, T: 41 }],
    ["shards of 264 rows in chunks of 256 and 8", { H: 1, B: 2100, T: 2, I: 1, C: 2 }],
    ["37 units", { H: 37, B: 9, T: 3 }],
    ["80 units, whose outer products are packed", { H: 80, B: 3, T: 3 }],
  ])("%s: the bits of the promised order", (_, more) =>
    expectOrder(drawProblem(cell, "tanh", { ...base, ...more }, 1)),
  );

  test("3 layers: the first of 12 inputs moves the loss by more than 1e-4", () => {
    const { shape, tensors, batch } = drawProblem(
      cell,
      "tanh",
      { ...base, T: 12, tau: "free", layers: 3 },
      1,
    );
    const inputs = batch.inputs.map((x, i) => (i < base.B * base.I ? x + 1 : x));
    const moved = referenceLoss(shape, tensors, { ...batch, inputs }).loss;
    expect(Math.abs(moved - referenceLoss(shape, tensors, batch).loss)).toBeGreaterThan(1e-4);
  });

  test("right answers are those of the f64 network, also without training", async () => {
    const heads = [2, 0, 1];
    for (const B of [1, 9, 64]) {
      const problem = drawProblem(cell, "tanh", { ...base, H: 20, B, active: 3, layers: 3 }, B);
      const { shape, tensors, batch } = problem;
      const wanted = heads.map((head, row) => {
        const labels = [...batch.labels.subarray(row * B, (row + 1) * B)];
        return labels.filter((own, b) => referenceAnswer(shape, tensors, batch, head, b) === own).length;
      });
      const training = loadProblem(await Core.load(), problem);
      expect([...training.countCorrect(base.T, heads)!], `B = ${B}`).toEqual(wanted);
      const evaluating = loadProblem(await Core.load(), problem, "none");
      expect([...evaluating.countCorrect(base.T, heads)!], `B = ${B}, no training`).toEqual(wanted);
    }
  });
});

describe.each(cells)("%s: continuous time, and labels at every step", (cell) => {
  test.each<[string, Partial<ProblemSizes>]>([
    ["3 steps per bit", { k: 3 }],
    ["3 layers, labels from the 2nd and the 5th step on", { layers: 3, lengths: [2, 5] }],
    ["2 steps per bit, labels from the 1st and the 4th step on, B = 1", { B: 1, k: 2, lengths: [1, 4] }],
    ["labels of 41 steps in chunks of 32 and 9", { H: 3, B: 64, T: 41, I: 1, C: 2, K: 2, lengths: [30, 3] }],
  ])(
    "%s: the loss and every gradient are within 1e-5, and have the bits of the promised order",
    async (_, more) => {
      await expectGradient(cell, "tanh", { ...base, ...more });
      await expectOrder(drawProblem(cell, "tanh", { ...base, ...more }, 1));
    },
  );

  test("3 layers: right answers at every step from the N-th on are those of the f64 network", async () => {
    const size = { ...base, H: 20, active: 3, layers: 3, lengths: [1, 4, 7] };
    const problem = drawProblem(cell, "tanh", size, 1);
    const { shape, tensors, batch } = problem;
    const wanted = size.lengths.map((N, k) => {
      let count = 0;
      for (let t = N - 1; t < size.T; t++) {
        for (let b = 0; b < size.B; b++) {
          const answer = referenceAnswer(shape, tensors, { ...batch, steps: t + 1 }, k, b);
          if (answer === batch.labels[(k * size.T + t) * size.B + b]) count++;
        }
      }
      return count;
    });
    const plan = loadProblem(await Core.load(), problem, "none");
    expect([...plan.countCorrect(size.T, [0, 1, 2])!]).toEqual(wanted);
  });
});

const optimizers: Partial<OptimizerSettings>[] = [
  { optimizer: "sgd", learningRate: 0.1, momentum: 0.9, clipNorm: 1 },
  { optimizer: "adam", learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, clipNorm: 1 },
];

function train(plan: Plan, problem: Problem): Float32Array {
  for (let step = 0; step < 5; step++) plan.trainStep(problem.batch.steps, problem.batch.active);
  return plan.parameters.slice();
}

describe.each(cells)("%s: what does not change the bits of training", (cell) => {
  const size = { ...base, H: 16, B: 12, layers: 3 };
  const problem = drawProblem(cell, "leaky-relu", size, 3);

  test.each(optimizers)(
    "$optimizer: what was trained, refused or lay in the memory before",
    async (optimizer) => {
      const wanted = train(loadProblem(await Core.load(), problem, optimizer), problem);
      const core = await Core.load();
      const mark = core.exports.arenaMark();
      core.f32(core.allocate(4e6, "rubbish"), 1e6).fill(NaN);
      core.exports.arenaRelease(mark);
      const other = drawProblem(cell, "tanh", { ...size, H: 17, B: 20, layers: 2 }, 4);
      train(loadProblem(core, other, optimizer), other);
      const plan = loadProblem(core, problem, optimizer, { steps: 300, labelRows: 9 });
      plan.inputs.fill(NaN);
      expect(plan.trainStep(size.T, size.active)).toBe(false);
      plan.inputs.set(problem.batch.inputs);
      plan.computeGradient(size.T, size.active);
      expect(firstDifference(train(plan, problem), wanted)).toBe(-1);
    },
  );

  test.each(optimizers)(
    "$optimizer: time constants that are not trained keep their bits in every layer",
    async (optimizer) => {
      const fixed = drawProblem(cell, "tanh", { ...size, tau: "fixed" }, 3);
      const plan = loadProblem(await Core.load(), fixed, optimizer);
      const before = networkTensors(plan.shape, plan.parameters);
      train(plan, fixed);
      for (const [name, { data }] of networkTensors(plan.shape, plan.parameters)) {
        const same = firstDifference(data, before.get(name)!.data) === -1;
        expect(same, name).toBe(name.endsWith("tau"));
      }
    },
  );
});

describe("closed forms", () => {
  // rectified units with τ = 1 that take one unit each of the layer below hand its state on as it is
  function withRelay(problem: Problem): Problem {
    const { units: H } = problem.shape;
    const shape = { ...problem.shape, layers: 2 };
    const tensors = new Map(problem.tensors);
    for (const [name, dimensions] of tensorShapes(shape)) {
      const size = dimensions.reduce((product, n) => product * n, 1);
      if (!tensors.has(name)) tensors.set(name, new Float64Array(size));
    }
    tensors.get("layer2.tau" as TensorName)!.fill(1);
    const weight = tensors.get("layer2.input.weight" as TensorName)!;
    for (let i = 0; i < H; i++) weight[i * H + i] = 1;
    const { batch } = problem;
    const initialState = Float32Array.from({ length: 2 * batch.initialState.length }, (_, i) => {
      const [b, unit] = [Math.floor(i / (2 * H)), i % (2 * H)];
      return unit < H ? batch.initialState[b * H + unit]! : 0.25;
    });
    return { ...problem, shape, tensors, batch: { ...batch, initialState } };
  }

  test.each(cells)(
    "%s: behind a layer that hands states on, loss and gradient have the bits of one layer",
    async (cell) => {
      for (const B of [1, 3, 12]) {
        const one = drawProblem(cell, "relu", { ...base, B, layers: 1 }, B);
        one.batch.initialState.forEach((state, i, states) => {
          states[i] = Math.abs(state);
        });
        const two = withRelay(one);
        const [alone, relayed] = [one, two].map((problem) => loadProblem(core, problem));
        for (const plan of [alone!, relayed!]) plan.computeGradient(base.T, base.active);
        expect(relayed!.loss).toBe(alone!.loss);
        const got = networkTensors(relayed!.shape, relayed!.gradient);
        for (const [name, { data }] of networkTensors(alone!.shape, alone!.gradient)) {
          expect(relativeError(got.get(name)!.data, data), name).toBe(0);
          expect(data.some((slope) => slope !== 0)).toBe(true);
        }
      }
    },
  );
});

const core = await Core.load();

describe("errors", () => {
  const shape = { activation: "tanh", units: 3, inputs: 1, heads: 1, classes: 2 } as const;
  const batch = { batch: 1, steps: 1, labelRows: 1 };

  test.each([0, 1.5, 101, Number.NaN])("%d layers are refused", (layers) => {
    const make = () => new Plan(core, { ...shape, cell: "leaky", layers }, batch);
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(`Plan: \`layers\` is ${layers}, expected a whole number from 1 to 100.`);
  });

  test.each(["gru", "lstm"] as const)("two layers of %s are refused", (cell) => {
    const message = `Plan: \`layers\` is 2, expected 1, as cell ${cell} has no layers above another.`;
    expect(() => new Plan(core, { ...shape, cell, layers: 2 }, batch)).toThrow(new ShapeError(message));
    expect(() => packParameters({ ...shape, cell, layers: 2 }, new Map())).toThrow(new ShapeError(message));
  });

  test("what does not fit into memory is named with its layers and bytes", () => {
    const make = () => new Plan(core, { ...shape, cell: "leaky", units: 40_000, layers: 3 }, batch);
    expect(make).toThrow(
      /^evaluating 3 layers of 40000 units with 1 heads on 1 sequences of 1 steps needs \d+ bytes of memory/,
    );
  });
});

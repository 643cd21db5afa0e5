// Batches: the promised order of sums bit for bit, and what must not change the bits.

import { describe, expect, test } from "vitest";
import { activationNames, cellNames, type NetworkShape } from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { cellKind } from "../../src/core/network-shape.ts";
import type { OptimizerSettings, Plan } from "../../src/core/plan.ts";
import { loadHarness } from "./as-bind/compile.ts";
import {
  drawProblem,
  loadProblem,
  type Problem,
  type ProblemSizes,
  relativeError,
} from "./gradient-problem.ts";
import { gradientInOrder } from "./reference-gate-order.ts";
import { referenceAnswer } from "./reference-network.ts";
import type { ElementaryFunctions } from "./reference-order.ts";
import { firstDifference } from "./values.ts";

const math = await loadHarness<Record<keyof ElementaryFunctions, (x: Float32Array) => Float32Array>>("math");

function scalar(name: keyof ElementaryFunctions): (x: number) => number {
  return (x) => math[name](Float32Array.of(x))[0]!;
}

const elementary: ElementaryFunctions = {
  exp: scalar("exp"),
  log: scalar("log"),
  tanh: scalar("tanh"),
  sigmoid: scalar("sigmoid"),
};

// gated cells have activations of their own, whatever the setting is
const kinds = cellNames.flatMap((cell) =>
  activationNames
    .filter((name) => cellKind(cell).tau || name === "tanh")
    .map((name) => [cell, name] as const),
);
const batches = [1, 7, 8, 9, 64];
const small: ProblemSizes = { H: 5, B: 9, T: 7, I: 2, K: 3, C: 3, active: 2, tau: "clamped" };

async function gradientOf(problem: Problem): Promise<{ loss: number; gradient: Float32Array }> {
  const plan = loadProblem(await Core.load(), problem);
  plan.computeGradient(problem.batch.steps, problem.batch.active);
  return { loss: plan.loss, gradient: plan.gradient };
}

describe.each(kinds)("%s cell, %s", (cell, activation) => {
  test("B = 1, 7, 8, 9 and 64: loss and gradient have the bits of the promised order", async () => {
    for (const B of batches) {
      const problem = drawProblem(cell, activation, { ...small, B }, B);
      const { loss, gradient } = await gradientOf(problem);
      const wanted = gradientInOrder(problem, elementary);
      expect(loss, `B = ${B}`).toBe(wanted.loss);
      expect(firstDifference(gradient, wanted.gradient), `B = ${B}`).toBe(-1);
    }
  });

  test("B = 1, 7, 8, 9 and 64: loss and gradient are the means over the sequences run alone, within 1e-5", async () => {
    for (const B of batches) {
      const problem = drawProblem(cell, activation, { ...small, B }, B);
      const together = await gradientOf(problem);
      const mean = new Float64Array(together.gradient.length);
      let loss = 0;
      for (let b = 0; b < B; b++) {
        const alone = await gradientOf(sequence(problem, b));
        loss += alone.loss / B;
        alone.gradient.forEach((slope, i) => {
          mean[i]! += slope / B;
        });
      }
      expect(Math.abs(together.loss / loss - 1), `B = ${B}`).toBeLessThan(1e-5);
      expect(relativeError(together.gradient, mean), `B = ${B}`).toBeLessThan(1e-5);
    }
  });
});

// sequence b of a problem as a batch of its own
function sequence(problem: Problem, b: number): Problem {
  const { batch: B, inputs, labels, initialState } = problem.batch;
  const { units: H, inputs: I } = problem.shape;
  return {
    ...problem,
    batch: {
      ...problem.batch,
      batch: 1,
      inputs: inputs.filter((_, i) => Math.floor(i / I) % B === b),
      labels: labels.filter((_, i) => i % B === b),
      initialState: initialState.slice(b * H, (b + 1) * H),
    },
  };
}

describe("long and wide batches", () => {
  test.each<[string, Partial<ProblemSizes>]>([
    ["41 steps in chunks of 32 and 9", { B: 64, T: 41 }],
    ["shards of 264 rows in chunks of 256 and 8", { H: 1, B: 2100, T: 2, I: 1, C: 2 }],
    ["17 units", { H: 17, B: 9, T: 3 }],
    ["3 steps per bit", { k: 3 }],
    ["labels at each of 41 steps from the 30th and the 3rd on", { B: 64, T: 41, lengths: [30, 3] }],
  ])("%s: all cells have the bits of the promised order", async (_, sizes) => {
    for (const cell of cellNames) {
      const problem = drawProblem(cell, "tanh", { ...small, ...sizes }, 1);
      const { loss, gradient } = await gradientOf(problem);
      const wanted = gradientInOrder(problem, elementary);
      expect(loss, cell).toBe(wanted.loss);
      expect(firstDifference(gradient, wanted.gradient), cell).toBe(-1);
    }
  });
});

const optimizers: Partial<OptimizerSettings>[] = [
  { optimizer: "sgd", learningRate: 0.1, momentum: 0.9, clipNorm: 1 },
  { optimizer: "adam", learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, clipNorm: 1 },
];

// parameters after five training steps on a problem's batch
function train(plan: Plan, problem: Problem): Float32Array {
  for (let step = 0; step < 5; step++) plan.trainStep(problem.batch.steps, problem.batch.active);
  return plan.parameters.slice();
}

describe.each(cellNames)("what does not change the bits of training, %s", (cell) => {
  // with 16 units, the ones and inputs behind the state lie in a panel of their own, which no product overwrites
  const sizes: ProblemSizes = { ...small, H: 16, B: 12 };
  const problem = drawProblem(cell, "leaky-relu", sizes, 3);

  async function reference(optimizer: Partial<OptimizerSettings>): Promise<Float32Array> {
    return train(loadProblem(await Core.load(), problem, optimizer), problem);
  }

  test("that another plan was trained before in the same instance, and between its steps", async () => {
    for (const optimizer of optimizers) {
      const core = await Core.load();
      const other = drawProblem(cell, "tanh", { ...sizes, H: 17, B: 20 }, 4);
      const before = loadProblem(core, other, optimizer);
      train(before, other);
      const plan = loadProblem(core, problem, optimizer);
      for (let step = 0; step < 5; step++) {
        plan.trainStep(sizes.T, sizes.active);
        before.trainStep(sizes.T, sizes.active);
      }
      expect(firstDifference(plan.parameters, await reference(optimizer))).toBe(-1);
    }
  });

  test("that the memory was full of NaN before the plan was allocated there", async () => {
    for (const optimizer of optimizers) {
      const core = await Core.load();
      const mark = core.exports.arenaMark();
      const bytes = 4_000_000;
      core.f32(core.allocate(bytes, "rubbish"), bytes / 4).fill(NaN);
      core.exports.arenaRelease(mark);
      const plan = loadProblem(core, problem, optimizer);
      // the plan lies where the rubbish was
      expect(plan.parameters.byteOffset).toBeLessThan(mark + bytes / 2);
      expect(firstDifference(train(plan, problem), await reference(optimizer))).toBe(-1);
    }
  });

  test("that the gradient of the same batch was computed before", async () => {
    for (const optimizer of optimizers) {
      const plan = loadProblem(await Core.load(), problem, optimizer);
      plan.computeGradient(sizes.T, sizes.active);
      expect(firstDifference(train(plan, problem), await reference(optimizer))).toBe(-1);
    }
  });

  test("that a batch of NaN was refused before", async () => {
    for (const optimizer of optimizers) {
      const plan = loadProblem(await Core.load(), problem, optimizer);
      plan.inputs.fill(NaN);
      expect(plan.trainStep(sizes.T, sizes.active)).toBe(false);
      plan.inputs.set(problem.batch.inputs);
      expect(firstDifference(train(plan, problem), await reference(optimizer))).toBe(-1);
    }
  });

  test("that a longer batch was run before, with other numbers of steps per chunk", async () => {
    const longer = drawProblem(cell, "leaky-relu", { ...sizes, T: 200 }, 5);
    for (const optimizer of optimizers) {
      const plan = loadProblem(await Core.load(), problem, optimizer, { steps: 200 });
      plan.inputs.set(longer.batch.inputs);
      plan.computeGradient(200, sizes.active);
      plan.inputs.set(problem.batch.inputs);
      expect(firstDifference(train(plan, problem), await reference(optimizer))).toBe(-1);
    }
  });

  test("room for more steps and label rows than are used", async () => {
    for (const optimizer of optimizers) {
      const plan = loadProblem(await Core.load(), problem, optimizer, { steps: 300, labelRows: 9 });
      expect(firstDifference(train(plan, problem), await reference(optimizer))).toBe(-1);
    }
  });

  test("heads that are not active", async () => {
    for (const optimizer of optimizers) {
      const wanted = await reference(optimizer);
      const shape: NetworkShape = { ...problem.shape, heads: 7 };
      const more = withHeads(problem, shape);
      const parameters = train(loadProblem(await Core.load(), more, optimizer), more);
      const shared = wanted.length - (sizes.K - sizes.active) * sizes.C * (sizes.H + 1);
      expect(firstDifference(parameters.subarray(0, shared), wanted.subarray(0, shared))).toBe(-1);
    }
  });
});

// the same problem in a network with more heads
function withHeads(problem: Problem, shape: NetworkShape): Problem {
  const tensors = new Map(problem.tensors);
  for (const name of ["readout.weight", "readout.bias"] as const) {
    const own = problem.tensors.get(name)!;
    const wider = new Float64Array((own.length / problem.shape.heads) * shape.heads).fill(0.25);
    wider.set(own);
    tensors.set(name, wider);
  }
  return { ...problem, shape, tensors };
}

describe("right answers", () => {
  const heads = [2, 0, 1];

  test.each(cellNames)(
    "%s: for B = 1, 7, 8, 9 and 64 they are those of the f64 network, also without training",
    async (cell) => {
      for (const B of batches) {
        // 20 units are more than one panel, and a step must not overwrite the states that it still reads
        const problem = drawProblem(cell, "tanh", { ...small, H: 20, B, active: 3 }, B);
        const { shape, tensors, batch } = problem;
        const wanted = heads.map((head, row) => {
          const right = (label: number, b: number) =>
            referenceAnswer(shape, tensors, batch, head, b) === label;
          return [...batch.labels.subarray(row * B, (row + 1) * B)].filter(right).length;
        });
        const training = loadProblem(await Core.load(), problem);
        expect([...training.countCorrect(small.T, heads)!], `B = ${B}`).toEqual(wanted);
        expect([...training.countCorrect(small.T, heads)!], `B = ${B}, again`).toEqual(wanted);
        const evaluating = loadProblem(await Core.load(), problem, "none");
        expect([...evaluating.countCorrect(small.T, heads)!], `B = ${B}, no training`).toEqual(wanted);
      }
    },
  );
});

// The gradient of every cell, with every activation and at odd sizes, against central differences in f64.
//
// The core computes in f32: sums of a few hundred terms agree within 1e-5 of a tensor's largest entry. Seeds of the
// rectifiers are chosen so that no pre-activation comes near the kink, where the slope would jump.

import { describe, expect, test } from "vitest";
import {
  type ActivationName,
  activationNames,
  type CellName,
  cellNames,
  networkTensors,
} from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { cellKind } from "../../src/core/network-shape.ts";
import {
  drawProblem,
  gradientErrors,
  loadProblem,
  makeProblem,
  type ProblemSizes,
  relativeError,
  type TauMode,
} from "./gradient-problem.ts";
import { centralDifferences, referenceLoss } from "./reference-network.ts";

const TOLERANCE = 1e-5;

// H, B, T, I, K, C, active heads, time constants
const table: [number, number, number, number, number, number, number, TauMode][] = [
  [1, 1, 1, 3, 3, 3, 3, "fixed"],
  [1, 2, 7, 3, 2, 2, 2, "clamped"],
  [1, 3, 2, 1, 1, 3, 1, "fixed"],
  [1, 9, 2, 1, 3, 3, 2, "free"],
  [1, 9, 41, 1, 3, 2, 3, "fixed"],
  [1, 17, 7, 3, 3, 3, 3, "fixed"],
  [3, 1, 7, 1, 1, 2, 1, "fixed"],
  [3, 2, 2, 1, 3, 2, 3, "free"],
  [3, 3, 1, 3, 3, 2, 2, "clamped"],
  [3, 9, 7, 3, 1, 2, 1, "clamped"],
  [3, 17, 41, 1, 2, 3, 2, "clamped"],
  [5, 1, 41, 1, 3, 2, 2, "clamped"],
  [5, 2, 41, 3, 1, 3, 1, "fixed"],
  [5, 3, 2, 1, 2, 2, 2, "free"],
  [5, 3, 7, 1, 3, 3, 3, "fixed"],
  [5, 9, 1, 1, 2, 3, 2, "fixed"],
  [5, 17, 1, 1, 1, 2, 1, "free"],
  [17, 1, 2, 1, 2, 3, 2, "free"],
  [17, 2, 1, 3, 3, 2, 2, "fixed"],
  [17, 3, 41, 3, 1, 3, 1, "free"],
  [17, 9, 1, 3, 3, 2, 3, "free"],
  [17, 17, 2, 3, 3, 2, 3, "clamped"],
  [17, 17, 7, 1, 3, 2, 2, "free"],
  [17, 17, 41, 3, 3, 3, 3, "free"],
];

const sizes: ProblemSizes[] = table.map(([H, B, T, I, K, C, active, tau]) => ({
  H,
  B,
  T,
  I,
  K,
  C,
  active,
  tau,
}));

function label({ H, B, T, I, K, C, active, tau, k = 1 }: ProblemSizes): string {
  return `H=${H} B=${B} T=${T} I=${I} C=${C}, ${active} of ${K} heads, tau ${tau}, k ${k}`;
}

test("the sizes contain every pair of values of H, B, T, I, heads, C and kinds of time constants", () => {
  const rows = sizes.map(({ H, B, T, I, K, C, active, tau }) => [H, B, T, I, `${active}/${K}`, C, tau]);
  const levels = (i: number) => new Set(rows.map((row) => row[i]));
  for (let i = 0; i < 7; i++) {
    for (let j = 0; j < i; j++) {
      const pairs = new Set(rows.map((row) => `${row[i]} ${row[j]}`));
      expect(pairs.size, `factors ${i} and ${j}`).toBe(levels(i).size * levels(j).size);
    }
  }
});

// making the largest ones takes half a second, and two tests ask for them
const made = new Map<string, ReturnType<typeof makeProblem>>();

function problemOf(cell: CellName, activation: ActivationName, size: ProblemSizes) {
  const key = `${cell} ${activation} ${label(size)}`;
  const problem = made.get(key) ?? makeProblem(cell, activation, size);
  made.set(key, problem);
  return problem;
}

// gated cells have activations of their own, whatever the setting is
const kinds = cellNames.flatMap((cell) =>
  activationNames
    .filter((name) => cellKind(cell).tau || name === "tanh")
    .map((name) => [cell, name] as const),
);

// central differences of the largest size take seconds where there are several gates
const sizesOf = (cell: CellName) => sizes.filter(({ H, B, T }) => cellKind(cell).tau || H * B * T < 10_000);

describe.each(kinds)("%s cell, %s", (cell, activation) => {
  test.each(sizesOf(cell).map((size) => [label(size), size] as const))(
    "%s: the loss, and every gradient relative to its largest entry, are within 1e-5",
    async (_, size) => {
      const { problem, expected } = problemOf(cell, activation, size);
      const errors = gradientErrors(await Core.load(), problem, expected);
      for (const [name, error] of errors) expect(error, name).toBeLessThan(TOLERANCE);
    },
  );
});

// H, B, T, I, k, time constants: with k steps per bit, what is clamped is τ k
const continuous: [number, number, number, number, number, TauMode][] = [
  [1, 1, 1, 1, 2, "free"],
  [5, 3, 7, 1, 3, "clamped"],
  [17, 9, 41, 3, 10, "clamped"],
  [17, 2, 7, 3, 200, "fixed"],
];

describe.each(kinds.filter(([cell]) => cellKind(cell).tau))(
  "%s cell, %s, in continuous time",
  (cell, activation) => {
    test.each(continuous)(
      "H=%i B=%i T=%i I=%i, %i steps per bit, tau %s: the loss and every gradient are within 1e-5",
      async (H, B, T, I, k, tau) => {
        const size: ProblemSizes = { H, B, T, I, K: 2, C: 2, active: 2, tau, k };
        const { problem, expected } = problemOf(cell, activation, size);
        const errors = gradientErrors(await Core.load(), problem, expected);
        for (const [name, error] of errors) expect(error, name).toBeLessThan(TOLERANCE);
      },
    );
  },
);

// a chunk of the weight gradient holds floor(256 / rows) steps, of shards of B / 8 rows rounded up to even
describe.each<[string, number, number]>([
  ["two chunks of at most 32 steps", 64, 41],
  ["shards of 264 rows, more than a chunk holds", 2100, 2],
])("%s (B=%i T=%i)", (_, B, T) => {
  test.each(cellNames)("%s: the loss and every gradient are within 1e-5", async (cell) => {
    const size: ProblemSizes = { H: 3, B, T, I: 1, K: 1, C: 2, active: 1, tau: "free" };
    const { problem, expected } = makeProblem(cell, "tanh", size);
    const errors = gradientErrors(await Core.load(), problem, expected);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(TOLERANCE);
  });
});

describe("labels at every step from the N-th on", () => {
  test.each<[number, number, number, number, number[]]>([
    [1, 1, 1, 1, [1]],
    [5, 1, 7, 2, [3]],
    [5, 9, 7, 1, [2, 7]],
    [6, 12, 9, 1, [1, 4, 3]],
    [3, 64, 41, 1, [5]],
  ])(
    "H=%i B=%i T=%i I=%i, N = %o: the loss and every gradient of all cells are within 1e-5",
    async (H, B, T, I, N) => {
      const size: ProblemSizes = {
        H,
        B,
        T,
        I,
        K: N.length,
        C: 2,
        active: N.length,
        tau: "clamped",
        lengths: N,
      };
      // with one unit, a clamped time constant has no gradient, and with one step N is T
      const sized = H === 1 ? { ...size, tau: "free" as const } : size;
      for (const cell of cellNames) {
        const { problem, expected } = makeProblem(cell, "tanh", sized);
        const errors = gradientErrors(await Core.load(), problem, expected);
        for (const [name, error] of errors) expect(error, `${cell} ${name}`).toBeLessThan(TOLERANCE);
      }
    },
  );

  test("those before the N-th step do not matter, those from it on do", async () => {
    const size: ProblemSizes = { H: 4, B: 3, T: 6, I: 1, K: 1, C: 2, active: 1, tau: "free", lengths: [4] };
    const core = await Core.load();
    for (const cell of cellNames) {
      const problem = drawProblem(cell, "tanh", size, 1);
      const lossOf = (changed: number) => {
        const labels = problem.batch.labels.map((label, i) => (i === changed ? 1 - label : label));
        const plan = loadProblem(core, { ...problem, batch: { ...problem.batch, labels } });
        plan.computeGradient(6, 1);
        return plan.loss;
      };
      const moves = Array.from({ length: 6 }, (_, t) => lossOf(3 * t + 1) !== lossOf(-1));
      expect(moves, cell).toEqual([false, false, false, true, true, true]);
    }
  });
});

describe("problems", () => {
  // a leaky cell with the logistic function forgets by a factor of 4 or more per step, whatever its weights are
  const reaching = kinds.filter(([cell, activation]) => cell !== "leaky" || activation !== "sigmoid");
  const largestSize = (cell: CellName) =>
    sizesOf(cell)
      .filter(({ H, T }) => H === 17 && T === 41)
      .at(-1)!;

  test.each(reaching)(
    "%s cell, %s: the first of 41 inputs of the largest problem moves its loss by more than 1e-4",
    (cell, activation) => {
      const size = largestSize(cell);
      const { shape, tensors, batch } = problemOf(cell, activation, size).problem;
      const { B, I } = size;
      const inputs = batch.inputs.map((x, i) => (i < B * I ? x + 1 : x));
      const moved = referenceLoss(shape, tensors, { ...batch, inputs }).loss;
      expect(Math.abs(moved - referenceLoss(shape, tensors, batch).loss)).toBeGreaterThan(1e-4);
    },
  );

  test("the reference's central differences converge: a step half as long changes no entry by more than 1e-7 of the largest", () => {
    const size: ProblemSizes = { H: 5, B: 3, T: 7, I: 3, K: 2, C: 3, active: 2, tau: "free" };
    for (const [cell, activation] of kinds) {
      const { problem, expected, step } = makeProblem(cell, activation, size);
      const { shape, tensors, batch } = problem;
      const halved = centralDifferences(shape, tensors, batch, step / 2);
      for (const [name, slopes] of expected) {
        expect(relativeError(halved.get(name)!, slopes), `${cell} ${activation} ${name}`).toBeLessThan(1e-7);
      }
    }
  });
});

describe("what has no gradient", () => {
  const leakyNames = cellNames.filter((cell) => cellKind(cell).tau);
  const size: ProblemSizes = { H: 6, B: 5, T: 4, I: 2, K: 3, C: 2, active: 3, tau: "clamped" };

  async function tensorsOf(cell: CellName, tau: TauMode, active: number[], k = 1) {
    const problem = drawProblem(cell, "tanh", { ...size, tau, k }, 1);
    const plan = loadProblem(await Core.load(), problem);
    for (const heads of active) plan.computeGradient(size.T, heads);
    return networkTensors(problem.shape, plan.gradient);
  }

  test.each(leakyNames)("%s: a time constant below 1 has gradient 0, one above 1 has not", async (cell) => {
    const { data } = (await tensorsOf(cell, "clamped", [3])).get("tau")!;
    expect([...data].map((slope) => slope !== 0)).toEqual([false, true, false, true, false, true]);
  });

  test.each(leakyNames)(
    "%s: with 4 steps per bit, a time constant below 1/4 has gradient 0, one above has not",
    async (cell) => {
      const { data } = (await tensorsOf(cell, "clamped", [3], 4)).get("tau")!;
      expect([...data].map((slope) => slope !== 0)).toEqual([false, true, false, true, false, true]);
    },
  );

  test.each(leakyNames)("%s: time constants that are not trained have gradient 0", async (cell) => {
    expect((await tensorsOf(cell, "fixed", [3])).get("tau")!.data).toEqual(new Float32Array(6));
  });

  test.each([[[1]], [[3, 1]]])(
    "heads beyond the active one have gradient 0, when %o heads were active in turn",
    async (active) => {
      const tensors = await tensorsOf("leaky", "free", active);
      for (const name of ["readout.weight", "readout.bias"] as const) {
        const { data } = tensors.get(name)!;
        const head = data.length / size.K;
        expect(data.subarray(0, head).every((slope) => slope !== 0)).toBe(true);
        expect(data.subarray(head)).toEqual(new Float32Array(2 * head));
      }
    },
  );
});

// Are the checks able to fail? The core is compiled with one change, and the check named must find it.
//
// A change that no check finds is a hole in the tests; a change that is not found in the source stops the test.

import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { cellNames } from "../../src/cells/network.ts";
import { bitsNames } from "../../src/core/batch-kinds.ts";
import { Core, coreHash } from "../../src/core/core.ts";
import { PlacedDigits } from "../../src/core/digits.ts";
import { Plan } from "../../src/core/plan.ts";
import { type Change, compileCore } from "./as-bind/compile.ts";
import {
  drawProblem,
  gradientErrors,
  loadProblem,
  makeProblem,
  type ProblemSizes,
} from "./gradient-problem.ts";
import { optimizerErrors, optimizerSettings } from "./optimizer-check.ts";
import { firstDifference } from "./values.ts";

const sizes: ProblemSizes = { H: 5, B: 12, T: 7, I: 2, K: 3, C: 3, active: 2, tau: "clamped" };

// each check says what is wrong, or nothing
type Check = (core: Core) => string[];

const problems = [
  makeProblem("leaky", "tanh", sizes),
  makeProblem("leaky", "leaky-relu", { ...sizes, tau: "fixed" }),
  makeProblem("leaky-outside", "tanh", sizes),
  makeProblem("leaky-outside", "sigmoid", { ...sizes, tau: "fixed" }),
  makeProblem("leaky", "relu", sizes),
  makeProblem("leaky", "tanh", { ...sizes, k: 3 }),
  makeProblem("leaky-outside", "tanh", { ...sizes, k: 3 }),
  makeProblem("gru", "tanh", sizes),
  makeProblem("lstm", "tanh", sizes),
  ...cellNames.map((cell) => makeProblem(cell, "tanh", { ...sizes, lengths: [2, 5] })),
  makeProblem("leaky", "tanh", { ...sizes, layers: 3 }),
  makeProblem("leaky-outside", "tanh", { ...sizes, layers: 2 }),
  makeProblem("leaky", "tanh", { ...sizes, layers: 2, k: 3 }),
  makeProblem("leaky-outside", "tanh", { ...sizes, layers: 3, lengths: [2, 5] }),
];

// the check of gradients.test.ts
function checkGradient(core: Core): string[] {
  return problems.flatMap(({ problem, expected }) => {
    const { cell, activation } = problem.shape;
    const errors = [...gradientErrors(core, problem, expected)].filter(([, error]) => !(error < 1e-5));
    return errors.map(([name, error]) => `${cell} ${activation}: ${name} is off by ${error}`);
  });
}

// the check of optim.test.ts
function checkOptimizer(core: Core): string[] {
  return Object.entries(optimizerSettings).flatMap(([name, settings]) => {
    const { parameters, norm } = optimizerErrors(core, settings, "clamped");
    return parameters < 3e-7 && norm < 1e-14 ? [] : [`${name}: off by ${parameters}, the norm by ${norm}`];
  });
}

// labels counted anew from the inputs
function checkLabels(core: Core): string[] {
  const [B, T, N] = [50, 12, [2, 3, 7, 12]];
  const shape = { cell: "leaky", activation: "relu", units: 1, inputs: 1, heads: 1, classes: 2 } as const;
  const plan = new Plan(core, shape, { batch: B, steps: T, labelRows: N.length });
  const wrong = (label: (bits: number[]) => number) =>
    N.flatMap((n, row) =>
      Array.from({ length: B }, (_, b) => {
        const bits = Array.from({ length: n }, (_, t) => plan.inputs[(T - n + t) * B + b]!);
        return plan.labels[row * B + b] === label(bits) ? [] : [`N = ${n}, sequence ${b}`];
      }).flat(),
    );
  return bitsNames.flatMap((bits) => {
    plan.drawParity(core.key(1), T, N, bits);
    const parity = wrong((drawn) => drawn.filter((bit) => bit === 1).length % 2);
    plan.drawDelayedMatch(core.key(1), T, N, bits);
    const match = wrong((drawn) => (drawn[0] === drawn.at(-1) ? 1 : 0));
    const others = [...plan.inputs].filter((bit) => bit !== 1 && bit !== (bits === "bipolar" ? -1 : 0));
    return [
      ...parity.map((where) => `${bits} parity, ${where}`),
      ...match.map((where) => `${bits} delayed match, ${where}`),
      ...others.map((bit) => `${bits} bits: ${bit}`),
    ];
  });
}

// every bit is there as often, and where, it should be
function checkHolding(core: Core): string[] {
  const [B, I, n, k] = [3, 2, 5, 4];
  const shape = { cell: "leaky", activation: "relu", units: 1, inputs: I, heads: 1, classes: 2 } as const;
  const plan = new Plan(core, shape, { batch: B, steps: n * k, labelRows: 1 });
  plan.inputs.forEach((_, i) => {
    plan.inputs[i] = i < n * B * I ? i : -1;
  });
  plan.holdInputs(n, k);
  return Array.from(plan.inputs).flatMap((got, i) => {
    const [step, place] = [Math.floor(i / (B * I)), i % (B * I)];
    const wanted = Math.floor(step / k) * B * I + place;
    return got === wanted ? [] : [`step ${step}, place ${place}: ${got}, expected ${wanted}`];
  });
}

// images of greys that rise from pixel to pixel, resized; their greys and where they stand say what was drawn
function checkDigits(core: Core): string[] {
  const [B, side, rows] = [40, 7, 3];
  const shape = { cell: "leaky", activation: "relu", units: 1, inputs: 1, heads: 1, classes: 10 } as const;
  const plan = new Plan(core, shape, { batch: B, steps: side * (side + rows), labelRows: 1 });
  // row y, column x of image i is 40 i + 3 y + 2 x, which a resized pixel of centres y', x' must be too, in scaled greys
  const grey = (i: number, y: number, x: number) => 40 * i + 3 * y + 2 * x;
  const images = Uint8Array.from({ length: 3 * 784 }, (_, k) =>
    grey(Math.floor(k / 784), Math.floor(k / 28) % 28, k % 28),
  );
  plan.digits = new PlacedDigits(core, { test: { images, labels: Uint8Array.of(4, 0, 9) } });
  const wrong: string[] = [];
  const before = new Set<number>();
  for (let draw = 0; draw < 20; draw++) {
    plan.inputs.fill(9);
    plan.drawSequentialDigits(core.key(3, draw), side * (side + rows), side, "test");
    const above = Math.floor(plan.inputs.findIndex((value) => value !== 0) / B / side);
    before.add(above);
    plan.inputs.forEach((value, k) => {
      const [b, x, y] = [k % B, Math.floor(k / B) % side, Math.floor(k / B / side) - above];
      const centre = (i: number) => (28 / side) * (i + 0.5) - 0.5;
      const image = [4, 0, 9].indexOf(plan.labels[b]!);
      const shown = y >= 0 && y < side;
      const wanted = shown ? (2 * grey(image, centre(y), centre(x))) / 255 - 1 : 0;
      if (!(Math.abs(value - wanted) < 1e-6))
        wrong.push(`draw ${draw}, sequence ${b}, (${y}, ${x}): ${value}`);
    });
  }
  if ([...before].sort().join() !== "0,1,2") wrong.push(`blank rows before the image: ${[...before]}`);
  return wrong;
}

// the bits of a gradient as the built core gives them, also after a batch of NaN
let built: Core;

function checkBits(core: Core): string[] {
  // with 16 units, the ones and inputs behind the state lie in a panel of their own, which no product overwrites
  // and with 3, a gate is one vector
  const drawn = [16, 3].flatMap((H) =>
    cellNames.map((cell) => drawProblem(cell, "tanh", { ...sizes, H }, 1)),
  );
  return [...drawn, ...problems.map(({ problem }) => problem)].flatMap((problem) => {
    const plan = loadProblem(core, problem);
    const wanted = loadProblem(built, problem);
    wanted.computeGradient(sizes.T, sizes.active);
    plan.computeGradient(sizes.T, sizes.active);
    const before = firstDifference(plan.gradient, wanted.gradient);
    plan.inputs.fill(NaN);
    plan.computeGradient(sizes.T, sizes.active);
    plan.inputs.set(problem.batch.inputs);
    plan.computeGradient(sizes.T, sizes.active);
    const after = firstDifference(plan.gradient, wanted.gradient);
    const { cell, activation } = problem.shape;
    return [
      ...(before < 0 ? [] : [`${cell} ${activation}: bits differ at ${before}`]),
      ...(after < 0 ? [] : [`${cell} ${activation}: after NaN, bits differ at ${after}`]),
    ];
  });
}

const checks = {
  gradient: checkGradient,
  optimizer: checkOptimizer,
  labels: checkLabels,
  holding: checkHolding,
  digits: checkDigits,
  bits: checkBits,
};
type CheckName = keyof typeof checks;

beforeAll(async () => {
  built = await Core.load();
});

async function loadVariant(...changes: Change[]): Promise<Core> {
  const module = await WebAssembly.compile(await compileCore(...changes));
  return Core.load({ module, tallTiles: false });
}

describe("without a change", () => {
  test("the compiled core is the built one byte for byte", async () => {
    expect(
      createHash("sha256")
        .update(await compileCore())
        .digest("hex"),
    ).toBe(coreHash);
  });

  test("no check finds anything", async () => {
    const core = await loadVariant();
    for (const check of Object.values<Check>(checks)) expect(check(core)).toEqual([]);
  });

  test("a text that is not in its file is an error", async () => {
    const change = { file: "assembly/optim.ts", from: "not there", to: "" };
    await expect(compileCore(change)).rejects.toThrow("assembly/optim.ts has 0 times «not there», not once");
  });
});

// what is changed, the check that must find it, the file under assembly/, its text, and what that becomes
const mutations: [string, CheckName, string, string, string][] = [
  // activations
  [
    "the derivative of tanh is 1 + y²",
    "gradient",
    "activations.ts",
    "f32x4.sub(f32x4.splat(1), f32x4.mul(y, y))",
    "f32x4.add(f32x4.splat(1), f32x4.mul(y, y))",
  ],
  [
    "the derivative of the logistic function is y (1 + y)",
    "gradient",
    "activations.ts",
    "f32x4.mul(y, f32x4.sub(f32x4.splat(1), y))",
    "f32x4.mul(y, f32x4.add(f32x4.splat(1), y))",
  ],
  [
    "errors pass relu below its kink",
    "gradient",
    "activations.ts",
    "return v128.and(f32x4.splat(1), f32x4.gt(y, f32x4.splat(0)))",
    "return f32x4.splat(1)",
  ],
  [
    "the derivative of leaky-relu is 0 below its kink",
    "gradient",
    "activations.ts",
    "v128.bitselect(f32x4.splat(1), f32x4.splat(SLOPE), f32x4.gt(y, f32x4.splat(0)))",
    "v128.and(f32x4.splat(1), f32x4.gt(y, f32x4.splat(0)))",
  ],

  [
    "a gate's last single vector stays without its function",
    "bits",
    "activations.ts",
    "if (at < end) v128.store(at, valueOf<F>(v128.load(at)))",
    "at = end",
  ],
  [
    "the second of two vectors of a gate gets the first one's values",
    "gradient",
    "activations.ts",
    "v128.store(at, second, 16)",
    "v128.store(at, first, 16)",
  ],

  // functions
  [
    "the logistic function below zero is that of the size of its argument",
    "gradient",
    "math.ts",
    "f32x4.mul(f32x4.pmax(e, above), upper)",
    "upper",
  ],
  [
    "tanh takes the polynomial's place from 0.625 down",
    "gradient",
    "math.ts",
    "f32x4.lt(magnitude, constant(TANH_SMALL))",
    "f32x4.gt(magnitude, constant(TANH_SMALL))",
  ],

  // cells
  [
    "the leak's term of dL/dτ has the wrong sign (leaky)",
    "gradient",
    "cells/leaky.ts",
    "sum - <f64>load<f32>(g + f32Bytes(i))",
    "sum + <f64>load<f32>(g + f32Bytes(i))",
  ],
  [
    "dL/dτ has the wrong sign",
    "gradient",
    "cells/leaky-weights.ts",
    "(-k * alpha * alpha * alphaError)",
    "(k * alpha * alpha * alphaError)",
  ],
  [
    "errors do not pass around the non-linearity (leaky-outside)",
    "gradient",
    "cells/leaky-outside.ts",
    "flush(f32x4.add(kept, sums))",
    "flush(sums)",
  ],
  [
    "errors pass around the non-linearity times α, not 1 - α (leaky-outside)",
    "gradient",
    "cells/leaky-outside.ts",
    "f32x4.mul(v128.load(this.keep + column + offset), v128.load(this.c + at + offset))",
    "f32x4.mul(v128.load(this.alpha + column + offset), v128.load(this.c + at + offset))",
  ],
  [
    "dL/dα sums a + h, not a - h (leaky-outside)",
    "gradient",
    "cells/leaky-outside.ts",
    "f32x4.sub(v128.load(values + at), v128.load(state + at))",
    "f32x4.add(v128.load(values + at), v128.load(state + at))",
  ],
  [
    "dL/dα of units 2 and 3 of every four is dropped (leaky-outside)",
    "gradient",
    "cells/leaky-outside.ts",
    "f64x2.add(v128.load(sum, 16), upper)",
    "v128.load(sum, 16)",
  ],
  [
    "the diagonal of W has no gradient",
    "gradient",
    "cells/leaky-weights.ts",
    "for (let j = 0; j < H; j++) store<f32>(weight + f32Bytes(j), scale",
    "for (let j = 0; j < H; j++) if (j != i) store<f32>(weight + f32Bytes(j), scale",
  ],
  [
    "time constants have a gradient though they are fixed",
    "gradient",
    "cells/leaky-weights.ts",
    "plan.trainTau && tauInSteps",
    "tauInSteps",
  ],
  [
    "time constants below 1 have a gradient",
    "gradient",
    "cells/leaky-weights.ts",
    "tauInSteps(plan, i) >= 1",
    "tauInSteps(plan, i) >= 0",
  ],
  [
    "only time constants of more than a bit have a gradient in continuous time",
    "gradient",
    "cells/leaky-weights.ts",
    "tauInSteps(plan, i) >= 1",
    "load<f32>(plan.parameters + f32Bytes(i)) >= 1",
  ],
  [
    "dL/dτ lacks the factor k in continuous time",
    "gradient",
    "cells/leaky-weights.ts",
    "(-k * alpha * alpha * alphaError)",
    "(-alpha * alpha * alphaError)",
  ],
  [
    "time constants are steps in continuous time too",
    "gradient",
    "cells/leaky-weights.ts",
    "* <f32>plan.stepsPerBit",
    "",
  ],
  [
    "dL/dz has the wrong sign (gru)",
    "gradient",
    "cells/gru.ts",
    "f32x4.mul(dh, f32x4.sub(v128.load(state + at), n))",
    "f32x4.mul(dh, f32x4.sub(n, v128.load(state + at)))",
  ],
  [
    "the new state is n + z (n - h) (gru)",
    "gradient",
    "cells/gru.ts",
    "f32x4.mul(v128.load(gate + width), f32x4.sub(v128.load(state + at), n))",
    "f32x4.mul(v128.load(gate + width), f32x4.sub(n, v128.load(state + at)))",
  ],
  [
    "r is left out of the error of the candidate's sum over h (gru)",
    "gradient",
    "cells/gru.ts",
    "flush(f32x4.mul(dn, r))",
    "flush(dn)",
  ],
  [
    "errors do not pass around the candidate (gru)",
    "gradient",
    "cells/gru.ts",
    "flush(f32x4.add(v128.load(this.c + at + offset), sums))",
    "flush(sums)",
  ],
  [
    "r's error is that of the candidate, not times its sum over h (gru)",
    "gradient",
    "cells/gru.ts",
    "const dr = f32x4.mul(dn, candidate)",
    "const dr = dn",
  ],
  [
    "the candidate's two biases are added before r multiplies (gru)",
    "gradient",
    "cells/gate-weights.ts",
    "if (apart) store<f32>(target, bias);\n  else packInputs",
    "packInputs",
  ],
  [
    "the input bias of the candidate gets the gradient of its other bias (gru)",
    "gradient",
    "cells/gate-weights.ts",
    "apart ? sums + <usize>plan.gateWidth * plan.outerStride : bias",
    "bias",
  ],
  [
    "h is o c, not o tanh c (lstm)",
    "gradient",
    "cells/lstm.ts",
    "activate<Tanh>(gates + 4 * width, W)",
    "activate<Tanh>(gates + 4 * width, 0)",
  ],
  [
    "the candidate stays without tanh (gru)",
    "gradient",
    "cells/gru.ts",
    "activate<Tanh>(gates + 3 * width, W)",
    "activate<Tanh>(gates + 3 * width, 0)",
  ],
  [
    "the slope of tanh c is 1 + tanh² c (lstm)",
    "gradient",
    "cells/lstm.ts",
    "f32x4.sub(one, f32x4.mul(squashed, squashed))",
    "f32x4.add(one, f32x4.mul(squashed, squashed))",
  ],
  [
    "c's own error is forgotten (lstm)",
    "gradient",
    "cells/lstm.ts",
    "flush(f32x4.mul(dc, f))",
    "f32x4.splat(0)",
  ],
  [
    "the errors of c pass through the forget gate's slope with the wrong sign (lstm)",
    "gradient",
    "cells/lstm.ts",
    "f32x4.mul(df, f32x4.mul(f, f32x4.sub(one, f)))",
    "f32x4.mul(df, f32x4.mul(f, f32x4.sub(f, one)))",
  ],
  [
    "the output gate's error leaves out tanh c (lstm)",
    "gradient",
    "cells/lstm.ts",
    "const dO = f32x4.mul(dh, squashed)",
    "const dO = dh",
  ],
  [
    "the input gate's error is that of c times itself (lstm)",
    "gradient",
    "cells/lstm.ts",
    "const di = f32x4.mul(dc, g)",
    "const di = f32x4.mul(dc, i)",
  ],
  [
    "dL/dc of the shard before is still there (lstm)",
    "gradient",
    "sequence.ts",
    "memory.fill(cellErrors, 0, <usize>rows * plan.stride)",
    "memory.fill(cellErrors, 0, 0)",
  ],
  [
    "c does not begin at zero (lstm)",
    "bits",
    "sequence.ts",
    "setStates(plan, cellAt(plan, rows, 0, kept), rows, cells, f32Bytes(plan.H), count)",
    "setStates(plan, cellAt(plan, rows, 0, kept), rows, plan.initialState + f32Bytes(first * plan.H), f32Bytes(plan.H), count)",
  ],
  [
    "the gates' backward loop ends with the first chunk whose dL/dh is zero though dL/dc is not (lstm)",
    "bits",
    "cells/lstm.ts",
    "return through || v128.any_true(left)",
    "return false",
  ],

  // a batch through time
  [
    "the last row of a shard alone decides whether errors are left",
    "gradient",
    "cells/leaky.ts",
    "target + at, plan.H) || left",
    "target + at, plan.H)",
  ],
  [
    "the errors of a shard's padding row are what a larger shard left there",
    "gradient",
    "sequence.ts",
    "clearErrors(plan, rows)",
    "clearErrors(plan, count)",
  ],
  [
    "a shard's padding row keeps the inputs that lay there",
    "bits",
    "history.ts",
    "if (count & 1) memory.fill(column, 0, f32Bytes(I + 1))",
    "if (count & 1) column = 0",
  ],
  [
    "shards are added one by one, not as a tree",
    "bits",
    "sequence.ts",
    "const middle = (low + high) >> 1",
    "const middle = high - 1",
  ],
  [
    "a shard takes its steps in chunks of three",
    "bits",
    "plan.ts",
    "max(1, min(this.T, OUTER_DEPTH / this.shardRows))",
    "3",
  ],
  [
    "the diagonal of W is not cleared before a step, nor after one",
    "gradient",
    "cells/leaky-weights.ts",
    "i < plan.H; i++) store<f32>(weight",
    "i < 0; i++) store<f32>(weight",
  ],

  // layers
  [
    "errors are not passed to the layer below",
    "gradient",
    "sequence.ts",
    "memory.copy(target + width, aboveErrors, width)",
    "memory.fill(target + width, 0, width)",
  ],
  [
    "a layer gets the error of the one above from the step behind, not from that which took its state",
    "gradient",
    "sequence.ts",
    "errorsAt(above, rows, t - 1, start)",
    "errorsAt(above, rows, t, start)",
  ],
  [
    "a layer takes the state of the one below before the step, not behind it",
    "gradient",
    "sequence.ts",
    "augmentAbove(above, stateAt(above, rows, t, kept), next,",
    "augmentAbove(above, stateAt(above, rows, t, kept), stateAt(layer, rows, t, kept),",
  ],
  [
    "errors pass through the input weights above without the scale of their row",
    "gradient",
    "cells/leaky-weights.ts",
    "const scale = load<f32>(above.rowScale + f32Bytes(i))",
    "const scale: f32 = 1",
  ],
  [
    "all layers begin with the states of the first",
    "gradient",
    "history.ts",
    "source += f32Bytes(plan.H)",
    "source += 0",
  ],
  [
    "the errors of the step behind the last are what lay there, in a layer below another",
    "bits",
    "sequence.ts",
    "memory.fill(errorsAt(layer, rows, T, T), 0, <usize>rows * layer.stride)",
    "memory.fill(errorsAt(layer, rows, T, T), 0, 0)",
  ],
  [
    "a padding row keeps the states of the layer below that lay there",
    "bits",
    "history.ts",
    "if (count & 1) memory.fill(column, 0, f32Bytes(plan.I + 1))",
    "if (count & 1) column = 0",
  ],
  [
    "a layer has the diagonal of W of the first one cleared only",
    "gradient",
    "sequence.ts",
    "if (plan.hasTau) clearDiagonal(layer)",
    "if (plan.hasTau) clearDiagonal(plan)",
  ],
  [
    "layers above the first have one step per bit",
    "gradient",
    "index.ts",
    "for (let layer: Plan | null = plan; layer; layer = layer.above) layer.stepsPerBit = k",
    "plan.stepsPerBit = k",
  ],
  [
    "the errors of a step's labels come to the last layer when those below have had theirs",
    "gradient",
    "sequence.ts",
    "if (!layer.above) left = addLabelErrors",
    "if (!layer.below) left = addLabelErrors",
  ],

  // heads
  [
    "every head reads the first label row",
    "gradient",
    "loss.ts",
    "labelsAt(plan, k, t, T)",
    "labelsAt(plan, 0, t, T)",
  ],
  [
    "a sequence weighs 1, not 1 / B",
    "gradient",
    "loss.ts",
    "1 / (<f32>plan.B * <f32>labelled)",
    "1 / <f32>labelled",
  ],

  // labels at every step
  [
    "the mean is over all steps, not over those with a label",
    "gradient",
    "loss.ts",
    "const labelled = T - firstLabel(plan, k, T)",
    "const labelled = T",
  ],
  [
    "errors of a label are those of the step before",
    "gradient",
    "sequence.ts",
    "const states = stateAt(last, roundUp(count, 2), t + 1, true)",
    "const states = stateAt(last, roundUp(count, 2), max(t, T - 2) + 1, true)",
  ],
  [
    "errors of a label do not go around the non-linearity (leaky-outside)",
    "gradient",
    "sequence.ts",
    "if (plan.cell == Cell.LeakyOutside) add(",
    "if (plan.cell == Cell.Leaky) add(",
  ],
  [
    "errors of the labels of a step before are still there",
    "gradient",
    "sequence.ts",
    "memory.fill(own, 0, step)",
    "memory.fill(own, 0, 0)",
  ],
  [
    "a gated cell stops at a step whose labels have come with no error behind them",
    "gradient",
    "sequence.ts",
    "if (isLabelled(plan, active, t - 1, T)) {",
    "if (false) {",
  ],

  // optimisers
  [
    "momentum is not Nesterov's",
    "optimizer",
    "optim.ts",
    "f32x4.add(gradient, f32x4.mul(momentum, velocity))",
    "velocity",
  ],
  ["clipping is ignored", "optimizer", "optim.ts", "coefficient < 1 ? <f32>coefficient : 1", "1"],
  [
    "clipping scales small gradients up",
    "optimizer",
    "optim.ts",
    "coefficient < 1 ? <f32>coefficient : 1",
    "<f32>coefficient",
  ],
  [
    "Adam's first moment is not corrected",
    "optimizer",
    "optim.ts",
    "plan.learningRate / (1 - power(plan.beta1, t))",
    "plan.learningRate",
  ],
  [
    "Adam's second moment is not corrected",
    "optimizer",
    "optim.ts",
    "1 / sqrt<f64>(1 - power(plan.beta2, t))",
    "1",
  ],
  [
    "heads share the cell's count of updates",
    "optimizer",
    "optim.ts",
    "countUpdate(plan, k + 1)",
    "load<i32>(plan.updates)",
  ],
  [
    "the diagonal of W moves in an update",
    "optimizer",
    "cells/leaky-weights.ts",
    "i < plan.H; i++) store<f32>(weight",
    "i < 0; i++) store<f32>(weight",
  ],
  [
    "the norm counts only the cell",
    "optimizer",
    "optim.ts",
    "plan.readout + active * plan.headSize - first;\n  return",
    "plan.readout - first;\n  return",
  ],

  // tasks
  [
    "parity leaves out the first of N bits",
    "labels",
    "tasks/parity.ts",
    "for (; n < N; n++) addParity",
    "for (; n < N - 1; n++) addParity",
  ],
  ["parity leaves out the last bit", "labels", "tasks/parity.ts", "(first - n) * B", "(first - 1 - n) * B"],
  [
    "parity counts every bit that is not 0, also -1",
    "labels",
    "tasks/parity.ts",
    "f32x4.gt(loadLanes(bits, single), f32x4.splat(0))",
    "f32x4.ne(loadLanes(bits, single), f32x4.splat(0))",
  ],
  [
    "fair bits are 0 and 1 whatever is asked for",
    "labels",
    "tasks/biased-bits.ts",
    "const zero = f32x4.splat(low);",
    "const zero = f32x4.splat(0);",
  ],
  [
    "a bit is held from a step too early on",
    "holding",
    "tasks/held-inputs.ts",
    "<usize>(t / k)",
    "<usize>((t + 1) / k)",
  ],
  [
    "the last bit is held for a step less",
    "holding",
    "tasks/held-inputs.ts",
    "t = n * k - 1",
    "t = n * k - 2",
  ],
  [
    "bits are read after they are overwritten",
    "holding",
    "tasks/held-inputs.ts",
    "let t = n * k - 1; t > 0; t--",
    "let t = 1; t < n * k; t++",
  ],
  [
    "images begin one row late",
    "digits",
    "tasks/sequential-digits.ts",
    "above * side * B",
    "(above + 1) * side * B",
  ],
  [
    "no blank row stands behind some images",
    "digits",
    "tasks/sequential-digits.ts",
    "T / side - side - 1",
    "T / side - side",
  ],
  ["what was in the blank rows stays there", "digits", "tasks/sequential-digits.ts", "f32Bytes(T * B)", "0"],
  [
    "pixels have their corners, not their centres, where those of the image are",
    "digits",
    "tasks/sequential-digits.ts",
    "SIDE * (2 * i + 1) - side",
    "SIDE * (2 * i)",
  ],
  [
    "images are turned: rows become columns",
    "digits",
    "tasks/sequential-digits.ts",
    "row * SIDE + column",
    "column * SIDE + row",
  ],
  [
    "a label is that of the next image",
    "digits",
    "tasks/sequential-digits.ts",
    "labels + load<i32>(label)",
    "labels + (load<i32>(label) + 1) % count",
  ],
  ["the sample is a step late", "labels", "tasks/delayed-match.ts", "(t - N + 1) * B", "(t - N + 2) * B"],
];

describe("with a change", () => {
  test.each(mutations)("%s: the %s check fails", async (_, check, file, from, to) => {
    const complaints = checks[check](await loadVariant({ file: `assembly/${file}`, from, to }));
    expect(complaints).not.toEqual([]);
  });
});

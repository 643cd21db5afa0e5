// Ten training steps of all cells, and of the leaky ones in continuous time, against PyTorch in float64.
//
// The core computes in f32: one step agrees within 1e-5 of a tensor's largest entry (rounding of sums of a few
// hundred terms); over ten steps such differences feed back through the weights, hence 1e-4 at the end.

import { describe, expect, test } from "vitest";
import {
  type NetworkShape,
  networkTensors,
  packParameters,
  type TensorName,
  tensorShapes,
} from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { type OptimizerSettings, Plan } from "../../src/core/plan.ts";
import continuous from "../golden/continuous-time-steps.json" with { type: "json" };
import every from "../golden/every-step-labels.json" with { type: "json" };
import gated from "../golden/gated-training-steps.json" with { type: "json" };
import stacked from "../golden/stacked-training-steps.json" with { type: "json" };
import leaky from "../golden/training-steps.json" with { type: "json" };

const cases = [...leaky.cases, ...gated.cases, ...continuous.cases, ...every.cases, ...stacked.cases];
type GoldenCase = (typeof cases)[number] & {
  /** The N of each head, where every step from the N-th on has a label. */
  lengths?: number[];
  layers?: number;
};
type GoldenStep = (typeof leaky.cases)[number]["steps"][number] & { stepsPerBit?: number };
type GoldenTensors = Record<string, number[] | undefined>;

// as the golden calls it: recurrentWeight, layer2RecurrentWeight
function keyOf(name: TensorName): string {
  return name.replace(/\.(\w)/g, (_, letter) => letter.toUpperCase());
}

function shapeOf(golden: GoldenCase): NetworkShape {
  const { cell, activation, units, layers = 1, inputs, heads, classes } = golden;
  return { cell, activation, units, layers, inputs, heads, classes } as NetworkShape;
}

function optimizerOf({ optimizer, clipNorm, trainTau }: GoldenCase): OptimizerSettings {
  const { kind, ...rest } = optimizer;
  const unused = { momentum: 0, beta1: 0, beta2: 0, epsilon: 0 };
  return { ...unused, ...rest, optimizer: kind, clipNorm, trainTau } as OptimizerSettings;
}

async function load(golden: GoldenCase): Promise<Plan> {
  const shape = shapeOf(golden);
  const steps = Math.max(...golden.steps.map(stepsOf));
  const core = await Core.load();
  const plan = new Plan(
    core,
    shape,
    { batch: golden.batch, steps, labelRows: shape.heads, labels: golden.lengths ? "every" : "last" },
    optimizerOf(golden),
  );
  if (golden.lengths) plan.setLengths(golden.lengths);
  const initial: GoldenTensors = golden.initial;
  const tensors = new Map<TensorName, { data: number[] }>();
  for (const name of tensorShapes(shape).keys()) tensors.set(name, { data: initial[keyOf(name)]! });
  plan.parameters.set(packParameters(shape, tensors));
  return plan;
}

const stepsOf = ({ length, stepsPerBit = 1 }: GoldenStep) => length * stepsPerBit;

function loadBatch(plan: Plan, { x, length, stepsPerBit = 1, labels, h0 }: GoldenStep): void {
  plan.inputs.set(x);
  plan.holdInputs(length, stepsPerBit);
  plan.stepsPerBit = stepsPerBit;
  plan.labels.set(labels);
  plan.initialState.set(h0);
}

// every tensor within `tolerance` of its largest entry
function expectTensors(plan: Plan, got: Float32Array, expected: GoldenTensors, tolerance: number): void {
  for (const [name, { data }] of networkTensors(plan.shape, got)) {
    const wanted = expected[keyOf(name)]!;
    expect(data.length, name).toBe(wanted.length);
    const scale = Math.max(...wanted.map(Math.abs));
    const error = Math.max(...wanted.map((value, i) => Math.abs(value - data[i]!)));
    expect(error, `${name}: largest error against a largest entry of ${scale}`).toBeLessThanOrEqual(
      tolerance * scale,
    );
  }
}

describe.each<GoldenCase>(cases)("$name", (golden) => {
  test("loss, norm and every gradient of the first step agree within 1e-5", async () => {
    const plan = await load(golden);
    const step = golden.steps[0]!;
    loadBatch(plan, step);
    plan.computeGradient(stepsOf(step), step.active);
    expect(Math.abs(plan.loss / golden.expected.loss[0]! - 1)).toBeLessThan(1e-5);
    expect(Math.abs(plan.gradientNorm / golden.expected.gradientNorm[0]! - 1)).toBeLessThan(1e-5);
    expectTensors(plan, plan.gradient, golden.expected.firstGradient, 1e-5);
  });

  test("parameters after one step agree within 1e-5, all losses within 1e-4, gradients and parameters after ten within 1e-4", async () => {
    const plan = await load(golden);
    golden.steps.forEach((step, i) => {
      loadBatch(plan, step);
      plan.trainStep(stepsOf(step), step.active);
      expect(Math.abs(plan.loss / golden.expected.loss[i]! - 1), `loss of step ${i + 1}`).toBeLessThan(1e-4);
      if (i === 0) expectTensors(plan, plan.parameters, golden.expected.afterFirst, 1e-5);
    });
    expectTensors(plan, plan.gradient, golden.expected.lastGradient, 1e-4);
    expectTensors(plan, plan.parameters, golden.expected.afterLast, 1e-4);
  });
});

// Clipping, SGD with Nesterov momentum and Adam against PyTorch's formulas in f64.

import { describe, expect, test } from "vitest";
import { networkTensors } from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { drawProblem, loadProblem, type TauMode } from "./gradient-problem.ts";
import { optimizerErrors, optimizerSettings } from "./optimizer-check.ts";
import { firstDifference } from "./values.ts";

const settings = optimizerSettings;

describe.each(Object.keys(settings))("%s", (name) => {
  test.each<TauMode>(["free", "clamped", "fixed"])(
    "tau %s: ten updates with one, two, then three active heads stay within 3e-7 of f64, the norm within 1e-14",
    async (tau) => {
      const errors = optimizerErrors(await Core.load(), settings[name]!, tau);
      expect(errors.parameters).toBeLessThan(3e-7);
      expect(errors.norm).toBeLessThan(1e-14);
      // the case is what its name says
      expect(errors.clipped).toBe(name.endsWith("clipped") ? 10 : 0);
    },
  );
});

describe("what an update leaves alone", () => {
  const sizes = { H: 5, B: 4, T: 3, I: 2, K: 3, C: 2, active: 3, tau: "free" } as const;

  async function load(name: string, tau: TauMode = "free") {
    const problem = drawProblem("leaky", "tanh", { ...sizes, tau }, 7);
    return loadProblem(await Core.load(), problem, { ...settings[name], trainTau: tau !== "fixed" });
  }

  test.each(["sgd", "adam"])("%s: heads that are not active, their moments and counts", async (name) => {
    const plan = await load(name);
    const before = networkTensors(plan.shape, plan.parameters);
    plan.trainStep(sizes.T, 1);
    const after = networkTensors(plan.shape, plan.parameters);
    const head = sizes.C * sizes.H;
    const [old, now] = [before, after].map((tensors) => tensors.get("readout.weight")!.data);
    expect(now!.subarray(head)).toEqual(old!.subarray(head));
    expect(firstDifference(now!.subarray(0, head), old!.subarray(0, head))).toBe(0);
    const inactive = plan.parameters.length - 2 * sizes.C * (sizes.H + 1);
    expect(plan.optimizerMoments.subarray(inactive, plan.parameters.length)).toEqual(
      new Float32Array(2 * sizes.C * (sizes.H + 1)),
    );
    expect([...plan.optimizerUpdates]).toEqual(name === "adam" ? [1, 1, 0, 0] : [0, 0, 0, 0]);
  });

  test.each(["sgd", "adam"])("%s: time constants that are not trained", async (name) => {
    const plan = await load(name, "fixed");
    const before = plan.parameters.slice(0, sizes.H);
    for (let step = 0; step < 3; step++) plan.trainStep(sizes.T, 3);
    expect(plan.parameters.slice(0, sizes.H)).toEqual(before);
  });

  test.each([
    ["NaN", NaN],
    ["infinite", Infinity],
  ])("everything, where an input is %s: the step answers false", async (_, input) => {
    const plan = await load("adam");
    plan.trainStep(sizes.T, 3);
    const parameters = plan.parameters.slice();
    const moments = plan.optimizerMoments.slice();
    plan.inputs[0] = input;
    expect(plan.trainStep(sizes.T, 3)).toBe(false);
    expect(plan.parameters).toEqual(parameters);
    expect(plan.optimizerMoments).toEqual(moments);
    expect([...plan.optimizerUpdates]).toEqual([1, 1, 1, 1]);
    expect(plan.findNonFiniteGradient()).toBeGreaterThanOrEqual(0);
  });
});

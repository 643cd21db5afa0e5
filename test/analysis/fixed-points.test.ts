// Fixed points: of systems whose points and slopes are known, of every kind, and none where there is none.

import { describe, expect, test } from "vitest";
import { type FixedPoint, findFixedPoints } from "../../src/analysis/fixed-points.ts";
import { gatedDynamics, randomGru, randomLstm } from "../../src/cells/random-dynamics.ts";
import type { Dynamics } from "../../src/core/dynamics.ts";
import { NumericError, ShapeError } from "../../src/core/errors.ts";
import { drawDynamics, forms, referenceStep } from "../assembly/reference-dynamics.ts";

function leadingOf({ stability }: FixedPoint): number {
  return stability.ok ? stability.leading : NaN;
}

// one unit with weight 3, whose other points are at ± x
let x = 1;
for (let i = 0; i < 200; i++) x = 3 * Math.tanh(x);
const slope = 3 * (1 - Math.tanh(x) ** 2);

const oneUnit = (time: "steps" | "continuous"): Dynamics => ({
  kind: "tanh",
  units: 1,
  inputs: 1,
  method: "euler",
  dt: time === "steps" ? 1 : 0.1,
  time,
  layers: [
    {
      recurrent: Float64Array.of(3),
      input: Float64Array.of(1),
      constant: new Float64Array(1),
      perUnit: new Float64Array(1),
    },
  ],
});

describe("one tanh unit with weight 3", () => {
  test.each([
    ["steps", 3, slope],
    ["continuous", 2, slope - 1],
  ] as const)(
    "in %s has 0 and ± 2.98, with leading eigenvalues %f and %f to 1e-9",
    async (time, atZero, outside) => {
      const { points, failed, starts } = await findFixedPoints(oneUnit(time), { starts: 60, rms: 2 });
      const sorted = [...points].sort((a, b) => a.state[0]! - b.state[0]!);
      expect(sorted.map(({ state }) => state[0]!)).toHaveLength(3);
      [-x, 0, x].forEach((value, i) => {
        const point = sorted[i]!;
        expect(Math.abs(point.state[0]! - value)).toBeLessThan(1e-9);
        expect(point.residual).toBeLessThan(1e-10);
        expect(Math.abs(leadingOf(point) - (i === 1 ? atZero : outside))).toBeLessThan(1e-9);
        expect(point.stability).toMatchObject({ stable: i !== 1, unstableDirections: i === 1 ? 1 : 0 });
      });
      expect(failed + points.reduce((sum, point) => sum + point.starts, 0)).toBe(starts);
    },
  );

  test("with an input of 2 has one point, where x = 3 tanh x + 2", async () => {
    const { points } = await findFixedPoints(oneUnit("steps"), { input: Float64Array.of(2) });
    expect(points).toHaveLength(1);
    const at = points[0]!.state[0]!;
    expect(Math.abs(3 * Math.tanh(at) + 2 - at)).toBeLessThan(1e-9);
  });
});

describe.each(forms)("%s", (_, make) => {
  test("a point of 5 units stays where it is in a step of the reference, to 1e-9", async () => {
    // rectified units with the weights as drawn have none: no pattern of signs is consistent with its linear solution
    const drawn = make(5, 1);
    const weaker = drawn.activation?.endsWith("relu") ? 0.3 : 1;
    const layers = drawn.layers.map((layer) => ({
      ...layer,
      recurrent: layer.recurrent.map((w) => weaker * w),
    }));
    const dynamics = { ...drawn, layers };
    const input = Float64Array.of(0.4);
    const { points } = await findFixedPoints(dynamics, { starts: 20, input });
    expect(points.length).toBeGreaterThan(0);
    for (const { state, stability } of points) {
      const next = referenceStep(dynamics, [...state], [...input]);
      const largest = Math.max(...next.map((value, i) => Math.abs(value - state[i]!)));
      expect(largest).toBeLessThan(1e-9 * Math.max(1, ...state.map(Math.abs)));
      expect(stability.ok).toBe(true);
    }
  });
});

describe("random networks", () => {
  test("the zero state of a GRU is stable at a_h = 1.6 and unstable at a_h = 2.6, with the reset before the product", async () => {
    const leadingAt = async (candidateGain: number) => {
      const dynamics = await randomGru({ units: 150, candidateGain, seed: 1 });
      const { points } = await findFixedPoints(dynamics, { starts: new Float64Array(150) });
      return leadingOf(points[0]!);
    };
    // 1/2 + μ/4 with μ in the spectrum of U, a disc of radius a_h: z = r = 1/2
    expect(Math.abs((await leadingAt(1.6)) - 0.9)).toBeLessThan(0.05);
    expect(Math.abs((await leadingAt(2.6)) - 1.15)).toBeLessThan(0.05);
  });

  test("the zero state of an LSTM has its largest modulus at 1/2 + a_g / 4 within 0.05, at a_g = 1", async () => {
    const dynamics = await randomLstm({ units: 150, candidateGain: 1, seed: 1 });
    const { points } = await findFixedPoints(dynamics, { starts: new Float64Array(300) });
    // c ← c/2 + tanh(U h)/2, h ← tanh(c)/2: λ = 1/2 + μ/4 with μ in the unit disc
    expect(Math.abs(leadingOf(points[0]!) - 0.75)).toBeLessThan(0.05);
  });

  test("40 gated units at g = 1.5 have only the zero state with α_r = 0, where it is stable", async () => {
    const dynamics = await gatedDynamics({ units: 40, gain: 1.5, seed: 2 });
    const { points, failed } = await findFixedPoints(dynamics, { starts: 10 });
    expect(points).toHaveLength(1);
    expect(Math.max(...points[0]!.state.map(Math.abs))).toBeLessThan(1e-8);
    expect(points[0]!.stability).toMatchObject({ stable: true });
    expect(failed).toBe(0);
  });
});

describe("what is not there, and what is refused", () => {
  test("two rectified units that drive each other by 2 have no fixed point: none is found, all starts failed", async () => {
    const dynamics = drawDynamics("leaky-outside", 2, 0, { activation: "relu" });
    const layers = [
      { ...dynamics.layers[0]!, recurrent: Float64Array.of(0, 2, 2, 0), constant: Float64Array.of(1, 1) },
    ];
    const found = await findFixedPoints({ ...dynamics, layers }, { starts: 15 });
    expect(found).toEqual({ points: [], starts: 15, failed: 15 });
  });

  test("options out of range are refused", async () => {
    const dynamics = oneUnit("steps");
    for (const options of [
      { starts: 0 },
      { tolerance: 0 },
      { iterations: 0 },
      { rms: -1 },
      { mergeDistance: -1 },
    ])
      await expect(findFixedPoints(dynamics, options)).rejects.toThrow(ShapeError);
    await expect(findFixedPoints(dynamics, { starts: Float64Array.of(NaN) })).rejects.toThrow(NumericError);
    await expect(findFixedPoints(dynamics, { input: new Float64Array(2) })).rejects.toThrow(ShapeError);
  });
});

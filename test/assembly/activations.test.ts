// Activation functions, their derivatives from the function's value, and the flush of tiny errors.

import { describe, expect, test } from "vitest";
import { activationNames } from "../../src/core/network-shape.ts";
import { loadHarness } from "./as-bind/compile.ts";
import { bitsOf, drawFrom, firstDifference, values } from "./values.ts";

interface ActivationsHarness {
  flush(errors: Float32Array): Float32Array;
  activate(activation: number, row: Float32Array): Float32Array;
  activateRow(logistic: boolean, row: Float32Array, n: number): Float32Array;
  backpropagate(
    activation: number,
    error: Float32Array,
    row: Float32Array,
    scale: Float32Array,
    n: number,
  ): Float32Array;
  leavesErrors(activation: number, error: Float32Array, row: Float32Array): number;
}

const kernels = await loadHarness<ActivationsHarness>("activations");
const { fround } = Math;

const SLOPE = fround(0.01);
const THRESHOLD = 2 ** -100;
const BELOW = 2 ** -100 - 2 ** -124;
const NO_SCALE = new Float32Array(0);

type ActivationName = (typeof activationNames)[number];

const exact: Record<ActivationName, (x: number) => number> = {
  "leaky-relu": (x) => (x > 0 ? x : x * SLOPE),
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

// f′ as a function of f, with f32's roundings in the order of the kernel
const derivative: Record<ActivationName, (y: number) => number> = {
  "leaky-relu": (y) => (y > 0 ? 1 : SLOPE),
  relu: (y) => (y > 0 ? 1 : 0),
  tanh: (y) => fround(1 - fround(y * y)),
  sigmoid: (y) => fround(y * fround(1 - y)),
};

const cases = activationNames.map((name, number) => [name, number] as const);

describe.each(cases)("%s", (name, number) => {
  const inputs = values(drawFrom(number), 4096, -8, 8);

  function valuesAt(x: Float32Array): Float32Array {
    return kernels.activate(number, x);
  }

  function slopesAt(x: Float32Array): Float32Array {
    const ones = new Float32Array(x.length).fill(1);
    return kernels.backpropagate(number, ones, valuesAt(x), NO_SCALE, x.length);
  }

  test("values are within 3 · 2^-24 of the larger of the f64 value and 0.01 on [-8, 8)", () => {
    valuesAt(inputs).forEach((y, i) => {
      const expected = exact[name](inputs[i]!);
      const scale = Math.max(Math.abs(expected), 0.01);
      expect(Math.abs(y - expected), `at ${inputs[i]}`).toBeLessThanOrEqual(3 * 2 ** -24 * scale);
    });
  });

  test("its slope is the central difference of the f64 function within 5e-7, away from kinks", () => {
    const h = 1e-5;
    const x = inputs.map((value) => (Math.abs(value) < 1e-4 ? 1 : value));
    slopesAt(x).forEach((slope, i) => {
      const difference = (exact[name](x[i]! + h) - exact[name](x[i]! - h)) / (2 * h);
      expect(Math.abs(slope - difference), `at ${x[i]}`).toBeLessThan(5e-7);
    });
  });

  test("errors are round(round(e f′) scale), bit for bit, and without a scale round(e f′)", () => {
    const draw = drawFrom(100 + number);
    const [error, scale] = [values(draw, 4096), values(draw, 4096)];
    const row = valuesAt(inputs);
    const flushed = (e: number) => (Math.abs(e) < THRESHOLD ? 0 : e);
    const plain = error.map((e, i) => e * derivative[name](row[i]!));
    const scaled = plain.map((e, i) => flushed(fround(e * scale[i]!)));
    expect(firstDifference(kernels.backpropagate(number, error, row, scale, 4096), scaled)).toBe(-1);
    const unscaled = kernels.backpropagate(number, error, row, NO_SCALE, 4096);
    expect(firstDifference(unscaled, plain.map(flushed))).toBe(-1);
  });

  test("errors of n values are taken up to the next multiple of four, and no further, for n = 1 … 17", () => {
    const y = valuesAt(inputs.subarray(0, 24));
    for (let n = 1; n <= 17; n++) {
      const end = Math.ceil(n / 4) * 4;
      const ones = new Float32Array(24).fill(1);
      const errors = kernels.backpropagate(number, ones, y, NO_SCALE, n);
      expect(firstDifference(errors.subarray(0, end), slopesAt(inputs).subarray(0, end))).toBe(-1);
      expect(errors.subarray(end)).toEqual(new Float32Array(24 - end).fill(-1));
    }
  });

  test("NaN goes in and comes out, as a value and as an error", () => {
    const row = Float32Array.of(1, NaN, 1, 1);
    expect([...valuesAt(row)].map(Number.isNaN)).toEqual([false, true, false, false]);
    const errors = kernels.backpropagate(number, row, new Float32Array(4).fill(0.5), NO_SCALE, 4);
    expect([...errors].map(Number.isNaN)).toEqual([false, true, false, false]);
    expect(kernels.leavesErrors(number, row, new Float32Array(4).fill(0.5))).toBe(1);
  });

  test("any of eight errors counts as left; zeros, of either sign, and errors below 2^-100 do not", () => {
    const row = new Float32Array(8).fill(0.5);
    expect(kernels.leavesErrors(number, new Float32Array(8).fill(0.9 * THRESHOLD), row)).toBe(0);
    expect(kernels.leavesErrors(number, new Float32Array(8).fill(-0), row)).toBe(0);
    for (let i = 0; i < 8; i++) {
      const error = new Float32Array(8);
      error[i] = -8 * THRESHOLD;
      expect(kernels.leavesErrors(number, error, row), `error ${i}`).toBe(1);
    }
  });
});

describe("kinks", () => {
  test.each([
    ["leaky-relu", [-0, -SLOPE, 1, fround(-SLOPE * 2 ** -140)], [SLOPE, SLOPE, 1, SLOPE]],
    ["relu", [0, 0, 1, 0], [0, 0, 1, 0]],
  ] as const)("%s of -0, -1, 1 and -2^-140 is %o with slope %o", (name, wanted, slopes) => {
    const number = activationNames.indexOf(name);
    const y = kernels.activate(number, Float32Array.of(-0, -1, 1, -(2 ** -140)));
    expect(bitsOf(y)).toEqual(bitsOf(Float32Array.from(wanted)));
    const errors = kernels.backpropagate(number, new Float32Array(4).fill(1), y, NO_SCALE, 4);
    expect([...errors]).toEqual([...slopes]);
  });

  test.each(["leaky-relu", "relu"] as const)(
    "the slope of %s at 0 is that below it, as in PyTorch",
    (name) => {
      const ones = new Float32Array(4).fill(1);
      const errors = kernels.backpropagate(
        activationNames.indexOf(name),
        ones,
        new Float32Array(4),
        NO_SCALE,
        4,
      );
      expect(errors).toEqual(new Float32Array(4).fill(name === "relu" ? 0 : SLOPE));
    },
  );
});

describe("flush", () => {
  test("±2^-100 stay, the next smaller values become +0", () => {
    const errors = kernels.flush(Float32Array.of(THRESHOLD, -THRESHOLD, BELOW, -BELOW));
    expect(fround(BELOW)).toBe(BELOW);
    expect(bitsOf(errors)).toEqual(bitsOf(Float32Array.of(THRESHOLD, -THRESHOLD, 0, 0)));
  });

  test("subnormal values and -0 become +0", () => {
    const errors = kernels.flush(Float32Array.of(2 ** -149, -(2 ** -149), -0, 2 ** -127));
    expect(bitsOf(errors)).toEqual(new Uint32Array(4));
  });

  test("NaN, infinities and all larger values stay, in every lane", () => {
    for (const value of [NaN, Infinity, -Infinity, 1, -1, 2 ** -99, 2 ** 127]) {
      for (let lane = 0; lane < 4; lane++) {
        const errors = Float32Array.of(2 ** -120, 2 ** -120, 2 ** -120, 2 ** -120);
        const expected = new Float32Array(4);
        errors[lane] = expected[lane] = value;
        expect(firstDifference(kernels.flush(errors), expected), `${value} in lane ${lane}`).toBe(-1);
      }
    }
  });

  test.each(cases)("errors through %s are flushed after their last factor", (name, number) => {
    // values where the slope is a power of two, so that the products are exact
    const [value, slope] = name === "tanh" ? [0, 1] : name === "sigmoid" ? [0.5, 0.25] : [0.5, 1];
    const error = new Float32Array(4).fill(2 ** -80 / slope);
    const scale = Float32Array.of(2 ** -20, (1 - 2 ** -24) * 2 ** -20, 2 ** -21, 2 ** -19);
    const errors = kernels.backpropagate(number, error, new Float32Array(4).fill(value), scale, 4);
    expect([...errors]).toEqual([2 ** -100, 0, 0, 2 ** -99]);
  });
});

describe.each(["tanh", "sigmoid"] as const)("a row of %s", (name) => {
  const number = activationNames.indexOf(name);

  test.each([0, 4, 8, 12, 20])(
    "is the function of %d values, bit for bit, and leaves the four behind them",
    (n) => {
      const row = values(drawFrom(number), n + 4, -8, 8);
      const expected = kernels.activate(number, row.slice());
      expected.set(row.subarray(n), n);
      expect(bitsOf(kernels.activateRow(name === "sigmoid", row.slice(), n))).toEqual(bitsOf(expected));
    },
  );
});

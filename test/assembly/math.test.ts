// exp, log, tanh and the logistic function in f32 against the host's functions in f64.
//
// Bounds were measured once over every f32 of the range named (assembly/math.ts of 2026-11-20), but for those where
// the result is a constant in f32: |x| < 2^-27 of exp and sigmoid, x > 12 of tanh, x > 20 of sigmoid. The worst input
// found is tried as well as the samples, so that a bound can be neither too tight nor too wide. An ulp is the distance
// of f32 values at the exact result, 2^-149 where that is subnormal.

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { loadHarness } from "./as-bind/compile.ts";
import { bitsOf, firstDifference } from "./values.ts";

type Name = "exp" | "log" | "tanh" | "sigmoid";
type MathHarness = Record<Name | `${Name}4`, (x: Float32Array) => Float32Array>;

const math = await loadHarness<MathHarness>("math");

const names: Name[] = ["exp", "log", "tanh", "sigmoid"];
const exact: Record<Name, (x: number) => number> = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

const LARGEST = 2 ** 128 - 2 ** 104;
const SMALLEST = 2 ** -149;
const SMALLEST_NORMAL = 2 ** -126;

function bitOf(value: number): number {
  return bitsOf(Float32Array.of(value))[0]!;
}

function fromBits(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

const f64 = new Float64Array(1);
const words = new Uint32Array(f64.buffer);

// distance of f32 values where x lies
function ulp(x: number): number {
  f64[0] = x;
  const exponent = ((words[1]! >>> 20) & 0x7ff) - 1023;
  return 2 ** (Math.max(exponent, -126) - 23);
}

// in increasing order: 100,000 values at equal distances, and 100,000 at equal distances in their bits, thus also
// of every order of magnitude; `low` and `high` have the same sign
function samples(low: number, high: number): Float32Array {
  const n = 100_000;
  const values = new Float32Array(2 * n);
  const [first, last] = [bitOf(low), bitOf(high)];
  for (let i = 0; i < n; i++) {
    values[i] = low + ((high - low) * i) / (n - 1);
    values[n + i] = fromBits(first + Math.round(((last - first) * i) / (n - 1)));
  }
  return values.sort();
}

function largestError(name: Name, x: Float32Array): number {
  const y = math[name](x);
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const expected = exact[name](x[i]!);
    largest = Math.max(largest, Math.abs(y[i]! - expected) / ulp(expected));
  }
  return largest;
}

describe.each<[Name, number, number, number, number]>([
  ["exp", 1e-8, 88.72283, 0.991, 0x428cce63],
  ["exp", -1e-8, -103.9, 0.992, 0xc2a2c895],
  ["log", SMALLEST, LARGEST, 0.83, 0x3f3331ae],
  ["tanh", SMALLEST, 20, 1.331, 0x3f20d8e5],
  ["tanh", -SMALLEST, -20, 1.331, 0xbf20d8e5],
  ["sigmoid", SMALLEST, 100, 1.499, 0x40fb7ea8],
  ["sigmoid", -SMALLEST, -103.9, 2.826, 0xbffa24af],
])("%s from %d to %d", (name, low, high, bound, worst) => {
  test(`is within ${bound} ulp at 200,000 samples, and at its worst more than ${bound} - 0.001`, () => {
    expect(largestError(name, samples(low, high))).toBeLessThan(bound);
    const error = largestError(name, Float32Array.of(fromBits(worst)));
    expect(error).toBeLessThan(bound);
    expect(error).toBeGreaterThan(bound - 0.001);
  });
});

describe("order", () => {
  // from one sample, or one f32, to the next: the largest step back in ulp of the result
  function largestStepBack(name: Name, x: Float32Array): number {
    const y = math[name](x);
    let largest = 0;
    for (let i = 1; i < y.length; i++) largest = Math.max(largest, (y[i - 1]! - y[i]!) / ulp(y[i]!));
    return largest;
  }

  function neighbours(centre: number): Float32Array {
    return Float32Array.from({ length: 100_001 }, (_, i) => fromBits(bitOf(centre) + i - 50_000)).sort();
  }

  test.each<[Name, number, number]>([
    ["exp", 1e-8, 88.72283],
    ["exp", -1e-8, -105],
    ["log", SMALLEST, LARGEST],
    ["tanh", SMALLEST, 20],
    ["tanh", -SMALLEST, -20],
    ["sigmoid", SMALLEST, 20],
  ])("%s never falls from one of 200,000 samples from %d to %d to the next", (name, low, high) => {
    expect(largestStepBack(name, samples(low, high))).toBe(0);
  });

  test.each<[Name, number, string]>([
    ["exp", 0.34657359, "the range reduction takes another n"],
    ["log", Math.SQRT1_2, "the range reduction takes another exponent"],
    ["log", SMALLEST_NORMAL, "subnormals are scaled"],
    ["tanh", 0.625, "the polynomial gives over to the exponential"],
  ])("%s never falls among the 100,001 neighbours of %d, where %s", (name, centre) => {
    expect(largestStepBack(name, neighbours(centre))).toBe(0);
  });

  test("sigmoid below zero steps back by at most 2 ulp, and does so", () => {
    const steps = [samples(-SMALLEST, -104), neighbours(-1), neighbours(-0.5)].map((x) =>
      largestStepBack("sigmoid", x),
    );
    expect(Math.max(...steps)).toBeLessThanOrEqual(2);
    expect(Math.max(...steps)).toBeGreaterThan(0);
  });
});

describe("edges", () => {
  test.each<[Name, number, number]>([
    ["exp", 0, 1],
    ["exp", -0, 1],
    ["exp", SMALLEST, 1],
    ["exp", -SMALLEST, 1],
    ["exp", Infinity, Infinity],
    ["exp", -Infinity, 0],
    ["exp", NaN, NaN],
    ["exp", LARGEST, Infinity],
    ["exp", -LARGEST, 0],
    ["log", 1, 0],
    ["log", 0, -Infinity],
    ["log", -0, -Infinity],
    ["log", -1, NaN],
    ["log", -SMALLEST, NaN],
    ["log", -Infinity, NaN],
    ["log", Infinity, Infinity],
    ["log", NaN, NaN],
    ["log", SMALLEST, Math.fround(Math.log(SMALLEST))],
    ["log", LARGEST, Math.fround(Math.log(LARGEST))],
    ["tanh", 0, 0],
    ["tanh", -0, -0],
    ["tanh", SMALLEST, SMALLEST],
    ["tanh", -SMALLEST, -SMALLEST],
    ["tanh", 1e-39, Math.fround(1e-39)],
    ["tanh", Infinity, 1],
    ["tanh", -Infinity, -1],
    ["tanh", LARGEST, 1],
    ["tanh", NaN, NaN],
    ["sigmoid", 0, 0.5],
    ["sigmoid", -0, 0.5],
    ["sigmoid", SMALLEST, 0.5],
    ["sigmoid", -SMALLEST, 0.5],
    ["sigmoid", Infinity, 1],
    ["sigmoid", -Infinity, 0],
    ["sigmoid", -LARGEST, 0],
    ["sigmoid", NaN, NaN],
  ])("%s(%o) is %o", (name, x, expected) => {
    expect(math[name](Float32Array.of(x))[0]).toBe(expected);
  });

  test("exp is finite up to 88.72283, the last f32 whose exponential rounds to one, and infinite from the next on", () => {
    const last = bitOf(88.72283);
    expect(exact.exp(fromBits(last))).toBeLessThan(LARGEST);
    expect(exact.exp(fromBits(last + 1))).toBeGreaterThan(2 ** 128 - 2 ** 103);
    const [finite, infinite] = math.exp(Float32Array.of(fromBits(last), fromBits(last + 1)));
    expect(finite).toBeLessThanOrEqual(LARGEST);
    expect(infinite).toBe(Infinity);
  });

  test("exp is subnormal below -87.33654 and 0 below -103.97208, where the exact value is half of 2^-149", () => {
    const [normal, subnormal] = math.exp(Float32Array.of(-87.33654, -87.33655)) as unknown as [
      number,
      number,
    ];
    expect(normal).toBeGreaterThanOrEqual(SMALLEST_NORMAL);
    expect(subnormal).toBeLessThan(SMALLEST_NORMAL);
    const last = bitOf(-103.97208);
    expect(exact.exp(fromBits(last))).toBeGreaterThan(SMALLEST / 2);
    expect(exact.exp(fromBits(last + 1))).toBeLessThan(SMALLEST / 2);
    expect([...math.exp(Float32Array.of(fromBits(last), fromBits(last + 1)))]).toEqual([SMALLEST, 0]);
  });

  test("tanh is odd: the bits at -x are those at x with the sign turned, at 200,001 samples", () => {
    const x = Float32Array.from([0, ...samples(SMALLEST, 20)]);
    const negative = math.tanh(x.map((value) => -value));
    const turned = negative.map((value) => -value);
    expect(firstDifference(turned, math.tanh(x))).toBe(-1);
  });

  test("tanh reaches 1 at 9.010913 and stays there, as the exact function rounded", () => {
    expect(math.tanh(Float32Array.of(9.010912, 9.010914, 44, 45, 100))).toEqual(
      Float32Array.of(1 - 2 ** -24, 1, 1, 1, 1),
    );
  });
});

// every 65537th of all f32 bits: all signs and exponents, infinities, NaN, subnormals
function everyKind(): Float32Array {
  return new Float32Array(Uint32Array.from({ length: 65536 }, (_, i) => 65537 * i).buffer);
}

describe("lanes", () => {
  test.each(names)(
    "each lane of %s gives the scalar function's bits in all four positions, whatever lies in the other lanes",
    (name) => {
      // neighbours in an order without order, so that small, large and special values meet in one vector
      const kinds = everyKind();
      const x = kinds.map((_, i) => kinds[(i * 40503) & 0xffff]!);
      const expected = math[name](x);
      for (let shift = 0; shift < 4; shift++) {
        const turned = x.map((_, i) => x[(i + shift) & 0xffff]!);
        const got = math[`${name}4`](turned);
        const wanted = expected.map((_, i) => expected[(i + shift) & 0xffff]!);
        expect(firstDifference(got, wanted), `shift ${shift}`).toBe(-1);
      }
    },
  );
});

describe("bits", () => {
  // AssemblyScript 0.28.20, Node 20.20.2, x86-64, 2026-11-20; they change only if the function's bits do
  test.each<[Name, string]>([
    ["exp", "4a1c4f6130f190c900f3eaf3ffb4707aba69c28893a57b50156b3e8a80edbfeb"],
    ["log", "4f809774d5c6f24f98cccc50fb26fb5e2a868443122fcbb5d854d74f85ea480f"],
    ["tanh", "fccd5c5ae7c11a943226d2372db1b8f3867d18c15ad576218b3f67ba3b605f65"],
    ["sigmoid", "6e28da8d374728148e2d58015c73d364b8917b09b2bb5ddc6f976e602c130da3"],
  ])("%s of 65,536 values of every kind has the SHA-256 %s", (name, hash) => {
    const bits = bitsOf(math[`${name}4`](everyKind()));
    expect(createHash("sha256").update(bits).digest("hex")).toBe(hash);
  });
});

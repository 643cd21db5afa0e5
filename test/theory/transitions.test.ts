// Transitions of networks with an output gate, fixed points and phases: the tables of the notes, limits, and errors.

import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { computePhaseDiagram, findIntegratorRegion } from "../../src/theory/phase-diagram.ts";
import { solveStaticMeanField } from "../../src/theory/static-mean-field.ts";
import {
  findDynamicTransitions,
  findStaticTransitions,
  findTransitionThresholds,
} from "../../src/theory/transitions.ts";

const outputGains = [1, 2.8, 3, 3.4, 3.6, 4, 5, 6, 8, 10, 15, 20, 30];
const fixedPoints = [
  2, 2, 1.9987, 1.9885, 1.9811, 1.9641, 1.9171, 1.8741, 1.8046, 1.754, 1.6745, 1.6279, 1.5756,
];
const chaos = [2, 2, 2, 2, 1.9996, 1.995, 1.972, 1.9451, 1.8969, 1.8596, 1.8001, 1.764, 1.7258];

// a trapezoidal rule for one Gaussian variable
const nodes = Array.from({ length: 161 }, (_, i) => (i - 80) / 10);
const density = nodes.map((x) => Math.exp(-0.5 * x * x) / 10 / Math.sqrt(2 * Math.PI));

function pair(f: (x: number) => number, variance: number, c: number): number {
  const [shared, own] = [Math.sqrt(variance * c), Math.sqrt(variance * (1 - c))];
  return nodes.reduce((sum, z, i) => {
    const inner = nodes.reduce((total, a, k) => total + density[k]! * f(shared * z + own * a), 0);
    return sum + density[i]! * inner * inner;
  }, 0);
}

// u / (2 ∫ C_φ C_σr dc), the integral over √(1 - c) by Simpson's rule
function squareGainReference(outputGain: number, u: number): number {
  const gate = (r: number) => 1 / (1 + Math.exp(-outputGain * r));
  const square = pair(Math.tanh, u, 1);
  const steps = 64;
  let integral = 0;
  for (let i = 0; i <= steps; i++) {
    const v = i / steps;
    const phi = pair(Math.tanh, u, 1 - v * v);
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    integral += (weight * 2 * v * phi * pair(gate, square, Math.min(1, phi / square))) / (3 * steps);
  }
  return u / (2 * integral);
}

describe("transitions", () => {
  test("fixed points appear at the table's gains to 5e-4", async () => {
    const found = await findStaticTransitions(outputGains);
    found.forEach(({ gain, error }, i) => {
      expect(Math.abs(gain - fixedPoints[i]!)).toBeLessThan(5e-4);
      expect(error).toBeLessThan(1e-9);
    });
  });

  test("chaos appears at the table's gains to 1.2e-3, the table's own error, and ours is below 1e-5", async () => {
    const found = await findDynamicTransitions(outputGains);
    found.forEach(({ gain, error }, i) => {
      expect(Math.abs(gain - chaos[i]!)).toBeLessThan(1.2e-3);
      expect(error).toBeLessThan(1e-5);
    });
  });

  test.each([5, 15, 30])(
    "with plain double integrals, that of α_r = %d is a solution to 1e-6, and the least",
    async (outputGain) => {
      const [transition] = await findDynamicTransitions([outputGain]);
      const u = transition!.gain ** 2 * transition!.stateVariance;
      const at = (share: number) => Math.sqrt(squareGainReference(outputGain, share * u));
      expect(Math.abs(at(1) - transition!.gain)).toBeLessThan(1e-6);
      expect(at(0.8)).toBeGreaterThan(transition!.gain);
      expect(at(1.25)).toBeGreaterThan(transition!.gain);
    },
  );

  test("below √8 and √12 they grow from zero at g = 2, above they jump", async () => {
    const at = async (find: typeof findStaticTransitions, gain: number) => (await find([gain]))[0]!;
    for (const [find, threshold] of [
      [findStaticTransitions, Math.sqrt(8)],
      [findDynamicTransitions, Math.sqrt(12)],
    ] as const) {
      const below = await at(find, threshold - 0.02);
      expect(below).toMatchObject({ gain: 2, stateVariance: 0, discontinuous: false });
      const above = await at(find, threshold + 0.02);
      expect(above.discontinuous).toBe(true);
      expect(above.gain).toBeLessThan(2);
      expect(above.stateVariance).toBeGreaterThan(1e-5);
    }
  });

  test.each([-1, -0.3, 0.5, 1.5])(
    "with a bias of %d the closed thresholds are where jumps begin",
    async (bias) => {
      const { fixedPoints, chaos, zeroGain } = await findTransitionThresholds({ outputBias: bias });
      expect(zeroGain).toBeCloseTo(1 + Math.exp(bias), 13);
      for (const [find, threshold] of [
        [findStaticTransitions, fixedPoints],
        [findDynamicTransitions, chaos],
      ] as const) {
        if (threshold === undefined) {
          expect((await find([40], { outputBias: bias }))[0]!.discontinuous).toBe(false);
          continue;
        }
        const [below, above] = await find([0.98 * threshold, 1.02 * threshold], { outputBias: bias });
        expect([below!.discontinuous, above!.discontinuous]).toEqual([false, true]);
      }
    },
  );

  test("thresholds without a bias are √8 and √12", async () => {
    const { fixedPoints, chaos } = await findTransitionThresholds();
    expect(fixedPoints).toBeCloseTo(Math.sqrt(8), 14);
    expect(chaos).toBeCloseTo(Math.sqrt(12), 14);
  });

  test.each([0, 1])(
    "for a gate that is a switch fixed points appear at √2, with a bias of %d too",
    async (bias) => {
      const found = await findStaticTransitions([1e2, 1e3, 1e4], { outputBias: bias });
      const away = found.map(({ gain }) => gain - Math.SQRT2);
      expect(away[0]).toBeGreaterThan(away[1]!);
      expect(away[1]).toBeGreaterThan(away[2]!);
      expect(Math.abs(away[2]!)).toBeLessThan(0.02);
    },
  );

  test("at the transition of fixed points there is one variance, below none, above two", async () => {
    const [transition] = await findStaticTransitions([10]);
    const { gain, stateVariance } = transition!;
    const count = async (g: number) =>
      (await solveStaticMeanField({ gain: g, outputGain: 10 })).solutions.length - 1;
    expect(await count(gain - 1e-4)).toBe(0);
    expect(await count(gain + 1e-4)).toBe(2);
    const { solutions } = await solveStaticMeanField({ gain: gain + 1e-4, outputGain: 10 });
    expect(solutions[1]!.stateVariance).toBeLessThan(stateVariance);
    expect(solutions[2]!.stateVariance).toBeGreaterThan(stateVariance);
  });

  test("an output gain that is negative or no number is named, and an infinite bias", async () => {
    await expect(findStaticTransitions([1, -1])).rejects.toThrow(ShapeError);
    await expect(findDynamicTransitions([Number.NaN])).rejects.toThrow("`outputGains` is NaN");
    await expect(findStaticTransitions([1], { outputBias: Infinity })).rejects.toThrow("`outputBias`");
  });
});

describe("fixed points", () => {
  test("zero is all there is at g = 1.6, α_r = 20, and there are two more at 1.8", async () => {
    expect((await solveStaticMeanField({ gain: 1.6, outputGain: 20 })).upper).toBeUndefined();
    const { solutions, upper } = await solveStaticMeanField({ gain: 1.8, outputGain: 20 });
    expect(solutions).toHaveLength(3);
    expect(upper).toEqual(solutions[2]);
    // a stable zero below many unstable fixed points
    expect(solutions.map(({ instability }) => instability > 1)).toEqual([false, true, true]);
  });

  test.each([
    [1.5, 1.139],
    [2, 1.363],
    [3, 1.86],
    [4, 2.377],
  ])("without an output gate's gain, k at g σ_r(0) = %d is %d to 1e-3", async (gain, k) => {
    const { upper } = await solveStaticMeanField({ gain: 2 * gain });
    expect(Math.abs(upper!.instability - k)).toBeLessThan(1e-3);
    expect(upper!.error).toBeLessThan(1e-10);
  });

  test("zero has k = (g σ_r(0))²", async () => {
    const { solutions } = await solveStaticMeanField({ gain: 3, outputGain: 4, outputBias: 0.7 });
    expect(solutions[0]!.instability).toBeCloseTo((3 / (1 + Math.exp(0.7))) ** 2, 12);
  });

  test("with a bias zero is none, and all solutions solve their equation to 1e-10", async () => {
    const { solutions } = await solveStaticMeanField({ gain: 3, bias: 0.4, outputGain: 2 });
    expect(solutions).toHaveLength(1);
    expect(solutions[0]!.stateVariance).toBeGreaterThan(0.01);
    expect(solutions[0]!.error).toBeLessThan(1e-10);
  });

  test("a negative gain is a ShapeError", async () => {
    await expect(solveStaticMeanField({ gain: -1 })).rejects.toThrow("`gain` is -1");
  });
});

describe("integrators and phases", () => {
  test("a network integrates up to g σ_r(0) = 3.273 to 1e-3", async () => {
    const { from, to } = await findIntegratorRegion();
    expect(from).toBe(2);
    expect(Math.abs(to! / 2 - 3.273)).toBeLessThan(1e-3);
    expect((await findIntegratorRegion({ openFraction: 0.25 })).to).toBeGreaterThan(to!);
    expect((await findIntegratorRegion({ outputGain: 20 })).to).toBeUndefined();
  });

  test("its end is where p k = 1", async () => {
    const { to } = await findIntegratorRegion({ outputGain: 3, outputBias: 0.5, openFraction: 0.4 });
    const { upper } = await solveStaticMeanField({ gain: to!, outputGain: 3, outputBias: 0.5 });
    expect(0.4 * upper!.instability).toBeCloseTo(1, 9);
  });

  test("phases follow from their lines, in every point of a small grid", async () => {
    const { phases, lines } = await computePhaseDiagram({ gains: [1.5, 1.7, 1.9, 3], values: [0, 20] });
    expect(phases).toEqual([
      ["quiescent", "quiescent", "quiescent", "chaos"],
      ["quiescent", "fixed points", "chaos", "chaos"],
    ]);
    expect(lines.zero).toEqual([2, 2]);
    expect(lines.integrator).toEqual([undefined, undefined]);
  });

  test("behind update gates that are switches there is an integrator before chaos", async () => {
    const options = { gains: [1.5, 3, 6, 8], values: [0, 1], updateSwitch: true };
    const { phases, lines } = await computePhaseDiagram(options);
    expect(phases[0]).toEqual(["quiescent", "integrator", "integrator", "chaos"]);
    expect(lines.integrator[1]).toBeLessThan(lines.integrator[0]!);
  });

  test("over biases zero loses its stability at 1 + e^β", async () => {
    const { lines } = await computePhaseDiagram({ axis: "outputBias", values: [-1, 0, 1], outputGain: 2 });
    lines.zero.forEach((gain, i) => {
      expect(gain).toBeCloseTo(1 + Math.exp(i - 1), 12);
    });
  });

  test("a fraction beyond 1, an unknown axis and a gain of 0 are named", async () => {
    await expect(findIntegratorRegion({ openFraction: 1.5 })).rejects.toThrow("`openFraction` is 1.5");
    await expect(computePhaseDiagram({ axis: "gain" as "outputGain" })).rejects.toThrow("`axis` is gain");
    await expect(computePhaseDiagram({ gains: [0] })).rejects.toThrow("`gains` is 0");
  });
});

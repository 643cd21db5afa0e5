// Edges of spectra: closed forms, eigenvalues of networks linearised by NumPy, and errors.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import type { SpectrumEquation } from "../../src/core/spectrum.ts";
import { gruSpectrum, lstmSpectrum } from "../../src/theory/gated-cell-spectra.ts";
import { findInside, gatingSpectrum, traceSpectralBoundary } from "../../src/theory/spectral-boundary.ts";
import { solveStaticMeanField } from "../../src/theory/static-mean-field.ts";

type Golden = Record<string, number[]>;
const golden: Record<string, Golden[]> = JSON.parse(
  readFileSync("test/golden/random-jacobians.json", "utf8"),
);

function samplesOf(network: Golden, ...names: string[]): Record<string, number[]> {
  return Object.fromEntries(names.map((name) => [name, network[name]!]));
}

async function spectrumOf(cell: string, network: Golden): Promise<SpectrumEquation> {
  const [a, b, c, d] = network.gains as [number, number, number, number];
  if (cell === "gru") {
    const samples = samplesOf(network, "state", "update", "reset", "candidate");
    return gruSpectrum({ candidate: a, reset: b, update: c }, samples as never);
  }
  if (cell === "lstm") {
    const samples = samplesOf(network, "cell", "forget", "input", "candidate", "output");
    return lstmSpectrum({ forget: a, input: b, candidate: c, output: d }, samples as never);
  }
  const samples = samplesOf(network, "state", "update", "output", "recurrent");
  return gatingSpectrum({ gain: a, outputGain: b, updateGain: c }, samples as never);
}

async function share(s: SpectrumEquation, values: number[], factor: number): Promise<number> {
  const inside = await findInside(s, values, { factor });
  return inside.filter(Boolean).length / inside.length;
}

const networks = Object.entries(golden)
  .filter(([cell]) => cell !== "provenance")
  .flatMap(([cell, all]) =>
    all.map((network): [string, number[], Golden] => [cell, network.gains!, network]),
  );

describe("networks of 200 units", () => {
  test.each(networks)(
    "%s %j has 99 % of its eigenvalues within 1.05 of the edge, and fills it",
    async (cell, _, network) => {
      const s = await spectrumOf(cell, network);
      const values = network.eigenvalues!;
      expect(await share(s, values, 1.05)).toBeGreaterThan(0.99);
      expect(await share(s, values, 1)).toBeGreaterThan(0.985);
      // the edge is no wider than it need be
      expect(await share(s, values, 0.8)).toBeLessThan(0.98);
      expect(await share(s, values, 0.5)).toBeLessThan(0.85);
      const { largestReal } = await traceSpectralBoundary(s);
      const largest = Math.max(...values.filter((_, i) => i % 2 === 0));
      expect(largestReal).toBeGreaterThan(largest - 0.01);
      expect(largestReal).toBeLessThan(largest + 0.15);
    },
  );

  test("without the weights of the gates the edge is too narrow for a GRU", async () => {
    const network = golden.gru![0]!;
    const samples = samplesOf(network, "state", "update", "reset", "candidate");
    const narrow = gruSpectrum({ candidate: 2, reset: 0, update: 0 }, samples as never);
    expect(await share(narrow, network.eigenvalues!, 1.05)).toBeLessThan(0.99);
  });
});

describe("closed forms", () => {
  test.each([1.5, 3])("at zero, g = %d, it is a circle of g / 4 around -1/2", async (gain) => {
    const s = await gatingSpectrum({ gain }, "zero");
    const { edge, largestReal, centre } = await traceSpectralBoundary(s, { angles: 7 });
    expect(centre).toBeCloseTo(-0.5, 14);
    expect(largestReal).toBeCloseTo(gain / 4 - 0.5, 12);
    for (let i = 0; i < edge.length; i += 2) {
      expect(Math.hypot(edge[i]! + 0.5, edge[i + 1]!)).toBeCloseTo(gain / 4, 12);
    }
  });

  test("at zero its right end crosses 0 at g = 1 + e^β_r, whatever the update gate", async () => {
    for (const updateGain of [0, 3, 50]) {
      for (const [share, sign] of [
        [0.99, -1],
        [1.01, 1],
      ] as const) {
        const gain = share * (1 + Math.exp(0.6));
        const s = await gatingSpectrum({ gain, outputBias: 0.6, updateGain, outputGain: 5 }, "zero");
        expect(Math.sign((await traceSpectralBoundary(s)).largestReal)).toBe(sign);
      }
    }
  });

  test.each([0, 4, 30])(
    "at fixed points the weight of λ = 0 is k, at any gain of the update gate: %d",
    async (updateGain) => {
      const parameters = { gain: 1.8, outputGain: 20, updateGain };
      const s = await gatingSpectrum(parameters, "fixed points");
      const weight = s.v.reduce((sum, v, i) => sum + v / s.poles[i]! ** 2, 0) * (s.c0 + s.c1);
      const { upper } = await solveStaticMeanField(parameters);
      expect(weight).toBeCloseTo(upper!.instability, 8);
      expect((await findInside(s, [0, 0]))[0]).toBe(true);
    },
  );

  test("a GRU at rest loses its stability at a_h = 2, with any update gate", async () => {
    const rest = (a: number) =>
      gruSpectrum(
        { candidate: a, reset: 9, update: 9 },
        { state: [0], update: [0.5], reset: [0.5], candidate: [0] },
      );
    expect((await traceSpectralBoundary(rest(1.99))).largestReal).toBeLessThan(1);
    expect((await traceSpectralBoundary(rest(2.01))).largestReal).toBeGreaterThan(1);
  });

  test("an LSTM at rest reaches f + o i a_g", async () => {
    const samples = { cell: [0], forget: [0.5], input: [0.4], candidate: [0], output: [0.3] };
    const s = await lstmSpectrum({ forget: 7, input: 7, candidate: 3, output: 7 }, samples);
    expect((await traceSpectralBoundary(s)).largestReal).toBeCloseTo(0.5 + 0.3 * 0.4 * 3, 12);
  });

  test("of samples, poles and weights are those of the formula, term by term", async () => {
    const [h, z, r, R] = [
      [0.3, -0.7],
      [0.1, 1],
      [0.4, -2],
      [0.9, 0.2],
    ] as const;
    const parameters = {
      gain: 2,
      bias: 0.1,
      updateGain: 5,
      updateBias: 0.3,
      outputGain: 3,
      outputBias: -0.2,
    };
    const s = await gatingSpectrum(parameters, { state: h, update: z, output: r, recurrent: R });
    const gate = (x: number, gain: number, bias: number) => 1 / (1 + Math.exp(bias - gain * x));
    const mean = (f: (i: number) => number) => (f(0) + f(1)) / 2;
    const slope = (i: number) => 2 * (1 - Math.tanh(2 * h[i]! + 0.1) ** 2);
    const update = (i: number) => gate(z[i]!, 5, 0.3);
    const output = (i: number) => gate(r[i]!, 3, -0.2);
    for (const i of [0, 1]) {
      expect(s.poles[i]).toBeCloseTo(-update(i), 14);
      expect(s.v[i]).toBeCloseTo((slope(i) * update(i)) ** 2 / 2, 14);
      const drift = 5 * update(i) * (1 - update(i)) * (R[i]! - h[i]!);
      expect(s.w[i]).toBeCloseTo((slope(i) * drift) ** 2 / 2, 14);
    }
    expect(s.c0).toBeCloseTo(
      mean((i) => output(i) ** 2),
      14,
    );
    const outputSlope = mean((i) => (3 * output(i) * (1 - output(i))) ** 2);
    expect(s.c1).toBeCloseTo(mean((i) => Math.tanh(2 * h[i]! + 0.1) ** 2) * outputSlope, 14);
  });

  test("samples at a fixed point, where R = h, know no drift", async () => {
    const h = [0.3, -0.7];
    const s = await gatingSpectrum(
      { gain: 2, updateGain: 5 },
      { state: h, update: [0.1, 1], output: [0, 0], recurrent: h },
    );
    expect([...s.w]).toEqual([0, 0]);
  });
});

describe("errors", () => {
  test("samples that differ in number, are none or not finite are named", async () => {
    const samples = { state: [1, 2], update: [1], output: [1, 2], recurrent: [1, 2] };
    await expect(gatingSpectrum({}, samples)).rejects.toThrow("`update` has 1 samples");
    const none = { state: [], update: [], output: [], recurrent: [] };
    await expect(gatingSpectrum({}, none)).rejects.toThrow(ShapeError);
    const bad = { state: [1], update: [Number.NaN], reset: [1], candidate: [1] };
    expect(() => gruSpectrum({ candidate: 1, reset: 1, update: 1 }, bad)).toThrow("`update[0]` is NaN");
    const gains = { forget: 1, input: -1, candidate: 1, output: 1 };
    const one = { cell: [0], forget: [0.5], input: [0.5], candidate: [0], output: [0.5] };
    await expect(lstmSpectrum(gains, one)).rejects.toThrow("`input` is -1");
  });

  test("fixed points where there are none, an odd number of values and a factor of 0 are named", async () => {
    await expect(gatingSpectrum({ gain: 1 }, "fixed points")).rejects.toThrow("no fixed point");
    const s = await gatingSpectrum({ gain: 1 }, "zero");
    await expect(findInside(s, [1, 2, 3])).rejects.toThrow("3 values");
    await expect(findInside(s, [1, 2], { factor: 0 })).rejects.toThrow("`factor` is 0");
    await expect(traceSpectralBoundary(s, { angles: 1 })).rejects.toThrow("`angles` is 1");
  });
});

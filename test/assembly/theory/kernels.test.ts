// The kernels of assembly/theory/ against plain references, and against copies of the core with one change, which must fail.

import { describe, expect, test } from "vitest";
import { Core } from "../../../src/core/core.ts";
import { resolveGating } from "../../../src/core/gating-parameters.ts";
import {
  gaussianMoments,
  gaussianNodes,
  logarithms,
  pairAverages,
  pairSeries,
  restingGate,
  type Saturation,
  saturateAll,
} from "../../../src/core/gaussian-averages.ts";
import { SingleSite } from "../../../src/core/single-site.ts";
import { type SpectrumEquation, spectralWeights, traceEdge } from "../../../src/core/spectrum.ts";
import { compileCore } from "../as-bind/compile.ts";
import { drawFrom } from "../values.ts";

const core = await Core.load();

function value({ kind, gain, bias }: Saturation, x: number): number {
  return kind === "tanh" ? Math.tanh(gain * x + bias) : 1 / (1 + Math.exp(bias - gain * x));
}

// ⟨g(x)⟩ for x of variance 1, with Simpson's rule
function reference(g: (x: number) => number, n = 40_000): number {
  let sum = 0;
  for (let i = 0; i <= n; i++) {
    const x = -10 + (20 * i) / n;
    sum += (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2) * g(x) * Math.exp(-x * x * 0.5);
  }
  return ((20 / n / 3) * sum) / Math.sqrt(2 * Math.PI);
}

// ⟨f(x) f(y)⟩ for variance Δ and correlation c, one integral in the other
function pairReference(f: Saturation, variance: number, c: number): number {
  const d = Math.sqrt(variance);
  const [shared, own] = [Math.sqrt(Math.abs(c)), Math.sqrt(1 - Math.abs(c))];
  return reference((z) => {
    const at = (sign: number) => reference((a) => value(f, d * (sign * shared * z + own * a)), 400);
    return at(1) * at(Math.sign(c) || 1);
  }, 400);
}

const functions: [string, Saturation, number][] = [
  ["tanh", { kind: "tanh", gain: 1, bias: 0 }, 0.01],
  ["tanh with a gain of 3", { kind: "tanh", gain: 3, bias: 0 }, 0.5],
  ["tanh with a bias", { kind: "tanh", gain: 2, bias: 0.7 }, 1.3],
  ["a gate", { kind: "logistic", gain: 5, bias: 0 }, 0.4],
  ["a gate with a bias", { kind: "logistic", gain: 8, bias: -1.5 }, 0.6],
];

// each check says by how much the core is off, in units of what is allowed
const checks = {
  moments: (tested: Core) => {
    const [, f, variance] = functions[4]!;
    const [found] = gaussianMoments(tested, f, [variance]);
    return Math.abs(found!.square - reference((x) => value(f, Math.sqrt(variance) * x) ** 2)) / 1e-11;
  },
  pairs: (tested: Core) => {
    const [, f, variance] = functions[2]!;
    const found = pairAverages(tested, pairSeries(tested, f, variance, 1e-11), [0.6]).average[0]!;
    return Math.abs(found - pairReference(f, variance, 0.6)) / 1e-10;
  },
  paths: (tested: Core) => pathError(tested) / 0.03,
  spectrum: (tested: Core) => spectrumError(tested, equation()) / 1e-13,
};

describe("averages over one Gaussian variable", () => {
  test.each(functions)("of %s are those of Simpson's rule to 1e-11", (_, f, variance) => {
    const [found] = gaussianMoments(core, f, [variance]);
    const d = Math.sqrt(variance);
    const slope = (x: number) => {
      const y = value(f, d * x);
      return f.gain * (f.kind === "tanh" ? 1 - y * y : y * (1 - y));
    };
    const argument = (x: number) => f.gain * d * x + (f.kind === "tanh" ? f.bias : -f.bias);
    const integral = (x: number) =>
      f.kind === "tanh" ? Math.log(Math.cosh(argument(x))) : Math.log1p(Math.exp(argument(x)));
    const { mean, square, squareSlope, squareIntegral, error } = found!;
    expect(mean).toBeCloseTo(
      reference((x) => value(f, d * x)),
      11,
    );
    expect(square).toBeCloseTo(
      reference((x) => value(f, d * x) ** 2),
      11,
    );
    expect(found!.slope).toBeCloseTo(reference(slope), 10);
    expect(squareSlope).toBeCloseTo(
      reference((x) => slope(x) ** 2),
      9,
    );
    expect(found!.integral).toBeCloseTo(reference(integral), 10);
    expect(squareIntegral).toBeCloseTo(
      reference((x) => integral(x) ** 2),
      9,
    );
    expect(error).toBeLessThan(1e-11);
  });

  test.each([1, 10, 100, 1000])("of tanh with g√Δ = %d converge to 1e-10, and say so", (gain) => {
    const [found] = gaussianMoments(core, { kind: "tanh", gain, bias: 0 }, [1]);
    expect(found!.error).toBeLessThan(1e-10);
    const exact = reference((x) => Math.tanh(gain * x) ** 2, 1_000_000);
    expect(Math.abs(found!.square - exact)).toBeLessThan(1e-10);
  });

  test("of a steep tanh, ⟨1 - tanh²⟩ is 2 / (s √2π) - π² / (12 s³ √2π) to 1e-10 at s = 100", () => {
    const [found] = gaussianMoments(core, { kind: "tanh", gain: 20, bias: 0 }, [25]);
    const expected = (2 / 100 - Math.PI ** 2 / 12 / 1e6) / Math.sqrt(2 * Math.PI);
    expect(Math.abs(1 - found!.square - expected)).toBeLessThan(1e-10);
  });

  test("of variance 0 are the function's values at 0", () => {
    const [found] = gaussianMoments(core, { kind: "tanh", gain: 3, bias: 0.5 }, [0]);
    expect(found!.mean).toBeCloseTo(Math.tanh(0.5), 14);
    expect(found!.squareSlope).toBeCloseTo((3 * (1 - Math.tanh(0.5) ** 2)) ** 2, 12);
  });

  test("nodes and weights give the variance and the fourth moment to 1e-13", () => {
    const { nodes, weights } = gaussianNodes(core, { kind: "tanh", gain: 2, bias: 0 }, 1.7);
    const moment = (n: number) => nodes.reduce((sum, x, i) => sum + weights[i]! * x ** n, 0);
    expect(moment(0)).toBeCloseTo(1, 13);
    expect(moment(2)).toBeCloseTo(1.7, 12);
    expect(moment(4)).toBeCloseTo(3 * 1.7 * 1.7, 11);
  });

  test("functions and logarithms are the host's to 1e-15, also far out", () => {
    const x = [-800, -40, -1, -1e-9, 0, 1e-3, 0.5, 3, 50, 800];
    for (const [, f] of functions) {
      saturateAll(core, f, x).forEach((y, i) => {
        expect(Math.abs(y - value(f, x[i]!))).toBeLessThan(1e-15);
      });
    }
    expect([...logarithms(core, [1e-300, 0.5, 1, 7])]).toEqual([1e-300, 0.5, 1, 7].map(Math.log));
    expect(restingGate(core, 2)).toBeCloseTo(1 / (1 + Math.exp(2)), 15);
  });
});

describe("averages over pairs", () => {
  test.each(functions)("of %s are those of two integrals to 1e-10", (_, f, variance) => {
    const series = pairSeries(core, f, variance, 1e-11);
    const c = [-0.9, -0.3, 0, 0.5, 0.95];
    pairAverages(core, series, c).average.forEach((found, i) => {
      expect(Math.abs(found - pairReference(f, variance, c[i]!))).toBeLessThan(1e-10);
    });
  });

  test.each(functions)(
    "of %s end at ⟨f²⟩ and ⟨f′²⟩, and begin at ⟨f⟩² and ⟨f′⟩² (Stein)",
    (_, f, variance) => {
      const series = pairSeries(core, f, variance, 1e-11);
      const { average, slope } = pairAverages(core, series, [0, 1]);
      const [m] = gaussianMoments(core, f, [variance]);
      const found = [average[0]!, average[1]!, slope[0]!, slope[1]!];
      const expected = [m!.mean ** 2, m!.square, m!.slope ** 2, m!.squareSlope];
      found.forEach((x, i) => {
        expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-10 * Math.max(1, expected[i]!));
      });
      expect(Math.abs(series.missing)).toBeLessThan(1e-11);
    },
  );

  test.each(functions)("of %s have the slope of their differences (Price), to 1e-8", (_, f, variance) => {
    const at = (v: number, covariance: number) =>
      pairAverages(core, pairSeries(core, f, v, 1e-11), [covariance / v]);
    const covariance = 0.6 * variance;
    const step = 1e-4 * variance;
    const { slope, byVariance } = at(variance, covariance);
    const difference = (a: number, b: number) => (a - b) / (2 * step);
    const bySlope = difference(
      at(variance, covariance + step).average[0]!,
      at(variance, covariance - step).average[0]!,
    );
    const byWidth = difference(
      at(variance + step, covariance).average[0]!,
      at(variance - step, covariance).average[0]!,
    );
    expect(Math.abs(bySlope - slope[0]!)).toBeLessThan(1e-7 * Math.max(1, slope[0]!));
    expect(Math.abs(byWidth - byVariance[0]!)).toBeLessThan(1e-7 * Math.max(1, Math.abs(byVariance[0]!)));
  });

  test("of a function that is a step have the arcsine law, to 2e-3 at g√Δ = 60", () => {
    const series = pairSeries(core, { kind: "tanh", gain: 60, bias: 0 }, 1, 1e-11);
    pairAverages(core, series, [0.5, -0.5]).average.forEach((found, i) => {
      expect(Math.abs(found - (i === 0 ? 1 : -1) / 3)).toBeLessThan(2e-3);
    });
    expect(series.missing).toBeGreaterThan(1e-9);
    expect(series.missing).toBeLessThan(1e-3);
  });

  test("a series of lower tolerance lacks what it says", () => {
    const f: Saturation = { kind: "tanh", gain: 4, bias: 0 };
    const short = pairSeries(core, f, 1, 1e-2);
    const whole = pairSeries(core, f, 1, 1e-11);
    const end = (series: typeof short) => pairAverages(core, series, [1]).average[0]!;
    expect(end(whole) - end(short)).toBeCloseTo(short.missing, 10);
    expect(short.terms.length).toBeLessThan(whole.terms.length);
  });

  test("of a gate that does not move are constant", () => {
    const series = pairSeries(core, { kind: "logistic", gain: 0, bias: -Infinity }, 1, 1e-11);
    const { average, slope } = pairAverages(core, series, [-1, 0.3, 1]);
    for (const found of average) expect(found).toBeCloseTo(1, 14);
    for (const found of slope) expect(Math.abs(found)).toBeLessThan(1e-13);
  });
});

// h behind a still gate has the power of η behind a filter: relative error of ⟨h²⟩
function pathError(tested: Core): number {
  return tested.temporarily(() => {
    const [n, dt, rate] = [256, 0.1, 0.5];
    const sampler = new SingleSite(tested, n);
    const eta = Float64Array.from({ length: n / 2 + 1 }, (_, k) => (k < 20 ? 1 / (1 + k) : 0));
    const still = resolveGating("test", { gain: 1 });
    const { state } = sampler.sample(tested.key(3), 2000, dt, still, new Float64Array(n / 2 + 1), eta);
    let [found, expected] = [0, 0];
    for (let k = 0; k < n; k++) {
      const mode = Math.min(k, n - k);
      const angle = (2 * Math.PI * mode) / n;
      // trapezoidal rule: 2i tan(θ/2) / dt stands for iω
      const frequency = (2 * Math.tan(angle / 2)) / dt;
      found += state[k]! / n ** 2;
      expected += (eta[mode]! ** 2 * rate ** 2) / (rate ** 2 + frequency ** 2);
    }
    return Math.abs(found / expected - 1);
  });
}

describe("paths of a site", () => {
  test("behind a still gate have the power of a filter, to 3 % with 4000 paths", () => {
    expect(checks.paths(core)).toBeLessThan(1);
  });

  test("are those of their key, and of no other", () => {
    const run = (seed: number) =>
      core.temporarily(() => {
        const sampler = new SingleSite(core, 64);
        const flat = new Float64Array(33).fill(0.3);
        return sampler.sample(core.key(seed), 3, 0.1, resolveGating("test", { updateGain: 2 }), flat, flat);
      });
    expect(run(1)).toEqual(run(1));
    expect(run(1).state).not.toEqual(run(2).state);
  });

  test("with no power in the field are at rest", () => {
    core.temporarily(() => {
      const sampler = new SingleSite(core, 32);
      const none = new Float64Array(17);
      const { state, activation } = sampler.sample(core.key(1), 2, 0.1, resolveGating("test"), none, none);
      expect([...state, ...activation].every((power) => power === 0)).toBe(true);
    });
  });

  test("the transform of an even row is its own inverse but for n", () => {
    core.temporarily(() => {
      const sampler = new SingleSite(core, 16);
      const row = Float64Array.from({ length: 16 }, (_, k) => 1 / (1 + Math.min(k, 16 - k)));
      const twice = sampler.transform(sampler.transform(row));
      twice.forEach((found, k) => {
        expect(found / 16).toBeCloseTo(row[k]!, 14);
      });
    });
  });
});

function equation(): SpectrumEquation {
  const draw = drawFrom(7);
  const row = () => Float64Array.from({ length: 33 }, () => draw() / 33);
  const poles = Float64Array.from({ length: 33 }, () => -draw());
  return { poles, v: row(), w: row(), c0: 0.7, c1: 0.4, tau1: 1.3, tau2: 0.6, e: 0.05 };
}

// the right-hand side, as it stands in the header of spectrum.ts
function weightAt(s: SpectrumEquation, x: number, y: number): number {
  const square = (re: number, im: number) => re * re + im * im;
  let [v, w] = [0, 0];
  s.poles.forEach((pole, i) => {
    v += s.v[i]! / square(x - pole, y);
    w += s.w[i]! / square(x - pole, y);
  });
  const filter = (tau: number) => square(1 + tau * x, tau * y);
  return v * (s.c0 + s.c1 / filter(s.tau1)) + w / filter(s.tau2) + s.e / square(x, y);
}

function spectrumError(tested: Core, s: SpectrumEquation): number {
  const values = [0.3, 0.2, -0.5, 0.9, 1.5, -2, -3, 0];
  return Math.max(
    ...Array.from(spectralWeights(tested, s, values), (found, k) =>
      Math.abs(found / weightAt(s, values[2 * k]!, values[2 * k + 1]!) - 1),
    ),
  );
}

describe("edges of spectra", () => {
  test("the weight of 33 sites is that of its formula to 1e-13", () => {
    expect(checks.spectrum(core)).toBeLessThan(1);
  });

  test("points of the edge have weight 1 to 1e-9, and less just outside", () => {
    const s = equation();
    const edge = traceEdge(core, s, -0.5, 20, 128, 33);
    for (let k = 0; k < 33; k++) {
      const [x, y] = [edge[2 * k]!, edge[2 * k + 1]!];
      expect(weightAt(s, x, y)).toBeCloseTo(1, 9);
      expect(weightAt(s, -0.5 + 1.01 * (x + 0.5), 1.01 * y)).toBeLessThan(1);
    }
  });

  test.each([1, 2, 7])("of %i equal sites it is a circle of the weights' root", (sites) => {
    const row = (x: number) => new Float64Array(sites).fill(x);
    const s = { poles: row(-1), v: row(2 / sites), w: row(0), c0: 1, c1: 0, tau1: 1, tau2: 1, e: 0 };
    const edge = traceEdge(core, s, -1, 10, 64, 5);
    for (let k = 0; k < 5; k++) {
      expect(Math.hypot(edge[2 * k]! + 1, edge[2 * k + 1]!)).toBeCloseTo(Math.SQRT2, 12);
    }
  });

  test("a pole that is met counts only if it has a weight", () => {
    const row = (x: number) => Float64Array.of(x);
    const s = { poles: row(0), v: row(0), w: row(0), c0: 1, c1: 0, tau1: 1, tau2: 1, e: 0 };
    expect([...spectralWeights(core, s, [0, 0])]).toEqual([0]);
    expect([...spectralWeights(core, { ...s, v: row(1) }, [0, 0])]).toEqual([Infinity]);
  });
});

// what is changed, the check that must find it, the file under assembly/theory/, its text, and what that becomes
const mutations: [string, keyof typeof checks, string, string, string][] = [
  ["a gate's bias opens it", "moments", "saturation.ts", "gain * x - bias", "gain * x + bias"],
  ["polynomials shrink too little", "pairs", "pair-averages.ts", "<f64>k / <f64>(k + 1)", "<f64>k"],
  ["the gate lets half of the field through", "paths", "single-site.ts", "0.5 * dt *", "0.25 * dt *"],
  ["the filter lacks its frequency", "spectrum", "spectrum.ts", "+ tau * tau * square", "+ tau * square"],
];

describe("with a change", () => {
  test("no check finds anything without one", () => {
    for (const check of Object.values(checks)) expect(check(core)).toBeLessThan(1);
  });

  test("each of four in one core is found by its check", async () => {
    const changes = mutations.map(([, , file, from, to]) => ({ file: `assembly/theory/${file}`, from, to }));
    const module = await WebAssembly.compile(await compileCore(...changes));
    const changed = await Core.load({ module, tallTiles: false });
    for (const [name, check] of mutations) expect(checks[check](changed), name).toBeGreaterThan(1);
  });
});

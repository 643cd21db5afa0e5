import { describe, expect, test } from "vitest";
import { drawAccuracy, drawLargestSolved, drawLoss, type Figure } from "../../src/report/figures.ts";
import type { ReportedRun } from "../../src/report/reported-run.ts";
import { fontSize } from "../../src/report/svg.ts";
import { drawMeanTau, drawTauDistributions } from "../../src/report/tau-figures.ts";
import { sampleRun } from "./sample-run.ts";

// plots of half width reach from y = 244 px up to y = 30 px
const bottom = 244;
const height = 214;

describe("largest N solved", () => {
  test("the step line goes through the solved epochs 3 and 7 at N = 2 and 3, to the last epoch", () => {
    const svg = drawLargestSolved([sampleRun("a", [3, 7], 10)]).svgs[1]!;
    // left 34, and right 52 for the label "N = 3" (5 characters of 7.2 px, and 16)
    const x = (epoch: number) => 34 + ((420 - 34 - 52) * epoch) / 10;
    const y = (N: number) => bottom - (height * N) / 3;
    expectPoints(svg, [
      [x(0), y(0)],
      [x(3), y(0)],
      [x(3), y(2)],
      [x(7), y(2)],
      [x(7), y(3)],
      [x(10), y(3)],
    ]);
    expect(svg).toContain(">N = 3</text>");
  });

  test("each solved N has one dot with its epoch", () => {
    const svg = drawLargestSolved([sampleRun("a", [3, 7], 10)]).svgs[1]!;
    const tooltips = [...svg.matchAll(/<circle[^>]*><title>([^<]*)</g)].map((match) => match[1]);
    expect(tooltips).toEqual(["N = 2 solved at epoch 3", "N = 3 solved at epoch 7"]);
  });

  test("a run that solves nothing stays at 0", () => {
    const svg = drawLargestSolved([sampleRun("a", [], 5)]).svgs[1]!;
    expect(new Set(pathPoints(svg).map(([, y]) => y))).toEqual(new Set([bottom]));
    expect(svg).toContain(">none</text>");
  });

  test("two runs that end at the same N have labels at least a line apart", () => {
    const svg = drawLargestSolved([sampleRun("first", [3], 5), sampleRun("second", [4], 5)]).svgs[0]!;
    const heights = ["first", "second"].map((name) =>
      Number(svg.match(new RegExp(`y="([\\d.]+)"[^>]*>${name}: N = 2<`))![1]),
    );
    expect(Math.abs(heights[0]! - heights[1]!)).toBeGreaterThanOrEqual(fontSize);
  });
});

describe("accuracy and loss", () => {
  test("the threshold stands at 98 %, and at settings.solvedAt if given", () => {
    const run = sampleRun("a", [3], 5);
    const at = (percent: number) => bottom - (height * (percent - 50)) / 50;
    expect(thresholdHeights(drawAccuracy([run]))).toEqual([at(98)].map(rounded));
    const lower = { ...run, settings: { solvedAt: 0.9 } };
    expect(thresholdHeights(drawAccuracy([run, lower]))).toEqual([at(98), at(90)].map(rounded));
  });

  test("accuracies 60, 60, 99 of the newest N are drawn at their heights", () => {
    const svg = drawAccuracy([sampleRun("a", [3], 3)]).svgs[0]!;
    const y = (percent: number) => bottom - (height * (percent - 50)) / 50;
    const x = (epoch: number) => 44 + ((420 - 44 - 48) * epoch) / 3;
    expectPoints(svg, [
      [x(1), y(60)],
      [x(2), y(60)],
      [x(3), y(99)],
    ]);
  });

  test("an accuracy below 50 % lowers the axis to the next ten", () => {
    const run = sampleRun("a", [], 3);
    run.records[1]!.accuracy[2] = 0.34;
    expect(drawAccuracy([run]).svgs[0]).toMatch(/y="244" dy="0.35em" text-anchor="end">30</);
  });

  test("a threshold below 50 % stays inside the plot", () => {
    const run = { ...sampleRun("a", [], 3), settings: { solvedAt: 0.45 } };
    // the axis is then 40 … 100 %
    expect(thresholdHeights(drawAccuracy([run]))).toEqual([rounded(bottom - (height * 5) / 60)]);
  });

  test("the mean over N is drawn only if several N are trained at once", () => {
    const lines = (run: ReportedRun) => drawAccuracy([run]).svgs[0]!.match(/<path/g)!.length;
    expect(lines(sampleRun("multi-head", [2, 4], 6))).toBe(2);
    expect(lines(sampleRun("single-head", [2, 4], 6, false))).toBe(1);
  });

  test("a loss that is no number leaves a gap, a lone epoch a short stroke", () => {
    const run = sampleRun("a", [], 6);
    run.records[1]!.loss = Number.NaN;
    const d = drawLoss([run]).svgs[0]!.match(/<path d="([^"]*)"/)![1]!;
    expect(d.match(/M/g)).toHaveLength(2);
    expect(drawLoss([run]).svgs[0]).toMatch(/<line x1="95.67" y1="[\d.]+" x2="101.67"/);
  });
});

describe("time constants", () => {
  test("the band lies at the 5 and 95 % quantiles, the line at the mean", () => {
    const svg = drawMeanTau([sampleRun("a", [], 1)]).svgs[0]!;
    // axis 1 … 2: units at 1.5 ± 0.4, then 1.4 ± 0.4, of which 5–95 % is ± 0.36
    const y = (tau: number) => bottom - height * (tau - 1);
    const [area, , line] = [...svg.matchAll(/<path d="([^"]*)"/g)].map((match) => parsePath(match[1]!));
    expectNear(area!, [
      [44, y(1.86)],
      [366, y(1.76)],
      [366, y(1.04)],
      [44, y(1.14)],
    ]);
    expectNear(line!, [
      [44, y(1.5)],
      [366, y(1.4)],
    ]);
  });

  test("a box reaches from the 25 to the 75 % quantile at the epoch of the solve", () => {
    const svg = drawTauDistributions([sampleRun("a", [2], 4)]).svgs[0]!;
    const boxes = [...svg.matchAll(/<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)];
    // initial 1.5, solved at 1.45; half of the units lie within ± 0.2
    const y = (tau: number) => bottom - height * (tau - 1);
    expect(boxes.map((box) => Number(box[1]))).toEqual([y(1.7), y(1.65)].map(rounded));
    expect(boxes.map((box) => Number(box[2]))).toEqual([0.4 * height, 0.4 * height].map(rounded));
  });

  test("99 solved N of two runs are thinned to every 4th, the largest among them", () => {
    const solvedAt = Array.from({ length: 99 }, (_, i) => i + 1);
    const runs = ["a", "b"].map((name) => sampleRun(name, solvedAt, 100));
    const figure = drawTauDistributions(runs);
    const drawn = [...figure.svgs[0]!.matchAll(/<title>N = (\d+):/g)].map((match) => Number(match[1]));
    expect(Math.max(...drawn)).toBe(100);
    expect(drawn).toHaveLength(2 * 25);
    expect(figure.note).toContain("Every 4th N is drawn.");
  });

  test("equal tau of all units gives boxes of height 0 on the axis 1 … 2.2", () => {
    const run = sampleRun("a", [1, 2], 3);
    const equal = { mean: 2, sd: 0, min: 2, max: 2, quantiles: new Array<number>(21).fill(2) };
    run.initialTau = equal;
    for (const record of run.records) record.tau = equal;
    const svg = drawTauDistributions([run]).svgs[0]!;
    const heights = [...svg.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map((match) => match[1]);
    expect(heights).toEqual(["0", "0", "0"]);
    expect(svg).toContain(">2.2</text>");
  });

  test("the number of units is stated beside band and boxes", () => {
    const runs = [sampleRun("a", [1], 2), { ...sampleRun("b", [1], 2), settings: { units: 500 } }];
    expect(drawMeanTau(runs).note).toContain("n = 128, 500, one network each");
    expect(drawTauDistributions(runs.slice(0, 1)).note).toContain("n = 128, one network");
  });
});

test("text is at least 9 px on a phone 390 px wide, on A4 paper and at the breakpoint", () => {
  const runs = [sampleRun("a", [2], 4)];
  const widthOf = (svg: string) => Number(svg.match(/viewBox="0 0 (\d+)/)![1]);
  const [wide, narrow] = drawLargestSolved(runs).svgs.map(widthOf) as [number, number];
  const others = [drawAccuracy, drawLoss, drawMeanTau, drawTauDistributions];
  const half = Math.max(...others.map((draw) => widthOf(draw(runs).svgs[0]!)));
  const phone = 390 - 2 * 14;
  const paper = ((210 - 2 * 14) / 25.4) * 96;
  const tablet = 760 - 2 * 32;
  const scales = [phone / narrow, phone / half, paper / wide, tablet / wide, (paper - 24) / 2 / half];
  expect(fontSize * Math.min(...scales, (tablet - 40) / 2 / half)).toBeGreaterThanOrEqual(9);
});

function thresholdHeights(figure: Figure): number[] {
  return [...figure.svgs[0]!.matchAll(/y1="([\d.]+)"[^>]*stroke-dasharray="4 3"/g)].map((match) =>
    Number(match[1]),
  );
}

function parsePath(d: string): [number, number][] {
  return [...d.matchAll(/([\d.]+),([\d.]+)/g)].map((match) => [Number(match[1]), Number(match[2])]);
}

// the points of the first path, without repeated ones
function pathPoints(svg: string): [number, number][] {
  const points = parsePath(svg.match(/<path d="([^"]*)"/)![1]!);
  return points.filter(([x, y], i) => x !== points[i - 1]?.[0] || y !== points[i - 1]?.[1]);
}

function expectPoints(svg: string, expected: [number, number][]): void {
  expectNear(pathPoints(svg), expected);
}

// paths are written with two decimals
function expectNear(points: [number, number][], expected: [number, number][]): void {
  expect(points).toHaveLength(expected.length);
  expected.forEach(([x, y], i) => {
    expect(Math.abs(points[i]![0] - x)).toBeLessThanOrEqual(0.0051);
    expect(Math.abs(points[i]![1] - y)).toBeLessThanOrEqual(0.0051);
  });
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}

import { describe, expect, test } from "vitest";
import type { Chart, Series } from "../../src/experiments/chart.ts";
import { drawChart } from "../../src/report/chart.ts";

const line: Series = {
  label: "multi-head",
  kind: "line",
  colour: 0,
  points: [
    { x: 2, y: 1, sd: 0.5, n: 4 },
    { x: 4, y: 2, sd: 0.5, n: 4 },
    { x: 6, y: 3, sd: 0.5, n: 4 },
  ],
};

function chart(series: Series[], more: Partial<Chart> = {}): Chart {
  return {
    title: "A chart.",
    note: "How to read it.",
    x: { label: "N (bits)", whole: true },
    y: { label: "Epoch", from: 0, to: 4 },
    series,
    ...more,
  };
}

/** The coordinates of all points of a path. */
function points(path: string): [number, number][] {
  return [...path.matchAll(/[ML]?(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

const pathsOf = (svg: string) => [...svg.matchAll(/<path [^>]*\bd="([^"]+)"/g)].map(([, d]) => d!);
const circlesOf = (svg: string) =>
  [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);

describe("size", () => {
  test("a chart is a column of 85 mm with text of 7.2 pt, one of more than four categories a page of 177 mm", () => {
    const svg = drawChart(chart([line]));
    expect(svg).toMatch(/^<svg width="85mm" height="[\d.]+mm" xmlns/);
    // 12 px of the view box, of 402 px in 85 mm; a point is 25.4 / 72 mm
    expect(svg).toContain('viewBox="0 0 402 ');
    expect((12 * 85) / 402 / (25.4 / 72)).toBeCloseTo(7.2, 1);
    const categories = ["a", "b", "c", "d", "e"];
    const wide = drawChart(chart([{ ...line, kind: "networks" }], { x: { label: "kind", categories } }));
    expect(wide).toMatch(/^<svg width="176.77mm"/);
  });
});

describe("marks", () => {
  test("a line goes through its points: x in proportion, y from the axis at 0 upwards", () => {
    const svg = drawChart(chart([line]));
    const d = pathsOf(svg).at(-2)!;
    const [[x0, y0], [x1, y1], [x2, y2]] = points(d) as [
      [number, number],
      [number, number],
      [number, number],
    ];
    expect(x1 - x0).toBeCloseTo(x2 - x1, 1);
    // 200 px for 4 units
    expect(y0 - y1).toBeCloseTo(50, 1);
    expect(y1 - y2).toBeCloseTo(50, 1);
  });

  test("the band is one standard deviation on either side, and ends where the axis does", () => {
    const svg = drawChart(chart([{ ...line, points: line.points.map((point) => ({ ...point, sd: 2 })) }]));
    // the first path is the legend's
    const heights = points(pathsOf(svg)[1]!).map(([, y]) => y);
    // 1 ± 2 becomes 0 to 3, 3 ± 2 becomes 1 to 4
    expect(Math.max(...heights) - Math.min(...heights)).toBeCloseTo(200, 1);
  });

  test("from where fewer networks are left on, the line is dotted, and the legend says how many", () => {
    const last = line.points.map((point, i) => (i === 2 ? { ...point, n: 3 } : point));
    const svg = drawChart(chart([{ ...line, points: last }]));
    const [whole, rest] = pathsOf(svg).slice(-2).map(points);
    expect(whole).toHaveLength(2);
    expect(rest![0]).toEqual(whole![1]);
    expect(svg.match(/stroke-dasharray="2 3"/g)).toHaveLength(1);
    expect(svg).toContain(">multi-head (n = 3–4)<");
  });

  test("a lone mean has a bar of its standard deviation", () => {
    const svg = drawChart(chart([{ ...line, points: line.points.slice(0, 1) }]));
    const bar = /<line x1="([\d.]+)" y1="([\d.]+)" x2="\1" y2="([\d.]+)" stroke-width="1.25"\/>/.exec(svg)!;
    expect(Number(bar[2]) - Number(bar[3])).toBeCloseTo(50, 1);
  });

  test("the legend says over how many networks means are; one series of single values needs none", () => {
    expect(drawChart(chart([line]))).toContain(">multi-head (n = 4)<");
    const single = { ...line, points: line.points.map(({ x, y }) => ({ x, y })) };
    expect(drawChart(chart([single]))).not.toContain("multi-head");
    expect(drawChart(chart([single, { ...single, label: "single-head" }]))).toContain(">multi-head<");
  });

  test("four networks of one value are four dots beside each other, and two curricula stand apart", () => {
    const same = (colour: number): Series => ({
      label: `kind ${colour}`,
      kind: "networks",
      colour,
      points: [1, 1, 1, 1].map((y) => ({ x: 0, y })),
    });
    const svg = drawChart(chart([same(0), same(1)], { x: { label: "task", categories: ["parity"] } }));
    const dots = circlesOf(svg).slice(2);
    expect(dots).toHaveLength(8);
    expect(new Set(dots.map(([x]) => x)).size).toBe(8);
    expect(new Set(dots.map(([, y]) => y)).size).toBe(1);
  });

  test("points are small dots where they are, equal ones on top of each other; a vertical axis may be logarithmic", () => {
    const values = [0.001, 0.01, 0.1, 0.1].map((y, x) => ({ x: Math.min(x, 2), y }));
    const y = { label: "rms", logarithmic: true };
    const circles = circlesOf(drawChart(chart([{ ...line, kind: "points", points: values }], { y })));
    const [first, second, third, fourth] = circles.slice(-4) as [number[], number[], number[], number[]];
    expect(fourth).toEqual(third);
    expect(first[1]! - second[1]!).toBeCloseTo(second[1]! - third[1]!, 1);
    expect(first[1]! - second[1]!).toBeCloseTo(100, 1);
  });

  test("values of the paper are open circles", () => {
    const svg = drawChart(chart([{ ...line, kind: "paper" }]));
    // and one in the legend
    expect(svg.match(/<circle [^>]*fill="none"/g)).toHaveLength(1 + 3);
  });
});

describe("axes", () => {
  test("N has ticks at whole numbers only", () => {
    const svg = drawChart(
      chart([
        {
          ...line,
          points: [
            { x: 2, y: 1 },
            { x: 3, y: 2 },
          ],
        },
      ]),
    );
    expect(svg).not.toContain(">2.5<");
    expect(svg).toContain(">2<");
  });

  test("a logarithmic axis has equal distances for equal factors", () => {
    const factors = [0.01, 0.1, 1].map((x) => ({ x, y: 1 }));
    const svg = drawChart(chart([{ ...line, points: factors }], { x: { label: "ε", logarithmic: true } }));
    const [a, b, c] = points(pathsOf(svg).at(-1)!).map(([x]) => x) as [number, number, number];
    expect(b - a).toBeCloseTo(c - b, 1);
    expect(svg).toContain(">0.01<");
  });

  test("text is escaped, and a chart without any point is drawn empty", () => {
    const svg = drawChart(chart([{ ...line, label: "a < b & c", points: [] }], { title: "p < 0.05" }));
    expect(svg).toContain("p &lt; 0.05");
    expect(svg).not.toContain("a < b");
  });
});

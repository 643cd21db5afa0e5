// The figure of scaling.ts: speed against units, sequences and steps, memory against the same, and networks on two workers.

import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import {
  bottomAxis,
  element,
  type Frame,
  figureRoot,
  label,
  leftAxis,
  plotEnd,
} from "../../src/report/svg.ts";
import type { Cost } from "../scaling.ts";

const frame: Frame = { width: 340, height: 250, left: 52, right: 16, top: 44, bottom: 50 };
const colours = ["#0072b2", "#d55e00", "#009e73"];
const names = { units: "Units H", batch: "Sequences B", steps: "Steps T" };

interface Series {
  name: string;
  points: [number, number][];
}

/** Nine panels in three rows. */
export function drawScaling(
  cells: Record<string, Record<keyof typeof names, Cost[]>>,
  networks: readonly ({ units: number } & Record<"1" | "2" | "4" | "8" | "shared", number>)[],
): string {
  const costs = cells.leaky!;
  const dimensions = Object.keys(names) as (keyof typeof names)[];
  const speeds = dimensions.map((dimension) =>
    panel(names[dimension], "GFLOP/s", false, [
      pick("training", costs[dimension], dimension, "trainingGflops"),
      pick("evaluation", costs[dimension], dimension, "evaluationGflops"),
    ]),
  );
  const memory = dimensions.map((dimension) =>
    panel(names[dimension], "MB", true, [
      pick("training", costs[dimension], dimension, "trainingMB"),
      pick("evaluation", costs[dimension], dimension, "evaluationMB"),
    ]),
  );
  const pool = panel(
    "Networks at once, on two workers",
    "times one on one worker",
    false,
    networks.map((row) => ({
      name: `${row.units} units`,
      points: ([1, 2, 4, 8] as const).map((count) => [count, row[`${count}`]]),
    })),
  );
  const time = panel(
    names.units,
    "ms per training step",
    true,
    Object.entries(cells).map(([cell, { units }]) => pick(cell, units, "units", "trainingMs")),
  );
  const shared = panel("Units H", "one network on two workers, times one", false, [
    { name: "training", points: networks.map(({ units, shared }) => [units, shared]) },
  ]);
  const panels = [...speeds, ...memory, time, pool, shared];
  const placed = panels.map((content, i) =>
    element(
      "g",
      { transform: `translate(${(i % 3) * frame.width} ${Math.floor(i / 3) * frame.height})` },
      content,
    ),
  );
  const size = { ...frame, width: 3 * frame.width, height: 3 * frame.height };
  const background = element("rect", { width: size.width, height: size.height, fill: "#ffffff" });
  return `${figureRoot(size, "Speed and memory of a training step", "scaling", background, ...placed)}\n`;
}

function pick(name: string, costs: readonly Cost[], x: keyof Cost, y: keyof Cost): Series {
  return { name, points: costs.map((cost) => [cost[x], cost[y]]) };
}

// one plot: a logarithmic axis below, a linear or logarithmic one at the left, and a legend
function panel(xTitle: string, yTitle: string, logarithmic: boolean, series: readonly Series[]): string {
  const { right, bottom } = plotEnd(frame);
  const all = series.flatMap(({ points }) => points);
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  const x = scaleLog([Math.min(...xs), Math.max(...xs)], [frame.left, right]).base(2);
  const y = logarithmic
    ? scaleLog([Math.min(...ys), Math.max(...ys)], [bottom, frame.top]).nice()
    : scaleLinear([0, Math.max(...ys)], [bottom, frame.top]).nice(5);
  const xTicks = powersOf(2, xs).filter((_, i, ticks) => ticks.length < 7 || i % 2 === 0);
  const yTicks = logarithmic ? powersOf(10, y.domain()) : y.ticks(5);
  const curve = line<[number, number]>(
    ([value]) => x(value),
    ([, value]) => y(value),
  );
  const curves = series.map(({ points }, i) =>
    element("path", { d: curve(points)!, fill: "none", stroke: colours[i]!, "stroke-width": 1.75 }),
  );
  const dots = series.flatMap(({ points }, i) =>
    points.map(([a, b]) => element("circle", { cx: x(a), cy: y(b), r: 2.5, fill: colours[i]! })),
  );
  const legend = series.map(({ name }, i) =>
    label(frame.left + 6 + i * 90, 32, name, { fill: colours[i]!, "font-weight": "600" }),
  );
  return [
    leftAxis(
      frame,
      yTicks.map((value) => ({ at: y(value), label: String(value) })),
      yTitle,
    ),
    bottomAxis(
      frame,
      xTicks.map((value) => ({ at: x(value), label: String(value) })),
      xTitle,
    ),
    ...curves,
    ...dots,
    ...legend,
  ].join("");
}

// powers of a base from the smallest to the largest of some values
function powersOf(base: number, values: readonly number[]): number[] {
  const exponent = (value: number) => Math.log(value) / Math.log(base);
  const first = Math.ceil(exponent(Math.min(...values)) - 1e-9);
  const last = Math.floor(exponent(Math.max(...values)) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number((base ** (first + i)).toPrecision(6)));
}

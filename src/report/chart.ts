// Figures of experiments as SVG for print: a column wide, text of 7 pt, colours that everyone can tell apart.

import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import { curveLinear } from "d3-shape";
import type { Axis, Chart, ChartPoint, Series } from "../experiments/chart.ts";
import { dot, runBand, runGroup, runLine } from "./run-marks.ts";
import {
  bottomAxis,
  element,
  escapeText,
  type Frame,
  figureRoot,
  fontSize,
  label,
  leftAxis,
  plotEnd,
  segment,
  type Tick,
  textWidth,
} from "./svg.ts";

// 12 px are 7.2 pt then
const MM_PER_PX = 85 / 402;
const COLUMN_WIDTH = 402;
const PLOT_HEIGHT = 200;
// more categories than this take the width of a page
const CATEGORIES_IN_A_COLUMN = 4;
const LINE = fontSize + 2;
const PAGE_WIDTH = 836;

type Scale = ScaleContinuousNumeric<number, number>;

/** Draw a chart: a complete SVG document with sizes in mm. */
export function drawChart(chart: Chart): string {
  const { categories } = chart.x;
  const width = isWide(chart) ? PAGE_WIDTH : COLUMN_WIDTH;
  const drawn = chart.series.filter(({ points }) => points.length > 0);
  const legend = layOutLegend(drawn, width);
  const yTicks = heightScale(chart, [0, 1]);
  const left = 14 + Math.max(...ticksOf(yTicks, chart.y).map(({ label: text }) => textWidth(text)), 0);
  const top = legend.height + 30;
  const lines = categories?.map((name) => wrap(name, (width - left - 12) / categories.length)) ?? [];
  const bottom = 46 + LINE * Math.max(0, ...lines.map(({ length }) => length - 1));
  const frame = { width, height: top + PLOT_HEIGHT + bottom, left, right: 12, top, bottom };
  const x = widthScale(chart, frame);
  const y = heightScale(chart, [plotEnd(frame).bottom, top]);
  const svg = figureRoot(
    frame,
    `${chart.title} ${chart.note}`,
    "chart",
    legend.markup,
    leftAxis(frame, ticksOf(y, chart.y), chart.y.label, top - 14),
    categories
      ? categoryAxis(frame, lines, x, chart.x.label, bottom)
      : bottomAxis(frame, ticksOf(x, chart.x), chart.x.label),
    ...drawn.map((series, i) => drawSeries(series, besideOthers(drawn, i, categories), x, y)),
  );
  const size = `width="${mm(width)}mm" height="${mm(frame.height)}mm"`;
  return svg.replace("<svg ", `<svg ${size} `);
}

function isWide({ x: { categories } }: Chart): boolean {
  return (categories?.length ?? 0) > CATEGORIES_IN_A_COLUMN;
}

function mm(px: number): number {
  return Math.round(px * MM_PER_PX * 100) / 100;
}

function drawSeries({ kind, points, colour }: Series, shift: number, x: Scale, y: Scale): string {
  const at = (point: ChartPoint) => ({ x: x(point.x) + shift, y: y(point.y) });
  if (kind === "paper") {
    const circles = points.map((point) => {
      const { x: cx, y: cy } = at(point);
      return element("circle", { cx, cy, r: 3.5, fill: "none", "stroke-width": 1.5 });
    });
    return runGroup(colour, ...circles);
  }
  if (kind === "networks")
    return runGroup(
      colour,
      ...sideBySide(points).map(({ point, offset }) => dot(at(point).x + offset, at(point).y, 3)),
    );
  if (kind === "points")
    return runGroup(colour, ...points.map((point) => dot(at(point).x, at(point).y, 1.5)));
  const bounds = points.map((point) => ({
    x: at(point).x,
    low: y(clampTo(y, point.y - (point.sd ?? 0))),
    high: y(clampTo(y, point.y + (point.sd ?? 0))),
  }));
  // a band needs two points
  const [only] = bounds;
  const bar =
    bounds.length === 1 ? segment(only!.x, only!.low, only!.x, only!.high, { "stroke-width": 1.25 }) : "";
  const dots = points.length <= 15 ? points.map((point) => dot(at(point).x, at(point).y, 2.5)) : [];
  // where the line goes on with fewer networks than it began with
  const whole = points.slice(0, countWhole(points));
  const line = runLine(colour, whole.map(at), 1.75);
  const rest = runLine(colour, points.slice(Math.max(0, whole.length - 1)).map(at), 1.75, curveLinear, {
    "stroke-dasharray": "2 3",
  });
  const dotted = whole.length < points.length ? rest : "";
  return runGroup(colour, runBand(bounds, 0.15), bar, line, dotted, ...dots);
}

// points at the beginning that are means over the most networks; all, where it is not said how many
function countWhole(points: readonly ChartPoint[]): number {
  const most = Math.max(...points.map(({ n }) => n ?? 0));
  const partial = points.findIndex(({ n }) => (n ?? 0) < most);
  return partial <= 0 ? points.length : partial;
}

// a band may reach beyond an axis that ends at 0 or at 1, or below 0 where there is no logarithm
function clampTo(scale: Scale, value: number): number {
  const [low, high] = scale.domain() as [number, number];
  return Math.min(Math.max(value, low), high);
}

// dots of the same value at the same place stand side by side
function sideBySide(points: readonly ChartPoint[]): { point: ChartPoint; offset: number }[] {
  const key = ({ x, y }: ChartPoint) => `${x} ${y}`;
  const counts = new Map<string, number>();
  for (const point of points) counts.set(key(point), (counts.get(key(point)) ?? 0) + 1);
  const seen = new Map<string, number>();
  return points.map((point) => {
    const before = seen.get(key(point)) ?? 0;
    seen.set(key(point), before + 1);
    return { point, offset: 5 * (before - (counts.get(key(point))! - 1) / 2) };
  });
}

// in a category, the series stand beside each other; a series of the paper's values stands with its own
function besideOthers(drawn: readonly Series[], i: number, categories: Axis["categories"]): number {
  if (!categories) return 0;
  const sharing = (series: Series) =>
    drawn.filter((other) => other.points.some(({ x }) => series.points.some((point) => point.x === x)));
  const colours = [...new Set(sharing(drawn[i]!).map(({ colour }) => colour))];
  return 24 * (colours.indexOf(drawn[i]!.colour) - (colours.length - 1) / 2);
}

function widthScale({ x: axis, series }: Chart, frame: Frame): Scale {
  const { right } = plotEnd(frame);
  const range = [frame.left + 6, right - 6] as const;
  const { categories } = axis;
  if (categories) return scaleLinear([-0.5, categories.length - 0.5], range);
  const values = series.flatMap(({ points }) => points.map(({ x }) => x));
  const [low, high] = extent(values, axis);
  return axis.logarithmic ? scaleLog([low, high], range) : scaleLinear([low, high], range);
}

function heightScale({ y: axis, series }: Chart, range: readonly [number, number]): Scale {
  const values = series.flatMap(({ points }) => points.flatMap(({ y, sd = 0 }) => [y - sd, y + sd]));
  const [low, high] = extent(values, axis);
  if (axis.logarithmic) return scaleLog([low, high], range).nice();
  const scale = scaleLinear([low, high], range).nice(5);
  // an end that was asked for stays
  const [niceLow, niceHigh] = scale.domain() as [number, number];
  return scale.domain([axis.from ?? niceLow, axis.to ?? niceHigh]);
}

function extent(values: readonly number[], { from, to, logarithmic }: Axis): [number, number] {
  const finite = values.filter((value) => Number.isFinite(value) && (!logarithmic || value > 0));
  const least = from ?? finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = to ?? finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const [low, high] = [Number.isFinite(least) ? least : 0, Number.isFinite(most) ? most : 1];
  if (low < high) return [low, high];
  return logarithmic ? [low / 2, low * 2] : [low - 0.5, low + 0.5];
}

function ticksOf(scale: Scale, { logarithmic, whole }: Axis): Tick[] {
  const all = logarithmic ? decades(scale) : scale.ticks(5);
  const values = whole ? all.filter(Number.isInteger) : all;
  const format = logarithmic ? String : scale.tickFormat(5);
  return values.map((value) => ({ at: scale(value), label: format(value).replace("-", "−") }));
}

// whole decades; where there are fewer than two, everything that d3 finds
function decades(scale: Scale): number[] {
  const all = scale.ticks(10);
  const whole = all.filter((value) => /^(10*|0\.0*1)$/.test(String(value)));
  return whole.length >= 2 ? whole : all.filter((_, i) => i % 2 === 0);
}

function categoryAxis(frame: Frame, names: string[][], x: Scale, title: string, bottom: number): string {
  const { right, bottom: base } = plotEnd(frame);
  const line = element("g", { class: "axis", stroke: "#85888c" }, segment(frame.left, base, right, base));
  const labels = names.flatMap((lines, i) =>
    lines.map((text, k) => label(x(i), base + 18 + k * LINE, text, { "text-anchor": "middle" })),
  );
  const middle = label((frame.left + right) / 2, base + bottom - 8, title, { "text-anchor": "middle" });
  return line + labels.join("") + middle;
}

// words in lines of a width in px
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

interface Legend {
  markup: string;
  height: number;
}

// samples and names of the series, in as many rows as they need; a chart of one series needs none
function layOutLegend(drawn: readonly Series[], width: number): Legend {
  if (drawn.length === 0 || (drawn.length === 1 && countText(drawn[0]!) === ""))
    return { markup: "", height: 0 };
  let [left, row] = [0, 0];
  const entries = drawn.map((series) => {
    const text = series.label + countText(series);
    const wide = 30 + textWidth(text);
    if (left > 0 && left + wide > width) [left, row] = [0, row + 1];
    const at = { x: left, y: row * (LINE + 2) };
    left += wide + 12;
    return (
      runGroup(series.colour, sample(series, at)) +
      label(at.x + 26, at.y + fontSize - 1, text, { class: "key" })
    );
  });
  return { markup: entries.join(""), height: (row + 1) * (LINE + 2) };
}

function sample({ kind, colour }: Series, at: { x: number; y: number }): string {
  const middle = { x: at.x + 10, y: at.y + 7 };
  if (kind === "paper") {
    return element("circle", { cx: middle.x, cy: middle.y, r: 3.5, fill: "none", "stroke-width": 1.5 });
  }
  if (kind === "networks") return dot(middle.x, middle.y, 3);
  if (kind === "points") return dot(middle.x, middle.y, 1.5);
  return runLine(
    colour,
    [
      { x: at.x, y: middle.y },
      { x: at.x + 20, y: middle.y },
    ],
    1.75,
  );
}

// over how many networks the means are, where that is known
function countText({ points }: Series): string {
  const counts = points.flatMap(({ n }) => n ?? []);
  if (counts.length === 0) return "";
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? ` (n = ${most})` : ` (n = ${least}–${most})`;
}

/** Charts side by side, each with its title and how to read it; nothing if there are none. */
export function chartFigures(charts: readonly Chart[]): string {
  if (charts.length === 0) return "";
  const figures = charts.map((chart) => {
    const title = element("b", {}, escapeText(chart.title));
    const partial = chart.series.some(({ points }) => countWhole(points) < points.length);
    const note = partial ? `${chart.note} Dotted: fewer networks than at the beginning.` : chart.note;
    const caption = element("figcaption", {}, title, ` ${escapeText(note)}`);
    const attributes: Record<string, string> = isWide(chart) ? { class: "whole" } : {};
    return element("figure", attributes, drawChart(chart), caption);
  });
  return element("div", { class: "figures" }, ...figures);
}

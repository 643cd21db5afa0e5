// How a run is drawn, the same in every figure: its colour and dash, lines, bands, end labels and legend key.
//
// Based on   Okabe and Ito 2008, Color Universal Design: a palette told apart with any colour vision.
// Deviation  their yellow is left out (too faint on white), orange and sky blue come last.

import { area, type CurveFactory, curveLinear, line } from "d3-shape";
import type { ReportedRun } from "./reported-run.ts";
import {
  type Attributes,
  element,
  escapeText,
  type Frame,
  fitText,
  fontSize,
  label,
  plotEnd,
  segment,
  spreadPositions,
} from "./svg.ts";

/** Colours of runs 0, 1, 2 …; after the last they begin again with the next dash. */
export const lightColours = ["#0072b2", "#d55e00", "#009e73", "#b8619b", "#d99000", "#46a5dd", "#555555"];
/** The same hues for a dark page. */
export const darkColours = ["#4f9fe0", "#f28a4b", "#2fc19a", "#e29cc8", "#f0b840", "#9bd6f7", "#bdbdbd"];
const dashes = ["", "6 3", "2 3"];

/** A point of a curve; an undefined y is a gap. */
export interface Point {
  x: number;
  y: number | undefined;
}

/** Where a curve ends, and what is written beside it. */
export interface CurveEnd {
  run: number;
  x: number;
  y: number;
  text: string;
}

/** A group in the colour of a run. */
export function runGroup(run: number, ...children: string[]): string {
  const index = run % lightColours.length;
  const colour = lightColours[index]!;
  return element("g", { class: `run${index}`, stroke: colour, fill: colour }, ...children);
}

/** A curve through points in px; a lone point between gaps becomes a short stroke. */
export function runLine(
  run: number,
  points: Point[],
  width: number,
  curve: CurveFactory = curveLinear,
  attributes: Attributes = {},
): string {
  const path = line<Point>(
    (p) => p.x,
    (p) => p.y!,
  )
    .defined((p) => p.y !== undefined)
    .curve(curve)
    .digits(2);
  const dash = dashes[Math.floor(run / lightColours.length) % dashes.length]!;
  const stroke: Attributes = {
    fill: "none",
    "stroke-width": width,
    "stroke-linejoin": "round",
    ...attributes,
  };
  if (dash !== "") stroke["stroke-dasharray"] = dash;
  const d = path(points);
  const lone = points.filter(
    (p, i) => p.y !== undefined && points[i - 1]?.y === undefined && points[i + 1]?.y === undefined,
  );
  const strokes = lone.map((p) => segment(p.x - 3, p.y!, p.x + 3, p.y!, { "stroke-width": width }));
  return (d ? element("path", { d, ...stroke }) : "") + strokes.join("");
}

/** A faint band between two curves in px, with thin edges so that bands that overlap stay told apart. */
export function runBand(points: { x: number; low: number; high: number }[], opacity: number): string {
  if (points.length < 2) return "";
  const path = area<{ x: number; low: number; high: number }>(
    (p) => p.x,
    (p) => p.low,
    (p) => p.high,
  ).digits(2);
  const edge = (y: (p: { low: number; high: number }) => number) =>
    line<{ x: number; low: number; high: number }>((p) => p.x, y).digits(2)(points)!;
  const edges = {
    d: edge((p) => p.low) + edge((p) => p.high),
    fill: "none",
    "stroke-width": 0.75,
    opacity: 0.6,
  };
  return (
    element("path", { d: path(points)!, stroke: "none", "fill-opacity": opacity }) + element("path", edges)
  );
}

/** A filled dot with an optional tooltip. */
export function dot(cx: number, cy: number, r: number, tooltip = ""): string {
  const title = tooltip === "" ? [] : [element("title", {}, escapeText(tooltip))];
  return element("circle", { cx, cy, r, stroke: "none" }, ...title);
}

/**
 * Labels at the right edge, one for each curve, moved apart where they would overlap. A dotted leader joins
 * each to its curve's last point. With more labels than fit there are none (the legend remains).
 */
export function endLabels(frame: Frame, ends: CurveEnd[]): string {
  const { right, bottom } = plotEnd(frame);
  const gap = fontSize + 2;
  if (ends.length * gap > bottom - frame.top) return "";
  const heights = spreadPositions(
    ends.map((end) => end.y),
    gap,
    frame.top,
    bottom - 4,
  );
  const drawn = ends.map((end, i) => {
    const y = heights[i]!;
    const elbow = Math.max(right, end.x);
    const leader = [
      segment(end.x, end.y, elbow, end.y, { "stroke-dasharray": "1 3" }),
      segment(elbow, end.y, right + 8, y),
    ];
    const text = fitText(end.text, frame.right - 12);
    return runGroup(end.run, ...leader) + label(right + 12, y, text, { dy: "0.35em" });
  });
  return drawn.join("");
}

/** The legend: a short line and the label of every run; nothing for a single run. */
export function runKeys(runs: ReportedRun[]): string {
  if (runs.length < 2) return "";
  const keys = runs.map((run, i) =>
    element("span", { class: "key" }, runKey(i), ` ${escapeText(fitText(run.label, 300))}`),
  );
  return element("p", { class: "keys" }, ...keys);
}

/** The sample of a run's line in legends and tables. */
export function runKey(run: number): string {
  const points = [
    { x: 1, y: 5 },
    { x: 23, y: 5 },
  ];
  const sample = runGroup(run, runLine(run, points, 2.5));
  return element(
    "svg",
    { class: "sample", viewBox: "0 0 24 10", width: 24, height: 10, "aria-hidden": "true" },
    sample,
  );
}

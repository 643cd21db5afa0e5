// The figures of training against epoch: the largest N solved, accuracy, loss. The ones of tau: tau-figures.ts.

import { type ScaleLinear, scaleLinear } from "d3-scale";
import { curveStepAfter } from "d3-shape";
import type { EpochRecord } from "../training/metrics.ts";
import { formatCount, formatThreshold } from "./number-format.ts";
import {
  findSolves,
  meanAccuracy,
  newestAccuracy,
  newestN,
  type ReportedRun,
  solvedThresholds,
} from "./reported-run.ts";
import { type CurveEnd, dot, endLabels, type Point, runGroup, runLine } from "./run-marks.ts";
import {
  bottomAxis,
  type Frame,
  figureRoot,
  fitText,
  label,
  leftAxis,
  plotEnd,
  segment,
  type Tick,
  textWidth,
} from "./svg.ts";

/** One figure of the report. */
export interface Figure {
  /** Complete SVG elements, one for each width of page where it matters; the style sheet shows one. */
  svgs: string[];
  /** What is shown, in plain text. */
  title: string;
  /** How to read it, in plain text. */
  note: string;
}

/** Size of a figure that fills half a page, and a phone. */
export const halfFrame: Frame = { width: 420, height: 290, left: 44, right: 48, top: 30, bottom: 46 };

/** Epochs from 0 to the last of any run. */
export function epochScale(runs: ReportedRun[], frame: Frame): ScaleLinear<number, number> {
  const last = Math.max(1, ...runs.map((run) => run.records.at(-1)?.epoch ?? 0));
  return scaleLinear([0, last], [frame.left, plotEnd(frame).right]);
}

/** Ticks at whole numbers only. */
export function wholeTicks(scale: ScaleLinear<number, number>, count: number): Tick[] {
  const whole = scale.ticks(count).filter(Number.isInteger);
  return whole.map((value) => ({ at: scale(value), label: formatCount(value) }));
}

/** A vertical scale that grows upwards. */
export function heightScale(low: number, high: number, frame: Frame): ScaleLinear<number, number> {
  return scaleLinear([low, high], [plotEnd(frame).bottom, frame.top]).nice(5);
}

/** Width of a curve with a point for every epoch: thinner where they stand close. */
export function lineWidth(runs: ReportedRun[]): number {
  const most = Math.max(...runs.map((run) => run.records.length));
  return most <= 150 ? 1.75 : most <= 400 ? 1.25 : 0.9;
}

/** The epoch axis. */
export function epochAxis(scale: ScaleLinear<number, number>, frame: Frame): string {
  return bottomAxis(frame, wholeTicks(scale, frame.width / 70), "Epoch");
}

/** Largest N solved against epoch, for a wide page and for a narrow one. */
export function drawLargestSolved(runs: ReportedRun[]): Figure {
  const names = runs.map((run) => solvedLabel(run, runs.length > 1 ? 260 : 0));
  const room = Math.max(...names.map(textWidth)) + 20;
  const wide = { width: 900, height: 340, left: 34, right: room, top: 30, bottom: 46 };
  // on a phone the legend above names the runs
  const values = runs.map((run) => solvedLabel(run, 0));
  const narrow = { ...halfFrame, left: 34, right: Math.max(...values.map(textWidth)) + 16 };
  const ended = runs.some((run) => run.records.length > 0 && run.records.at(-1)!.epoch < lastEpoch(runs));
  const dotted = ended ? " Dotted: after the last epoch of a run." : "";
  return {
    svgs: [largestSolvedSvg(runs, names, wide, "wide"), largestSolvedSvg(runs, values, narrow, "narrow")],
    title: "Largest memory length N solved, against epoch.",
    note: `A step is drawn at the end of the epoch that solved N (a dot); 0 means none yet.${dotted}`,
  };
}

function largestSolvedSvg(runs: ReportedRun[], names: string[], frame: Frame, className: string): string {
  const solves = runs.map((run) => findSolves(run.records));
  const x = epochScale(runs, frame);
  const y = heightScale(0, Math.max(2, ...solves.flat().map((solve) => solve.N)), frame);
  const radius = Math.max(...solves.map((each) => each.length)) > 40 ? 1.75 : 3;
  const ends: CurveEnd[] = [];
  const curves = runs.map((run, i) => {
    const first = run.records[0];
    const last = run.records.at(-1);
    if (first === undefined || last === undefined) return "";
    const largest = solves[i]!.at(-1)?.N ?? 0;
    const steps = solves[i]!.map((solve) => ({ x: x(solve.epoch), y: y(solve.N) }));
    const start = { x: x(first.epoch - 1), y: y(0) };
    const end = { x: x(last.epoch), y: y(largest) };
    ends.push({ run: i, ...end, text: names[i]! });
    const dots = solves[i]!.map((solve, k) =>
      dot(steps[k]!.x, steps[k]!.y, radius, `N = ${solve.N} solved at epoch ${solve.epoch}`),
    );
    return runGroup(i, runLine(i, [start, ...steps, end], 2, curveStepAfter), ...dots);
  });
  return figureRoot(
    frame,
    "Largest N solved against epoch",
    className,
    leftAxis(frame, wholeTicks(y, 6), "Largest N solved (bits)"),
    epochAxis(x, frame),
    ...curves,
    endLabels(frame, ends),
  );
}

// "label: N = 9", the label cut to what remains of a width in px; only "N = 9" if that is 0
function solvedLabel(run: ReportedRun, width: number): string {
  const largest = findSolves(run.records).at(-1)?.N;
  const reached = largest === undefined ? "none" : `N = ${largest}`;
  return width === 0 ? reached : `${fitText(run.label, width - textWidth(`: ${reached}`))}: ${reached}`;
}

/** Accuracy of the newest N, the mean over the trained N, and the threshold, against epoch. */
export function drawAccuracy(runs: ReportedRun[]): Figure {
  const frame = halfFrame;
  const x = epochScale(runs, frame);
  const all = runs.flatMap((run) =>
    run.records.flatMap((r) => [newestAccuracy(r) ?? 1, meanAccuracy(r) ?? 1]),
  );
  const lowest = [...all, ...runs.flatMap(solvedThresholds)].reduce(
    (low, value) => Math.min(low, value),
    0.5,
  );
  const y = heightScale(Math.floor(10 * lowest) * 10, 100, frame);
  const curve = (run: ReportedRun, measure: (r: EpochRecord) => number | undefined): Point[] =>
    run.records.map((record) => {
      const accuracy = measure(record);
      return { x: x(record.epoch), y: accuracy === undefined ? undefined : y(100 * accuracy) };
    });
  const several = (run: ReportedRun) => run.records.some((record) => record.N.length > 1);
  const curves = runs.map((run, i) => {
    const mean = several(run)
      ? runLine(i, curve(run, meanAccuracy), 0.5 * lineWidth(runs), undefined, { opacity: 0.6 })
      : "";
    const solved = run.records.filter((record) => record.solved && newestAccuracy(record) !== undefined);
    const r = 1.5 * lineWidth(runs);
    const dots = solved.map((record) =>
      dot(x(record.epoch), y(100 * newestAccuracy(record)!), r, `N = ${newestN(record)}`),
    );
    return runGroup(i, mean, runLine(i, curve(run, newestAccuracy), lineWidth(runs)), ...dots);
  });
  const ticks = y.ticks(5).map((value) => ({ at: y(value), label: String(value) }));
  const thin = runs.some(several) ? " Thin line: mean over all N trained in the epoch." : "";
  const measured = thin === "" ? "it" : "both";
  return {
    svgs: [
      figureRoot(
        frame,
        "Accuracy against epoch",
        "half",
        leftAxis(frame, ticks, "Accuracy (%)"),
        epochAxis(x, frame),
        thresholdLines(runs, y, frame),
        ...curves,
      ),
    ],
    title: "Accuracy of the newest N, against epoch.",
    note: `A dot marks an epoch that solved it.${thin} Dashed: what ${measured} must exceed to count as solved.`,
  };
}

function thresholdLines(runs: ReportedRun[], y: ScaleLinear<number, number>, frame: Frame): string {
  const { right } = plotEnd(frame);
  const thresholds = [...new Set(runs.flatMap(solvedThresholds))].sort((a, b) => b - a);
  let written = Number.NEGATIVE_INFINITY;
  const lines = thresholds.map((threshold) => {
    const at = y(100 * threshold);
    const dashed = segment(frame.left, at, right, at, {
      class: "axis",
      stroke: "#85888c",
      "stroke-dasharray": "4 3",
    });
    // labels that would overlap the one above are left out
    if (at - written < 13) return dashed;
    written = at;
    return dashed + label(right + 6, at, formatThreshold(threshold), { dy: "0.35em" });
  });
  return lines.join("");
}

/** Training loss against epoch. */
export function drawLoss(runs: ReportedRun[]): Figure {
  const frame = halfFrame;
  const x = epochScale(runs, frame);
  const losses = runs.flatMap((run) => run.records.map((record) => record.loss)).filter(Number.isFinite);
  const highest = losses.reduce((high, loss) => Math.max(high, loss), 0);
  const y = heightScale(0, highest > 0 ? highest : 1, frame);
  const format = y.tickFormat(5);
  const ticks = y.ticks(5).map((value) => ({ at: y(value), label: format(value) }));
  const curves = runs.map((run, i) => {
    const points = run.records.map((record) => ({
      x: x(record.epoch),
      y: Number.isFinite(record.loss) ? y(record.loss) : undefined,
    }));
    return runGroup(i, runLine(i, points, lineWidth(runs)));
  });
  const severalHeads = runs.some((run) => run.records.some((record) => record.N.length > 1));
  const summed = severalHeads ? "summed over heads, so it rises when a head is added" : "one head";
  return {
    svgs: [
      figureRoot(
        frame,
        "Training loss against epoch",
        "half",
        leftAxis(frame, ticks, "Training loss (nats)"),
        epochAxis(x, frame),
        ...curves,
      ),
    ],
    title: "Training loss, against epoch.",
    note: `Cross-entropy, mean over the epoch, ${summed}.`,
  };
}

function lastEpoch(runs: ReportedRun[]): number {
  return Math.max(...runs.map((run) => run.records.at(-1)?.epoch ?? 0));
}

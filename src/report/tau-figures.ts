// The figures of the trained time constants: mean and band against epoch, distribution when each N was solved.

import type { ScaleLinear } from "d3-scale";
import type { TauStatistics } from "../cells/tau.ts";
import { epochAxis, epochScale, type Figure, halfFrame, heightScale } from "./figures.ts";
import { formatTau } from "./number-format.ts";
import { findSolves, type ReportedRun, tauQuantile, unitCount } from "./reported-run.ts";
import { type CurveEnd, endLabels, runBand, runGroup, runLine } from "./run-marks.ts";
import {
  bottomAxis,
  element,
  escapeText,
  type Frame,
  figureRoot,
  label,
  leftAxis,
  plotEnd,
  segment,
  type Tick,
} from "./svg.ts";

const tauTitle = "τ (bits)";
const initialWidth = 52; // px, room for the word below the initial distribution

/** Mean tau over units against epoch, with the band of 5–95 % of the units. */
export function drawMeanTau(runs: ReportedRun[]): Figure {
  const frame = { ...halfFrame, right: 54 };
  const x = epochScale(runs, frame);
  const series = runs.map((run) => tauSeries(run));
  const y = tauScale(
    series.flat().map((point) => point.tau),
    frame,
  );
  const ends: CurveEnd[] = [];
  const curves = series.map((points, i) => {
    const means = points.map(({ epoch, tau }) => ({
      x: x(epoch),
      y: Number.isFinite(tau.mean) ? y(tau.mean) : undefined,
    }));
    const last = means.at(-1);
    if (last?.y !== undefined) {
      ends.push({ run: i, x: last.x, y: last.y, text: formatTau(points.at(-1)!.tau.mean) });
    }
    const band = points.flatMap(({ epoch, tau }) => {
      const [low, high] = [tauQuantile(tau, 5), tauQuantile(tau, 95)];
      return low === undefined || high === undefined ? [] : [{ x: x(epoch), low: y(low), high: y(high) }];
    });
    return [
      runGroup(i, runBand(band, bandOpacity(runs.length))),
      runGroup(i, runLine(i, means, 1.75)),
    ] as const;
  });
  return {
    svgs: [
      figureRoot(
        frame,
        "Mean tau against epoch",
        "half",
        leftAxis(frame, tauTicks(y), tauTitle),
        epochAxis(x, frame),
        ...curves.map(([band]) => band),
        ...curves.map(([, mean]) => mean),
        endLabels(frame, ends),
      ),
    ],
    title: "Mean time constant τ, against epoch.",
    note: `Line: mean over units, where τ below one step counts as one. Band: 5–\u206095\u00a0% quantiles of the units (${unitsText(runs)}).`,
  };
}

function tauSeries(run: ReportedRun): { epoch: number; tau: TauStatistics }[] {
  const initial = run.initialTau === undefined ? [] : [{ epoch: 0, tau: run.initialTau }];
  return [...initial, ...run.records.flatMap(({ epoch, tau }) => (tau ? [{ epoch, tau }] : []))];
}

// bands of many runs would add up to a dark patch
function bandOpacity(runCount: number): number {
  return runCount === 1 ? 0.16 : runCount <= 4 ? 0.1 : 0.03;
}

/** Quantile boxes of tau over units at the epoch at which each N was solved. */
export function drawTauDistributions(runs: ReportedRun[]): Figure {
  const frame = { ...halfFrame, right: 12 };
  const solves = runs.map((run) => findSolves(run.records));
  const allN = [...new Set(solves.flat().map((solve) => solve.N))].sort((a, b) => a - b);
  const initials = runs.map((run) => run.initialTau);
  const hasInitial = initials.some((tau) => tau !== undefined);
  const left = frame.left + (hasInitial ? initialWidth : 0);
  const { right } = plotEnd(frame);
  const stride = Math.max(1, Math.ceil((allN.length * 4 * runs.length) / (0.8 * (right - left))));
  const shownN = allN.filter((_, i) => (allN.length - 1 - i) % stride === 0);
  const slot = (right - left) / Math.max(1, shownN.length);
  const centre = (i: number) => left + (i + 0.5) * slot;
  const y = tauScale(
    [...solves.flat().map((solve) => solve.tau), ...initials].filter((tau) => tau !== undefined),
    frame,
  );
  const boxes = runs.map((_, run) => {
    const drawn = shownN.flatMap((N, i) => {
      const solve = solves[run]!.find((candidate) => candidate.N === N);
      if (!solve?.tau) return [];
      return [quantileBox(centre(i), slot, run, runs.length, solve.tau, y, `N = ${N}`)];
    });
    const tau = initials[run];
    const initialCentre = frame.left + initialWidth / 2;
    if (tau) drawn.unshift(quantileBox(initialCentre, initialWidth, run, runs.length, tau, y, "initial"));
    return runGroup(run, ...drawn);
  });
  const ticks = lengthTicks(shownN, slot, centre);
  if (hasInitial) ticks.unshift({ at: frame.left + initialWidth / 2, label: "initial" });
  const empty = label((left + right) / 2, (frame.top + plotEnd(frame).bottom) / 2, "no N solved yet", {
    "text-anchor": "middle",
  });
  const thinned = stride === 1 ? "" : ` Every ${ordinal(stride)} N is drawn.`;
  return {
    svgs: [
      figureRoot(
        frame,
        "Distribution of tau over units when each N was solved",
        "half",
        leftAxis(frame, tauTicks(y), tauTitle),
        bottomAxis(frame, ticks, "N solved (bits)"),
        ...boxes,
        allN.length === 0 ? empty : "",
      ),
    ],
    title: "Distribution of τ over units at the epoch at which each N was solved.",
    note: `Line: 5–\u206095\u00a0%; box: 25–\u206075\u00a0%; bar: median (${unitsText(runs)}).${thinned}`,
  };
}

function quantileBox(
  centre: number,
  slot: number,
  run: number,
  runCount: number,
  tau: TauStatistics,
  y: ScaleLinear<number, number>,
  name: string,
): string {
  const quantiles = [5, 25, 50, 75, 95].map((percent) => tauQuantile(tau, percent));
  if (quantiles.some((value) => value === undefined)) return "";
  const [low, lower, median, upper, high] = quantiles.map((value) => y(value!)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const step = Math.min(24, (0.8 * slot) / runCount);
  const width = Math.max(1, Math.min(18, 0.75 * step));
  const x = centre + (run - (runCount - 1) / 2) * step;
  const whisker = { "stroke-width": Math.min(1, width / 3) };
  const box = { x: x - width / 2, y: upper, width, height: lower - upper };
  const values = quantiles.map(formatTau).join(", ");
  return element(
    "g",
    {},
    element("title", {}, escapeText(`${name}: 5, 25, 50, 75, 95 % at ${values} bits`)),
    segment(x, low, x, lower, whisker),
    segment(x, upper, x, high, whisker),
    element("rect", { ...box, "fill-opacity": 0.3, "stroke-width": width < 4 ? 0 : 1 }),
    segment(x - width / 2, median, x + width / 2, median, { "stroke-width": 2 }),
  );
}

function lengthTicks(shownN: number[], slot: number, centre: (i: number) => number): Tick[] {
  const digits = String(shownN.at(-1) ?? 0).length;
  const every = Math.ceil((8 * digits + 8) / slot);
  const ticks = shownN.map((N, i) => ({ at: centre(i), label: String(N) }));
  return ticks.filter((_, i) => (ticks.length - 1 - i) % every === 0);
}

// tau cannot fall below 1, so the axis starts there unless the units lie far above and close together
function tauScale(statistics: TauStatistics[], frame: Frame): ScaleLinear<number, number> {
  const values = statistics
    .flatMap((tau) => [tau.mean, tauQuantile(tau, 5), tauQuantile(tau, 95)])
    .filter((value) => value !== undefined && Number.isFinite(value)) as number[];
  if (values.length === 0) return heightScale(1, 2, frame);
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (high === low) return heightScale(Math.min(1, low), Math.max(2, 1.1 * high), frame);
  return heightScale(low - 1 <= 2 * (high - low) ? Math.min(1, low) : low, high, frame);
}

function tauTicks(y: ScaleLinear<number, number>): Tick[] {
  const format = y.tickFormat(5);
  return y.ticks(5).map((value) => ({ at: y(value), label: format(value) }));
}

function unitsText(runs: ReportedRun[]): string {
  const counts = [...new Set(runs.map(unitCount))];
  if (counts.includes(undefined)) return "n: all units of one network";
  const each = runs.length > 1 ? " each" : "";
  return counts.length === 1
    ? `n = ${counts[0]}, one network${each}`
    : `n = ${runs.map((run) => unitCount(run)).join(", ")}, one network each`;
}

function ordinal(count: number): string {
  return count === 2 ? "second" : count === 3 ? "third" : `${count}th`;
}

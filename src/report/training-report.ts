// The report of one training run, or of several side by side, as one self-contained HTML page.

import { drawAccuracy, drawLargestSolved, drawLoss, type Figure } from "./figures.ts";
import { htmlPage, section } from "./page.ts";
import { anyTau, type ReportedRun } from "./reported-run.ts";
import { runKeys } from "./run-marks.ts";
import { element, escapeText } from "./svg.ts";
import { epochsDetails, factsList, resultsOverview, settingsTable, solvesTable } from "./tables.ts";
import { drawMeanTau, drawTauDistributions } from "./tau-figures.ts";

export type { ReportedRun } from "./reported-run.ts";

/** What a report is made from; all text is plain and is escaped. */
export interface TrainingReport {
  title: string;
  /** Plain sentences; they become the opening paragraph. */
  summary: string[];
  /** One run: its own report. Several: compared in the same figures. */
  runs: ReportedRun[];
  /** Shell commands that make these runs again. */
  reproduce: string[];
  /** Version, core hash, seed, engine …, by name. */
  facts: Record<string, string>;
}

/**
 * Write the report of one or several training runs.
 *
 * @param report  Title, summary, runs with their epoch records, commands and facts.
 * @returns       A complete HTML page that loads nothing and runs no script; the same input gives the same bytes.
 */
export function trainingReport(report: TrainingReport): string {
  const { title, summary, runs, reproduce, facts } = report;
  return htmlPage(
    title,
    element("h1", {}, escapeText(title)),
    summary.length > 0 ? element("p", {}, escapeText(summary.join(" "))) : "",
    ...results(runs),
    runs.length > 0 ? section("Settings", settingsTable(runs)) : "",
    ...epochTables(runs),
    reproduce.length > 0 ? section("To reproduce", commandLines(reproduce)) : "",
    Object.keys(facts).length > 0 ? section("Made with", factsList(facts)) : "",
  );
}

function results(runs: ReportedRun[]): string[] {
  if (!anyEpoch(runs)) return [element("p", {}, "No epoch finished yet.")];
  const drawn = [
    drawLargestSolved(runs),
    drawAccuracy(runs),
    drawLoss(runs),
    ...(anyTau(runs) ? [drawMeanTau(runs), drawTauDistributions(runs)] : []),
  ];
  const keys = runKeys(runs);
  // the legend of many runs stands once
  const keysOf = (figure: number) => (figure === 0 || runs.length <= 4 ? keys : "");
  const figures = drawn.map((figure, i) => figureElement(figure, i + 1, keysOf(i)));
  return [resultsOverview(runs), element("div", { class: "figures" }, ...figures)];
}

function epochTables(runs: ReportedRun[]): string[] {
  if (!anyEpoch(runs)) return [];
  return [
    section("Epoch at which each N was solved", solvesTable(runs)),
    section("All epochs", epochsDetails(runs)),
  ];
}

function anyEpoch(runs: ReportedRun[]): boolean {
  return runs.some((run) => run.records.length > 0);
}

function figureElement(figure: Figure, number: number, keys: string): string {
  const caption = element(
    "figcaption",
    {},
    element("b", {}, `Figure ${number}. ${escapeText(figure.title)}`),
    ` ${escapeText(figure.note)}`,
  );
  const attributes: Record<string, string> = figure.svgs.length > 1 ? { class: "whole" } : {};
  return element("figure", attributes, keys, ...figure.svgs, caption);
}

/** Shell commands. Each word stands in a span, so that a line breaks between words and not after a hyphen. */
export function commandLines(lines: string[]): string {
  const words = (line: string) => line.split(" ").map((word) => element("span", {}, escapeText(word)));
  return element("pre", {}, ...lines.map((line) => element("code", {}, words(line).join(" "))));
}

// The tables of the report: results at a glance, settings, solved memory lengths, all epochs.

import type { TauStatistics } from "../cells/tau.ts";
import { formatCount, formatLengths, formatLoss, formatPercent, formatTau } from "./number-format.ts";
import {
  anyTau,
  findSolves,
  flattenSettings,
  meanAccuracy,
  newestAccuracy,
  type ReportedRun,
  tauQuantile,
} from "./reported-run.ts";
import { runKey } from "./run-marks.ts";
import { element, escapeText, fitText, textWidth } from "./svg.ts";

/** A cell: text, or markup that is safe already. */
export type Cell = string | { markup: string };

/** What each run reached: a strip of numbers for one run, a table that is also the legend for several. */
export function resultsOverview(runs: ReportedRun[]): string {
  const names = ["Largest N solved", "Epochs", "Updates", "Last loss per head"];
  if (anyTau(runs)) names.push("Mean τ (bits)");
  if (runs.length === 1) {
    const values = runResults(runs[0]!);
    const pairs = names.map((name, i) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, escapeText(values[i]!))),
    );
    return element("dl", { class: "strip" }, ...pairs);
  }
  const rows = runs.map((run, i) => [runName(run, i), ...runResults(run).slice(0, names.length)]);
  return table(["Run", ...names], rows, { text: [0] });
}

function runResults(run: ReportedRun): string[] {
  const last = run.records.at(-1);
  if (last === undefined) return ["–", "0", "0", "–", formatTau(run.initialTau?.mean)];
  const first = run.initialTau ?? run.records[0]!.tau;
  const largest = findSolves(run.records).at(-1)?.N;
  return [
    largest === undefined ? "none" : String(largest),
    formatCount(last.epoch),
    formatCount(last.step),
    formatLoss(last.loss / last.N.length),
    first || last.tau ? `${formatTau(first?.mean)} → ${formatTau(last.tau?.mean)}` : "–",
  ];
}

/** Settings of all runs; those that differ come first, marked; those in common stand once. */
export function settingsTable(runs: ReportedRun[]): string {
  const settings = runs.map((run) => flattenSettings(run.settings));
  const names = [...new Set(settings.flatMap((each) => [...each.keys()]))];
  const valuesOf = (name: string) => settings.map((each) => each.get(name) ?? "–");
  if (names.length === 0) return element("p", {}, "No settings are recorded.");
  if (runs.length === 1) return pairs(names.map((name) => [name, valuesOf(name)[0]!]));
  const differs = (name: string) => new Set(valuesOf(name)).size > 1;
  const differing = names.filter(differs).map((name) => [name, ...valuesOf(name).map(mark)]);
  const common = names
    .filter((name) => !differs(name))
    .map((name): [string, string] => [name, valuesOf(name)[0]!]);
  const columns = runs.map((_, i) => i + 1);
  const head = ["Differs between runs", ...runs.map(runHead)];
  if (differing.length === 0) return element("p", {}, "The runs have the same settings.") + pairs(common);
  const first = table(head, differing, { text: [0, ...columns] });
  const second = common.length === 0 ? "" : element("h3", {}, "Same in all runs") + pairs(common);
  return first + second;
}

/** The epoch at whose end each N was first solved. */
export function solvesTable(runs: ReportedRun[]): string {
  const solves = runs.map((run) => findSolves(run.records));
  if (solves.every((each) => each.length === 0)) return element("p", {}, "No N is solved yet.");
  if (runs.length === 1) {
    const tau = anyTau(runs);
    const rows = solves[0]!.map((solve, i) => [
      String(solve.N),
      formatCount(solve.epoch),
      formatCount(solve.epoch - (solves[0]![i - 1]?.epoch ?? 0)),
      formatCount(solve.step),
      ...(tau ? [formatTau(solve.tau?.mean), formatTau(solve.tau?.sd)] : []),
    ]);
    const names = ["N", "Epoch", "Epochs since the last", "Updates"];
    return table(tau ? [...names, "Mean τ", "SD of τ over units"] : names, rows);
  }
  const allN = [...new Set(solves.flat().map((solve) => solve.N))].sort((a, b) => a - b);
  const rows = allN.map((N) => [
    String(N),
    ...solves.map((each) => {
      const solve = each.find((candidate) => candidate.N === N);
      return solve === undefined ? "–" : formatCount(solve.epoch);
    }),
  ]);
  return table(["N", ...runs.map(runHead)], rows);
}

/** All epochs of every run, folded. */
export function epochsDetails(runs: ReportedRun[]): string {
  const head = [
    "Epoch",
    "Updates",
    "N trained",
    "Accuracy, newest N (%)",
    "Accuracy, mean (%)",
    "Loss (nats)",
  ];
  const tauHead = ["Mean τ", "SD of τ", "τ at 5 %", "τ at 95 %", "Largest τ"];
  const folded = runs.map((run) => {
    const tau = anyTau([run]);
    const layers = run.records[0]?.tau?.layers?.length ?? 0;
    const rows = run.records.map((record) => [
      formatCount(record.epoch),
      formatCount(record.step),
      formatLengths(record.N),
      formatPercent(newestAccuracy(record)),
      formatPercent(meanAccuracy(record)),
      formatLoss(record.loss),
      ...(tau ? tauResults(record.tau) : []),
      ...Array.from({ length: layers }, (_, l) => formatTau(record.tau?.layers?.[l]?.mean)),
      record.solved ? "yes" : "",
    ]);
    const count = rows.length === 1 ? "1 epoch" : `${formatCount(rows.length)} epochs`;
    const summary = element("summary", {}, `${escapeText(run.label)}: ${count}`);
    return element(
      "details",
      {},
      summary,
      rows.length === 0
        ? element("p", {}, "No epoch finished yet.")
        : table([...head, ...(tau ? tauHead : []), ...layerHead(layers), "Solved"], rows),
    );
  });
  return folded.join("");
}

// of the columns for each layer by itself, if there are several
function layerHead(layers: number): string[] {
  return Array.from({ length: layers }, (_, l) => `Mean τ, layer ${l + 1}`);
}

function tauResults(tau: TauStatistics | undefined): string[] {
  const quantiles = [5, 95].map((percent) => tauQuantile(tau, percent));
  return [tau?.mean, tau?.sd, ...quantiles, tau?.max].map(formatTau);
}

/** Names and their values, one below the other. */
export function factsList(facts: Record<string, string>): string {
  return pairs(Object.entries(facts), "pairs long");
}

function pairs(entries: [string, string][], className = "pairs"): string {
  const rows = entries.map(([name, value]) =>
    element("div", {}, element("dt", {}, escapeText(name)), element("dd", {}, escapeText(value))),
  );
  return element("dl", { class: className }, ...rows);
}

function mark(value: string): Cell {
  return { markup: element("mark", {}, escapeText(value)) };
}

// the label is whole in the overview, and cut to 220 px where it heads a column
function runName(run: ReportedRun, index: number): Cell {
  const waiting = run.records.length === 0 ? " (no epoch finished yet)" : "";
  return { markup: `${runKey(index)} ${escapeText(run.label + waiting)}` };
}

function runHead(run: ReportedRun, index: number): Cell {
  const name = `${runKey(index)} ${escapeText(fitText(run.label, 220))}`;
  return { markup: textWidth(run.label) <= 120 ? element("span", { class: "unbroken" }, name) : name };
}

/** A table; its columns are numbers unless listed as text. */
export function table(head: Cell[], rows: Cell[][], options: { text?: number[] } = {}): string {
  const text = options.text ?? [];
  const cell = (name: string, content: Cell, column: number) => {
    const attributes: Record<string, string> = text.includes(column) ? { class: "text" } : {};
    return element(name, attributes, typeof content === "string" ? escapeText(content) : content.markup);
  };
  const headRow = element("tr", {}, ...head.map((content, i) => cell("th", content, i)));
  const bodyRows = rows.map((row) => element("tr", {}, ...row.map((content, i) => cell("td", content, i))));
  const parts = [element("thead", {}, headRow), element("tbody", {}, ...bodyRows)];
  return element("div", { class: "scroll" }, element("table", {}, ...parts));
}

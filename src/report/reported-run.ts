// One training run as the report sees it, and what is read off its epoch records.

import type { TauStatistics } from "../cells/tau.ts";
import { thresholdOf } from "../curricula/curriculum.ts";
import type { EpochRecord } from "../training/metrics.ts";

/** One run of a report. */
export interface ReportedRun {
  /** Names the run in legends and tables; any text. */
  label: string;
  /** Settings of the run, nested ones shown with dotted names. `solvedAt` sets the threshold line, `units` and `layers` the stated n. */
  settings: Record<string, unknown>;
  /** In the order of training; may be empty. */
  records: EpochRecord[];
  /** tau before the first update, if known: drawn as epoch 0. */
  initialTau?: TauStatistics | undefined;
}

/** The epoch at whose end a memory length was solved for the first time. */
export interface Solve {
  N: number;
  epoch: number;
  /** Updates until then. */
  step: number;
  tau: TauStatistics | undefined;
}

/** The newest (largest) memory length trained in an epoch; undefined if there is none. */
export function newestN(record: EpochRecord): number | undefined {
  return record.N.length === 0 ? undefined : record.N.reduce((a, b) => Math.max(a, b));
}

/** The first time each newest N was solved, in the order of training. */
export function findSolves(records: EpochRecord[]): Solve[] {
  const solves: Solve[] = [];
  let largest = 0;
  for (const record of records) {
    const newest = newestN(record);
    if (!record.solved || newest === undefined || newest <= largest) continue;
    largest = newest;
    solves.push({ N: newest, epoch: record.epoch, step: record.step, tau: record.tau });
  }
  return solves;
}

/** Accuracy (0 … 1) of the newest N; undefined if it was not measured. */
export function newestAccuracy(record: EpochRecord): number | undefined {
  const newest = newestN(record);
  return newest === undefined ? undefined : finiteOrUndefined(record.accuracy[newest]);
}

/** Mean accuracy (0 … 1) over the memory lengths trained in this epoch; undefined if none was measured. */
export function meanAccuracy(record: EpochRecord): number | undefined {
  const measured = record.N.map((N) => finiteOrUndefined(record.accuracy[N])).filter((a) => a !== undefined);
  return measured.length === 0 ? undefined : measured.reduce((sum, a) => sum + a, 0) / measured.length;
}

/** The accuracies (0 … 1) that counted as solved: those of `settings.solvedAt` for the N that were newest, else 0.98. */
export function solvedThresholds({ settings, records }: ReportedRun): number[] {
  const given: unknown = settings.solvedAt;
  const isFraction = (value: unknown) => typeof value === "number" && value >= 0 && value <= 1;
  if (!Array.isArray(given)) return [isFraction(given) ? (given as number) : 0.98];
  if (given.length === 0 || !given.every(isFraction)) return [0.98];
  return [...new Set(records.map((record) => thresholdOf(newestN(record) ?? 2, given)))];
}

/** Number of hidden units in all layers: `settings.units` times `settings.layers`; undefined if it is not recorded. */
export function unitCount(run: ReportedRun): number | undefined {
  const { units, layers = 1 } = run.settings;
  return typeof units === "number" && typeof layers === "number" ? units * layers : undefined;
}

/** Whether any of the runs has time constants. */
export function anyTau(runs: ReportedRun[]): boolean {
  return runs.some((run) => [run.initialTau, ...run.records.map((record) => record.tau)].some(Boolean));
}

/** A quantile of tau over units by its percentage (a multiple of 5); undefined if it is not given. */
export function tauQuantile(tau: TauStatistics | undefined, percent: number): number | undefined {
  return finiteOrUndefined(tau?.quantiles[percent / 5]);
}

/** The settings as text by name, in the order given; nested ones get dotted names. */
export function flattenSettings(settings: Record<string, unknown>, prefix = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [name, value] of Object.entries(settings)) {
    const path = prefix + name;
    if (isRecord(value)) for (const entry of flattenSettings(value, `${path}.`)) flat.set(...entry);
    else if (value !== undefined) flat.set(path, settingText(value));
  }
  return flat;
}

function settingText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null) return "none";
  if (ArrayBuffer.isView(value)) return settingText(Array.from(value as unknown as ArrayLike<number>));
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(settingText).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

// an object with names to show
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return false;
  return Object.keys(value).length > 0;
}

function finiteOrUndefined(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

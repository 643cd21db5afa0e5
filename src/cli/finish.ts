// The end of a run, or of several side by side: the report, and what is said of it.

import { coreHash, version } from "../core/core.ts";
import type { RunDirectory } from "../io/run-directory.ts";
import { trainingReport } from "../report/training-report.ts";
import { type TaskName, tasks } from "../tasks/task.ts";
import type { TrainingSettings } from "../training/settings.ts";
import { INTERRUPTED } from "./interrupt.ts";
import { printResult } from "./output.ts";
import type { RecordedResult } from "./recorder.ts";
import { toFlags } from "./settings-flags.ts";

/** Write the report of a run and print what came of it. */
export async function finishRun(
  given: Partial<TrainingSettings>,
  result: RecordedResult,
  json?: boolean,
): Promise<void> {
  const { directory, run, step, solvedN, interrupted } = result;
  const { task, curriculum } = run.settings;
  const data = tasks[task as TaskName].digits ? ["--mnist DIR"] : [];
  const command = ["npx tauscope train", ...toFlags(given), ...data, "--out again"].join(" ");
  const report = await writeReport(
    directory,
    `${task}, ${curriculum} curriculum, ${sizeOf(run.settings)}`,
    [result],
    command,
  );
  const value = { directory: directory.path, epochs: run.records.length, step, solvedN, interrupted, report };
  conclude(directory, [result], report, value, json);
}

/** Write the common report of several runs and print what came of them. */
export async function finishComparison(
  directory: RunDirectory,
  given: Partial<TrainingSettings>,
  results: RecordedResult[],
  json?: boolean,
): Promise<void> {
  const command = ["npx tauscope start", ...toFlags(given)].join(" ");
  const report = await writeReport(directory, "Curricula side by side", results, command);
  const runs = results.map(({ run, step, solvedN }) => {
    const meanTau = run.records.at(-1)?.tau?.mean ?? null;
    return { label: run.label, epochs: run.records.length, step, solvedN, meanTau };
  });
  const interrupted = results.some((result) => result.interrupted);
  conclude(directory, results, report, { directory: directory.path, runs, interrupted, report }, json);
}

function writeReport(
  directory: RunDirectory,
  title: string,
  results: RecordedResult[],
  command: string,
): Promise<string> {
  const runs = results.map(({ run }) => run);
  const seeds = new Set(runs.map(({ settings }) => String(settings.seed)));
  const facts = { tauscope: version, core: coreHash, seed: [...seeds].join(", ") };
  const { settings } = runs[0]!;
  const each = runs.length > 1 ? " for each curriculum" : "";
  const about = `Task ${settings.task}, ${sizeOf(settings)}, one network${each} (seed ${facts.seed}).`;
  const summary = [about, ...results.map(summarize)];
  const page = trainingReport({ title, summary, runs, reproduce: [command], facts });
  return directory.write("report.html", page);
}

function sizeOf({ units, layers = 1 }: Record<string, unknown>): string {
  return layers === 1 ? `${units} units` : `${layers} layers of ${units} units`;
}

function conclude(
  directory: RunDirectory,
  results: RecordedResult[],
  report: string,
  value: object,
  json?: boolean,
): void {
  const interrupted = results.some((result) => result.interrupted);
  const next = interrupted ? [`Stopped. Go on with: npx tauscope resume ${quote(directory.path)}`] : [];
  printResult(json, value, [...results.map(summarize), `Report: ${report}`, ...next]);
  if (interrupted) process.exitCode = INTERRUPTED;
}

// a path as a shell takes it
function quote(path: string): string {
  return /^[\w./:@%+=,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

// one sentence on how far a run came
function summarize({ run, step, solvedN, interrupted }: RecordedResult): string {
  const { label, records } = run;
  const last = records.at(-1);
  const stopped = interrupted ? `, interrupted at update ${step}` : "";
  if (!last) return `${label}: no epoch was finished${stopped}.`;
  const reached = solvedN > 0 ? `solved N = ${solvedN}` : "solved no N";
  const epochs = `${records.length} epoch${records.length === 1 ? "" : "s"}`;
  const meanTau = last.tau ? `; mean τ ${last.tau.mean.toFixed(3)} bits` : "";
  return `${label}: ${reached} in ${epochs}${stopped}${meanTau}.`;
}

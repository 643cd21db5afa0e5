// tauscope train: one network through one curriculum.

import { Command } from "commander";
import type { TrainingSettings } from "../training/settings.ts";
import { Display } from "./display.ts";
import { printResult } from "./output.ts";
import { type RecordedResult, recordRuns } from "./recorder.ts";
import { summarize, writeReport } from "./reports.ts";
import { createRun } from "./run-manifest.ts";
import { addSettingsFlags, readSettings, toFlags } from "./settings-flags.ts";
import type { RunDirectory } from "../io/run-directory.ts";

export const train = addSettingsFlags(
  new Command("train")
    .description("Train a network through a curriculum, and record everything in a directory.")
    .requiredOption("--out <dir>", "directory for the run; must not exist, or be empty")
    .option("--json", "print the result as one JSON object; progress goes to standard error"),
  "paper",
).action(async (options) => {
  const given = await readSettings(options);
  const directory = await createRun(options.out, given);
  const display = new Display(options.json ? process.stderr : process.stdout);
  const [result] = await recordRuns(
    [{ label: label(given), directory, start: { settings: given } }],
    display,
  );
  await finishRun(directory, given, result!, options.json);
});

/** What a run is called on the screen and in the report: its curriculum. */
export function label({ curriculum = "multi" }: Partial<TrainingSettings>): string {
  return curriculum;
}

/** Write the report of a run and say what came of it. */
export async function finishRun(
  directory: RunDirectory,
  given: Partial<TrainingSettings>,
  result: RecordedResult,
  json?: boolean,
): Promise<void> {
  const { run, step, interrupted } = result;
  const reproduce = [["npx tauscope train", ...toFlags(given), "--out again"].join(" ")];
  const title = `${run.settings.task}, ${run.settings.curriculum} curriculum, ${run.settings.units} units`;
  const report = await writeReport(directory, title, [result], reproduce);
  const solvedN = Math.max(0, ...run.records.filter(({ solved }) => solved).map(({ N }) => N.at(-1)!));
  const value = { directory: directory.path, epochs: run.records.length, step, solvedN, interrupted, report };
  const next = interrupted
    ? [`Stopped at step ${step}. Go on with: npx tauscope resume ${directory.path}`]
    : [];
  printResult(json, value, [summarize(result), `Report: ${report}`, ...next]);
  if (interrupted) process.exitCode = 130;
}

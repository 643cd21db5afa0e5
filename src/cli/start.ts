// tauscope start: the main job, two curricula side by side and one report that compares them.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import type { RunDirectory } from "../io/run-directory.ts";
import type { TrainingSettings } from "../training/settings.ts";
import { Display } from "./display.ts";
import { printResult } from "./output.ts";
import { type RecordedResult, recordRuns } from "./recorder.ts";
import { summarize, writeReport } from "./reports.ts";
import { createComparison, createRun } from "./run-manifest.ts";
import { addSettingsFlags, readSettings, toFlags } from "./settings-flags.ts";

const compared = ["multi", "single"] as const;

export const start = addSettingsFlags(
  new Command("start")
    .description(
      "Train a multi-head and a single-head network side by side, and compare them in one report (default command).",
    )
    .option("--out <dir>", "directory for both runs (default: the first free runs/side-by-side-N)")
    .option("--json", "print the result as one JSON object; progress goes to standard error"),
  "laptop",
  ["curriculum"],
).action(async (options) => {
  const given = await readSettings(options);
  const path = options.out ?? freePath(join("runs", "side-by-side"));
  const directory = await createComparison(path, given, [...compared]);
  const runs = [];
  for (const curriculum of compared) {
    const settings: Partial<TrainingSettings> = { ...given, curriculum };
    const own = await createRun(join(path, curriculum), settings);
    runs.push({ label: curriculum, directory: own, start: { settings } });
  }
  const display = new Display(options.json ? process.stderr : process.stdout);
  display.line(`Training ${compared.join(" and ")} networks side by side into ${path} …`);
  await finishComparison(directory, given, await recordRuns(runs, display), options.json);
});

/** Write the common report and say what came of the runs. */
export async function finishComparison(
  directory: RunDirectory,
  given: Partial<TrainingSettings>,
  results: RecordedResult[],
  json?: boolean,
): Promise<void> {
  const interrupted = results.some((result) => result.interrupted);
  const report = await writeReport(directory, "Curricula side by side", results, [
    ["npx tauscope start", ...toFlags(given)].join(" "),
  ]);
  const runs = results.map(({ run, step }) => ({
    label: run.label,
    epochs: run.records.length,
    step,
    solvedN: Math.max(0, ...run.records.filter(({ solved }) => solved).map(({ N }) => N.at(-1)!)),
    meanTau: run.records.at(-1)?.tau.mean ?? null,
  }));
  const next = interrupted ? [`Stopped. Go on with: npx tauscope resume ${directory.path}`] : [];
  printResult(json, { directory: directory.path, runs, interrupted, report }, [
    ...results.map(summarize),
    `Report: ${report}`,
    ...next,
  ]);
  if (interrupted) process.exitCode = 130;
}

function freePath(stem: string): string {
  let n = 1;
  while (existsSync(`${stem}-${n}`)) n++;
  return `${stem}-${n}`;
}

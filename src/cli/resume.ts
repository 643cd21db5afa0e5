// tauscope resume: go on where a run stopped.

import { join } from "node:path";
import { Command } from "commander";
import { StateError } from "../core/errors.ts";
import { Display } from "./display.ts";
import { finishComparison, finishRun } from "./finish.ts";
import { findStart, type RecordedRun, recordRuns } from "./recorder.ts";
import { openRun } from "./run-manifest.ts";

export const resume = new Command("resume")
  .description("Go on with a run that was stopped; the result is the same as if it had never been.")
  .argument("<dir>", "directory of a run, or of several side by side")
  .option(
    "--allow-other-core",
    "go on although another version of the core made it; the result may differ in the last bits",
  )
  .option("--json", "print the result as one JSON object; progress goes to standard error")
  .action(async (path: string, options) => {
    const display = new Display(options.json ? process.stderr : process.stdout);
    const { directory, manifest } = await openRun(path);
    const paths = manifest.kind === "comparison" ? manifest.runs.map((run) => join(path, run)) : [path];
    const runs = await Promise.all(paths.map((run) => reopen(run, options.allowOtherCore ?? false)));
    const results = await recordRuns(runs, display);
    if (manifest.kind === "comparison")
      await finishComparison(directory, manifest.given, results, options.json);
    else await finishRun(manifest.given, results[0]!, options.json);
  });

async function reopen(path: string, allowOtherCore: boolean): Promise<RecordedRun> {
  const { directory, manifest } = await openRun(path);
  if (manifest.kind !== "run")
    throw new StateError(`${path}: expected a single run, got a ${manifest.kind}.`);
  const warn = (message: string) => process.stderr.write(`warning: ${message}\n`);
  const start = await findStart(directory, manifest.settings, allowOtherCore, warn);
  return { label: manifest.settings.curriculum, start, open: async () => directory };
}

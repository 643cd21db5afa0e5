// tauscope resume: go on where a run stopped.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { StateError } from "../core/errors.ts";
import { requireSameCore } from "../training/checkpoint.ts";
import type { TrainingSettings } from "../training/settings.ts";
import { Display } from "./display.ts";
import { fastOption } from "./fast-option.ts";
import { finishComparison, finishRun } from "./finish.ts";
import { mnistOption, readDigitSets } from "./mnist-option.ts";
import { findStart, type RecordedRun, recordRuns } from "./recorder.ts";
import { createRun, openRun } from "./run-manifest.ts";
import { workersOption } from "./workers-option.ts";

export const resume = new Command("resume")
  .description("Go on with a run that was stopped; the result is the same as if it had never been.")
  .argument("<dir>", "directory of a run, or of several side by side")
  .option(
    "--allow-other-core",
    "go on although another version of the core made it; the result may differ in the last bits",
  )
  .addOption(mnistOption())
  .addOption(workersOption())
  .addOption(fastOption())
  .option("--json", "print the result as one JSON object; progress goes to standard error")
  .action(async (path: string, options) => {
    const display = new Display(options.json ? process.stderr : process.stdout);
    const { directory, manifest } = await openRun(path);
    const names = manifest.kind === "comparison" ? new Set(manifest.runs) : [];
    for (const name of names) await createMissing(join(path, name), { ...manifest.given, curriculum: name });
    const paths = manifest.kind === "comparison" ? [...names].map((name) => join(path, name)) : [path];
    const runs = await Promise.all(paths.map((run) => reopen(run, options.allowOtherCore ?? false)));
    const digits = await readDigitSets(options.mnist);
    for (const run of runs) Object.assign(run.start, digits);
    const results = await recordRuns(runs, display, options.workers);
    if (manifest.kind === "comparison")
      await finishComparison(directory, manifest.given, results, options.json);
    else await finishRun(manifest.given, results[0]!, options.json);
  });

// a comparison that was stopped while its directories were being made goes on with what is there
async function createMissing(path: string, given: Partial<TrainingSettings>): Promise<void> {
  if (!existsSync(join(path, "manifest.json"))) await createRun(path, given);
}

async function reopen(path: string, allowOtherCore: boolean): Promise<RecordedRun> {
  const { directory, manifest } = await openRun(path);
  if (manifest.kind !== "run")
    throw new StateError(`${path}: expected a single run, got a ${manifest.kind}.`);
  const warn = (message: string) => process.stderr.write(`warning: ${message}\n`);
  const start = await findStart(directory, manifest.settings, allowOtherCore, warn);
  if ("settings" in start && !allowOtherCore) requireSameCore(manifest.core, `${path}: begun`);
  if ("settings" in start) warn(`${path}: there is no checkpoint yet; the run starts from the beginning.`);
  const open = async (settings: TrainingSettings) => {
    checkSettings(manifest.settings, settings, path);
    return directory;
  };
  return { label: manifest.settings.curriculum, start, open };
}

// a manifest that was edited would else be ignored in silence
function checkSettings(asked: TrainingSettings, settings: TrainingSettings, path: string): void {
  for (const field of Object.keys(settings) as (keyof TrainingSettings)[]) {
    const [got, expected] = [String(asked[field]), String(settings[field])];
    if (got !== expected) {
      throw new StateError(
        `${path}/manifest.json: \`${field}\` is ${got} but ${expected} in the checkpoint; a run keeps its settings. Use \`tauscope train\` for a run with others.`,
      );
    }
  }
}

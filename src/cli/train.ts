// tauscope train: one network through one curriculum.

import { Command } from "commander";
import { Display } from "./display.ts";
import { fastOption } from "./fast-option.ts";
import { finishRun } from "./finish.ts";
import { mnistOption, readDigitSets } from "./mnist-option.ts";
import { recordRuns } from "./recorder.ts";
import { createRun } from "./run-manifest.ts";
import { addSettingsFlags, readSettings } from "./settings-flags.ts";
import { workersOption } from "./workers-option.ts";

export const train = addSettingsFlags(
  new Command("train")
    .description("Train a network through a curriculum, and record everything in a directory.")
    .requiredOption("--out <dir>", "directory for the run; must not exist, or be empty")
    .addOption(mnistOption())
    .addOption(workersOption())
    .addOption(fastOption())
    .option("--json", "print the result as one JSON object; progress goes to standard error"),
  "paper",
).action(async (options) => {
  const given = await readSettings(options);
  const display = new Display(options.json ? process.stderr : process.stdout);
  const label = given.curriculum ?? "multi";
  const start = { settings: given, ...(await readDigitSets(options.mnist)) };
  const run = { label, start, open: () => createRun(options.out, given) };
  const [result] = await recordRuns([run], display, options.workers);
  await finishRun(given, result!, options.json);
});

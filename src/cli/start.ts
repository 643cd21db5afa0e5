// tauscope start: the main job, two curricula side by side and one report that compares them.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { ShapeError } from "../core/errors.ts";
import type { RunDirectory } from "../io/run-directory.ts";
import { Display } from "./display.ts";
import { fastOption } from "./fast-option.ts";
import { finishComparison } from "./finish.ts";
import { recordRuns } from "./recorder.ts";
import { createComparison, createRun } from "./run-manifest.ts";
import { addSettingsFlags, readSettings } from "./settings-flags.ts";

const compared = ["multi", "single"] as const;

export const start = addSettingsFlags(
  new Command("start")
    .description(
      "Train a multi-head and a single-head network side by side, and compare them (default command).",
    )
    .option("--out <dir>", "directory for both runs (default: the first free runs/side-by-side-N)")
    .addOption(fastOption())
    .option("--json", "print the result as one JSON object; progress goes to standard error"),
  "laptop",
  ["curriculum"],
).action(async (options) => {
  const given = await readSettings(options);
  if (given.curriculum !== undefined) {
    throw new ShapeError(
      `start: \`curriculum\` is ${given.curriculum}, expected none, as ${compared.join(" and ")} are compared. Use \`tauscope train\` for one.`,
    );
  }
  const path: string = options.out ?? freePath(join("runs", "side-by-side"));
  let directory: Promise<RunDirectory> | undefined;
  const runs = compared.map((curriculum) => {
    const settings = { ...given, curriculum };
    const open = async () => {
      directory ??= createComparison(path, given, [...compared]);
      await directory;
      return createRun(join(path, curriculum), settings);
    };
    return { label: curriculum, start: { settings }, open };
  });
  const display = new Display(options.json ? process.stderr : process.stdout);
  display.line(`Training ${compared.join(" and ")} networks side by side into ${path} …`);
  const results = await recordRuns(runs, display);
  await finishComparison(await directory!, given, results, options.json);
});

function freePath(stem: string): string {
  let n = 1;
  while (existsSync(`${stem}-${n}`)) n++;
  return `${stem}-${n}`;
}

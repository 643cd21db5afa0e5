// Manifests: what a run directory says it holds.

import * as z from "zod/mini";
import { compiledCore } from "../core/compile.ts";
import { coreHash, version } from "../core/core.ts";
import { StateError } from "../core/errors.ts";
import { dictionary, list, parse } from "../core/schema.ts";
import { type CurriculumName, curriculumNames } from "../curricula/curriculum.ts";
import { RunDirectory } from "../io/run-directory.ts";
import { resolveSettings, settingsSchema, type TrainingSettings } from "../training/settings.ts";

const runSchema = z.strictObject({
  kind: z.literal("run"),
  format: z.literal(1),
  tauscope: z.string(),
  core: z.string(),
  fast: z.optional(z.literal(true)),
  seed: z.int(),
  given: dictionary(z.unknown()),
  settings: settingsSchema,
});

const comparisonSchema = z.strictObject({
  kind: z.literal("comparison"),
  format: z.literal(1),
  tauscope: z.string(),
  core: z.string(),
  given: dictionary(z.unknown()),
  runs: list(z.enum(curriculumNames), 1),
});

const origin = { format: 1 as const, tauscope: version, core: coreHash };

/** A directory for one new run. */
export async function createRun(path: string, given: Partial<TrainingSettings>): Promise<RunDirectory> {
  const settings = resolveSettings(given);
  // results do not depend on it, but who doubts them may want to know
  const { tallTiles } = await compiledCore();
  const how = tallTiles ? { fast: true } : {};
  return RunDirectory.create(path, { kind: "run", ...origin, ...how, seed: settings.seed, given, settings });
}

/** A directory for several runs beside each other, each in a directory of its own below it. */
export function createComparison(
  path: string,
  given: Partial<TrainingSettings>,
  runs: CurriculumName[],
): Promise<RunDirectory> {
  return RunDirectory.create(path, { kind: "comparison", ...origin, given, runs });
}

/** What an existing directory holds. */
export async function openRun(path: string) {
  const { directory, manifest } = await RunDirectory.open(path);
  const where = `${path}/manifest.json`;
  const kind = (manifest as { kind?: unknown } | null)?.kind;
  const check = <T extends { given: object }>(schema: z.ZodMiniType<T>) => {
    const checked = parse(schema, manifest, where, StateError);
    parse(settingsSchema, checked.given, `${where}: given`, StateError);
    return { directory, manifest: checked };
  };
  return kind === "comparison" ? check(comparisonSchema) : check(runSchema);
}

// Writes a run's report, or that of several beside each other.

import { coreHash, version } from "../core/core.ts";
import type { RunDirectory } from "../io/run-directory.ts";
import { trainingReport } from "../report/training-report.ts";
import type { RecordedResult } from "./recorder.ts";

/** Write `report.html`; returns its path. */
export function writeReport(
  directory: RunDirectory,
  title: string,
  results: RecordedResult[],
  reproduce: string[],
): Promise<string> {
  const runs = results.map(({ run }) => run);
  const seeds = [...new Set(runs.map(({ settings }) => String(settings.seed)))];
  const facts = { tauscope: version, core: coreHash, seed: seeds.join(", ") };
  return directory.write(
    "report.html",
    trainingReport({ title, summary: results.map(summarize), runs, reproduce, facts }),
  );
}

/** One sentence on how far a run came. */
export function summarize({ run, interrupted }: RecordedResult): string {
  const { label, records } = run;
  const last = records.at(-1);
  if (!last) return `${label}: no epoch was finished.`;
  const solved = records.filter((record) => record.solved).map((record) => record.N.at(-1)!);
  const reached = solved.length > 0 ? `solved N = ${Math.max(...solved)}` : "solved no N";
  const when = `in ${records.length} epoch${records.length === 1 ? "" : "s"}${interrupted ? ", then interrupted" : ""}`;
  return `${label}: ${reached} ${when}; mean tau ${last.tau.mean.toFixed(4)} steps.`;
}

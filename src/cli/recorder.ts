// Trains networks in workers and records each in its run directory, until they are done or the user interrupts.

import { StateError } from "../core/errors.ts";
import { TrainingJob, type StepCheckpoint, type TrainingStart } from "../experiments/training-job.ts";
import { type RunDirectory, readWhole } from "../io/run-directory.ts";
import type { ReportedRun } from "../report/training-report.ts";
import { decodeCheckpoint } from "../training/checkpoint.ts";
import type { TrainingSettings } from "../training/settings.ts";
import type { Display } from "./display.ts";

// a crash costs at most this much work, whatever the length of an epoch
const PARTIAL_CHECKPOINT_MS = 5 * 60_000;
const PROGRESS_MS = 200;

/** A run to be recorded. */
export interface RecordedRun {
  label: string;
  directory: RunDirectory;
  start: TrainingStart;
}

/** What came of it. */
export interface RecordedResult {
  /** For the report: settings and all epochs. */
  run: ReportedRun;
  /** Updates done. */
  step: number;
  /** Whether it was interrupted before it was done. */
  interrupted: boolean;
}

/** Train all runs at once, each in a worker of its own. Ctrl-C stops all of them with a checkpoint. */
export async function recordRuns(runs: RecordedRun[], display: Display): Promise<RecordedResult[]> {
  const interruption = new AbortController();
  const interrupt = () => {
    if (interruption.signal.aborted) process.exit(130);
    display.line("stopping, and writing a checkpoint (Ctrl-C again to leave at once) …");
    interruption.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const failure = new AbortController();
  const signal = AbortSignal.any([interruption.signal, failure.signal]);
  try {
    const results = runs.map((run) =>
      record(run, display, signal).catch((error) => {
        // one run failed: the others stop with a checkpoint, so that nothing of them is lost
        failure.abort();
        throw error;
      }),
    );
    await Promise.allSettled(results);
    return await Promise.all(results);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    display.close();
  }
}

async function record(
  { label, directory, start }: RecordedRun,
  display: Display,
  signal: AbortSignal,
): Promise<RecordedResult> {
  const job = await TrainingJob.prepare(start);
  const timers: NodeJS.Timeout[] = [];
  try {
    await directory.restoreMetrics(job.prepared.records);
    const records = [...job.prepared.records];
    let written = records.at(-1)?.step ?? 0;
    // one write after the other, whether an epoch or the clock asks for it
    let writing: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(write: () => Promise<T>): Promise<T> => {
      const result = writing.then(write);
      writing = result.catch(() => {});
      return result;
    };
    const writePartial = ({ step, bytes }: StepCheckpoint) =>
      inTurn(async () => {
        if (step > written) await directory.writePartialCheckpoint(step, bytes);
      });
    const every = (ms: number, task: () => Promise<void>) =>
      timers.push(setInterval(() => task().catch(() => {}), ms));
    every(PARTIAL_CHECKPOINT_MS, async () => writePartial(await job.checkpoint()));
    every(PROGRESS_MS, async () => {
      const progress = await job.progress();
      if (progress) display.progress(label, progress);
    });
    const stop = () => job.stop().catch(() => {});
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);

    let began = performance.now();
    const finished = await job.train((epoch, { step, bytes }) =>
      inTurn(async () => {
        await directory.append("metrics", epoch);
        await directory.writeCheckpoint(step, bytes);
        await directory.append("timing", {
          epoch: epoch.epoch,
          step,
          seconds: (performance.now() - began) / 1000,
        });
        began = performance.now();
        written = step;
        records.push(epoch);
        display.epoch(label, epoch);
      }),
    );
    signal.removeEventListener("abort", stop);
    const state = await job.checkpoint();
    if (!finished) await writePartial(state);
    const { settings, initialTau } = job.prepared;
    const run = { label, settings: { ...settings }, records, initialTau };
    return { run, step: state.step, interrupted: !finished };
  } finally {
    for (const timer of timers) clearInterval(timer);
    await job.close();
  }
}

/**
 * Where a run goes on: its newest checkpoint, or the beginning if it has none yet.
 *
 * @param warn  Told when the newest checkpoint is damaged and the one before is taken.
 * @throws StateError if there are checkpoints and none can be read.
 */
export async function findStart(
  directory: RunDirectory,
  settings: TrainingSettings,
  allowOtherCore: boolean,
  warn: (message: string) => void,
): Promise<TrainingStart> {
  const files = await directory.checkpoints();
  for (const [i, { path }] of files.entries()) {
    try {
      const checkpoint = await readWhole(path);
      decodeCheckpoint(checkpoint, path);
      return { checkpoint, allowOtherCore, where: path };
    } catch (error) {
      if (!(error instanceof StateError) || i === files.length - 1) throw error;
      warn(`${error.message} The checkpoint before it is taken.`);
    }
  }
  return { settings };
}

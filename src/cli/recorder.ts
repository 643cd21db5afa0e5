// Trains networks in workers and records each in its run directory, until they are done or the user interrupts.

import { StateError } from "../core/errors.ts";
import { type StepCheckpoint, TrainingJob, type TrainingStart } from "../experiments/training-job.ts";
import { type RunDirectory, readWhole } from "../io/run-directory.ts";
import { findSolves, type ReportedRun } from "../report/reported-run.ts";
import { decodeCheckpoint } from "../training/checkpoint.ts";
import type { EpochRecord } from "../training/metrics.ts";
import type { TrainingSettings } from "../training/settings.ts";
import type { Display } from "./display.ts";
import { onInterrupt } from "./interrupt.ts";

// a crash costs at most this much work, whatever the length of an epoch
const PARTIAL_CHECKPOINT_MS = 5 * 60_000;
const PROGRESS_MS = 200;

/** A run to be recorded. */
export interface RecordedRun {
  label: string;
  start: TrainingStart;
  /** Makes or opens its directory, once all networks have been set up: a wrong setting leaves nothing behind. */
  open(settings: TrainingSettings): Promise<RunDirectory>;
}

/** What came of it. */
export interface RecordedResult {
  directory: RunDirectory;
  /** For the report: settings and all epochs. */
  run: ReportedRun;
  /** Updates done. */
  step: number;
  /** The largest N solved; 0 if none. */
  solvedN: number;
  /** Whether it was interrupted before it was done. */
  interrupted: boolean;
}

/** Train all runs at once, each in `workers` workers of its own. Ctrl-C stops all of them with a checkpoint. */
export async function recordRuns(
  runs: RecordedRun[],
  display: Display,
  workers?: number,
): Promise<RecordedResult[]> {
  const jobs: TrainingJob[] = [];
  let stopping = false;
  const stopAll = () => {
    stopping = true;
    return Promise.allSettled(jobs.map((job) => job.stop()));
  };
  const removeHandlers = onInterrupt(display, ", and writing a checkpoint", stopAll);
  try {
    for (const { start } of runs) jobs.push(await TrainingJob.prepare(start, workers));
    const recorders: Recorder[] = [];
    for (const [i, { label, open }] of runs.entries()) {
      const job = jobs[i]!;
      recorders.push(new Recorder(label, job, await open(job.prepared.settings), display));
    }
    // an interrupt may have come before the last job
    if (stopping) await stopAll();
    const results = recorders.map((recorder) =>
      recorder.record().catch(async (error) => {
        // the other runs stop with a checkpoint, so that nothing of them is lost
        await stopAll();
        throw error;
      }),
    );
    await Promise.allSettled(results);
    return await Promise.all(results);
  } finally {
    removeHandlers();
    display.close();
    await Promise.all(jobs.map((job) => job.close()));
  }
}

/** Writes down one run while it trains. */
class Recorder {
  private readonly label: string;
  private readonly job: TrainingJob;
  private readonly directory: RunDirectory;
  private readonly display: Display;
  private readonly records: EpochRecord[];
  // one write after the other, whether an epoch or the clock asks for it
  private writing: Promise<unknown> = Promise.resolve();
  private epochBegan = performance.now();

  constructor(label: string, job: TrainingJob, directory: RunDirectory, display: Display) {
    this.label = label;
    this.job = job;
    this.directory = directory;
    this.display = display;
    this.records = [...job.prepared.records];
  }

  async record(): Promise<RecordedResult> {
    const { directory } = this;
    const release = await directory.claim();
    try {
      await directory.prepare(this.records, this.job.prepared.step);
      return await this.train();
    } finally {
      await release();
    }
  }

  private async train(): Promise<RecordedResult> {
    const { directory, job, label, records } = this;
    const timers = [
      setInterval(() => ignoreFailure(this.writePartial()), PARTIAL_CHECKPOINT_MS),
      setInterval(() => ignoreFailure(this.showProgress()), PROGRESS_MS),
    ];
    try {
      const finished = await job.train((epoch, checkpoint) =>
        this.inTurn(() => this.writeEpoch(epoch, checkpoint)),
      );
      const step = finished ? (records.at(-1)?.step ?? 0) : await this.writePartial();
      const { settings, initialTau } = job.prepared;
      const run = { label, settings: { ...settings }, records, initialTau };
      const solvedN = findSolves(records).at(-1)?.N ?? 0;
      return { directory, run, step, solvedN, interrupted: !finished };
    } finally {
      for (const timer of timers) clearInterval(timer);
    }
  }

  private async writeEpoch(epoch: EpochRecord, { step, bytes }: StepCheckpoint): Promise<void> {
    const { directory, display, label, records } = this;
    const now = performance.now();
    await directory.append("metrics", epoch);
    await directory.writeCheckpoint(step, bytes);
    await directory.append("timing", { epoch: epoch.epoch, step, seconds: (now - this.epochBegan) / 1000 });
    this.epochBegan = now;
    records.push(epoch);
    display.epoch(label, epoch);
  }

  // a checkpoint within an epoch, unless nothing was done since the last; returns its step
  private async writePartial(): Promise<number> {
    const { step, bytes } = await this.job.checkpoint();
    await this.inTurn(async () => {
      const written = this.records.at(-1)?.step ?? 0;
      if (step > written) await this.directory.writePartialCheckpoint(step, bytes);
    });
    return step;
  }

  private async showProgress(): Promise<void> {
    const progress = await this.job.progress();
    if (progress) this.display.progress(this.label, progress);
  }

  private inTurn<T>(write: () => Promise<T>): Promise<T> {
    const result = this.writing.then(write);
    this.writing = result.catch(() => {});
    return result;
  }
}

// what the clock asks for is asked for again; the end of a run reports what is really wrong
function ignoreFailure(promise: Promise<unknown>): void {
  promise.catch(() => {});
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

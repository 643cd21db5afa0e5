// Where experiments get their networks, measurements and studies: each is made once, in a worker, and kept in an archive
// under the hash of all it follows from. What was interrupted goes on from its last epoch, or the last state that was kept.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { TauStatistics } from "../cells/tau.ts";
import { coreHash, trainingFingerprint } from "../core/core.ts";
import type { DigitSets } from "../core/digits.ts";
import { StateError } from "../core/errors.ts";
import { tasks } from "../tasks/task.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../training/checkpoint.ts";
import { hashDigits } from "../training/digits.ts";
import type { EpochRecord } from "../training/metrics.ts";
import { resolveSettings, type TrainingSettings } from "../training/settings.ts";
import type { MeasurementName, MeasurementOptions, MeasurementResult } from "./measurements.ts";
import type { StudyName, StudyOptions, StudyResult } from "./studies.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** Keeps files by name, with "/" between folders. A name has one content for ever, but for those that begin with `last`. */
export interface Archive {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, content: Uint8Array): Promise<unknown>;
}

/** What a laboratory is doing. */
export interface LaboratoryEvent {
  /** What is trained or measured. */
  job: string;
  /** "found": it was in the archive; "goes on": an epoch is done. */
  state: "begins" | "goes on" | "done" | "found";
  detail: string;
}

export interface LaboratoryOptions {
  pool: WorkerPool;
  archive: Archive;
  /** For claims on sequential MNIST, which say so if there are none. */
  digits?: DigitSets | undefined;
  signal?: AbortSignal | undefined;
  onEvent?: (event: LaboratoryEvent) => void;
}

/** A network to be measured, or to begin with. */
export interface Specimen extends Pick<Checkpoint, "network" | "purpose"> {
  /** Names it in the archive. */
  key: string;
  /** Names it for people. */
  label: string;
}

/** A finished training run. */
export interface TrainedRun {
  settings: TrainingSettings;
  records: readonly EpochRecord[];
  initialTau: TauStatistics | undefined;
  /** The epoch that solved each N, in rising order. */
  solves: readonly EpochRecord[];
  /** The largest N solved; 0 if none. */
  solvedN: number;
  /** The network at the end of the epoch that solved N. */
  networkAt(N: number): Promise<Specimen>;
}

/** Trains and measures networks for experiments. */
export class Laboratory {
  private readonly options: LaboratoryOptions;
  // claims that ask for the same thing share one promise of it
  private readonly jobs = new Map<string, Promise<unknown>>();

  constructor(options: LaboratoryOptions) {
    this.options = options;
  }

  /** Whether networks can be trained on digits. */
  get hasDigits(): boolean {
    return this.options.digits !== undefined;
  }

  /**
   * Train a network, or get it from the archive.
   *
   * @param from  The network to begin with, of the settings' shape, in place of a new one.
   */
  train(given: Partial<TrainingSettings>, from?: Specimen): Promise<TrainedRun> {
    const settings = resolveSettings(given);
    const digits = tasks[settings.task].digits ? this.options.digits : undefined;
    const key = hash({
      settings: chosen(settings),
      from: from?.key,
      digits: digits && hashDigits(digits),
      fingerprint: trainingFingerprint,
    });
    return this.once(key, () => this.trainOrFind(key, settings, { ...(digits && { digits }) }, from));
  }

  /** Measure a network, or get the result from the archive. */
  measure<K extends MeasurementName>(
    name: K,
    specimen: Specimen,
    options: MeasurementOptions<K>,
  ): Promise<MeasurementResult<K>> {
    const key = hash({ name, specimen: specimen.key, options, core: coreHash });
    const { network, purpose, label } = specimen;
    const { pool, signal } = this.options;
    return this.once(key, () =>
      this.makeOrFind(`measure ${name} of ${label}`, `measurements/${key}.json`, () =>
        pool.measure(name, { network, purpose }, { ...options, ...(signal ? { signal } : {}) }),
      ),
    );
  }

  /** Study random networks, or get the result from the archive. */
  study<K extends StudyName>(name: K, options: StudyOptions<K>): Promise<StudyResult<K>> {
    const key = hash({ name, options, core: coreHash });
    const last = `studies/${key}/last.safetensors`;
    const { pool, archive, signal } = this.options;
    const run = async () => {
      const resume = await archive.read(last);
      return pool.study(name, {
        ...options,
        ...(resume ? { resume } : {}),
        ...(signal ? { signal } : {}),
        onState: (state: Uint8Array) => archive.write(last, state),
      });
    };
    const job = `study ${name} of ${describeOptions(options)}`;
    const path = `studies/${key}/result.json`;
    return this.once(key, () => this.makeOrFind(job, path, run)) as Promise<StudyResult<K>>;
  }

  private once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const running = this.jobs.get(key);
    if (running) return running as Promise<T>;
    const job = make();
    this.jobs.set(key, job);
    // what failed, or was stopped, may be asked for again
    job.catch(() => this.jobs.delete(key));
    return job;
  }

  private async trainOrFind(
    key: string,
    settings: TrainingSettings,
    data: { digits?: DigitSets },
    from?: Specimen,
  ): Promise<TrainedRun> {
    const { pool, archive, signal, onEvent } = this.options;
    const job = `train ${describe(settings)}${from ? ` from ${from.label}` : ""}`;
    const folder = `networks/${key}`;
    const path = `${folder}/last.safetensors`;
    const begun = await archive.read(path);
    const before = begun && decodeCheckpoint(begun, path);
    if (before && isFinished(before)) {
      onEvent?.({ job, state: "found", detail: "" });
      return this.trained(key, job, before);
    }
    const keep = async (checkpoint: Checkpoint) => {
      const record = checkpoint.training!.records.at(-1)!;
      const N = record.N.at(-1)!;
      // first, so that none is missing behind an interruption
      if (record.solved)
        await archive.write(`${folder}/N-${N}.safetensors`, encodeCheckpoint(solved(checkpoint, record)));
      await archive.write(path, encodeCheckpoint(checkpoint));
      const detail = `epoch ${record.epoch}, N = ${N}${record.solved ? " solved" : ""}`;
      onEvent?.({ job, state: "goes on", detail });
    };
    onEvent?.({
      job,
      state: "begins",
      detail: before ? `again, from epoch ${before.training!.records.length}` : "",
    });
    const checkpoint = await pool.trainNetwork(before ?? settings, {
      ...data,
      ...(from && !before ? { network: from.network } : {}),
      ...(signal ? { signal } : {}),
      // the fingerprint in the key says that it would train the same
      allowOtherCore: true,
      onCheckpoint: keep,
    });
    const run = this.trained(key, job, checkpoint);
    onEvent?.({ job, state: "done", detail: `N = ${run.solvedN} in ${run.records.length} epochs` });
    return run;
  }

  private trained(key: string, label: string, last: Checkpoint): TrainedRun {
    const { settings, records, initialTau, curriculum } = last.training!;
    const name = label.replace(/^train /, "");
    const solves = records.filter(({ solved }) => solved);
    const networkAt = async (N: number): Promise<Specimen> => {
      const path = `networks/${key}/N-${N}.safetensors`;
      const bytes = await this.options.archive.read(path);
      if (!bytes)
        throw new StateError(`${path}: it is not in the archive; remove networks/${key} and run again.`);
      const { network, purpose } = decodeCheckpoint(bytes, path);
      return { network, purpose, key: `${key}/N-${N}`, label: `${name} at N = ${N}` };
    };
    return { settings, records, initialTau, solves, solvedN: curriculum.solvedN, networkAt };
  }

  // plain data, in a file of the archive
  private async makeOrFind<T>(job: string, path: string, make: () => Promise<T>): Promise<T> {
    const { archive, onEvent } = this.options;
    const found = await archive.read(path);
    if (found) {
      onEvent?.({ job, state: "found", detail: "" });
      return JSON.parse(new TextDecoder().decode(found));
    }
    onEvent?.({ job, state: "begins", detail: "" });
    const result = await make();
    await archive.write(path, utf8ToBytes(JSON.stringify(result)));
    onEvent?.({ job, state: "done", detail: "" });
    return result;
  }
}

// those that differ from the defaults, so that a setting that is new changes no key
function chosen(settings: TrainingSettings): object {
  const defaults: Record<string, unknown> = { ...resolveSettings() };
  const differs = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(defaults[name]);
  return Object.fromEntries(Object.entries(settings).filter(differs));
}

// the SHA-256 of plain data, as 32 hexadecimal digits
function hash(value: object): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(value)))).slice(0, 32);
}

function isFinished({ training }: Checkpoint): boolean {
  const { curriculum, records, settings } = training!;
  return curriculum.finished || records.length >= settings.epochs;
}

// a network as it was when it solved what it was trained on; the curriculum may have moved on already
function solved({ training: _, ...checkpoint }: Checkpoint, { N }: EpochRecord): Checkpoint {
  return { ...checkpoint, purpose: { ...checkpoint.purpose, N: [...N] } };
}

// a run in few words: what people tell runs apart by
function describe(settings: TrainingSettings): string {
  const { task, curriculum, cell, activation, units, tauLow, trainTau, startN, seed } = settings;
  const kind: string[] = cell === "leaky" ? [] : [cell];
  if (cell.startsWith("leaky") && activation !== "leaky-relu") kind.push(activation);
  if (!trainTau) kind.push(`τ = ${tauLow}`);
  if (startN > 2) kind.push(`from N = ${startN}`);
  return [task, curriculum, ...kind, `${units} units`, `seed ${seed}`].join(", ");
}

// the options of a study in few words: the names and values of what is no list and no object, down to two levels
function describeOptions(options: object): string {
  const words = Object.entries(options).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value as object)
      : [[name, value] as const],
  );
  return words
    .filter(([, value]) => typeof value !== "object")
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

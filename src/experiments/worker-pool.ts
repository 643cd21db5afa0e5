// Functions of the library in workers: many at once, or one whose batches several workers share.

import * as Comlink from "comlink";
import type { NetworkActivity, NetworkActivityOptions } from "../analysis/network-activity.ts";
import type { Network } from "../cells/network.ts";
import { compiledCore } from "../core/compile.ts";
import { version } from "../core/core.ts";
import { StateError } from "../core/errors.ts";
import { SHARDS } from "../core/plan.ts";
import type { Checkpoint } from "../training/checkpoint.ts";
import type { Evaluation, EvaluationOptions } from "../training/evaluation.ts";
import type { TrainingSettings } from "../training/settings.ts";
import type { TrainNetworkOptions } from "../training/train-network.ts";
import { countCores } from "../workers/cores.ts";
import type { JobOptions } from "../workers/job-options.ts";
import { Pool } from "../workers/pool.ts";
import type { Spawned } from "../workers/spawn.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { Measured, MeasurementName, MeasurementOptions, MeasurementResult } from "./measurements.ts";
import type { StudyName, StudyOptions, StudyResult, StudyRun } from "./studies.ts";
import { restoreError } from "./worker-errors.ts";
import type { WorkerFunctions } from "./worker-functions.ts";
import { workerScript } from "./worker-script.ts";
import type { WorkerCall, WorkerService } from "./worker-service.ts";

/** What a pool is made of. */
export interface WorkerPoolOptions {
  /** Workers at most; each is started when it is first needed (default: one for each core of the machine). */
  workers?: number;
  /**
   * Where the workers' script is, `tauscope/worker` of this version, for pages whose Content-Security-Policy allows no
   * workers made of text (default: it is embedded).
   */
  workerUrl?: URL | string;
}

type Callback = (...values: unknown[]) => unknown;

/**
 * Trains and measures networks in workers, in any runtime; the results are those of the same functions in this thread,
 * bit for bit.
 *
 * ```ts
 * const pool = new WorkerPool();
 * const networks = await Promise.all([1, 2, 3].map((seed) => pool.trainNetwork({ units: 64, seed })));
 * await pool.close();
 * ```
 *
 * Every method takes the options of its function and those of a job: `priority`, `timeout`, `signal`, and `workers`, the
 * number that share its batches (8 at most). A job whose worker dies is run again once. Workers at rest do not keep a program alive.
 */
export class WorkerPool {
  private readonly pool: Pool<WorkerService>;

  /** @throws ShapeError if `workers` is not a whole number from 1 on. */
  constructor({ workers = countCores(), workerUrl }: WorkerPoolOptions = {}) {
    this.pool = new Pool<WorkerService>({
      size: workers,
      script: workerUrl === undefined ? workerScript : { url: workerUrl },
      open,
      cancel: (remote) => remote.cancel(),
    });
  }

  /** Workers at most. */
  get size(): number {
    return this.pool.size;
  }

  /** Workers that there are now, at rest or at work. */
  get workers(): number {
    return this.pool.workers;
  }

  /** As `trainNetwork`. A run that begins again because its worker died reports its epochs again. */
  trainNetwork(
    start?: Partial<TrainingSettings> | Checkpoint | Uint8Array,
    options: Omit<TrainNetworkOptions, "executor"> & JobOptions = {},
  ): Promise<Checkpoint> {
    return this.call("trainNetwork", [start], options);
  }

  /** As `evaluateNetwork`. */
  evaluateNetwork(
    { network, purpose }: Pick<Checkpoint, "network" | "purpose">,
    options: Omit<EvaluationOptions, "executor"> & JobOptions,
  ): Promise<Evaluation> {
    return this.call("evaluateNetwork", [{ network, purpose }], options);
  }

  /** @internal A measurement of the experiments. */
  measure<K extends MeasurementName>(
    name: K,
    { network, purpose }: Measured,
    options: MeasurementOptions<K> & JobOptions,
  ): Promise<MeasurementResult<K>> {
    return this.call("measure", [name, { network, purpose }], options) as Promise<MeasurementResult<K>>;
  }

  /** @internal A study of the experiments. */
  study<K extends StudyName>(
    name: K,
    options: StudyOptions<K> & StudyRun & JobOptions,
  ): Promise<StudyResult<K>> {
    return this.call("study", [name], options) as Promise<unknown> as Promise<StudyResult<K>>;
  }

  /** As `measureNetworkActivity`; each of the workers simulates some of the trials, and reports its own progress. */
  async measureNetworkActivity(
    network: Network,
    options: NetworkActivityOptions & JobOptions = {},
  ): Promise<NetworkActivity> {
    const { workers = 1, ...rest } = options;
    const { trials = 10 } = rest;
    const count = Math.max(1, Math.min(workers, trials));
    const ranges = Array.from({ length: count }, (_, i) => ({
      low: Math.floor((i * trials) / count),
      high: Math.floor(((i + 1) * trials) / count),
    }));
    const parts = await Promise.all(
      ranges.map((range) => this.call("observeTrials", [network, range], rest)),
    );
    return this.call("summarizeActivity", [network, parts], rest);
  }

  /** As `fingerprint`. */
  fingerprint(options: JobOptions = {}): Promise<Fingerprint> {
    return this.call("fingerprint", [], options);
  }

  /** End all jobs, which reject with a StateError, and all workers. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private call<K extends keyof WorkerFunctions>(
    name: K,
    values: readonly unknown[],
    { priority, timeout, signal, workers, ...rest }: JobOptions,
  ): Promise<Awaited<ReturnType<WorkerFunctions[K]>>> {
    const entries = Object.entries(rest);
    const isCallback = (entry: [string, unknown]): entry is [string, Callback] =>
      typeof entry[1] === "function";
    const callbacks = new Map(entries.filter(isCallback));
    const options = Object.fromEntries(entries.filter(([key]) => !callbacks.has(key)));
    const call = { name, values, options, callbacks: [...callbacks.keys()] };
    const shared = workers && Math.min(workers, SHARDS);
    const given = Object.entries({ priority, timeout, signal, workers: shared });
    const job: JobOptions = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    return this.pool.run(
      (leased, lifetime) => runCall(leased, call, callbacks, lifetime),
      job,
    ) as Promise<never>;
  }
}

// a script of another version, perhaps from a cache, would compute something else
async function open(remote: Comlink.Remote<WorkerService>): Promise<void> {
  const theirs = await remote.open(await compiledCore());
  if (theirs === version) return;
  throw new StateError(
    `worker: its script is of tauscope ${theirs}, expected ${version}. Put worker.js of this version where \`workerUrl\` leads, and let no cache keep an older one.`,
  );
}

// the first worker runs the call, the others share its batches
async function runCall(
  [leader, ...helpers]: readonly Spawned<WorkerService>[],
  call: WorkerCall,
  callbacks: ReadonlyMap<string, Callback>,
  lifetime: AbortSignal,
): Promise<unknown> {
  const channels = helpers.map(() => new MessageChannel());
  const notices = new MessageChannel();
  try {
    const failure = new Promise<never>((_, reject) => {
      // a callback that throws ends the call, with the error as it was thrown
      const notify = async (option: string, ...values: unknown[]) => {
        // what was on its way when the call was cancelled
        if (lifetime.aborted) return;
        try {
          await callbacks.get(option)?.(...values);
        } catch (error) {
          reject(error);
          throw error;
        }
      };
      Comlink.expose(notify, notices.port1);
    });
    const served = helpers.map((helper, i) => {
      const { port2 } = channels[i]!;
      return helper.wait(helper.remote.serveShards(Comlink.transfer(port2, [port2])));
    });
    const ports = [notices.port2, ...channels.map(({ port1 }) => port1)];
    const answer = leader!.wait(leader!.remote.call(call, Comlink.transfer(ports, ports)));
    const all = Promise.all([answer, ...served]);
    const [result] = await Promise.race([all, failure]);
    return result;
  } catch (error) {
    throw explain(error as Error, call);
  } finally {
    // none reports anything once the call has ended
    for (const { port1, port2 } of [notices, ...channels]) {
      port1.close();
      port2.close();
    }
  }
}

function explain(error: Error, { name }: WorkerCall): Error {
  if (error.name !== "DataCloneError") return restoreError(error);
  return new StateError(
    `${name}: its arguments cannot be sent to a worker: ${error.message}. Pass plain data, and no array whose buffer was transferred away.`,
    { cause: error },
  );
}

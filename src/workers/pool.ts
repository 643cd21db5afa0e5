// A pool of workers: leases them to jobs by priority, ends what is cancelled or takes too long, replaces what dies.

import type * as Comlink from "comlink";
import { ShapeError, StateError } from "../core/errors.ts";
import type { JobOptions } from "./job-options.ts";
import { Lifetimes } from "./lifetimes.ts";
import { type Spawned, spawn, type WorkerScript } from "./spawn.ts";

// time for a job to stop by itself behind its present call of the core, and for a worker to answer for the first time
const GRACE_MS = 2_000;
const START_MS = 60_000;

/** How the workers of a pool are made and stopped. */
export interface PoolOptions<S> {
  /** Most workers at once; each is started when it is first needed. */
  size: number;
  script: WorkerScript;
  /** Called on every new worker, before its first job. */
  open(remote: Comlink.Remote<S>): Promise<void>;
  /** Asks a worker to stop its job; one that has not stopped two seconds later is terminated and replaced. */
  cancel(remote: Comlink.Remote<S>): Promise<void>;
}

/**
 * What a job does with the workers it was leased. It is called again, once, if one of them dies. The signal is aborted when
 * the job is cancelled, takes too long, or the pool is closed; its workers are then asked to stop.
 */
export type Job<S, R> = (workers: readonly Spawned<S>[], signal: AbortSignal) => Promise<R>;

interface Waiting {
  priority: number;
  order: number;
  workers: number;
  begin: () => void;
}

/** A pool of workers that serve an object of type S. */
export class Pool<S> {
  readonly size: number;
  private readonly options: PoolOptions<S>;
  private readonly idle: Spawned<S>[] = [];
  private readonly alive = new Set<Spawned<S>>();
  private readonly lifetimes = new Lifetimes();
  private readonly running = new Set<Promise<unknown>>();
  private waiting: Waiting[] = [];
  private free: number;
  private jobs = 0;

  /** @throws ShapeError if the size is not a whole number from 1 on. */
  constructor(options: PoolOptions<S>) {
    const { size } = options;
    if (!(Number.isSafeInteger(size) && size >= 1)) {
      throw new ShapeError(`Pool: \`workers\` is ${size}, expected a whole number from 1 on.`);
    }
    this.options = options;
    this.size = size;
    this.free = size;
  }

  /** Workers that there are now, idle or at work. */
  get workers(): number {
    return this.alive.size;
  }

  /**
   * Run a job on as many workers as it asks for and the pool has, as soon as they are free.
   *
   * @throws ShapeError if an option is out of range.
   * @throws StateError if the pool is closed, the job takes longer than its `timeout`, or its workers died twice.
   * @throws the signal's reason if it is aborted; whatever the job throws.
   */
  async run<R>(job: Job<S, R>, options: JobOptions = {}): Promise<R> {
    const { priority = 0, workers: asked = 1, timeout, signal } = options;
    checkOptions(priority, asked, timeout);
    const workers = Math.min(asked, this.size);
    const lifetime = this.lifetimes.begin(signal);
    try {
      lifetime.signal.throwIfAborted();
      await this.wait(priority, workers, lifetime.signal);
      const done = this.runInTime(job, workers, timeout, lifetime);
      this.running.add(done);
      return await done.finally(() => {
        this.running.delete(done);
        this.release(workers);
      });
    } finally {
      this.lifetimes.end(lifetime, signal);
    }
  }

  /** End all jobs, which reject, and all workers. */
  async close(): Promise<void> {
    this.lifetimes.close(new StateError("Pool: it has been closed. Make another one."));
    await Promise.allSettled(this.running);
    await Promise.all([...this.alive].map((worker) => this.discard(worker)));
  }

  // resolves when it is this job's turn and its workers are reserved
  private wait(priority: number, workers: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.waiting = this.waiting.filter((other) => other !== entry);
        reject(signal.reason);
        // it may have kept a smaller job from beginning
        this.schedule();
      };
      const begin = () => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const entry = { priority, order: this.jobs++, workers, begin };
      signal.addEventListener("abort", giveUp);
      this.waiting.push(entry);
      this.waiting.sort((a, b) => b.priority - a.priority || a.order - b.order);
      this.schedule();
    });
  }

  // the first in the queue is never overtaken, so that a job of many workers gets its turn
  private schedule(): void {
    for (let next = this.waiting[0]; next && next.workers <= this.free; next = this.waiting[0]) {
      this.waiting.shift();
      this.free -= next.workers;
      next.begin();
    }
  }

  private release(workers: number): void {
    this.free += workers;
    this.schedule();
  }

  private async runInTime<R>(
    job: Job<S, R>,
    count: number,
    timeout: number | undefined,
    lifetime: AbortController,
  ): Promise<R> {
    const late = new StateError(`Pool: a job has taken longer than its timeout of ${timeout} ms.`);
    const timer = timeout === undefined ? undefined : setTimeout(() => lifetime.abort(late), timeout);
    try {
      return await this.runLeased(job, count, lifetime.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  private async runLeased<R>(job: Job<S, R>, count: number, signal: AbortSignal): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      const leased = await this.lease(count, signal);
      const work = job(leased, signal);
      try {
        return await unlessAborted(work, signal);
      } catch (error) {
        const died = signal.aborted ? undefined : leased.find(({ failure }) => failure)?.failure;
        // also where the job failed by itself: its other workers may still be at it
        await this.stop(leased, work);
        if (!died) throw error;
        if (attempt === 2) {
          throw new StateError(`Pool: the workers of a job died twice, at last: ${died.message}`, {
            cause: died,
          });
        }
      } finally {
        await this.takeBack(leased);
      }
    }
  }

  // the workers are idle afterwards, or discarded
  private async stop(leased: readonly Spawned<S>[], work: Promise<unknown>): Promise<void> {
    const asked = leased.map((worker) => worker.wait(this.options.cancel(worker.remote)));
    const stopped = Promise.all([...asked, work.catch(() => {})]);
    await within(GRACE_MS, stopped, "").catch(() =>
      Promise.all(leased.map((worker) => this.discard(worker))),
    );
  }

  private async lease(count: number, signal: AbortSignal): Promise<Spawned<S>[]> {
    for (const worker of this.idle.filter(({ failure }) => failure)) await this.discard(worker);
    const leased = this.idle.splice(Math.max(0, this.idle.length - count));
    try {
      for (const worker of leased) worker.keepAlive(true);
      while (leased.length < count) leased.push(await this.open(signal));
      signal.throwIfAborted();
      return leased;
    } catch (error) {
      await this.takeBack(leased);
      throw error;
    }
  }

  private async open(signal: AbortSignal): Promise<Spawned<S>> {
    const worker = await spawn<S>(this.options.script);
    this.alive.add(worker);
    try {
      const late = `worker: it has not answered within ${START_MS / 1000} s. Is its script that of this version?`;
      const opened = worker.wait(this.options.open(worker.remote));
      await unlessAborted(within(START_MS, opened, late), signal);
      return worker;
    } catch (error) {
      await this.discard(worker);
      throw error;
    }
  }

  private async takeBack(leased: readonly Spawned<S>[]): Promise<void> {
    for (const worker of leased) {
      if (worker.failure) await this.discard(worker);
      else {
        worker.keepAlive(false);
        this.idle.push(worker);
      }
    }
  }

  private async discard(worker: Spawned<S>): Promise<void> {
    if (!this.alive.delete(worker)) return;
    const at = this.idle.indexOf(worker);
    if (at >= 0) this.idle.splice(at, 1);
    await worker.terminate();
  }
}

function checkOptions(priority: number, workers: number, timeout: number | undefined): void {
  if (!Number.isFinite(priority)) {
    throw new ShapeError(`Pool: \`priority\` is ${priority}, expected a number.`);
  }
  if (!(Number.isSafeInteger(workers) && workers >= 1)) {
    throw new ShapeError(`Pool: \`workers\` of a job is ${workers}, expected a whole number from 1 on.`);
  }
  // timers of every engine count in 31 bits
  if (timeout !== undefined && !(timeout > 0 && timeout < 2 ** 31)) {
    throw new ShapeError(
      `Pool: \`timeout\` is ${timeout}, expected milliseconds above 0 and below ${2 ** 31}.`,
    );
  }
}

// as `work` settles, unless the signal is aborted before
function unlessAborted<R>(work: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

// as `work` settles, unless that takes longer
function within<R>(ms: number, work: Promise<R>, late: string): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const timer = setTimeout(() => reject(new StateError(late)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

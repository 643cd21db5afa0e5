// The lives of a pool's jobs: each ends by its caller's signal, or with the pool.

import type { StateError } from "../core/errors.ts";

/** One controller for each job. A caller's signal is listened to once for all its jobs: engines warn of many listeners. */
export class Lifetimes {
  private readonly jobs = new Set<AbortController>();
  private readonly callers = new Map<AbortSignal, { jobs: Set<AbortController>; abort: () => void }>();
  private closed: StateError | undefined;

  begin(caller: AbortSignal | undefined): AbortController {
    const job = new AbortController();
    this.jobs.add(job);
    if (this.closed) job.abort(this.closed);
    else if (caller?.aborted) job.abort(caller.reason);
    else if (caller) this.follow(caller, job);
    return job;
  }

  end(job: AbortController, caller: AbortSignal | undefined): void {
    this.jobs.delete(job);
    const followed = caller && this.callers.get(caller);
    followed?.jobs.delete(job);
    if (followed?.jobs.size === 0) {
      this.callers.delete(caller!);
      caller!.removeEventListener("abort", followed.abort);
    }
  }

  /** End all jobs, also those that would begin later. */
  close(reason: StateError): void {
    this.closed ??= reason;
    for (const job of this.jobs) job.abort(this.closed);
  }

  private follow(caller: AbortSignal, job: AbortController): void {
    let followed = this.callers.get(caller);
    if (!followed) {
      const jobs = new Set<AbortController>();
      const abort = () => {
        for (const each of jobs) each.abort(caller.reason);
      };
      caller.addEventListener("abort", abort);
      followed = { jobs, abort };
      this.callers.set(caller, followed);
    }
    followed.jobs.add(job);
  }
}

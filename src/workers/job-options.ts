// How a job of a pool is run.

/** Every method of a pool takes these beside the options of its function. */
export interface JobOptions {
  /** Jobs of higher priority begin first, those of one priority in their order (default 0). */
  priority?: number;
  /** Workers that share the job, as far as the pool has them; the result does not depend on it (default 1). */
  workers?: number;
  /** Milliseconds from the job's beginning, behind its wait for a worker, until it fails (default: no limit). */
  timeout?: number;
  /** Ends the job, whether it waits or runs; its promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

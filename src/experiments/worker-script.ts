// The worker's program, embedded as text: a worker is made of it in any runtime, bundler or page.

import { workerSource } from "../../build/worker.js";
import type { WorkerScript } from "../workers/spawn.ts";

/** What the library's workers run, unless they are told otherwise. */
export const workerScript: WorkerScript = { source: workerSource };

// The worker's program, as the file worker.js beside the module; takes the place of worker-script.ts in
// `tauscope/external`, for pages that allow no worker made of text.

import type { WorkerScript } from "../workers/spawn.ts";

/** What the library's workers run, unless they are told otherwise. */
export const workerScript: WorkerScript = { url: new URL("./worker.js", import.meta.url) };

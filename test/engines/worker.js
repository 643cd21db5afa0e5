// Posts what it found to the thread that started it; runs in the workers of every runtime and browser.

import { fingerprints } from "./fingerprints.js";

const results = await fingerprints();
if (typeof postMessage === "function") postMessage(results);
else (await import("node:worker_threads")).parentPort.postMessage(results);

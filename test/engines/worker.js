// Posts the fingerprint to the thread that started it; runs in the workers of every runtime and browser.

import { fingerprint } from "../../dist/index.js";

const result = await fingerprint();
if (typeof postMessage === "function") postMessage(result);
else (await import("node:worker_threads")).parentPort.postMessage(result);

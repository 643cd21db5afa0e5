// Preloaded into a program that trains, kills its whole process as `kill -9` does once so many updates are done.
//
//   node --import …/killed-at-step.js?updates=5 dist/cli.js train …
//
// With &partialMs=10, what the program does every few minutes (checkpoints within an epoch) it does every 10 ms.

import { isMainThread } from "node:worker_threads";

const wanted = new URL(import.meta.url).searchParams;
const MINUTE_MS = 60_000;

// networks are trained in workers; the main thread writes files, and may be writing one when the kill comes
if (!isMainThread) killAfter(Number(wanted.get("updates")));
else if (wanted.has("partialMs")) hurry(Number(wanted.get("partialMs")));

function killAfter(updates) {
  const { instantiate } = WebAssembly;
  let done = 0;
  WebAssembly.instantiate = async (...args) => {
    const instance = await instantiate(...args);
    const { exports } = instance;
    // Node has modules of its own
    if (!exports?.updateParameters) return instance;
    const updateParameters = (...settings) => {
      exports.updateParameters(...settings);
      if (++done === updates) process.kill(process.pid, "SIGKILL");
    };
    return { exports: { ...exports, updateParameters } };
  };
}

function hurry(partialMs) {
  const { setInterval } = globalThis;
  globalThis.setInterval = (callback, ms, ...args) =>
    setInterval(callback, ms >= MINUTE_MS ? partialMs : ms, ...args);
}

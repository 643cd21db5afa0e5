// The program that Node, Bun and Deno run: prints what it found on the main thread, with `worker` in a worker, or with
// `fast` on the main thread with 256-bit instructions.

import { Worker } from "node:worker_threads";
import { useFastCore } from "../../dist/index.js";
import { fingerprints } from "./fingerprints.js";

const ways = { main: fingerprints, worker: inWorker, fast };
console.log(JSON.stringify(await ways[process.argv[2]]()));
// some engines keep a finished worker alive
process.exit();

function inWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function fast() {
  // Node 24 does not wait for a module that it compiles as a whole
  setInterval(() => {}, 1000);
  return (await useFastCore()) ? fingerprints() : { error: "256-bit instructions are not in use" };
}

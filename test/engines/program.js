// The program that Node, Bun and Deno run: prints what it found on the main thread or, with `worker`, in a worker.

import { Worker } from "node:worker_threads";
import { fingerprints } from "./fingerprints.js";

console.log(JSON.stringify(process.argv[2] === "worker" ? await inWorker() : await fingerprints()));
// some engines keep a finished worker alive
process.exit();

function inWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

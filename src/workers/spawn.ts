// A worker made from source text, in any runtime, as a comlink remote.

import * as Comlink from "comlink";
import { StateError } from "../core/errors.ts";

/** A worker and the object that it serves. */
export interface Spawned<T> {
  remote: Comlink.Remote<T>;
  /** Rejects when the worker fails or ends by itself; never resolves. Race every call against it. */
  failure: Promise<never>;
  terminate(): Promise<void>;
}

/** Start a worker that runs `source`, a classic script which calls `serve`. */
export function spawn<T>(source: string): Promise<Spawned<T>> {
  return "process" in globalThis && typeof globalThis.Worker === "undefined"
    ? spawnNode(source)
    : spawnWeb(source);
}

async function spawnNode<T>(source: string): Promise<Spawned<T>> {
  // names in variables keep bundlers for the browser from looking for these modules
  const threads = "node:worker_threads";
  const { Worker } = (await import(threads)) as typeof import("node:worker_threads");
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const { default: nodeEndpoint } = await import("comlink/dist/esm/node-adapter.mjs");
  const failure = new Promise<never>((_, reject) => {
    worker.once("error", (error) => reject(workerError(error.message)));
    worker.once("exit", (code) => reject(workerError(`it ended with code ${code}`)));
  });
  failure.catch(() => {});
  return {
    remote: Comlink.wrap<T>(nodeEndpoint(worker)),
    failure,
    terminate: async () => void (await worker.terminate()),
  };
}

async function spawnWeb<T>(source: string): Promise<Spawned<T>> {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const failure = new Promise<never>((_, reject) => {
    worker.addEventListener("error", (event) => reject(workerError(event.message)));
  });
  failure.catch(() => {});
  return {
    remote: Comlink.wrap<T>(worker),
    failure,
    terminate: async () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

function workerError(cause: string): StateError {
  return new StateError(`worker: it failed, ${cause}.`);
}

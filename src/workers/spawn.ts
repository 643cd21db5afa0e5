// A worker made from source text, in any runtime, as a comlink remote.

import * as Comlink from "comlink";
import { StateError } from "../core/errors.ts";

/** A worker and the object that it serves. */
export interface Spawned<T> {
  remote: Comlink.Remote<T>;
  /** Wait for an answer of `remote`; rejects, as comlink does not, if the worker fails or ends by itself meanwhile. */
  wait<R>(answer: Promise<R>): Promise<R>;
  terminate(): Promise<void>;
}

// the calls that a worker has not answered yet
class OpenCalls {
  private readonly open = new Set<(error: StateError) => void>();
  private failure: StateError | undefined;

  fail(cause: string): void {
    this.failure ??= new StateError(`worker: it failed, ${cause}.`);
    for (const reject of this.open) reject(this.failure);
  }

  wait = <R>(answer: Promise<R>): Promise<R> =>
    new Promise((resolve, reject) => {
      if (this.failure) reject(this.failure);
      this.open.add(reject);
      answer.then(resolve, reject).finally(() => this.open.delete(reject));
    });
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
  const calls = new OpenCalls();
  worker.once("error", (error) => calls.fail(error.message));
  worker.once("exit", (code) => calls.fail(`it ended with code ${code}`));
  return {
    remote: Comlink.wrap<T>(nodeEndpoint(worker)),
    wait: calls.wait,
    terminate: async () => void (await worker.terminate()),
  };
}

async function spawnWeb<T>(source: string): Promise<Spawned<T>> {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const calls = new OpenCalls();
  worker.addEventListener("error", (event) => calls.fail(event.message));
  return {
    remote: Comlink.wrap<T>(worker),
    wait: calls.wait,
    terminate: async () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

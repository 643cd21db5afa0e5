// A worker in any runtime, as a comlink remote whose calls end when the worker ends.

import * as Comlink from "comlink";
import { StateError } from "../core/errors.ts";

/** The program of a worker, a classic script which calls `serve`: its text, or where it is. */
export type WorkerScript = { source: string } | { url: URL | string };

/** A worker and the object that it serves. */
export interface Spawned<T> {
  remote: Comlink.Remote<T>;
  /** Wait for an answer of `remote`; rejects, as comlink does not, if the worker fails or ends by itself meanwhile. */
  wait<R>(answer: Promise<R>): Promise<R>;
  /** Why the worker is of no use any more, if it is not. */
  readonly failure: StateError | undefined;
  /** Reject its open and later calls, since what it needs has failed. */
  giveUp(cause: StateError): void;
  /** Whether this worker, as it is at first, and the process stay alive although nobody holds on to it. */
  keepAlive(yes: boolean): void;
  terminate(): Promise<void>;
}

// Workers that are asked for something. An engine may end a worker that is idle for a moment when nothing leads to it
// any more (HTML standard, "protected worker"), as where a function that awaits its answer holds the only reference.
const asked = new Set<object>();

// what differs between Node's workers and the Web's
interface Thread {
  endpoint: Comlink.Endpoint;
  /** Hear of signs that the worker failed; the message is empty where an engine gives none. */
  onFailure(tell: (message: string) => void): void;
  keepAlive(yes: boolean): void;
  terminate(): Promise<void>;
}

/**
 * Start a worker.
 *
 * @throws StateError if the engine or the page refuses it at once; a script that cannot be loaded makes the first call reject.
 */
export async function spawn<T>(script: WorkerScript): Promise<Spawned<T>> {
  const inNode = "process" in globalThis && typeof globalThis.Worker === "undefined";
  let thread: Thread;
  try {
    // only Node's has to be waited for: Deno can report a failure before anyone has listened
    thread = inNode ? await startNodeThread(script) : startWebThread(script);
  } catch (cause) {
    throw refusal(script, cause as Error);
  }
  const rejects = new Set<(error: StateError) => void>();
  let failure: StateError | undefined;
  const giveUp = (cause: StateError) => {
    failure ??= cause;
    for (const reject of rejects) reject(failure);
  };
  const fail = (cause: string) => giveUp(new StateError(`worker: it failed, ${cause}.`));
  let answered = false;
  thread.endpoint.addEventListener("message", () => {
    answered = true;
  });
  thread.onFailure((message) => fail(explain(script, withoutStop(message), answered)));
  const remote = Comlink.wrap<T>(thread.endpoint);
  asked.add(thread);
  return {
    remote,
    wait: <R>(answer: Promise<R>) =>
      new Promise<R>((resolve, reject) => {
        if (failure) reject(failure);
        rejects.add(reject);
        answer.then(resolve, reject).finally(() => rejects.delete(reject));
      }),
    get failure() {
      return failure;
    },
    giveUp,
    keepAlive: (yes) => {
      if (yes) asked.add(thread);
      else asked.delete(thread);
      thread.keepAlive(yes);
    },
    terminate: async () => {
      asked.delete(thread);
      fail("it was terminated");
      remote[Comlink.releaseProxy]();
      await thread.terminate();
    },
  };
}

function refusal(script: WorkerScript, cause: Error): StateError {
  const { where, remedy } = describe(script);
  return new StateError(`worker: ${where} was refused: ${withoutStop(cause.message)}. ${remedy}.`, { cause });
}

// a script that is not there leaves no message in some engines, and a page in its place an obscure one
function explain(script: WorkerScript, message: string, answered: boolean): string {
  if (answered) return message || "and the engine does not say why";
  const { where, remedy } = describe(script);
  if (!message) return `${where} could not be loaded. ${remedy}`;
  return "source" in script ? message : `${where} does not run: ${message}. ${remedy}`;
}

function describe(script: WorkerScript): { where: string; remedy: string } {
  if ("source" in script) {
    return {
      where: "its script, a blob: URL,",
      remedy:
        "A page's Content-Security-Policy may forbid workers from blob: URLs; allow them (worker-src blob:), or import `tauscope/external`, or pass `workerUrl`",
    };
  }
  return {
    where: `its script ${script.url}`,
    remedy:
      "Put worker.js of this version of tauscope there, or pass where it is as `workerUrl`; in a page, it must come from the page's own origin, and worker-src of a Content-Security-Policy must allow it",
  };
}

function withoutStop(message: string): string {
  return message.replace(/[.\s]+$/, "");
}

async function startNodeThread(script: WorkerScript): Promise<Thread> {
  // not imported: bundlers for the browser would look for the module
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const { default: nodeEndpoint } = await import("comlink/dist/esm/node-adapter.mjs");
  const url = "url" in script ? script.url : `data:text/javascript,${encodeURIComponent(script.source)}`;
  const worker = new Worker(new URL(url));
  return {
    endpoint: nodeEndpoint(worker),
    onFailure: (tell) => {
      worker.once("error", (error) => tell(error.message));
      worker.once("messageerror", (error) => tell(error.message));
      worker.once("exit", (code) => tell(`it ended with code ${code}`));
    },
    keepAlive: (yes) => void (yes ? worker.ref() : worker.unref()),
    terminate: async () => void (await worker.terminate()),
  };
}

function startWebThread(script: WorkerScript): Thread {
  const inDeno = "Deno" in globalThis;
  const url =
    "url" in script
      ? script.url
      : URL.createObjectURL(new Blob([script.source], { type: "text/javascript" }));
  // a classic worker: on file:// pages Chromium has no module workers from blobs, and Deno has no others
  const worker: Worker & { ref?(): void; unref?(): void } = new Worker(url, inDeno ? { type: "module" } : {});
  return {
    endpoint: worker,
    onFailure: (tell) => {
      worker.addEventListener("error", (event) => {
        tell(event.message ?? "");
        event.preventDefault?.();
      });
      worker.addEventListener("messageerror", () => tell("a message could not be read"));
    },
    keepAlive: (yes) => (yes ? worker.ref?.() : worker.unref?.()),
    terminate: async () => {
      worker.terminate();
      if ("source" in script) URL.revokeObjectURL(url as string);
    },
  };
}

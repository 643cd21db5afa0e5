// The worker's program: runs functions of the library, one at a time, and computes shards for another worker.

import * as Comlink from "comlink";
import { adoptCore, type CompiledCore } from "../core/compile.ts";
import { version } from "../core/core.ts";
import { leadShards, serveShards } from "./shards.ts";
import { TrainingService } from "./training-service.ts";
import { type WorkerFunctions, workerFunctions } from "./worker-functions.ts";

/** Calls back a function that was among the options of a call, by the option's name. */
export type Notify = (option: string, ...values: unknown[]) => Promise<void>;

/** A call of a function of the library. */
export interface WorkerCall {
  name: keyof WorkerFunctions;
  /** Its arguments but for the options. */
  values: readonly unknown[];
  options: object;
  /** Options that are functions where the call comes from; `notify` calls them there. */
  callbacks: readonly string[];
}

export class WorkerService {
  /** One training run that is questioned while it goes on. */
  readonly training = Comlink.proxy(new TrainingService());
  private stopping = new AbortController();

  /** Take the core that was compiled elsewhere. Returns this worker's version of tauscope. */
  open(core: CompiledCore): string {
    adoptCore(core);
    return version;
  }

  /**
   * Run a function of the library.
   *
   * @param ports  The first leads to a `Notify`, the others to workers which share the batches.
   */
  async call(
    { name, values, options, callbacks }: WorkerCall,
    [notices, ...helpers]: readonly MessagePort[],
  ): Promise<unknown> {
    const signal = this.begin();
    const notify = Comlink.wrap<Notify>(notices!);
    const { executor, close } = leadShards(helpers);
    const called = Object.fromEntries(callbacks.map((option) => [option, callBack(option, notify)]));
    const run = workerFunctions[name] as (...values: unknown[]) => Promise<unknown>;
    try {
      return await run(...values, { ...options, ...called, signal, executor });
    } finally {
      close();
      notify[Comlink.releaseProxy]();
    }
  }

  /** Compute shards for the worker at the other end of `port`, until it is done. */
  serveShards(port: MessagePort): Promise<void> {
    return serveShards(port, this.begin());
  }

  /** Stop what is being done. */
  cancel(): void {
    this.stopping.abort();
  }

  private begin(): AbortSignal {
    this.stopping = new AbortController();
    return this.stopping.signal;
  }
}

// progress is of interest only when it is the latest: what comes while a message is on its way is left out
function callBack(option: string, notify: Notify): (...values: unknown[]) => Promise<void> | undefined {
  if (option !== "onProgress") return (...values) => notify(option, ...values);
  let onItsWay = false;
  return (...values) => {
    if (onItsWay) return undefined;
    onItsWay = true;
    const arrived = () => {
      onItsWay = false;
    };
    // a callback that throws ends the call from the other side
    notify(option, ...values).then(arrived, arrived);
    return undefined;
  };
}

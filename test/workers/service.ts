// A service for tests of the pool: what it does to its worker is as bad as it gets.

import { serve } from "../../src/workers/serve.ts";

export class Service {
  private calls = 0;
  private stop: (() => void) | undefined;

  /** To be called first. */
  async open(): Promise<void> {}

  /** How often this worker has been called, the present call included. */
  async count(): Promise<number> {
    return ++this.calls;
  }

  /** Wait, as a job that listens to `cancel`. */
  async wait(ms: number): Promise<string> {
    const timer = new Promise<string>((resolve) => setTimeout(resolve, ms, "done"));
    const stopped = new Promise<string>((resolve) => {
      this.stop = () => resolve("stopped");
    });
    return Promise.race([timer, stopped]);
  }

  /** Never give way to anything again. */
  async spin(): Promise<never> {
    for (;;);
  }

  async reject(message: string): Promise<never> {
    throw new RangeError(message);
  }

  /** End the worker, with an error that nobody catches. */
  async crash(): Promise<never> {
    setTimeout(() => {
      throw new Error("the worker fell over");
    });
    return new Promise(() => {});
  }

  /** Fill the worker's memory. */
  async exhaust(): Promise<never> {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length + 0.5));
  }

  cancel(): void {
    this.stop?.();
  }
}

serve(new Service());

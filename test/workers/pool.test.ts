// Jobs on a pool of workers: their order, their ends, and workers that die.

import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { buildSync } from "esbuild";
import { describe, expect, onTestFinished, test } from "vitest";
import { ShapeError, StateError } from "../../src/core/errors.ts";
import type { Pool } from "../../src/workers/pool.ts";
import type { Spawned } from "../../src/workers/spawn.ts";
import type { Service } from "./service.ts";
import { makePool } from "./service-script.ts";

function open(size: number, changes: Parameters<typeof makePool>[1] = {}): Pool<Service> {
  const pool = makePool(size, changes);
  onTestFinished(() => pool.close());
  return pool;
}

type Job<R> = (workers: readonly Spawned<Service>[]) => Promise<R>;

// a job that calls one function of the first worker
function call<K extends "count" | "crash" | "exhaust" | "spin">(name: K): Job<unknown> {
  return ([worker]) => worker!.wait(worker!.remote[name]());
}

const wait =
  (ms: number): Job<string> =>
  ([worker]) =>
    worker!.wait(worker!.remote.wait(ms));

describe("order", () => {
  test("40 jobs on 3 workers: results are in the order of the jobs, and each worker is kept", async () => {
    const pool = open(3);
    const jobs = Array.from({ length: 40 }, (_, i) =>
      pool.run(async ([worker]) => [i, await worker!.wait(worker!.remote.count())] as const),
    );
    const results = await Promise.all(jobs);
    expect(results.map(([i]) => i)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    // 40 calls in all, counted by three workers
    const counts = results.map(([, count]) => count);
    expect(counts.filter((count) => count === 1)).toHaveLength(3);
    expect(pool.workers).toBe(3);
  });

  test("workers are started when they are needed, and not before", async () => {
    const pool = open(4);
    expect(pool.workers).toBe(0);
    for (let i = 0; i < 3; i++) await pool.run(wait(1));
    expect(pool.workers).toBe(1);
  });

  test("jobs begin by priority, then in their order, and one that needs both workers is not overtaken", async () => {
    const pool = open(2);
    await pool.run(wait(1), { workers: 2 });
    const begun: string[] = [];
    const begin = (name: string, options = {}) =>
      pool.run(async (workers) => {
        begun.push(name);
        await wait(5)(workers);
      }, options);
    await Promise.all([
      begin("first"),
      begin("second"),
      begin("a"),
      begin("low", { priority: -1 }),
      begin("both", { workers: 2, priority: 1 }),
      begin("b"),
      begin("high", { priority: 2 }),
    ]);
    expect(begun).toEqual(["first", "second", "high", "both", "a", "b", "low"]);
  });

  test("a job that asks for 5 workers of a pool of 2 gets both", async () => {
    expect(await open(2).run(async (workers) => workers.length, { workers: 5 })).toBe(2);
  });

  test("never more than 2 jobs at once on 2 workers", async () => {
    const pool = open(2);
    let now = 0;
    let most = 0;
    const job: Job<void> = async (workers) => {
      most = Math.max(most, ++now);
      await wait(2)(workers);
      now--;
    };
    await Promise.all(Array.from({ length: 10 }, () => pool.run(job)));
    expect(most).toBe(2);
  });
});

describe("ends", () => {
  test("a job that waits for its turn is cancelled at once, and the job behind it begins in its place", async () => {
    const pool = open(1);
    const abort = new AbortController();
    const running = pool.run(wait(50));
    const cancelled = pool.run(wait(1e6), { signal: abort.signal });
    const behind = pool.run(wait(1));
    abort.abort(new Error("not needed any more"));
    await expect(cancelled).rejects.toThrow("not needed any more");
    expect(await Promise.all([running, behind])).toEqual(["done", "done"]);
  });

  test("a job that listens is cancelled, and its worker is used again", async () => {
    const pool = open(1);
    await pool.run(call("count"));
    const cancelled = pool.run(wait(1e6), { signal: AbortSignal.timeout(20) });
    await expect(cancelled).rejects.toMatchObject({ name: "TimeoutError" });
    expect(await pool.run(call("count"))).toBe(2);
  });

  test("a job that does not listen ends with its worker two seconds later, and a new worker takes its place", async () => {
    const pool = open(1);
    await pool.run(call("count"));
    const abort = new AbortController();
    const spinning = pool.run(call("spin"), { signal: abort.signal });
    setTimeout(() => abort.abort("enough"), 20);
    await expect(spinning).rejects.toBe("enough");
    expect(await pool.run(call("count"))).toBe(1);
    expect(pool.workers).toBe(1);
  });

  test("30 jobs with one signal end together, and none warns of too many listeners", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const pool = open(2);
    const abort = new AbortController();
    const jobs = Array.from({ length: 30 }, () => pool.run(wait(1e6), { signal: abort.signal }));
    const settled = Promise.allSettled(jobs);
    await sleep(50);
    abort.abort("all of you");
    expect(new Set((await settled).map((result) => result.status === "rejected" && result.reason))).toEqual(
      new Set(["all of you"]),
    );
    expect(warnings).toEqual([]);
  });

  test("a signal that is aborted already ends a job before it begins", async () => {
    const pool = open(1);
    await expect(pool.run(wait(1), { signal: AbortSignal.abort("no") })).rejects.toBe("no");
    expect(pool.workers).toBe(0);
  });

  test("a job over its timeout of 30 ms says so, whether it listens or not; one below it is not touched", async () => {
    const pool = open(2);
    const sentence = "Pool: a job has taken longer than its timeout of 30 ms.";
    const results = await Promise.allSettled([
      pool.run(wait(1e6), { timeout: 30 }),
      pool.run(call("spin"), { timeout: 30 }),
      pool.run(wait(1), { timeout: 30_000 }),
    ]);
    expect(results).toMatchObject([
      { status: "rejected", reason: { message: sentence } },
      { status: "rejected", reason: { message: sentence } },
      { status: "fulfilled", value: "done" },
    ]);
  });

  test("an error of a job is the caller's, and its worker is kept", async () => {
    const pool = open(1);
    await pool.run(call("count"));
    const job = pool.run(([worker]) => worker!.wait(worker!.remote.reject("out of range")));
    await expect(job).rejects.toThrow("out of range");
    expect(await pool.run(call("count"))).toBe(2);
  });

  test("closing rejects jobs that wait or run and those that come later, and leaves no worker", async () => {
    const pool = makePool(2);
    const jobs = [pool.run(wait(1e6)), pool.run(call("spin")), pool.run(wait(1))];
    const settled = Promise.allSettled(jobs);
    await sleep(100);
    await pool.close();
    for (const { status, ...result } of await settled) {
      expect(status).toBe("rejected");
      expect(result).toMatchObject({
        reason: { name: "StateError", message: "Pool: it has been closed. Make another one." },
      });
    }
    await expect(pool.run(wait(1))).rejects.toThrow(StateError);
    expect(pool.workers).toBe(0);
    await pool.close();
  });
});

describe("workers that die", () => {
  test("a job is run again once on another worker, and then succeeds", async () => {
    const pool = open(1);
    let attempts = 0;
    const result = await pool.run((workers) =>
      ++attempts === 1 ? call("crash")(workers) : wait(1)(workers),
    );
    expect(result).toBe("done");
    expect(attempts).toBe(2);
    expect(pool.workers).toBe(1);
  });

  test("a job whose workers die twice is reported with the cause, and the next job finds a worker", async () => {
    const pool = open(1);
    const failed = pool.run(call("crash"));
    await expect(failed).rejects.toThrow(StateError);
    await expect(failed).rejects.toThrow(
      "Pool: the workers of a job died twice, at last: worker: it failed, the worker fell over.",
    );
    expect(await pool.run(call("count"))).toBe(1);
  });

  test("when one of two workers of a job dies both are replaced", async () => {
    const pool = open(2);
    const counts: number[] = [];
    const result = await pool.run(
      async ([first, second]) => {
        counts.push(await first!.wait(first!.remote.count()), await second!.wait(second!.remote.count()));
        if (counts.length > 2) return "done";
        return Promise.race([first!.wait(first!.remote.wait(1e6)), second!.wait(second!.remote.crash())]);
      },
      { workers: 2 },
    );
    expect(result).toBe("done");
    expect(counts).toEqual([1, 1, 1, 1]);
  });

  test("a worker that dies at rest is replaced", async () => {
    const pool = open(1);
    await pool.run(async ([worker]) => void worker!.remote.crash());
    await sleep(100);
    expect(await pool.run(call("count"))).toBe(1);
    expect(pool.workers).toBe(1);
  });

  test("a worker that runs out of memory is reported, and the program lives on", async () => {
    const { stdout } = await runProgram("exhaust-memory", ["--max-old-space-size=64"]);
    expect(stdout).toBe(
      "Pool: the workers of a job died twice, at last: worker: it failed, Worker terminated due to reaching memory limit: JS heap out of memory.\n1\n",
    );
  });

  test("a script that fails rejects the job with the cause", async () => {
    const pool = open(1, { script: { source: 'throw new Error("no program")' } });
    await expect(pool.run(wait(1))).rejects.toThrow("worker: it failed, no program.");
    expect(pool.workers).toBe(0);
  });

  test("a script that is not there rejects the job with its name", async () => {
    const pool = open(1, { script: { url: new URL("nowhere.js", import.meta.url) } });
    await expect(pool.run(wait(1))).rejects.toThrow(/^worker: it failed, .*nowhere\.js/);
    expect(pool.workers).toBe(0);
  });

  test("an error while a worker is set up rejects the job, and the worker is ended", async () => {
    const pool = open(1, { open: (remote) => remote.reject("not today") });
    await expect(pool.run(wait(1))).rejects.toThrow("not today");
    expect(pool.workers).toBe(0);
  });
});

describe("errors", () => {
  test.each([0, 1.5, -1, Number.NaN])("a pool of %s workers is refused", (size) => {
    expect(() => makePool(size)).toThrow(`Pool: \`workers\` is ${size}, expected a whole number from 1 on.`);
  });

  test.each([
    [{ workers: 0 }, "Pool: `workers` of a job is 0, expected a whole number from 1 on."],
    [{ workers: 1.5 }, "Pool: `workers` of a job is 1.5, expected a whole number from 1 on."],
    [{ priority: Number.NaN }, "Pool: `priority` is NaN, expected a number."],
    [{ timeout: 0 }, "Pool: `timeout` is 0, expected milliseconds above 0 and below 2147483648."],
    [
      { timeout: 2 ** 31 },
      "Pool: `timeout` is 2147483648, expected milliseconds above 0 and below 2147483648.",
    ],
  ])("%j is refused", async (options, message) => {
    const pool = open(2);
    await expect(pool.run(wait(1), options)).rejects.toThrow(ShapeError);
    await expect(pool.run(wait(1), options)).rejects.toThrow(message);
  });
});

describe("what is left behind", () => {
  test("a program whose workers are at rest ends by itself", async () => {
    const { stdout } = await runProgram("rest");
    expect(stdout).toBe("done\n");
  });

  test("after 1,000 jobs, a tenth of them cancelled, there are the same 2 workers, the same handles, and less than 1 MB more", async () => {
    const pool = open(2);
    const run = async (jobs: number) => {
      await Promise.all(
        Array.from({ length: jobs }, (_, i) => {
          const abort = new AbortController();
          const job = pool.run(i % 10 ? call("count") : wait(1e6), { signal: abort.signal, timeout: 60_000 });
          if (i % 10 === 0) setTimeout(() => abort.abort(), 1);
          return job.catch(() => {});
        }),
      );
    };
    const collect = collector();
    await run(100);
    // the event loop lets go of ports and timers in its next turns
    await sleep(100);
    collect();
    const handles = process.getActiveResourcesInfo().sort();
    const heap = process.memoryUsage().heapUsed;
    await run(1000);
    await sleep(100);
    collect();
    expect(pool.workers).toBe(2);
    expect(process.getActiveResourcesInfo().sort()).toEqual(handles);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(1e6);
  });
});

// the garbage collector of this engine
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

// a program beside this file, in a process of its own
function runProgram(name: string, flags: string[] = []): Promise<{ stdout: string }> {
  const { outputFiles } = buildSync({
    entryPoints: [`test/workers/${name}.ts`],
    bundle: true,
    platform: "node",
    packages: "external",
    format: "esm",
    write: false,
  });
  const args = [...flags, "--input-type=module", "--eval", outputFiles[0]!.text];
  return promisify(execFile)(process.execPath, args, { timeout: 30_000 });
}

// The programs and pages that are compared: who they are, whether they are installed, and how they are asked.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { startPages } from "./pages.ts";

/** A program that takes training steps on request, see serve.js. */
export interface Contestant {
  name: string;
  workers: number;
  /** Ask it for `load PATH H B T K` or `step N`. */
  ask(request: string): Promise<number[]>;
  close(): Promise<void>;
}

/** How to start one; it is left out if something of `needs` is not there. */
interface Entry {
  name: string;
  workers: number;
  command: string[];
  needs: string[];
  environment?: Record<string, string>;
}

const engine = (path: string) => `test/engines/node_modules/${path}`;
const TAUSCOPE = "build/bench/tauscope-runtime.mjs";

function runtimes(): Entry[] {
  const programs: [string, string[], boolean][] = [
    [`Node ${process.versions.node}`, [process.execPath], false],
    ["Node 22", [engine("node22/bin/node")], true],
    ["Node 24", [engine("node24/bin/node")], true],
    ["Node 26", [engine("node26/bin/node")], true],
    ["Bun", [engine("@oven/bun-linux-x64/bin/bun")], false],
    ["Deno", [engine("@deno/linux-x64-glibc/deno"), "run", "-A"], false],
  ];
  return programs.flatMap(([name, command, canBeFast]) =>
    (canBeFast ? ["", "fast"] : [""]).flatMap((fast) =>
      [1, 2].map((workers) => ({
        name: `tauscope, ${name}${fast && ", --fast"}`,
        workers,
        command: [...command, TAUSCOPE, String(workers), fast],
        needs: [command[0]!],
      })),
    ),
  );
}

const PYTHON = "/usr/bin/python3";
const TORCH = "/usr/lib/python3/dist-packages/torch";
// the build of OpenBLAS whose threads are OpenMP's, as PyTorch's are: two threads of the other one get in their way
const OPENMP_BLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblas.so.0";
// memory is kept, not given back to the system after every tensor
const TUNED = {
  MALLOC_MMAP_THRESHOLD_: "4294967296",
  MALLOC_TRIM_THRESHOLD_: "34359738368",
  MALLOC_TOP_PAD_: "268435456",
};

function pytorch(): Entry[] {
  const entry = (
    name: string,
    formulation: string,
    workers: number,
    environment: Record<string, string>,
  ) => ({
    name: `PyTorch, ${name}`,
    workers,
    command: [PYTHON, "bench/step/pytorch.py", formulation, String(workers)],
    needs: [PYTHON, TORCH, ...(workers > 1 ? [OPENMP_BLAS] : [])],
    environment: {
      OPENBLAS_NUM_THREADS: String(workers),
      OMP_NUM_THREADS: String(workers),
      ...(workers > 1 ? { LD_PRELOAD: OPENMP_BLAS } : {}),
      ...environment,
    },
  });
  // 256-bit kernels of OpenBLAS, as on processors without AVX-512
  const avx2 = { ...TUNED, OPENBLAS_CORETYPE: "Haswell" };
  return [
    entry("stock", "stock", 1, {}),
    ...[1, 2].flatMap((workers) => [
      entry("tuned", "stock", workers, TUNED),
      entry("best", "best", workers, TUNED),
      entry("tuned, AVX2", "stock", workers, avx2),
      entry("best, AVX2", "best", workers, avx2),
    ]),
  ];
}

function libraries(): Entry[] {
  const modules = "bench/node_modules";
  return [
    ["jax-js", `${modules}/@jax-js/jax`, "bench/step/jax-js.js"],
    ["TensorFlow.js, gradient by hand", `${modules}/@tensorflow/tfjs-core`, "bench/step/tensorflow.js"],
    ["TensorFlow.js", `${modules}/@tensorflow/tfjs-core`, "bench/step/tensorflow-automatic.js"],
  ].map(([name, needed, program]) => ({
    name: name!,
    workers: 1,
    command: [process.execPath, program!],
    needs: [needed!],
  }));
}

/** Start those that are installed; pages read what they load from `directory`. */
export async function startContestants(
  directory: string,
): Promise<{ contestants: Contestant[]; missing: string[] }> {
  const entries = [...runtimes(), ...pytorch(), ...libraries()];
  const isThere = ({ needs }: Entry) => needs.every((path) => existsSync(path));
  const missing = [...new Set(entries.filter((entry) => !isThere(entry)).map(({ name }) => name))];
  const pages = await startPages(directory);
  const programs = entries.filter(isThere).map((entry) => new Program(entry));
  return { contestants: [...programs, ...pages.contestants], missing: [...missing, ...pages.missing] };
}

class Program implements Contestant {
  readonly name: string;
  readonly workers: number;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;

  constructor({ name, workers, command: [program, ...args], environment }: Entry) {
    this.name = name;
    this.workers = workers;
    // what this machine's settings say of OpenBLAS is not part of the comparison
    const inherited = Object.entries(process.env).filter(([key]) => !/^(?:OPENBLAS|OMP|MALLOC)_/.test(key));
    this.child = spawn(program!, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...Object.fromEntries(inherited), ...environment },
    });
    this.reader = createInterface({ input: this.child.stdout! });
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  async ask(request: string): Promise<number[]> {
    this.child.stdin!.write(`${request}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.name}: it ended, asked for "${request}".`);
    const numbers = value.split(" ").map(Number);
    if (numbers.some(Number.isNaN)) throw new Error(`${this.name}: answered "${value}" to "${request}".`);
    return numbers;
  }

  async close(): Promise<void> {
    this.reader.close();
    this.child.kill();
  }
}

// The programs and pages that are compared: who they are, whether they are installed, and how they are asked.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";

/** A program that takes training steps on request, see serve.js. */
export interface Contestant {
  name: string;
  workers: number;
  /** Ask it for `load CELL PATH H B T K` or `step N`. */
  ask(request: string): Promise<number[]>;
  close(): Promise<void>;
}

/** How to start one; it is left out if something of `needs` is not there. */
export interface Entry {
  name: string;
  workers: number;
  command: string[];
  needs: string[];
  environment?: Record<string, string>;
}

const engine = (path: string) => `test/engines/node_modules/${path}`;
const TAUSCOPE = "build/bench/tauscope-runtime.mjs";

// name, command, whether it has 256-bit instructions
type Engine = [string, string[], boolean];

/** tauscope in Node, with `--fast` where it can be, on one worker and two. */
export function nodes(): Entry[] {
  const newer = ["22", "24", "26"].map((n): Engine => [`Node ${n}`, [engine(`node${n}/bin/node`)], true]);
  return tauscope([[`Node ${process.versions.node}`, [process.execPath], false], ...newer]);
}

/** The same in other runtimes. */
export function otherRuntimes(): Entry[] {
  return tauscope([
    ["Bun", [engine("@oven/bun-linux-x64/bin/bun")], false],
    ["Deno", [engine("@deno/linux-x64-glibc/deno"), "run", "-A"], false],
  ]);
}

function tauscope(engines: readonly Engine[]): Entry[] {
  return engines.flatMap(([name, command, canBeFast]) =>
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

function pytorch(
  name: string,
  formulation: string,
  workers: number,
  environment: Record<string, string>,
): Entry {
  return {
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
  };
}

// 256-bit kernels of OpenBLAS, as on processors without AVX-512
const AVX2 = { ...TUNED, OPENBLAS_CORETYPE: "Haswell" };

/** PyTorch's leaky network in both formulations of pytorch.py. */
export function leakyPyTorch(): Entry[] {
  return [
    pytorch("stock", "stock", 1, {}),
    ...[1, 2].flatMap((workers) => [
      pytorch("tuned", "stock", workers, TUNED),
      pytorch("best", "best", workers, TUNED),
      pytorch("tuned, AVX2", "stock", workers, AVX2),
      pytorch("best, AVX2", "best", workers, AVX2),
    ]),
  ];
}

/** PyTorch's own GRU and LSTM. */
export function gatedPyTorch(): Entry[] {
  return [
    pytorch("stock", "stock", 1, {}),
    ...[1, 2].flatMap((workers) => [
      pytorch("tuned", "stock", workers, TUNED),
      pytorch("tuned, AVX2", "stock", workers, AVX2),
    ]),
  ];
}

/** Other libraries in Node, leaky network. */
export function libraries(): Entry[] {
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

/** Start those that are installed. */
export function startPrograms(entries: readonly Entry[]): { contestants: Contestant[]; missing: string[] } {
  const isThere = ({ needs }: Entry) => needs.every((path) => existsSync(path));
  const missing = [...new Set(entries.filter((entry) => !isThere(entry)).map(({ name }) => name))];
  return { contestants: entries.filter(isThere).map((entry) => new Program(entry)), missing };
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

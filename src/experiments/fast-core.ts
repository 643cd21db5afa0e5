// A faster core where the engine can make 256-bit instructions of pairs of 128-bit ones: Node 22 and later on x86-64.
//
// V8's pass for that is experimental. Its additions are the same in the same order, so the bits must be; the whole
// fingerprint says whether they are before anything else is computed with it.

import { coreBytes } from "../core/bytes.ts";
import { adoptCore, type CompiledCore, compile, compiledCore } from "../core/compile.ts";
import { Core, expectedFingerprint } from "../core/core.ts";
import { Plan } from "../core/plan.ts";
import { resolveSettings } from "../training/settings.ts";
import { fingerprint } from "./fingerprint.ts";

const FLAG = "experimental-wasm-revectorize";
// those of Node 22, 24 and 26, where the tests compile the whole core so: in another one the pass might end the process
const TESTED_V8 = ["12.4", "13.6", "14.6"];

// (custom "tauscope-256"): engines use the code of bytes they have seen before, compiled as it was then
const MARK = Uint8Array.of(0, 13, 12, ...new TextEncoder().encode("tauscope-256"));

let fast: Promise<boolean> | undefined;

/**
 * From now on, compute with 256-bit instructions in this thread and the workers it starts, if the engine can and the bits
 * stay what they are; otherwise nothing changes. Trains about 1.8 times as fast in Node 24 and 26, 1.5 times in Node 22.
 *
 * Call it before anything else: it runs the fingerprint, which takes some two seconds. It sets a flag of V8 for the whole
 * process (`--experimental-wasm-revectorize`), which then holds for all WebAssembly compiled in it.
 *
 * @returns whether it is in use.
 */
export function useFastCore(): Promise<boolean> {
  fast ??= tryFastCore();
  return fast;
}

async function tryFastCore(): Promise<boolean> {
  const setFlag = flagSetter();
  if (!setFlag) return false;
  const usual = await compiledCore();
  setFlag(`--${FLAG}`);
  const module = await compile(marked(await coreBytes()));
  const candidate = { module, tallTiles: true };
  adoptCore(candidate);
  const { all } = await fingerprint().catch(() => ({ all: undefined }));
  // without 256-bit instructions, tall tiles are slower
  if (all === expectedFingerprint && (await isFaster(candidate, usual))) return true;
  setFlag(`--no-${FLAG}`);
  adoptCore(usual);
  return false;
}

// sets flags of V8, where it is Node's and knows this one; others would complain on the terminal
function flagSetter(): ((flag: string) => void) | undefined {
  const { process } = globalThis;
  const version = process?.versions?.v8;
  if (!version || process.versions.bun || process.versions.deno || process.arch !== "x64") return undefined;
  if (!TESTED_V8.some((tested) => version.startsWith(`${tested}.`))) return undefined;
  return process.getBuiltinModule?.("node:v8")?.setFlagsFromString;
}

function marked(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length + MARK.length);
  result.set(bytes);
  result.set(MARK, bytes.length);
  return result;
}

// training steps of both, in turn: which one is faster more often
async function isFaster(candidate: CompiledCore, usual: CompiledCore): Promise<boolean> {
  const cores = [await Core.load(candidate), await Core.load(usual)] as const;
  try {
    const [first, second] = [stepper(cores[0]), stepper(cores[1])];
    const times: [number, number][] = [];
    for (let round = 0; round < 30; round++) times.push([first(), second()]);
    // engines take a while to optimise
    const settled = times.slice(10);
    return settled.filter(([a, b]) => a < b).length > settled.length / 2;
  } finally {
    for (const core of cores) core.release();
  }
}

// a function that trains for some steps and returns how long that took
function stepper(core: Core): () => number {
  const shape = {
    cell: "leaky",
    activation: "leaky-relu",
    units: 64,
    inputs: 1,
    heads: 1,
    classes: 2,
  } as const;
  const steps = 10;
  const plan = new Plan(core, shape, { batch: 64, steps, labelRows: 1 }, resolveSettings());
  plan.initialize(core.key(0), 1, 2);
  plan.drawParity(core.key(1), steps, [2]);
  return () => {
    const began = performance.now();
    for (let i = 0; i < 4; i++) plan.computeGradient(steps, 1);
    return performance.now() - began;
  };
}

// The rules of the house: who may import whom, and what no path to a result may call. Each returns what breaks it.

import { builtinModules } from "node:module";
import { posix } from "node:path";
import { codeOf, codeWithoutImports, type Import, importsOf } from "./source-scan.ts";

// the folders right above each; it may import these, and whatever they may import
const SRC_UPSTREAM: Record<string, string[]> = {
  core: [],
  cells: ["core"],
  tasks: ["core"],
  theory: ["core"],
  workers: ["core"],
  analysis: ["cells"],
  io: ["cells"],
  curricula: ["tasks"],
  training: ["cells", "curricula", "io"],
  experiments: ["training", "analysis", "theory", "workers"],
  report: ["experiments"],
  sweep: ["report"],
  cli: ["sweep"],
};

// although it lies upstream: a sweep knows jobs, not threads
const SRC_NEVER: Record<string, string[]> = { sweep: ["workers"] };

// parts of the core: a folder, or a file by itself; plan, layout, history, sequence and recording are not in DESIGN.md, they join its groups
const KERNELS = ["tile", "activations", "linalg"];
const PARTS = ["cells", "tasks", "loss", "optim", "init", "analysis", "theory"];
const ASSEMBLY_UPSTREAM: Record<string, string[]> = {
  arena: [],
  simd: [],
  math: ["arena", "simd"],
  rng: ["arena", "simd"],
  reduce: ["arena", "simd"],
  ...Object.fromEntries(KERNELS.map((name) => [name, ["math", "rng", "reduce"]])),
  gemm: ["tile"],
  epilogues: ["gemm", "activations"],
  plan: ["epilogues", "linalg"],
  layout: ["plan"],
  history: ["plan"],
  ...Object.fromEntries(PARTS.map((name) => [name, ["plan"]])),
  // systems in f64, which analysis follows
  dynamics: ["plan"],
  analysis: ["dynamics"],
  sequence: [...PARTS, "history"],
  recording: ["sequence"],
  index: ["recording", "layout"],
};

const BUILT: Record<string, string> = { "build/core.js": "core", "build/worker.js": "experiments" };

/** What `folder` may import, itself included. */
export function upstreamOf(folder: string, graph: "src" | "assembly"): Set<string> {
  const edges = graph === "src" ? SRC_UPSTREAM : ASSEMBLY_UPSTREAM;
  const found = new Set([folder]);
  for (const name of found) for (const above of edges[name] ?? []) found.add(above);
  for (const name of SRC_NEVER[folder] ?? []) found.delete(name);
  return found;
}

/** The part of the tree that a file belongs to: "cells" for both src/cells/network.ts and assembly/cells/leaky.ts. */
function partOf(path: string): string {
  const [, ...names] = path.split("/");
  return names[0]!.replace(/(?:\.d)?\.ts$/, "");
}

/** What is wrong with the imports of a file of src/ or assembly/. */
export function importViolations(path: string, source: string): string[] {
  const judge = path.startsWith("src/") ? judgeSource : judgeCore;
  const known = path.startsWith("src/") ? { ...SRC_UPSTREAM, index: [], node: [] } : ASSEMBLY_UPSTREAM;
  if (!(partOf(path) in known)) return [`${path}: "${partOf(path)}" has no place in the graph of imports`];
  return importsOf(source).flatMap((each) => {
    const problem = judge(path, path.endsWith(".d.ts") ? { ...each, typeOnly: true } : each);
    return problem ? [`${path}: imports ${each.specifier ?? "a computed module"}, ${problem}`] : [];
  });
}

function judgeSource(path: string, { specifier, typeOnly }: Import): string | undefined {
  const part = partOf(path);
  const hidesNode = part === "workers" || path === "src/core/read-bytes.ts";
  if (specifier === undefined) return hidesNode ? undefined : "which only workers may";
  if (specifier.startsWith(".")) return judgeRelative(path, posix.join(posix.dirname(path), specifier));
  if (specifier.startsWith("node:") || builtinModules.includes(specifier)) {
    const allowed = path === "src/io/run-directory.ts" || path === "src/node.ts" || part === "cli";
    return allowed || (hidesNode && typeOnly) ? undefined : "which only Node has";
  }
  return part === "report" && !/^d3-/.test(specifier) ? "but a report may use d3 only" : undefined;
}

function judgeRelative(path: string, target: string): string | undefined {
  const part = partOf(path);
  if (BUILT[target]) return BUILT[target] === part ? undefined : `which only ${BUILT[target]} may`;
  if (!target.startsWith("src/")) return "which is outside src";
  // the package's entries
  if (path === "src/node.ts") return partOf(target) === "cli" ? "which is no library" : undefined;
  if (path === "src/index.ts") {
    const noLibrary = partOf(target) === "cli" || ["src/node.ts", "src/io/run-directory.ts"].includes(target);
    return noLibrary ? "which does not run everywhere" : undefined;
  }
  return upstreamOf(part, "src").has(partOf(target)) ? undefined : "against the direction of imports";
}

function judgeCore(path: string, { specifier }: Import): string | undefined {
  if (!specifier?.startsWith(".")) return "which is not a file of the core";
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith("assembly/")) return "which is outside assembly";
  return upstreamOf(partOf(path), "assembly").has(partOf(target))
    ? undefined
    : "against the direction of imports";
}

// what IEEE 754 and ECMAScript define to the last bit
const EXACT = [
  "abs",
  "ceil",
  "clz32",
  "floor",
  "fround",
  "imul",
  "max",
  "min",
  "round",
  "sign",
  "sqrt",
  "trunc",
];
const CONSTANTS = ["E", "LN10", "LN2", "LOG10E", "LOG2E", "PI", "SQRT1_2", "SQRT2"];

const CLOCKS_AND_CHANCE = /\b(?:Date|performance|hrtime|getRandomValues|randomUUID)\b/g;
// chooses between kernels of the same bits by their speed
const MAY_READ_THE_CLOCK = "src/experiments/fast-core.ts";
const CORE_MEMORY = /\bmemory\s*[?!]?\.\s*buffer\b|\bexports\b|\bWebAssembly\b/g;
const NOT_IN_THE_CORE = /\w*relaxed\w*|@external\b|\b(?:declare|Mathf|NativeMathf|JSMath|new)\b|["'`]/gi;

/** Calls in a file of src/ or assembly/ whose result depends on the engine, the host or the moment. */
export function callViolations(path: string, source: string): string[] {
  if (path.startsWith("src/cli/")) return [];
  const inCore = path.startsWith("assembly/");
  const code = inCore ? codeWithoutImports(source) : codeOf(source);
  const mayTime = path === MAY_READ_THE_CLOCK;
  const found = mayTime ? [] : [...code.matchAll(CLOCKS_AND_CHANCE)].map(([text]) => text);
  for (const [text, name] of code.matchAll(/\bMath\b(?:\s*\.\s*(\w+))?/g)) {
    // the core's Math is compiled in, but its random numbers come from the host
    const allowed = inCore
      ? name !== undefined && !/^(?:random|seedRandom)$/.test(name)
      : [...EXACT, ...CONSTANTS].includes(name ?? "");
    if (!allowed) found.push(text);
  }
  // a power of two written out is exact everywhere
  if (/\*\*/.test(code.replace(/(?<![\w.]|\*\*\s*)2 \*\* \d+(?![\w.]|\s*\*\*)/g, ""))) found.push("**");
  if (inCore) found.push(...[...code.matchAll(NOT_IN_THE_CORE)].map(([text]) => text));
  else if (partOf(path) !== "core") found.push(...[...code.matchAll(CORE_MEMORY)].map(([text]) => text));
  return found.map((text) => `${path}: ${text}`);
}

const MOST_LINES = 400;

/** What is wrong with a source file as such: its length, its first line. */
export function fileViolations(path: string, source: string): string[] {
  const lines = source.split("\n").length - 1;
  const long = lines > MOST_LINES ? [`${path}: ${lines} lines, at most ${MOST_LINES}`] : [];
  return /^\/\/ \S/.test(source) ? long : [...long, `${path}: does not begin with a header comment`];
}

/** Whether a path has a name that says nothing. */
export function nameViolations(path: string): string[] {
  return /(?:^|\/)(?:utils?|helpers?|common)(?:[./]|$)/i.test(path) ? [`${path}: says nothing`] : [];
}

/** Traces in a text of the machine it was written on: paths, and hosts of package registries. */
export function machineTraces(path: string, text: string): string[] {
  const absolute = text.matchAll(/(?<![\w.*)\]}~-])\/(?:work|root|tmp|home|Users)\/[\w./-]*/g);
  const hosts = text.matchAll(
    /\b(?:[\w-]+\.)*(?:registry|artifactory|verdaccio|pypi|pythonhosted)\.\w[\w.-]*/gi,
  );
  return [...absolute, ...hosts].map(([found]) => `${path}: ${found}`);
}

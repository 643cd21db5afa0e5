// Compiles AssemblyScript for tests: harness modules, and variants of the core with a change in one place.
//
// The options are asconfig.json's, so that a kernel under test is optimised as the one that is shipped.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Transform } from "assemblyscript/transform";
import { bind } from "./instantiate.ts";

const config = JSON.parse(readFileSync("asconfig.json", "utf8"));
const HARNESS = "test/assembly/harness";
const OUTPUT = "build/test";

/** A change of the source: in `file`, `from` (which must occur exactly once) becomes `to`. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** A WebAssembly feature that `to` needs and the core does without, as `asc --enable` calls it. */
  readonly feature?: string;
}

/**
 * The core, with some changes to its source.
 *
 * @throws Error if the text of a change is not found exactly once in its file, or if the result does not compile.
 */
export function compileCore(...changes: Change[]): Promise<Uint8Array<ArrayBuffer>> {
  const enable = [...config.options.enable, ...changes.flatMap(({ feature }) => feature ?? [])];
  return compile(config.entries, { ...config.options, enable }, changes);
}

/**
 * The text of a change's file after the change.
 *
 * @throws Error if what is to be changed is not found exactly once.
 */
export function applyChange({ file, from, to }: Change, text: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(`compile: ${file} has ${parts.length - 1} times «${from}», not once.`);
  }
  return parts.join(to);
}

/** The exports of harness `name`, compiled if its sources have changed since the last time. */
export async function loadHarness<Exports>(name: string): Promise<Exports> {
  const entry = `${HARNESS}/${name}.ts`;
  const file = `${name}-${digest([entry, ...sources()])}.wasm`;
  const path = join(OUTPUT, file);
  if (existsSync(path)) return bind<Exports>(readFileSync(path));
  const options = { ...config.options, runtime: "incremental", exportRuntime: true };
  const { DescribeExports } = await import("./transform.js");
  const bytes = await compile([entry], options, [], [DescribeExports]);
  keep(file, bytes, (old) => old.startsWith(`${name}-`) && old.endsWith(".wasm"));
  return bind<Exports>(bytes);
}

// write a file in one piece, since other test files may look for it at the same time; remove what it replaces
function keep(file: string, bytes: Uint8Array, replaces: (old: string) => boolean): void {
  mkdirSync(OUTPUT, { recursive: true });
  const unfinished = join(OUTPUT, `${file}.${process.pid}`);
  writeFileSync(unfinished, bytes);
  renameSync(unfinished, join(OUTPUT, file));
  for (const old of readdirSync(OUTPUT)) {
    if (old !== file && replaces(old)) rmSync(join(OUTPUT, old), { force: true });
  }
}

async function compile(
  entries: string[],
  options: object,
  changes: Change[],
  transforms: Transform[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const unused = new Set(changes);
  const readFile = (name: string) => {
    if (name === "asconfig.json") return JSON.stringify({ entries, options });
    if (!existsSync(name)) return null;
    let text = readFileSync(name, "utf8");
    for (const change of changes) {
      if (change.file !== name) continue;
      text = applyChange(change, text);
      unused.delete(change);
    }
    return text;
  };
  const writeFile = (_name: string, contents: Uint8Array | string) => {
    bytes = contents as Uint8Array<ArrayBuffer>;
  };
  // loading the compiler takes a second, and most runs find their harness compiled
  const { main } = await import("assemblyscript/asc");
  const { error, stderr } = await main(["--outFile", "module.wasm"], { readFile, writeFile, transforms });
  for (const { file } of unused) throw new Error(`compile: ${file} is no source of ${entries}.`);
  if (error || !bytes) throw new Error(`compile: ${entries} does not compile: ${stderr}`);
  return bytes;
}

// all that the bytes of a harness depend on, besides its own file
function sources(): string[] {
  const kernels = readdirSync("assembly", { recursive: true, encoding: "utf8" });
  return [
    "asconfig.json",
    "package-lock.json",
    "test/assembly/as-bind/transform.js",
    ...kernels.filter((name) => name.endsWith(".ts")).map((name) => join("assembly", name)),
  ];
}

function digest(files: string[]): string {
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  return hash.digest("hex").slice(0, 16);
}

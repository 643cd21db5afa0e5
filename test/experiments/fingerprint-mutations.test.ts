// Can the fingerprint fail? It is run whole on cores with one change each that the numeric contract forbids.
//
// The program is the library's, bundled with the changed core in place of the built one, and run by a Node of its own, or
// by a browser.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { relative, sep } from "node:path";
import { text } from "node:stream/consumers";
import { deflateRawSync } from "node:zlib";
import { build, type Platform, type Plugin } from "esbuild";
import { describe, expect, test } from "vitest";
import { coreHash, deflatedCore } from "../../build/core.js";
import type { Fingerprint } from "../../src/experiments/fingerprint.ts";
import { callViolations } from "../architecture/rules.ts";
import { opcodesOf, SIMD_PREFIX } from "../architecture/wasm-opcodes.ts";
import { applyChange, type Change, compileCore } from "../assembly/as-bind/compile.ts";
import golden from "../golden/fingerprint.json" with { type: "json" };

/** A core with a change. */
interface Variant {
  changes: Change[];
  bytes: Uint8Array<ArrayBuffer>;
}

async function compileVariant(...changes: Change[]): Promise<Variant> {
  const ofCore = changes.filter(({ file }) => file.startsWith("assembly/"));
  return { changes, bytes: await compileCore(...ofCore) };
}

const unchanged = await compileVariant();

// one product and sum of a step back through time, fused where the processor can
const relaxed = await compileVariant({
  file: "assembly/cells/leaky-outside.ts",
  from: "f32x4.add(kept, sums)",
  to: "f32x4.relaxed_madd(v128.load(this.keep + column + offset), v128.load(this.c + at + offset), sums)",
  feature: "relaxed-simd",
});

// the first of four lanes: the host's f64, rounded, is mostly ours too
const hostTanh = await compileVariant({
  file: "assembly/math.ts",
  from: "return v128.or(v128.bitselect(small, large, f32x4.lt(magnitude, constant(TANH_SMALL))), sign);",
  to: `const own = v128.or(v128.bitselect(small, large, f32x4.lt(magnitude, constant(TANH_SMALL))), sign);
  return f32x4.replace_lane(own, 0, <f32>JSMath.tanh(f32x4.extract_lane(x, 0)));`,
});

// the host knows the number too
const fourShards = await compileVariant(
  { file: "assembly/plan.ts", from: "const SHARDS: i32 = 8;", to: "const SHARDS: i32 = 4;" },
  { file: "src/core/plan.ts", from: "const SHARDS = 8;", to: "const SHARDS = 4;" },
);

/** A Node, and whether it tells a relaxed multiply-add from an exact one. */
interface Engine {
  name: string;
  program: string;
  flags: string[];
  /** Why it does not. */
  lacks: string | undefined;
}

// (func (export "f") (param f32 f32 f32) (result f32)): lane 0 of the relaxed multiply-add of its arguments
const splats = [0, 1, 2].flatMap((parameter) => [0x20, parameter, 0xfd, 0x13]);
const multiplyAdd = [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 8, 1, 0x60, 3, 0x7d, 0x7d, 0x7d, 1, 0x7d, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0],
  ...[10, 22, 1, 20, 0, ...splats, 0xfd, 0x85, 0x02, 0xfd, 0x1f, 0, 0x0b],
];
// (1 + 2^-12)² - (1 + 2^-11) is 2^-24, but 0 if the square is rounded to f32 first
const probe = `
  const module = new WebAssembly.Module(Uint8Array.of(${multiplyAdd}));
  new WebAssembly.Instance(module).exports.f(1 + 2 ** -12, 1 + 2 ** -12, -1 - 2 ** -11);
`;

function findEngine(name: string, program: string): Engine {
  if (!existsSync(program)) return { name, program, flags: [], lacks: "it is not installed" };
  // Node 20 has relaxed SIMD behind a flag, which later ones do not know any more
  for (const flags of [[], ["--experimental-wasm-relaxed-simd"]]) {
    try {
      const result = execFileSync(program, [...flags, "-p", probe], { encoding: "utf8", stdio: "pipe" });
      const lacks = Number(result) === 0 ? "this processor does not fuse" : undefined;
      return { name, program, flags, lacks };
    } catch {}
  }
  return { name, program, flags: [], lacks: "it has no relaxed SIMD" };
}

const here = findEngine(`Node ${process.versions.node}`, process.execPath);
const engines = [here].concat(
  [22, 24, 26].map((major) => findEngine(`Node ${major}`, `test/engines/node_modules/node${major}/bin/node`)),
);

// what the changed core needs of the host is there, in vain for the others
const program = `
  import { fingerprint } from "./src/experiments/fingerprint.ts";
  const { instantiate } = WebAssembly;
  const env = { "Math.tanh": Math.tanh };
  WebAssembly.instantiate = (module, imports) => instantiate(module, { env, ...imports });
  console.log(JSON.stringify(await fingerprint()));
`;

/** The whole fingerprint program on a changed core. */
async function fingerprintOf(variant: Variant, engine = here): Promise<Fingerprint> {
  const bundled = await bundle(variant, program, "node");
  const stdio = ["pipe", "pipe", "inherit"] as const;
  const child = spawn(engine.program, [...engine.flags, "--input-type=module"], { stdio: [...stdio] });
  child.stdin.end(bundled);
  const found: Fingerprint = JSON.parse(await text(child.stdout));
  expect(found.core).toBe(sha256(variant.bytes));
  return found;
}

async function bundle(variant: Variant, contents: string, platform: Platform): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    plugins: [replaceCore(variant)],
    bundle: true,
    format: "esm",
    platform,
    target: "es2022",
    write: false,
  });
  return outputFiles[0]!.text;
}

/** What a browser finds on the changed core, or what it lacks. */
interface InBrowser {
  name: string;
  found?: Fingerprint;
  lacks?: string;
  error?: string;
}

const page = `
  import { fingerprint } from "./src/experiments/fingerprint.ts";
  const run = async () => {
    const bytes = Uint8Array.of(${multiplyAdd});
    if (!WebAssembly.validate(bytes)) return { lacks: "it has no relaxed SIMD" };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const fused = exports.f(1 + 2 ** -12, 1 + 2 ** -12, -1 - 2 ** -11) !== 0;
    return fused ? { found: await fingerprint() } : { lacks: "this processor does not fuse" };
  };
  globalThis.result = JSON.stringify(await run().catch((error) => ({ error: String(error) })));
`;

async function runInBrowsers(variant: Variant): Promise<InBrowser[]> {
  const names = ["Chromium", "Firefox ESR", "WebKitGTK"];
  const driver = new URL("../engines/browsers.js", import.meta.url).href;
  const loaded = await import(driver).catch(() => undefined);
  if (!loaded) return names.map((name) => ({ name, lacks: "what drives it is not installed" }));
  const bundled = await bundle(variant, page, "browser");
  const server = createServer((request, response) => {
    const script = request.url === "/page.js";
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" });
    response.end(script ? bundled : '<!doctype html><script type="module" src="page.js"></script>');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const results: InBrowser[] = [];
  for (const name of names) {
    const { found, load } = loaded.browsers[name];
    results.push({ name, ...(found() ? JSON.parse(await load(address)) : { lacks: "it is not installed" }) });
  }
  server.close();
  return results;
}

const inBrowsers = await runInBrowsers(relaxed);

function replaceCore({ changes, bytes }: Variant): Plugin {
  return {
    name: "replace the core",
    setup({ onLoad }) {
      onLoad({ filter: /\.[jt]s$/ }, ({ path }) => {
        const file = relative(process.cwd(), path).replaceAll(sep, "/");
        let contents = readFileSync(path, "utf8");
        if (file === "build/core.js") {
          const deflated = deflateRawSync(bytes).toString("base64");
          contents = contents.replace(deflatedCore, deflated).replace(coreHash, sha256(bytes));
        }
        for (const change of changes) if (change.file === file) contents = applyChange(change, contents);
        return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
      });
    },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Insist that the fingerprint differs from the committed one, in every training that the change reaches and in what is
 * measured on all networks, and in no other. Accuracies count answers, which the last bits of a network need not change.
 */
function expectOtherBits(found: Fingerprint, reached: (training: string) => boolean, count: number): void {
  expect(found.all).not.toBe(golden.all);
  expect(Object.keys(found.parts)).toEqual(Object.keys(golden.parts));
  const parts = Object.entries(golden.parts).filter(([name]) => name !== "evaluation");
  const differing = parts.filter(([name, hash]) => found.parts[name] !== hash).map(([name]) => name);
  const names = parts.map(([name]) => name);
  expect(differing).toEqual(names.filter((name) => name === "weights" || reached(name)));
  expect(differing).toHaveLength(count + 1);
}

describe("the fingerprint", () => {
  test("is the committed one on the unchanged core, compiled and run in the same way as the changed ones", async () => {
    const { all, parts } = await fingerprintOf(unchanged);
    expect(parts).toEqual(golden.parts);
    expect(all).toBe(golden.all);
  });

  for (const engine of engines) {
    const where = engine.lacks ? `${engine.name}, skipped: ${engine.lacks}` : engine.name;
    test.skipIf(engine.lacks)(
      `differs for one relaxed instruction, in the 18 trainings of the cell that has it, what one of them is measured to do, and in no other (${where})`,
      async () => {
        const found = await fingerprintOf(relaxed, engine);
        expectOtherBits(found, (part) => part.includes(" leaky-outside "), 19);
      },
    );
  }

  for (const { name, found, lacks, error } of inBrowsers) {
    const where = lacks ? `${name}, skipped: ${lacks}` : name;
    test.skipIf(lacks)(
      `differs for one relaxed instruction, in the 18 trainings of the cell that has it, what one of them is measured to do, and in no other (${where})`,
      () => {
        expect(error).toBeUndefined();
        expect(found!.core).toBe(sha256(relaxed.bytes));
        expectOtherBits(found!, (part) => part.includes(" leaky-outside "), 19);
      },
    );
  }

  test("differs for one Math.tanh of the host, in the 9 trainings with tanh, the 8 parts of trained gated cells, and in no other", async () => {
    // random systems are in f64
    const isChanged = (part: string) => / (?:tanh|gru|lstm) /.test(part) && !part.startsWith("dynamics tanh");
    expectOtherBits(await fingerprintOf(hostTanh), isChanged, 17);
  });

  test("differs for 4 shards instead of 8, in all 42 trainings and what is measured of them", async () => {
    const isTrained = (part: string) =>
      /^(?:training|resume|evaluation|weights|analysis|dynamics trained)/.test(part);
    expectOtherBits(await fingerprintOf(fourShards), isTrained, 49);
  });
});

describe("the rules of the house", () => {
  const violations = ({ changes }: Variant) =>
    changes.flatMap((change) => {
      const source = readFileSync(change.file, "utf8");
      expect(callViolations(change.file, source)).toEqual([]);
      return callViolations(change.file, applyChange(change, source));
    });
  const relaxedIn = ({ bytes }: Variant) => [
    ...new Set(
      opcodesOf(bytes).filter((opcode) => opcode >> 16 === SIMD_PREFIX && (opcode & 0xffff) >= 0x100),
    ),
  ];

  test("refuse the source of the relaxed instruction and of the host's function", () => {
    expect(violations(relaxed)).toEqual(["assembly/cells/leaky-outside.ts: relaxed_madd"]);
    expect(violations(hostTanh)).toEqual(["assembly/math.ts: JSMath"]);
  });

  test("find the relaxed instruction and the one import in the bytes, and none in the others", async () => {
    const madd = (SIMD_PREFIX << 16) + 0x105;
    expect([relaxed, unchanged, hostTanh, fourShards].map(relaxedIn)).toEqual([[madd], [], [], []]);
    const imports = [hostTanh, unchanged, fourShards].map(async ({ bytes }) =>
      WebAssembly.Module.imports(await WebAssembly.compile(bytes)),
    );
    const tanh = { module: "env", name: "Math.tanh", kind: "function" };
    expect(await Promise.all(imports)).toEqual([[tanh], [], []]);
  });
});

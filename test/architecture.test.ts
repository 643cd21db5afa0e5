// The rules of the house, checked on every source file and on the built core; each rule is also shown to catch what breaks it.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { coreBytes } from "../src/core/bytes.ts";
import { Core } from "../src/core/core.ts";
import {
  callViolations,
  fileViolations,
  importViolations,
  machineTraces,
  nameViolations,
  upstreamOf,
} from "./architecture/rules.ts";
import { codeOf, importsOf } from "./architecture/source-scan.ts";
import { opcodesOf, SIMD_PREFIX } from "./architecture/wasm-opcodes.ts";

const root = join(import.meta.dirname, "..");
const files = (...places: string[]) =>
  places
    .filter((place) => existsSync(join(root, place)))
    .flatMap((place) => {
      if (statSync(join(root, place)).isFile()) return [place];
      const below = readdirSync(join(root, place), { recursive: true, encoding: "utf8" });
      return below.map((name) => `${place}/${name.replaceAll("\\", "/")}`);
    })
    .filter((path) => !path.includes("/node_modules/") && statSync(join(root, path)).isFile());
const read = (path: string) => readFileSync(join(root, path), "utf8");
const sources = files("src", "assembly").filter((path) => path.endsWith(".ts"));
const bytes = await coreBytes();

describe("the scanner", () => {
  test("blanks comments, strings, templates and regular expressions, but not the code in a template", () => {
    const source = `a /* new \\*/ + "x\\"y" // new\\
+ \`t \${b + \`u \${"v"} w\`} t\` + /[/"]new/g.test(c) / d; ''`;
    const code = `a + " "
+ \` \${b + \` \${" "} \`} \` + .test(c) / d; ''`;
    expect(codeOf(source).replace(/ +/g, " ").replace(" \n", "\n")).toBe(code);
    expect(codeOf(source).length).toBe(source.length);
  });

  test("takes a slash behind a value for a division, and behind an operator for a regular expression", () => {
    expect(codeOf("x++ / y / (a) / 2 / b[1] / c")).toBe("x++ / y / (a) / 2 / b[1] / c");
    expect(codeOf("return /a'b/ && !/[/']/")).toBe("return       && !      ");
  });

  test("finds all nine forms of import and no tenth", () => {
    const source = `
      import a from "1";
      import * as b from '2';
      import { c, type D } from "3";
      import type { E } from "4";
      export { f } from "5";
      export type * from "6";
      import "7";
      const g = await import("8") as typeof import("9");
      import(h); // import "10"
      const from = "import x from '11'"; export const y = from; notImport("12"); z.import("13");`;
    const typeOnly = importsOf(source).filter((each) => each.typeOnly);
    expect(importsOf(source).map((each) => each.specifier)).toEqual([..."123456789", undefined]);
    expect(typeOnly.map((each) => each.specifier)).toEqual(["4", "6", "9"]);
  });
});

describe("imports", () => {
  test("go one way in every file of src/ and assembly/", () => {
    expect(sources.length).toBeGreaterThan(70);
    expect(sources.flatMap((path) => importViolations(path, read(path)))).toEqual([]);
  });

  test("let a folder reach everything upstream of it", () => {
    const all = (folder: string) => [...upstreamOf(folder, "src")].sort().join(" ");
    expect(all("theory")).toBe("core theory");
    expect(all("analysis")).toBe("analysis cells core");
    expect(all("workers")).toBe("core workers");
    expect(all("training")).toBe("cells core curricula io tasks training");
    expect(all("cli").split(" ").length).toBe(13);
  });

  test.each([
    ["src/theory/mean-field.ts", "../cells/network.ts"],
    ["src/analysis/autocorrelation.ts", "../training/trainer.ts"],
    ["src/analysis/autocorrelation.ts", "../tasks/task.ts"],
    ["src/workers/pool.ts", "../training/trainer.ts"],
    ["src/training/trainer.ts", "../workers/spawn.ts"],
    ["src/io/manifest.ts", "../curricula/curriculum.ts"],
    ["src/cells/network.ts", "../io/npz.ts"],
    ["src/core/core.ts", "../cells/network.ts"],
    ["src/experiments/dms.ts", "../report/page.ts"],
    ["src/sweep/jobs.ts", "../workers/spawn.ts"],
    ["src/cells/network.ts", "../../build/core.js"],
    ["src/training/trainer.ts", "../../build/worker.js"],
    ["src/training/trainer.ts", "../../test/golden/x.json"],
    ["src/index.ts", "./io/run-directory.ts"],
    ["src/index.ts", "./cli/cli.ts"],
    ["src/io/npz.ts", "node:fs"],
    ["src/io/npz.ts", "fs"],
    ["src/workers/spawn.ts", "node:worker_threads"],
    ["src/report/page.ts", "comlink"],
    ["src/report/page.ts", "d3"],
    ["assembly/simd.ts", "./math"],
    ["assembly/gemm.ts", "./plan"],
    ["assembly/cells/leaky.ts", "../loss"],
    ["assembly/optim.ts", "./init"],
    ["assembly/tasks/parity.ts", "../sequence"],
    ["assembly/math.ts", "assemblyscript/std/math"],
    ["assembly/math.ts", "../src/core/core"],
    ["src/misc/anything.ts", "../core/core.ts"],
    ["assembly/misc.ts", "./simd"],
  ])("%s must not import %s", (path, specifier) => {
    expect(importViolations(path, `import { x } from "${specifier}";`)).toHaveLength(1);
  });

  test("of a type alone, or hidden in a variable, let src/workers and nobody else see Node", () => {
    const typeOnly = 'import type { Worker } from "node:worker_threads";';
    const hidden = 'const name = "node:worker_threads"; await import(name);';
    for (const source of [typeOnly, hidden]) {
      expect(importViolations("src/workers/spawn.ts", source)).toEqual([]);
      expect(importViolations("src/training/trainer.ts", source)).toHaveLength(1);
    }
  });
});

describe("calls", () => {
  test("in src/ and assembly/ give the same bits in every engine", () => {
    expect(sources.flatMap((path) => callViolations(path, read(path)))).toEqual([]);
  });

  const inexact =
    "exp log log2 log10 tanh sinh cosh sin cos tan asin acos atan atan2 pow hypot cbrt expm1 log1p random";
  test.each([
    ...inexact.split(" ").map((name) => `Math.${name}(x)`),
    "x ** y",
    "x **= 2",
    "3 ** 2",
    "2 ** 0.5",
    "y ** 2 ** 3",
    "const { exp } = Math",
    "new Date()",
    "Date.now()",
    "performance.now()",
    "crypto.getRandomValues(x)",
    "core.exports.memory.buffer",
    "const { exports } = core",
    "memory.buffer",
    `\`\${Math.exp(x)}\``,
  ])("%s is refused in src/training", (code) => {
    expect(callViolations("src/training/x.ts", `// planted\nconst y = ${code};`)).not.toEqual([]);
  });

  test.each([
    "f32x4.relaxed_madd(a, b, c)",
    "i8x16.relaxed_swizzle(a, b)",
    '@external("env", "f") y',
    "declare function f(): void",
    "Mathf.exp(x)",
    "NativeMathf.exp(x)",
    "JSMath.exp(x)",
    "new Plan()",
    '"text"',
    "`text`",
    "Math.random()",
    "x ** y",
    "Date.now()",
  ])("%s is refused in assembly", (code) => {
    expect(callViolations("assembly/cells/x.ts", `import { y } from "../plan";\n${code};`)).not.toEqual([]);
  });

  test("pass in comments and strings, where they are exact, and where nothing depends on them", () => {
    const mentions = '// Math.exp, new Date()\n/** x ** y */\nconst x = "performance.now()" + `Math.pow`;';
    expect(callViolations("src/io/x.ts", mentions)).toEqual([]);
    expect(callViolations("src/io/x.ts", "const y = Math.sqrt(x) + Math.PI + 2 ** 31 - 1;")).toEqual([]);
    expect(callViolations("src/core/x.ts", "core.exports.memory.buffer")).toEqual([]);
    expect(callViolations("src/cli/x.ts", "performance.now()")).toEqual([]);
    const core =
      '// new "text"\nimport {\n  exp } from "./math";\nexport { log } from "./math";\nconst y = Math.exp(1);';
    expect(callViolations("assembly/x.ts", core)).toEqual([]);
  });
});

describe("files", () => {
  test("have at most 400 lines and begin with a header comment", () => {
    expect(sources.flatMap((path) => fileViolations(path, read(path)))).toEqual([]);
    expect(fileViolations("src/x.ts", `// x.\n${"\n".repeat(400)}`)).toHaveLength(1);
    expect(fileViolations("src/x.ts", `// x.\n${"\n".repeat(399)}`)).toEqual([]);
    expect(fileViolations("src/x.ts", "export {};\n// x.\n")).toHaveLength(1);
  });

  test("have names that say something", () => {
    expect(files("src", "assembly", "test", "bench").flatMap(nameViolations)).toEqual([]);
    const planted = ["src/utils/x.ts", "src/io/helpers.ts", "test/common.ts", "src/io/util.d.ts"];
    expect(planted.flatMap(nameViolations)).toHaveLength(4);
    expect(["src/io/commonplace.ts", "src/io/utility-theory.ts"].flatMap(nameViolations)).toEqual([]);
  });

  test("tell nothing of the machine they were written on", () => {
    const documents = readdirSync(root).filter((name) => name.endsWith(".md"));
    const texts = files(...documents, "package.json", "docs", "src", "assembly", "test", "bench").filter(
      (path) => !read(path).includes("\0"),
    );
    expect(texts.length).toBeGreaterThan(sources.length);
    expect(texts.flatMap((path) => machineTraces(path, read(path)))).toEqual([]);
  });

  test.each(["work", "root", "tmp", "home", "Users"])("betray a path under %s", (folder) => {
    const path = ["", folder, "x"].join("/");
    for (const text of [path, `"${path}"`, `see ${path}.`, `(${path})`, `file://${path}`]) {
      expect(machineTraces("README.md", text)).toHaveLength(1);
    }
    expect(machineTraces("README.md", `https://example.org${path} ..${path} 1e6${path}`)).toEqual([]);
  });

  test("betray the host of a package registry", () => {
    const host = ["registry", "example", "org"].join(".");
    expect(machineTraces("README.md", `https://${host}/x npm.${host}`)).toHaveLength(2);
    expect(machineTraces("README.md", "The registry. An npm registry is no host.")).toEqual([]);
  });
});

describe("the built core", () => {
  test("has no imports, and exports its memory and exactly the methods of CoreExports", async () => {
    const module = await WebAssembly.compile(bytes);
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    const methods = [...codeOf(read("src/core/exports.ts")).matchAll(/^ {2}(\w+)\(([^)]*)\)/gm)];
    const expected = methods.map(([, name, parameters]) => [name, [...parameters!.matchAll(/:/g)].length]);
    const { exports } = await Core.load();
    const actual = WebAssembly.Module.exports(module)
      .filter(({ kind }) => kind === "function")
      .map(({ name }) => [name, (exports as unknown as Record<string, () => void>)[name]!.length]);
    expect(methods.length).toBeGreaterThan(20);
    expect(actual.sort()).toEqual(expected.sort());
    const others = WebAssembly.Module.exports(module).filter(({ kind }) => kind !== "function");
    expect(others).toEqual([{ name: "memory", kind: "memory" }]);
  });

  test("has SIMD instructions but no relaxed ones", () => {
    const simd = opcodesOf(bytes).filter((opcode) => opcode >> 16 === SIMD_PREFIX);
    expect(simd.length).toBeGreaterThan(500);
    expect(simd.filter((opcode) => (opcode & 0xffff) >= 0x100)).toEqual([]);
  });

  // (module (func i32.const … drop …)); the constant has the bytes of a relaxed instruction
  const moduleOf = (...body: number[]) => {
    const code = [0, 0x41, 0xfd, 0x85, 0x02, 0x1a, ...body, 0x0b];
    return Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
      ...[10, code.length + 2, 1, code.length, ...code],
    );
  };
  const vector = [0xfd, 0x0c, ...Array(16).fill(0x0b)];

  test("would betray a relaxed multiply-add by its opcode, and not by bytes that look like it", () => {
    const exact = [...vector, ...vector, 0xfd, 0xe4, 0x01, 0x1a];
    const relaxed = [...vector, ...vector, ...vector, 0xfd, 0x85, 0x02, 0x1a];
    expect(WebAssembly.validate(moduleOf(...exact))).toBe(true);
    const simd = (SIMD_PREFIX << 16) + 0x0c;
    expect(opcodesOf(moduleOf(...exact))).toEqual([
      0x41,
      0x1a,
      simd,
      simd,
      (SIMD_PREFIX << 16) + 0xe4,
      0x1a,
      0x0b,
    ]);
    expect(opcodesOf(moduleOf(...relaxed))).toContain((SIMD_PREFIX << 16) + 0x105);
    expect(() => opcodesOf(moduleOf(0xfd, 0x0c))).toThrow("instructions end at byte");
  });
});

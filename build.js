// Builds everything: the core, the modules that embed it and the worker, the library, the command line, the types.
//
//   build/core.wasm       the core as AssemblyScript compiles it
//   build/core.js         the same bytes, compressed, as text, and their SHA-256
//   build/worker.js       the worker's program as text
//   dist/                 what is published

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import asc from "assemblyscript/asc";
import { build } from "esbuild";

const common = { bundle: true, target: "es2022", logLevel: "warning" };
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
mkdirSync("build", { recursive: true });
rmSync("dist", { recursive: true, force: true });

await buildCore();
await buildWorker();
await buildBundles();
buildTypes();

async function buildCore() {
  const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", "release"]);
  if (error) {
    process.stderr.write(stderr.toString());
    process.exit(1);
  }
  const bytes = readFileSync("build/core.wasm");
  const hash = createHash("sha256").update(bytes).digest("hex");
  const { all, parts } = JSON.parse(readFileSync("test/golden/fingerprint.json", "utf8"));
  const training = Object.keys(parts).filter((part) => part.startsWith("training "));
  writeModule("core", {
    deflatedCore: deflateRawSync(bytes, { level: 9 }).toString("base64"),
    coreHash: hash,
    expectedFingerprint: all,
    trainingFingerprint: createHash("sha256")
      .update(training.map((part) => parts[part]).join(""))
      .digest("hex"),
    version,
  });
}

// a script without modules, since not every worker can be one; it is sent the core
async function buildWorker() {
  const { outputFiles } = await build({
    ...common,
    entryPoints: ["src/experiments/worker.ts"],
    format: "iife",
    minify: true,
    write: false,
    plugins: [replacing({ "bytes.ts": "bytes-sent.ts" })],
  });
  writeModule("worker", { workerSource: outputFiles[0].text });
  mkdirSync("dist");
  writeFileSync("dist/worker.js", outputFiles[0].text);
  copyFileSync("build/core.wasm", "dist/core.wasm");
}

async function buildBundles() {
  const library = {
    ...common,
    format: "esm",
    outdir: "dist",
    sourcemap: true,
    minify: true,
    external: ["node:*"],
  };
  await build({ ...library, entryPoints: ["src/index.ts"] });
  // its errors are the library's: a copy of them would be other classes
  await build({ ...library, entryPoints: ["src/node.ts"], plugins: [importing("errors.ts", "./index.js")] });
  // the same library, with the core and the worker as files beside it
  await build({
    ...library,
    entryPoints: [{ in: "src/index.ts", out: "external" }],
    plugins: [
      replacing({ "bytes.ts": "bytes-external.ts", "worker-script.ts": "worker-script-external.ts" }),
    ],
  });
  await build({
    ...common,
    entryPoints: ["src/cli/cli.ts"],
    format: "esm",
    outdir: "dist",
    platform: "node",
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire as createRequire_ } from "node:module"; const require = createRequire_(import.meta.url);',
    },
  });
  // npx links to it once, and expects it to stay executable
  chmodSync("dist/cli.js", 0o755);
}

// takes another file for one of a name, in the same folder
function replacing(files) {
  return {
    name: "replacing",
    setup({ onResolve }) {
      onResolve({ filter: /\/(bytes|worker-script)\.ts$/ }, ({ path, resolveDir }) => {
        const other = files[basename(path)];
        return other && { path: join(resolveDir, dirname(path), other) };
      });
    },
  };
}

// leaves the imports of a file to another file beside the result
function importing(file, path) {
  return {
    name: "importing",
    setup({ onResolve }) {
      onResolve({ filter: /^\..*\.ts$/ }, (wanted) =>
        basename(wanted.path) === file ? { path, external: true } : undefined,
      );
    },
  };
}

function buildTypes() {
  // its exports hide the program, but not the manifest beside it
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(dirname(typescript), "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.types.json"], { stdio: "inherit" });
  copyTypes("index.d.ts");
  copyTypes("node.d.ts");
  writeFileSync(
    "dist/types/worker.d.ts",
    "// The script of the library's workers, for `workerUrl`: it exports nothing.\nexport {};\n",
  );
}

// and those it imports; the others are of no use to anyone, and name packages that are only bundled
function copyTypes(path) {
  const copy = join("dist/types", path);
  if (existsSync(copy)) return;
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(join("build/types", path), copy);
  const imports = readFileSync(copy, "utf8").matchAll(/\b(?:from |import\()"(\.[^"]+)\.ts"/g);
  for (const [, file] of imports) copyTypes(join(dirname(path), `${file}.d.ts`));
}

// a module of string constants, with its types
function writeModule(name, constants) {
  const entries = Object.entries(constants);
  const code = entries.map(([key, value]) => `export const ${key} = ${JSON.stringify(value)};\n`);
  const types = entries.map(([key]) => `export declare const ${key}: string;\n`);
  writeFileSync(`build/${name}.js`, code.join(""));
  writeFileSync(`build/${name}.d.ts`, types.join(""));
}

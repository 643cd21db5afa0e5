// Programs of Node, Bun and Deno that import the installed package.

import { join } from "node:path";
import { entry, expectRefusal, expectResult } from "./entry.js";
import { execute, root, write } from "./project.js";

const engine = (...path) => join(root, "test/engines/node_modules", ...path);

const node = [process.execPath];
const bun = [engine("@oven/bun-linux-x64/bin/bun")];
const deno = [engine("@deno/linux-x64-glibc/deno"), "run", "-A"];
const engines = {
  "Node (this one)": node,
  "Node 22": [engine("node22/bin/node")],
  "Node 24": [engine("node24/bin/node")],
  "Node 26": [engine("node26/bin/node")],
  Bun: bun,
  Deno: deno,
};

const core = 'import.meta.resolve("tauscope/core.wasm")';
const readCore = `await (await import("node:fs/promises")).readFile(new URL(${core}))`;

// file → its text
const programs = {
  "embedded.js": entry("tauscope"),
  "external.js": entry("tauscope/external"),
  "addresses.js": entry(
    "tauscope",
    `{ core: ${core}, workerUrl: import.meta.resolve("tauscope/worker"), poolOnly: true }`,
  ),
  "bytes.js": entry("tauscope", `{ core: ${readCore}, poolOnly: true }`),
  "module.js": entry("tauscope", `{ core: await WebAssembly.compile(${readCore}), poolOnly: true }`),
  "required.cjs": `const tauscope = require("tauscope");
import("./program.js").then(({ run }) => run(tauscope));
`,
  "directory.js": `import { ShapeError } from "tauscope";
import { RunDirectory } from "tauscope/node";

const error = await RunDirectory.create("").catch((error) => error);
if (!(error instanceof ShapeError)) throw new Error(\`not the library's ShapeError: \${error}\`);
console.log("the same error classes");
`,
};

const refused = {
  "missing-worker.js": {
    text: entry("tauscope", '{ poolOnly: true, workerUrl: new URL("./nowhere.js", import.meta.url) }'),
    says: /nowhere\.js.* Put worker\.js of this version/,
  },
  "other-worker.js": {
    text: entry("tauscope", '{ poolOnly: true, workerUrl: new URL("./page.js", import.meta.url) }'),
    says: /page\.js does not run: .* Put worker\.js of this version/,
  },
  "relative-core.js": {
    text: entry("tauscope", '{ core: "./core.wasm" }'),
    says: /"\.\/core\.wasm" is not a URL\. .*pass new URL/,
  },
  "missing-core.js": {
    text: entry("tauscope", '{ core: new URL("./nowhere.wasm", import.meta.url) }'),
    says: /nowhere\.wasm cannot be read: .*Put core\.wasm of this version there/,
  },
  "other-core.js": {
    text: entry("tauscope", '{ core: new URL("./page.js", import.meta.url) }'),
    says: /page\.js: got \d+ bytes with SHA-256 .* expected .* Take core\.wasm of this version/,
  },
};

const run = (engine, program, expect) => ({
  needs: [engine[0]],
  run: async ({ project }) => {
    const folder = join(project, "runtimes");
    const texts = Object.entries(refused).map(([name, { text }]) => [name, text]);
    write(folder, { ...programs, ...Object.fromEntries(texts), "page.js": "<!doctype html>\n" });
    const [file, ...args] = engine;
    const { stdout } = await execute(file, [...args, join(folder, program)], { cwd: folder });
    return expect(stdout);
  },
});

/** Each says which engine it was, or which error it was told; or throws. */
export const runtimeChecks = [
  ...Object.entries(engines).map(([name, engine]) => ({
    name: `import, ${name}`,
    ...run(engine, "embedded.js", expectResult),
  })),
  ...Object.entries({ "Node (this one)": node, Bun: bun, Deno: deno }).flatMap(([name, engine]) => [
    { name: `tauscope/external, ${name}`, ...run(engine, "external.js", expectResult) },
    ...Object.entries(refused).map(([file, { says }]) => ({
      name: `refused: ${file.slice(0, -3).replace("-", " ")}, ${name}`,
      ...run(engine, file, (text) => expectRefusal(text, says)),
    })),
  ]),
  { name: "addresses of core and worker, Node", ...run(node, "addresses.js", expectResult) },
  { name: "the core's bytes, Node", ...run(node, "bytes.js", expectResult) },
  { name: "a compiled core, Node", ...run(node, "module.js", expectResult) },
  { name: "require, Node 22", ...run(engines["Node 22"], "required.cjs", expectResult) },
  { name: "tauscope/node, Node", ...run(node, "directory.js", (text) => text.trim()) },
  { name: "command line, Node", run: runCommand },
];

// what it needs is bundled: nothing else is installed
async function runCommand({ project }) {
  const command = join(project, "node_modules/.bin/tauscope");
  const { stdout } = await execute(command, ["fingerprint", "--json"], { cwd: project });
  const { all, engine } = JSON.parse(stdout);
  return expectResult(JSON.stringify({ alone: all, pool: all, engine, workersLeft: 0, stray: [] }));
}

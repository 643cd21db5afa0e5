// Pages without a bundler: those that work, and those that must say what is wrong with them.

import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { entry } from "./entry.js";
import { page, root, write } from "./project.js";

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const embedded = "./embedded/index.js";
const external = "./external/external.js";

/** Pages that work: the site's headers, and what the page imports. */
export const pages = {
  "static page": { site: "plain", specifier: () => embedded },
  "cross-origin import": {
    site: "plain",
    specifier: ({ elsewhere }) => `${elsewhere}/cors/embedded/index.js`,
  },
  "strict CSP, tauscope/external": { site: "strict", specifier: () => external },
  "strict CSP, core and worker given": {
    site: "strict",
    specifier: () => embedded,
    options: '{ core: "./external/core.wasm", workerUrl: "./external/worker.js", poolOnly: true }',
  },
};

const worker = (url) => `{ poolOnly: true, workerUrl: "${url}" }`;
const core = (url) => `{ core: "${url}" }`;
const putWorker = "Put worker\\.js of this version .*own origin.*worker-src";

/** Pages that must fail, with what they must say. */
export const refusedPages = {
  "CSP without WebAssembly": {
    site: "no-wasm",
    specifier: () => embedded,
    says: /not allowed to run its WebAssembly\. Add 'wasm-unsafe-eval' to script-src/,
  },
  "CSP without WebAssembly, in workers": {
    site: "no-wasm",
    specifier: () => embedded,
    options: "{ poolOnly: true }",
    says: /not allowed to run its WebAssembly\. Add 'wasm-unsafe-eval' to script-src/,
  },
  "CSP without blob workers": {
    site: "no-blob",
    specifier: () => embedded,
    options: "{ poolOnly: true }",
    says: /a blob: URL, .* allow them \(worker-src blob:\), or import `tauscope\/external`, or pass `workerUrl`/,
  },
  "CSP without workers": {
    site: "no-worker",
    specifier: () => external,
    options: "{ poolOnly: true }",
    says: new RegExp(`external/worker\\.js .*${putWorker}`),
  },
  "CSP without connections": {
    site: "no-connect",
    specifier: () => external,
    says: /core\.wasm cannot be read: .*must allow it in connect-src/,
  },
  "missing worker": {
    site: "plain",
    specifier: () => embedded,
    options: worker("./nowhere.js"),
    says: new RegExp(`nowhere\\.js could not be loaded\\. ${putWorker}`),
  },
  "worker of another origin": {
    site: "plain",
    specifier: ({ elsewhere }) => `${elsewhere}/cors/external/external.js`,
    options: "{ poolOnly: true }",
    says: new RegExp(`external/worker\\.js .*${putWorker}`),
  },
  "a page as worker": {
    site: "plain",
    specifier: () => embedded,
    options: worker("./page.html"),
    says: new RegExp(`page\\.html .*${putWorker}`),
  },
  "a page as worker, served as script": {
    site: "plain",
    specifier: () => embedded,
    options: worker("./page.js"),
    says: new RegExp(`page\\.js .*${putWorker}`),
  },
  "worker of another version": {
    site: "plain",
    specifier: () => embedded,
    options: worker("./old-worker.js"),
    says: new RegExp(`is of tauscope 0\\.0\\.0, expected ${version}\\. Put worker\\.js of this version`),
  },
  "missing core": {
    site: "plain",
    specifier: () => embedded,
    options: core("./nowhere.wasm"),
    says: /nowhere\.wasm cannot be read: the server answered 404.* Put core\.wasm of this version there/,
  },
  "missing core beside the module": {
    site: "plain",
    specifier: () => "./alone/external.js",
    says: /alone\/core\.wasm cannot be read: the server answered 404.* Put core\.wasm of this version there/,
  },
  "a page as core beside the module": {
    site: "fallback",
    specifier: () => "./alone/external.js",
    says: /alone\/core\.wasm: got \d+ bytes with SHA-256 .* expected .* Take core\.wasm of this version/,
  },
  "another module as core": {
    site: "plain",
    specifier: () => embedded,
    options: core("./other.wasm"),
    says: /other\.wasm: got 8 bytes with SHA-256 .* expected .* Take core\.wasm of this version/,
  },
  "core of another origin": {
    site: "plain",
    specifier: () => embedded,
    options: '{ core: new URL("core.wasm", ELSEWHERE) }',
    says: /core\.wasm cannot be read: .* another origin must send Access-Control-Allow-Origin/,
  },
};

/** Put what the pages import into the site: copies of the package's files, each folder with all that it needs. */
export function writeSite({ project, site }) {
  const dist = join(project, "node_modules/tauscope/dist");
  const copy = (name, folder) => cpSync(join(dist, name), join(site, folder, name));
  copy("index.js", "embedded");
  for (const name of ["external.js", "worker.js", "core.wasm"]) copy(name, "external");
  copy("external.js", "alone");
  const text = readFileSync(join(dist, "worker.js"), "utf8");
  if (!text.includes(`"${version}"`)) throw new Error("worker.js does not know its version");
  write(site, {
    "page.html": page(""),
    "page.js": page(""),
    "other.wasm": Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    "old-worker.js": text.replaceAll(`"${version}"`, '"0.0.0"'),
  });
}

/** Write a page and load it; resolves to what it left. */
export function loadPage(name, { site, specifier, options = "{}" }, context) {
  const file = name.replace(/\W+/g, "-");
  const elsewhere = `${context.elsewhere}/plain/external/`;
  write(context.site, {
    [`${file}.js`]: entry(specifier(context), options.replace("ELSEWHERE", JSON.stringify(elsewhere))),
    [`${file}.html`]: page(`<script type="module" src="./${file}.js"></script>`),
  });
  return context.load(`${context.address}/${site}/${file}.html`);
}

// Takes the pages out of docs/embedding.md and lays them in a folder, with the library from the packed package.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The document that the pages are from. */
export function documentText() {
  return readFileSync(join(root, "docs", "embedding.md"), "utf8");
}

/**
 * Lay the pages below `folder`: plain/index.html, one-file/experiment.html and strict/index.html.
 *
 * @returns the library's file as Node imports it, the settings of each page, by its folder, and the policy of the last.
 */
export function layPages(folder) {
  unpackLibrary(folder);
  const dist = join(folder, "package", "dist");
  const [plain, oneFile, strict] = readBlocks();

  writeBlocks(join(folder, "plain"), plain);
  cpSync(join(dist, "index.js"), join(folder, "plain", "tauscope", "index.js"));

  // as after `npm install esbuild ./tauscope-….tgz`
  writeBlocks(join(folder, "one-file"), oneFile);
  mkdirSync(join(folder, "one-file", "node_modules"));
  symlinkSync(join(folder, "package"), join(folder, "one-file", "node_modules", "tauscope"));
  symlinkSync(join(root, "node_modules", "esbuild"), join(folder, "one-file", "node_modules", "esbuild"));
  const command = ["inline.mjs", "page.html", "experiment.html"];
  execFileSync(process.execPath, command, { cwd: join(folder, "one-file"), stdio: "inherit" });

  writeBlocks(join(folder, "strict"), strict);
  for (const file of ["external.js", "core.wasm", "worker.js"]) {
    cpSync(join(dist, file), join(folder, "strict", "tauscope", file));
  }

  const [, policy] = /Content-Security-Policy" content="(.*?)"/s.exec(strict["index.html"]);
  return {
    policy: policy.replace(/\s+/g, " "),
    library: join(dist, "index.js"),
    settings: {
      plain: readSettings(plain["index.html"]),
      "one-file": readSettings(oneFile["page.html"]),
      strict: readSettings(strict["experiment.js"]),
    },
  };
}

// what is published, without building it again
function unpackLibrary(folder) {
  const command = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const packed = JSON.parse(execFileSync("npm", command, { cwd: root, encoding: "utf8" }));
  // an array, or by name, as npm's version will
  const [{ filename }] = Object.values(packed);
  execFileSync("tar", ["-xzf", filename], { cwd: folder });
}

// of every numbered section its files, by name: a line with the name, and the block below it
function readBlocks() {
  const [, ...sections] = documentText().split(/^## \d\. /m);
  return sections.map((section) => {
    const blocks = section.matchAll(/^`([\w.-]+)`:\n\n```\w+\n(.*?)^```$/gms);
    return Object.fromEntries([...blocks].map(([, name, code]) => [name, code]));
  });
}

function writeBlocks(folder, files) {
  for (const [name, code] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), code);
  }
}

function readSettings(code) {
  return new Function(`return ${/const settings = (\{.*?\});/s.exec(code)[1]}`)();
}

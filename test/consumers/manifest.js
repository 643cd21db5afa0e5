// The package itself: the files in it, its entries, and its types in strict projects.

import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execute, here, tool, write } from "./project.js";

/** Each says what it found, or throws. */
export const manifestChecks = [
  { name: "packed files", run: compareFiles },
  { name: "publint, strict", needs: [tool("publint")], run: runPublint },
  { name: "are the types wrong", needs: [tool("@arethetypeswrong/cli")], run: runAttw },
  ...["nodenext", "bundler"].map((resolution) => ({
    name: `TypeScript, ${resolution}`,
    needs: [tool("typescript"), tool("typescript-oldest")],
    run: (context) => compileTypes(context, resolution),
  })),
];

// a file that appears or vanishes must be meant: the list is part of a change
function compareFiles({ files }) {
  const expected = readFileSync(join(here, "packed-files.txt"), "utf8").trim().split("\n");
  const surprising = files.filter((file) => !expected.includes(file));
  const absent = expected.filter((file) => !files.includes(file));
  if (surprising.length + absent.length === 0) return `${files.length}, as in packed-files.txt`;
  throw new Error(
    `not in packed-files.txt: ${surprising.join(" ") || "none"}; not in the package: ${absent.join(" ") || "none"}. Change the list if that is meant.`,
  );
}

async function runPublint({ tarball }) {
  const { publint } = await import("publint");
  const bytes = readFileSync(tarball);
  const options = { pack: { tarball: new Uint8Array(bytes).buffer }, strict: true };
  const { messages } = await publint(options);
  if (messages.length > 0) throw new Error(JSON.stringify(messages));
  return "no message";
}

// of what a program imports, that is; core.wasm is only an address
async function runAttw({ tarball }) {
  const cli = tool("@arethetypeswrong/cli/dist/index.js");
  const args = ["--profile", "esm-only", "--exclude-entrypoints", "core.wasm", "--format", "ascii"];
  const { stdout } = await execute(process.execPath, [cli, tarball, ...args, "--no-emoji", "--no-color"]);
  const entries = [...stdout.matchAll(/^"(.*)"$/gm)].map(([, name]) => name);
  return entries.join(" ");
}

async function compileTypes({ project }, resolution) {
  const folder = join(project, `types-${resolution}`);
  write(folder, { "tsconfig.json": JSON.stringify(settings[resolution]) });
  cpSync(join(here, "types.ts"), join(folder, "types.ts"));
  const versions = [];
  for (const compiler of ["typescript", "typescript-oldest"]) {
    await execute(process.execPath, [tool(compiler, "bin", "tsc"), "-p", folder]);
    versions.push(JSON.parse(readFileSync(tool(compiler, "package.json"), "utf8")).version);
  }
  return versions.join(" and ");
}

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // the library's declarations are checked too, and find no types but those of the language and the page
  skipLibCheck: false,
  types: [],
  target: "es2022",
  lib: ["es2022", "dom"],
  noEmit: true,
};
const settings = {
  nodenext: { compilerOptions: { ...strict, module: "nodenext" }, files: ["types.ts"] },
  bundler: {
    compilerOptions: { ...strict, module: "esnext", moduleResolution: "bundler" },
    files: ["types.ts"],
  },
};

// Runs a benchmark: `npm run bench -- NAME`, with NAME.ts beside this file. Its result goes to bench/results/NAME.json, and
// the tables that it makes of it, if any, into a README. Without a name it is `step`, a training step beside other
// libraries; `--quick` takes some of its shapes only, and writes nothing.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, totalmem, type } from "node:os";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const names = readdirSync("bench")
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));
const args = process.argv.slice(2);
const quick = args.includes("--quick");
const [name = "step"] = args.filter((arg) => arg !== "--quick");
if (!names.includes(name)) {
  console.error(`bench: "${name}" is not a benchmark; expected one of ${names.join(", ")}.`);
  process.exit(2);
}

const outfile = `build/bench/${name}.mjs`;
await build({
  entryPoints: [`bench/${name}.ts`],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
});
const { measure, describe, describedIn = "bench/README.md" } = await import(pathToFileURL(outfile).href);

const machine = {
  cpu: cpus()[0].model,
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  os: `${type()} ${arch()}`,
};
const result = {
  benchmark: name,
  date: new Date().toISOString().slice(0, 10),
  engine: `Node ${process.version}`,
  machine,
  ...(await measure({ quick })),
};
if (!quick) {
  mkdirSync("bench/results", { recursive: true });
  writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`written to bench/results/${name}.json`);
  if (describe) {
    const readme = readFileSync(describedIn, "utf8");
    const [before, rest] = readme.split(`<!-- ${name} -->`);
    const after = rest.slice(rest.indexOf("<!-- end -->"));
    writeFileSync(describedIn, `${before}<!-- ${name} -->\n\n${describe(result)}\n\n${after}`);
  }
}
process.exit();

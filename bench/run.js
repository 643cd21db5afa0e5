// Runs a benchmark: `npm run bench -- NAME`, with NAME.ts beside this file. Its result goes to bench/results/NAME.json.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { arch, cpus, totalmem, type } from "node:os";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const names = readdirSync("bench")
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));
const [name] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`bench: "${name ?? ""}" is not a benchmark; expected one of ${names.join(", ")}.`);
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
const { measure } = await import(pathToFileURL(outfile).href);

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
  ...(await measure()),
};
mkdirSync("bench/results", { recursive: true });
writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(result, null, 2)}\n`);
console.log(`written to bench/results/${name}.json`);

// How large the package's files are, and an application that only trains; compared with bench/results/bundle-size.json.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { root, tool, write } from "./project.js";

const RECORD = join(root, "bench/results/bundle-size.json");
const MOST_GROWTH = 1.1;

const published = ["index.js", "external.js", "worker.js", "core.wasm", "node.js", "cli.js"];

/** Says how large the library is, or throws if it grew too much; with `record`, writes the record. */
export function sizeCheck(record) {
  return {
    name: record ? "bundle size, recorded" : "bundle size",
    needs: [tool("esbuild")],
    run: async (context) => {
      const files = await measure(context);
      if (record) writeRecord(files);
      const before = JSON.parse(readFileSync(RECORD, "utf8")).files["index.js"].gzip;
      const { bytes, gzip } = files["index.js"];
      const size = `index.js: ${bytes} bytes, ${gzip} with gzip, ${before} when recorded`;
      if (gzip <= before * MOST_GROWTH) return size;
      throw new Error(`${size}. If it must be so large: npm run test:consumers -- --record`);
    },
  };
}

async function measure({ project }) {
  const dist = join(project, "node_modules/tauscope/dist");
  const files = published.map((name) => [name, readFileSync(join(dist, name))]);
  files.push(["an application with Trainer alone", await bundleTrainer(join(project, "sizes"))]);
  const sizes = files.map(([name, content]) => [
    name,
    {
      bytes: content.length,
      gzip: gzipSync(content, { level: 9 }).length,
      brotli: brotliCompressSync(content).length,
    },
  ]);
  return Object.fromEntries(sizes);
}

async function bundleTrainer(folder) {
  const { build } = await import("esbuild");
  write(folder, { "app.js": 'import { Trainer } from "tauscope";\n\nawait Trainer.start();\n' });
  const { outputFiles } = await build({
    entryPoints: [join(folder, "app.js")],
    bundle: true,
    format: "esm",
    minify: true,
    write: false,
  });
  return outputFiles[0].contents;
}

// a date only where something changed
function writeRecord(files) {
  const record = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, "utf8")) : {};
  if (JSON.stringify(record.files) === JSON.stringify(files)) return;
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const date = new Date().toISOString().slice(0, 10);
  const result = { benchmark: "bundle-size", date, version, files };
  writeFileSync(RECORD, `${JSON.stringify(result, null, 2)}\n`);
}

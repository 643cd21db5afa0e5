// Bundlers, each with its plainest settings; a warning of theirs is a failure.

import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { entry } from "./entry.js";
import { page, tool, write } from "./project.js";

const builds = {
  "vite build": { needs: [tool("vite")], build: buildVite },
  webpack: { needs: [tool("webpack")], build: buildWebpack },
  esbuild: { needs: [tool("esbuild")], build: buildEsbuild },
  rollup: { needs: [tool("rollup"), tool("@rollup/plugin-node-resolve")], build: buildRollup },
};

/** Each puts a page into the site, loads it in a browser, and returns what it left. */
export const bundled = [
  ...Object.entries(builds).map(([name, { needs, build }]) => check(name, needs, build, "tauscope")),
  ...["vite build", "webpack"].map((name) =>
    check(`${name}, tauscope/external`, builds[name].needs, builds[name].build, "tauscope/external"),
  ),
  ...["tauscope", "tauscope/external"].map((specifier) => ({
    name: specifier === "tauscope" ? "vite dev" : `vite dev, ${specifier}`,
    needs: [tool("vite")],
    load: (context) => loadViteDev(context, specifier),
  })),
  { name: "file:// page, one script", needs: [tool("esbuild")], load: loadScript },
  { name: "file:// page, script within", needs: [tool("esbuild")], load: loadInlined },
];

function check(name, needs, build, specifier) {
  const path = name.replace(/\W+/g, "-");
  return {
    name,
    needs,
    load: async ({ project, site, address, load }) => {
      const source = join(project, path);
      write(source, {
        "main.js": entry(specifier),
        "index.html": page('<script type="module" src="./main.js"></script>'),
      });
      await build(source, join(site, path));
      return load(`${address}/plain/${path}/index.html`);
    },
  };
}

async function buildVite(source, target) {
  const { build } = await import("vite");
  const quiet = quietVite();
  await build({
    ...quiet.settings,
    root: source,
    base: "./",
    build: { outDir: target, emptyOutDir: true },
  });
  refuse(quiet.warnings);
}

async function buildWebpack(source, target) {
  const { default: webpack } = await import("webpack");
  const stats = await new Promise((resolve, reject) => {
    // without its opinion on how large a page may be
    const settings = { mode: "production", performance: false, devtool: "source-map", context: source };
    webpack(
      { ...settings, entry: "./main.js", output: { path: target, filename: "main.js" } },
      (error, stats) => (error ? reject(error) : resolve(stats)),
    );
  });
  refuse([...stats.compilation.errors, ...stats.compilation.warnings].map(({ message }) => message));
  copyPage(source, target);
}

async function buildEsbuild(source, target) {
  const { build } = await import("esbuild");
  const { warnings } = await build({
    entryPoints: [join(source, "main.js")],
    outfile: join(target, "main.js"),
    bundle: true,
    format: "esm",
    minify: true,
    logLevel: "silent",
  });
  refuse(warnings.map(({ text }) => text));
  copyPage(source, target);
}

async function buildRollup(source, target) {
  const { rollup } = await import("rollup");
  const { nodeResolve } = await import("@rollup/plugin-node-resolve");
  const warnings = [];
  const bundle = await rollup({
    input: join(source, "main.js"),
    plugins: [nodeResolve()],
    onwarn: ({ message }) => warnings.push(message),
  });
  await bundle.write({ dir: target });
  await bundle.close();
  refuse(warnings);
  copyPage(source, target);
}

async function loadViteDev({ project, load }, specifier) {
  const { createServer } = await import("vite");
  const root = join(project, `vite-dev-${specifier.replace("/", "-")}`);
  write(root, {
    "main.js": entry(specifier),
    "index.html": page('<script type="module" src="./main.js"></script>'),
  });
  const quiet = quietVite();
  const server = await createServer({ ...quiet.settings, root, server: { host: "127.0.0.1", port: 0 } });
  try {
    await server.listen();
    const text = await load(server.resolvedUrls.local[0]);
    refuse(quiet.warnings);
    return text;
  } finally {
    await server.close();
  }
}

async function loadScript({ project, load }) {
  const folder = join(project, "file-script");
  write(folder, { "main.js": entry("tauscope"), "index.html": page('<script src="app.js"></script>') });
  await bundleForFile(folder, "iife");
  return load(`file://${folder}/index.html`);
}

async function loadInlined({ project, load }) {
  const folder = join(project, "file-inlined");
  write(folder, { "main.js": entry("tauscope") });
  const script = await bundleForFile(folder, "esm");
  if (script.includes("</script")) throw new Error("the bundle would end the script that it is put into");
  write(folder, { "index.html": page(`<script type="module">${script}</script>`) });
  return load(`file://${folder}/index.html`);
}

async function bundleForFile(folder, format) {
  const { build } = await import("esbuild");
  const outfile = join(folder, "app.js");
  await build({ entryPoints: [join(folder, "main.js")], outfile, bundle: true, format, logLevel: "silent" });
  return readFileSync(outfile, "utf8");
}

function quietVite() {
  const warnings = [];
  const note = (message) => warnings.push(message);
  const ignore = () => {};
  const customLogger = {
    info: ignore,
    clearScreen: ignore,
    warn: note,
    warnOnce: note,
    error: note,
    hasErrorLogged: () => false,
    hasWarned: false,
  };
  return { warnings, settings: { configFile: false, logLevel: "warn", customLogger } };
}

function copyPage(source, target) {
  cpSync(join(source, "index.html"), join(target, "index.html"));
}

function refuse(warnings) {
  if (warnings.length > 0) throw new Error(`warnings: ${warnings.join("; ")}`);
}

// The tarball, installed into an empty project, where the consumers find it.

import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const here = fileURLToPath(new URL(".", import.meta.url));
export const root = join(here, "..", "..");

/** Path of something that `npm ci --prefix test/consumers` installs. */
export const tool = (...path) => join(here, "node_modules", ...path);

/** Run a program; resolves to what it printed, and rejects with that too. */
export async function execute(program, args, options = {}) {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { timeout: 120_000, ...options });
    return { stdout, stderr };
  } catch (error) {
    const said = `${error.stderr ?? ""}${error.stdout ?? ""}`.trim();
    throw new Error(error.killed ? "it does not end" : said || error.message);
  }
}

/** Run npm, without the settings of the user or of an npm that runs this. */
export function npm(folder, ...args) {
  const settings = join(folder, "npmrc");
  writeFileSync(settings, "");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return execute("npm", [...args, "--userconfig", settings], { cwd: folder, env });
}

/** Pack what was built; resolves to the tarball and the names of its files. */
export async function pack(folder) {
  // the build ran before, and must not run under the feet of others
  const { stdout } = await execute(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    { cwd: root },
  );
  const packed = JSON.parse(stdout);
  // an array, or by name, as npm's version will
  const [{ filename, files }] = Array.isArray(packed) ? packed : Object.values(packed);
  return { tarball: join(folder, filename), files: files.map(({ path }) => path).sort() };
}

/** Install the tarball; nothing may come with it, so that no network is needed, and npm has nothing to warn of. */
export async function install(folder, tarball) {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  const { stdout, stderr } = await npm(folder, "install", "--offline", "--no-audit", tarball);
  if (/warn/i.test(stdout + stderr)) throw new Error(`npm warns: ${stdout}${stderr}`);
  const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  const added = Object.keys(packages).filter((path) => path !== "");
  const present = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
  for (const names of [added.map((path) => path.replace("node_modules/", "")), present]) {
    if (names.join() !== "tauscope") throw new Error(`installed ${names.join(", ")}`);
  }
  return "adds tauscope and nothing else, without a warning";
}

/** Write the files of a consumer beside the program into a folder. */
export function write(folder, files) {
  mkdirSync(folder, { recursive: true });
  cpSync(join(here, "program.js"), join(folder, "program.js"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** The text of a page that runs a script. */
export const page = (script) => `<!doctype html>
<meta charset="utf-8">
<title>tauscope</title>
${script}
`;

/** Those of the paths that are not there. */
export const missing = (paths) => paths.filter((path) => !existsSync(path));

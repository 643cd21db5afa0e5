// Where the core comes from, and engines that have no use for it.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { coreBytes } from "../../src/core/bytes.ts";
import { setCore } from "../../src/core/compile.ts";
import { Core } from "../../src/core/core.ts";
import { StateError } from "../../src/core/errors.ts";

const file = pathToFileURL(join(import.meta.dirname, "../../build/core.wasm"));
const bytes = new Uint8Array(readFileSync(file));

// files run apart, but the core is set for a whole thread
afterAll(async () => setCore(await WebAssembly.compile(await coreBytes())));

describe("setCore", () => {
  test.each<[string, () => Promise<Parameters<typeof setCore>[0]>]>([
    ["its bytes", async () => bytes],
    ["a part of a buffer", async () => new Uint8Array([1, 2, 3, ...bytes, 4]).subarray(3, 3 + bytes.length)],
    ["an ArrayBuffer", async () => bytes.buffer],
    ["a file", async () => file],
    ["the text of a URL", async () => file.href],
    ["a compiled module", async () => WebAssembly.compile(bytes)],
  ])("takes the core from %s: its random numbers are the same", async (_, source) => {
    await setCore(await source());
    const core = await Core.load();
    expect(core.fold(0n, 1, 2, 3)).toBe(await embedded());
  });

  test("refuses bytes that are not this version's core, with both hashes", async () => {
    const other = bytes.slice();
    other[other.length - 1]! ^= 1;
    await expect(setCore(other)).rejects.toThrow(StateError);
    await expect(setCore(other)).rejects.toThrow(
      new RegExp(
        `got ${bytes.length} bytes with SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}\\. Take core\\.wasm of this version\\.`,
      ),
    );
    await expect(setCore(new Uint8Array())).rejects.toThrow("got 0 bytes");
  });

  test("refuses a module that is no core of tauscope", async () => {
    const empty = await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    await expect(setCore(empty)).rejects.toThrow("the module is not a core of tauscope");
  });

  test("names a file that cannot be read", async () => {
    await expect(setCore(new URL("nowhere.wasm", file))).rejects.toThrow(StateError);
    await expect(setCore(new URL("nowhere.wasm", file))).rejects.toThrow(
      /nowhere\.wasm cannot be read: ENOENT/,
    );
  });

  test("after it has refused something the core is the one that was", async () => {
    await setCore(bytes.slice(1)).catch(() => {});
    expect((await Core.load()).fold(0n, 1, 2, 3)).toBe(await embedded());
  });
});

async function embedded(): Promise<bigint> {
  const module = await WebAssembly.compile(await coreBytes());
  const core = await Core.load({ module, tallTiles: false });
  return core.fold(0n, 1, 2, 3);
}

describe("an engine without", () => {
  test("SIMD is told what it needs, on its own thread and in a worker", async () => {
    const message = "Core: tauscope needs WebAssembly with SIMD, which this engine lacks. Use Chromium 91,";
    expect(await runWith("--no-enable-sse4-1", "fingerprint()")).toContain(message);
    expect(await runWith("--no-enable-sse4-1", "new WorkerPool().fingerprint()")).toContain(message);
  });

  test("WebAssembly is told so", async () => {
    expect(await runWith("--jitless", "fingerprint()")).toContain(
      "Core: this engine has no WebAssembly, which tauscope needs. Turn off what disables it",
    );
  });
});

// the error of an expression over the built library, in a Node with a flag
async function runWith(flag: string, expression: string): Promise<string> {
  const path = pathToFileURL(join(import.meta.dirname, "../../dist/index.js"));
  const program = `import { fingerprint, WorkerPool } from ${JSON.stringify(path)};
    await ${expression}.then(() => console.log("no error"), ({ name, message }) => console.log(name + ": " + message));`;
  const args = [flag, "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  return stdout;
}

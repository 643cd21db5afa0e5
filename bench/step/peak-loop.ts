// Compiles and runs peak.ts, the limit that shares are of.

import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";

/** A function that gives the GFLOP/s of one short run. */
export async function loadPeak(): Promise<() => number> {
  const files = new Map<string, string | Uint8Array>();
  const options = { optimizeLevel: 3, noAssert: true, runtime: "stub", enable: ["simd"], initialMemory: 1 };
  const { error, stderr } = await asc.main(["--outFile", "peak.wasm"], {
    readFile: (name: string) =>
      name === "asconfig.json"
        ? JSON.stringify({ entries: ["bench/step/peak.ts"], options: { ...options, use: ["abort="] } })
        : name === "bench/step/peak.ts"
          ? readFileSync(name, "utf8")
          : null,
    writeFile: (name, contents) => {
      files.set(name, contents);
    },
    listFiles: () => [],
  });
  if (error) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(files.get("peak.wasm") as Uint8Array<ArrayBuffer>);
  const { memory, run } = instance.exports as { memory: WebAssembly.Memory; run(n: number): number };
  new Float32Array(memory.buffer).fill(0.5);
  const turns = 300;
  for (let i = 0; i < 20; i++) run(turns);
  return () => {
    const began = performance.now();
    run(turns);
    return (64 * 1000 * turns) / (performance.now() - began) / 1e6;
  };
}

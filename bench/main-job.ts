// Wall-clock time and memory of the main job, `npm start`, as a process of its own.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Seconds, peak resident memory in MB (Linux only), and what the two runs reached. */
export async function measure() {
  const folder = mkdtempSync(join(tmpdir(), "tauscope-"));
  try {
    const began = performance.now();
    const job = spawn(process.execPath, ["dist/cli.js", "start", "--json", "--out", join(folder, "run")]);
    let output = "";
    job.stdout.on("data", (data) => {
      output += data;
    });
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, peakMemory(job.pid!));
    }, 100);
    const code = await new Promise((resolve) => job.once("close", resolve));
    clearInterval(watch);
    if (code !== 0) throw new Error(`the main job ended with code ${code}`);
    const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
    const { runs } = JSON.parse(output);
    console.log(`${seconds} s, ${peak} MB`);
    return { seconds, peakMemoryMB: peak, runs };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// the kernel's own record of the largest resident size
function peakMemory(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000);
  } catch {
    return 0;
  }
}

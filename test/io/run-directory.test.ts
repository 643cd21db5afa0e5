import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ShapeError, StateError } from "../../src/core/errors.ts";
import { RunDirectory, readWhole, writeWhole } from "../../src/io/run-directory.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const text = (...names: string[]) => readFileSync(at(...names), "utf8");
const list = (...names: string[]) => readdirSync(at(...names)).sort();
const bytes = (length: number) => new Uint8Array(length);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tauscope-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A run without epochs, ready to be written to. */
async function newRun(): Promise<RunDirectory> {
  const directory = await RunDirectory.create(at("run"), { a: 1 });
  await directory.prepare([]);
  return directory;
}

/** The message of the error that a promise rejects with, which must be one sentence. */
async function failure(promise: Promise<unknown>, Class: new () => Error = StateError): Promise<string> {
  const error = await promise.then(
    () => new Error("succeeded"),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(Class);
  expect(error.message).toMatch(/^[^\n]+\.$/);
  return error.message;
}

describe("values", () => {
  it("a new run has its manifest, no metrics and no checkpoints, and opens with what was written", async () => {
    await newRun();
    expect(list("run")).toEqual(["checkpoints", "manifest.json", "metrics.ndjson"]);
    expect(text("run", "manifest.json")).toBe('{\n  "a": 1\n}\n');
    const { directory, manifest } = await RunDirectory.open(at("run"));
    expect(manifest).toEqual({ a: 1 });
    expect(await directory.checkpoints()).toEqual([]);
  });

  it("keeps the last 2 of 12 checkpoints, by number and not by name", async () => {
    const directory = await newRun();
    for (let step = 1; step <= 12; step++) {
      await directory.writeCheckpoint(step, bytes(step));
      const kept = [step - 1, step].filter((s) => s > 0).map((s) => `step-${s}.safetensors`);
      expect(list("run", "checkpoints")).toEqual(kept.sort());
    }
    const files = await directory.checkpoints();
    expect(files).toEqual([
      { path: at("run", "checkpoints", "step-12.safetensors"), step: 12, partial: false },
      { path: at("run", "checkpoints", "step-11.safetensors"), step: 11, partial: false },
    ]);
    expect(files.map(({ path }) => statSync(path).size)).toEqual([12, 11]);
  });

  it("keeps 1 partial checkpoint beside the last 2, until the next whole one", async () => {
    const directory = await newRun();
    const names = () => list("run", "checkpoints").map((name) => name.replace(/^step-|\.safetensors$/g, ""));
    await directory.writePartialCheckpoint(3, bytes(1));
    expect(names()).toEqual(["3.partial"]);
    await directory.writePartialCheckpoint(5, bytes(1));
    expect(names()).toEqual(["5.partial"]);
    await directory.writeCheckpoint(10, bytes(1));
    expect(names()).toEqual(["10"]);
    await directory.writeCheckpoint(20, bytes(1));
    const path = await directory.writePartialCheckpoint(23, bytes(1));
    expect(path).toBe(at("run", "checkpoints", "step-23.partial.safetensors"));
    expect(names()).toEqual(["10", "20", "23.partial"]);
    expect((await directory.checkpoints()).map(({ step, partial }) => [step, partial])).toEqual([
      [23, true],
      [20, false],
      [10, false],
    ]);
    await directory.writeCheckpoint(30, bytes(1));
    expect(names()).toEqual(["20", "30"]);
  });

  it("a whole checkpoint comes before a partial one of the same step", async () => {
    const directory = await newRun();
    for (const name of ["step-7.partial.safetensors", "step-7.safetensors"])
      writeFileSync(at("run", "checkpoints", name), "");
    expect((await directory.checkpoints()).map(({ partial }) => partial)).toEqual([false, true]);
  });

  it("appends one line per record", async () => {
    const directory = await newRun();
    await directory.append("metrics", { epoch: 1 });
    await directory.append("metrics", { epoch: 2, name: "a\nb" });
    await directory.append("timing", { seconds: 1 });
    expect(text("run", "metrics.ndjson")).toBe('{"epoch":1}\n{"epoch":2,"name":"a\\nb"}\n');
    expect(text("run", "timing.ndjson")).toBe('{"seconds":1}\n');
  });

  it("what is no checkpoint is not taken for one, and is left alone", async () => {
    const directory = await newRun();
    const strange = [
      "step-1.safetensors.bak",
      "step--1.safetensors",
      "step-x.safetensors",
      "step-9.export.npz",
      "step-9",
    ];
    for (const name of strange) writeFileSync(at("run", "checkpoints", name), "");
    for (const step of [1, 2, 3]) await directory.writeCheckpoint(step, bytes(1));
    expect((await directory.checkpoints()).map(({ step }) => step)).toEqual([3, 2]);
    expect(list("run", "checkpoints")).toEqual(
      [...strange, "step-2.safetensors", "step-3.safetensors"].sort(),
    );
  });
});

describe("invariants", () => {
  it("prepare() drops a torn last line, lines and checkpoints behind the step gone on from, and what a crash left", async () => {
    const directory = await newRun();
    for (const step of [10, 20, 30, 50])
      writeFileSync(at("run", "checkpoints", `step-${step}.safetensors`), "");
    for (const step of [25, 60])
      writeFileSync(at("run", "checkpoints", `step-${step}.partial.safetensors`), "");
    writeFileSync(at("run", "checkpoints", "step-40.safetensors.4711.tmp"), "");
    writeFileSync(at("run", "report.html.4711.tmp"), "");
    writeFileSync(at("run", "metrics.ndjson"), '{"epoch":1}\n{"epoch":2}\n{"epoch":3}\n{"epo');
    await directory.prepare([{ epoch: 1 }, { epoch: 2 }], 30);
    expect(text("run", "metrics.ndjson")).toBe('{"epoch":1}\n{"epoch":2}\n');
    expect(list("run")).toEqual(["checkpoints", "manifest.json", "metrics.ndjson"]);
    expect(list("run", "checkpoints")).toEqual(["step-20.safetensors", "step-30.safetensors"]);
  });

  it("prepare() makes the folder of the checkpoints if it was deleted", async () => {
    const directory = await newRun();
    rmSync(at("run", "checkpoints"), { recursive: true });
    expect(await directory.checkpoints()).toEqual([]);
    await directory.prepare([]);
    await directory.writeCheckpoint(1, bytes(1));
    expect(list("run", "checkpoints")).toEqual(["step-1.safetensors"]);
  });

  it("while a file is replaced 100 times and more, 300 readers and a kill -9 find it whole: all a or all b", async () => {
    const module = new URL("../../dist/node.js", import.meta.url).href;
    const program = `
      const { writeWhole } = await import(${JSON.stringify(module)});
      for (let i = 0; ; i++) {
        await writeWhole(${JSON.stringify(at("file"))}, (i % 2 ? "a" : "b").repeat(300_000));
        if (i === 0) console.log("begun");
        if (i === 100) console.log("100 times");
      }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
    const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
    let heard = "";
    child.stdout.on("data", (chunk) => {
      heard += chunk;
    });
    const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
    while (!heard.includes("begun")) await pause();
    const seen = { a: 0, b: 0 };
    while (seen.a + seen.b < 300 || !heard.includes("100 times")) {
      const content = text("file");
      expect(content).toHaveLength(300_000);
      expect(content).toMatch(/^(a+|b+)$/);
      seen[content[0] as "a" | "b"]++;
      await pause();
    }
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    expect(text("file")).toMatch(/^(a{300000}|b{300000})$/);
    expect(Math.min(seen.a, seen.b)).toBeGreaterThan(0);
    // the next writer does not stumble over what the killed one left
    await writeWhole(at("file"), "c");
    expect(text("file")).toBe("c");
  });

  it("a write that fails leaves the old file and no temporary one", async () => {
    mkdirSync(at("folder", "inner"), { recursive: true });
    expect(await failure(writeWhole(at("folder"), "new"))).toMatch(
      /folder: it is a directory, expected a file\.$/,
    );
    expect(list()).toEqual(["folder"]);
    expect(existsSync(at("folder", "inner"))).toBe(true);
  });

  it("a file and its link: the link is replaced, what it pointed to stays", async () => {
    writeFileSync(at("target"), "old");
    symlinkSync(at("target"), at("link"));
    await writeWhole(at("link"), "new");
    expect([text("target"), text("link")]).toEqual(["old", "new"]);
  });
});

describe("errors", () => {
  it("a run that a living process has claimed is refused, naming it; the claim of a dead one is void", async () => {
    const directory = await newRun();
    const release = await directory.claim();
    await expect(directory.claim()).rejects.toThrow(`process ${process.pid} is training this run`);
    await release();
    // of a process that is gone, of an earlier process with our number, and torn
    for (const holder of [spawnSync(process.execPath, ["--version"]).pid, process.pid, ""]) {
      writeFileSync(at("run", "lock"), `${holder}\n`);
      await (await directory.claim())();
    }
    expect(list("run")).not.toContain("lock");
  });

  it("a run is not begun again: the command to go on with is named", async () => {
    await newRun();
    expect(await failure(RunDirectory.create(at("run"), {}))).toMatch(
      /is not empty; .* `tauscope resume \S*run`\.$/,
    );
  });

  it("a directory that is not empty is refused; an empty one is taken", async () => {
    mkdirSync(at("run"));
    writeFileSync(at("run", "notes.txt"), "mine");
    expect(await failure(RunDirectory.create(at("run"), {}))).toMatch(/is not empty; choose another\.$/);
    expect(list("run")).toEqual(["notes.txt"]);
    rmSync(at("run", "notes.txt"));
    // what a crash may leave before the manifest is there
    writeFileSync(at("run", "manifest.json.4711.tmp"), "{");
    await newRun();
    expect(list("run")).toEqual(["checkpoints", "manifest.json", "metrics.ndjson"]);
  });

  it("an empty path is a ShapeError, to create and to open", async () => {
    expect(await failure(RunDirectory.create("", {}), ShapeError)).toMatch(/`path` is empty/);
    expect(await failure(RunDirectory.open(""), ShapeError)).toMatch(/`path` is empty/);
  });

  it("a missing manifest and one that is not JSON are named", async () => {
    expect(await failure(RunDirectory.open(at("none")))).toBe(
      `${at("none")}: there is no run here, expected a directory with a manifest.json.`,
    );
    writeFileSync(at("manifest.json"), "{");
    expect(await failure(RunDirectory.open(folder))).toBe(
      `${at("manifest.json")}: not valid JSON; expected the manifest of a run.`,
    );
  });

  it("reading and writing name the file and the cause", async () => {
    writeFileSync(at("file"), "");
    expect(await failure(readWhole(at("none")))).toBe(`${at("none")}: there is no such file or directory.`);
    expect(await failure(readWhole(folder))).toBe(`${folder}: it is a directory, expected a file.`);
    expect(await failure(readWhole(at("file", "x")))).toBe(
      `${at("file", "x")}: a part of the path is not a directory.`,
    );
    expect(await failure(writeWhole(at("none", "x"), ""))).toBe(
      `${at("none", "x")}: there is no such file or directory.`,
    );
    expect(await failure(writeWhole(at("n".repeat(300)), ""))).toMatch(/: the name is too long\.$/);
    expect(await failure(readWhole(""))).toBe('"": there is no such file or directory.');
    expect(await failure(RunDirectory.create(at("file"), {}))).toBe(
      `${at("file")}: a part of the path is not a directory.`,
    );
  });

  it("a log that cannot be written is named", async () => {
    const directory = await newRun();
    rmSync(at("run", "metrics.ndjson"));
    mkdirSync(at("run", "metrics.ndjson"));
    expect(await failure(directory.append("metrics", {}))).toMatch(
      /metrics\.ndjson: it is a directory, expected a file\.$/,
    );
  });
});

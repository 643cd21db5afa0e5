import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { coreHash } from "../../src/core/core.ts";
import { decodeSafetensors, sealSafetensors } from "../../src/io/safetensors.ts";
import {
  expectSameResults,
  onlyMessage,
  removeDirectory,
  runCli,
  succeed,
  temporaryDirectory,
  tiny,
} from "./run-cli.ts";

// a finished run of 4 epochs of 20 updates, of which every test gets a copy
let directory: string;
const at = (...names: string[]) => join(directory, ...names);
const manifest = (change: (text: string) => string) =>
  writeFileSync(at("run", "manifest.json"), change(readFileSync(at("run", "manifest.json"), "utf8")));
const newest = () => at("run", "checkpoints", "step-80.safetensors");

beforeAll(async () => {
  directory = temporaryDirectory(true);
  await succeed(["train", "--out", "whole", ...tiny], directory);
});

beforeEach(() => {
  rmSync(at("run"), { recursive: true, force: true });
  cpSync(at("whole"), at("run"), { recursive: true });
});

afterAll(() => removeDirectory(directory));

/** Resume and insist on a failure with exit code 1; returns its one sentence. */
async function failure(...flags: string[]): Promise<string> {
  const ended = await runCli(["resume", "run", ...flags], directory);
  const message = onlyMessage(ended);
  expect(ended.code).toBe(1);
  return message;
}

describe("values", () => {
  it("a finished run stays as it is, byte for byte, its times included", async () => {
    const times = readFileSync(at("run", "timing.ndjson"), "utf8");
    const stdout = await succeed(["resume", "run"], directory);
    expect(stdout).toMatch(/^multi: .* in 4 epochs; mean τ 1\.\d{3} bits\.\nReport: run\/report\.html\n$/);
    expectSameResults(at("run"), at("whole"));
    expect(readFileSync(at("run", "timing.ndjson"), "utf8")).toBe(times);
  });

  it("goes on from the checkpoint before if the newest is damaged, says so, and gives the same files", async () => {
    truncateSync(newest(), 1000);
    const { code, stderr } = await runCli(["resume", "run"], directory);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: run\/checkpoints\/step-80\.safetensors: .* The checkpoint before it is taken\.\n$/,
    );
    expectSameResults(at("run"), at("whole"));
  });

  it.each([
    ["the checkpoints' folder is", () => rmSync(at("run", "checkpoints"), { recursive: true })],
    [
      "all checkpoints are",
      () => [60, 80].map((n) => rmSync(at("run", "checkpoints", `step-${n}.safetensors`))),
    ],
    ["the metrics are", () => rmSync(at("run", "metrics.ndjson"))],
    ["the report is", () => rmSync(at("run", "report.html"))],
  ])("makes the same files again when %s deleted", async (_, remove) => {
    remove();
    await succeed(["resume", "run"], directory);
    expectSameResults(at("run"), at("whole"));
  });

  it.each<[string, () => void]>([
    ["a torn last line of the metrics", () => appendFileSync(at("run", "metrics.ndjson"), '{"epoch":5,"st')],
    [
      "a line of the metrics behind the checkpoint",
      () => appendFileSync(at("run", "metrics.ndjson"), '{"epoch":5}\n'),
    ],
    [
      "temporary files",
      () => {
        writeFileSync(at("run", "checkpoints", "step-90.partial.safetensors.12.tmp"), "torn");
        writeFileSync(at("run", "report.html.12.tmp"), "torn");
      },
    ],
    ["a third checkpoint", () => copyFileSync(newest(), at("run", "checkpoints", "step-40.safetensors"))],
    [
      "an earlier partial checkpoint",
      () => copyFileSync(newest(), at("run", "checkpoints", "step-79.partial.safetensors")),
    ],
  ])("removes what a crash can leave: %s", async (_, leave) => {
    leave();
    await succeed(["resume", "run"], directory);
    expectSameResults(at("run"), at("whole"));
  });

  it("leaves alone what others put beside the run", async () => {
    writeFileSync(at("run", "notes.txt"), "mine");
    writeFileSync(at("run", "checkpoints", "best.safetensors"), "mine");
    await succeed(["resume", "run"], directory);
    expect(readFileSync(at("run", "notes.txt"), "utf8")).toBe("mine");
    expect(readFileSync(at("run", "checkpoints", "best.safetensors"), "utf8")).toBe("mine");
  });
});

describe("errors", () => {
  it.each([
    ["nothing", "none", /^none: there is no run here, expected a directory with a manifest\.json\.$/, 1],
    ["a directory that is no run", ".", /^\.: there is no run here, expected/, 1],
    ["a file", "whole/report.html", /^whole\/report\.html: there is no run here, expected a directory/, 1],
    ["an empty path", "", /`path` is empty/, 2],
  ])("%s cannot be resumed, and is named", async (_, path, message, code) => {
    const ended = await runCli(["resume", path], directory);
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(code);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ["empty", () => "", /manifest\.json: not valid JSON/],
    ["cut off", (text) => text.slice(0, 100), /manifest\.json: not valid JSON/],
    ["null", () => "null", /manifest\.json: the value is null, expected an object/],
    ["of another kind", (text) => text.replace('"run"', '"walk"'), /`kind` is "walk", expected one of run/],
    [
      "of a format to come",
      (text) => text.replace('"format": 1', '"format": 2'),
      /`format` is 2, expected one of 1/,
    ],
    [
      "wrong in a setting",
      (text) => text.replace(/("settings"[\s\S]*"units": )12/, "$1-12"),
      /`settings\.units` is -12/,
    ],
    [
      "wrong in what was given",
      (text) => text.replace('"units": 12', '"units": "<script>"'),
      /given: `units` is "<script>"/,
    ],
    ["with a typo", (text) => text.replace('"seed"', '"sead"'), /`sead` is not a known field/],
    [
      "with a path for a name",
      () =>
        JSON.stringify({
          kind: "comparison",
          format: 1,
          tauscope: "",
          core: "",
          given: {},
          runs: ["../whole"],
        }),
      /`runs\.0` is "\.\.\/whole"/,
    ],
    [
      "a comparison without its parts",
      () => JSON.stringify({ kind: "comparison", format: 1, tauscope: "", core: "", given: {}, runs: [] }),
      /`runs` is a list of 0, expected at least 1/,
    ],
    [
      "nested 100000 deep",
      (text) => text.replace('"units": 12', `"units": ${"[".repeat(1e5)}${"]".repeat(1e5)}`),
      /given: `units` is a list of 1/,
    ],
  ])("a manifest that is %s is refused by one sentence", async (_, change, message) => {
    manifest(change);
    expect(await failure()).toMatch(message);
  });

  it("settings that were edited after the start are refused and named, not ignored", async () => {
    manifest((text) => text.replaceAll('"epochs": 4', '"epochs": 6'));
    expect(await failure()).toMatch(
      /^run\/manifest\.json: `epochs` is 6 but 4 in the checkpoint; a run keeps its settings/,
    );
  });

  it("a list among the settings that was edited after the start is refused as well", async () => {
    manifest((text) => text.replace(/"stepsPerBit": \[\s*1\s*\]/, '"stepsPerBit": [1, 2]'));
    expect(await failure()).toMatch(
      /^run\/manifest\.json: `stepsPerBit` is 1,2 but 1 in the checkpoint; a run keeps its settings/,
    );
  });

  it("if no checkpoint can be read nothing is changed, and the last one's damage is named", async () => {
    for (const step of [60, 80]) truncateSync(at("run", "checkpoints", `step-${step}.safetensors`), 500);
    cpSync(at("run"), at("before"), { recursive: true });
    const { code, stdout, stderr } = await runCli(["resume", "run"], directory);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^warning: .*step-80.*\ntauscope: run\/checkpoints\/step-60\.safetensors: the header .*\.\n$/,
    );
    expectSameResults(at("run"), at("before"));
  });

  it("a checkpoint, or a beginning, by another core is refused unless --allow-other-core", async () => {
    const other = "beef".repeat(16);
    const { tensors, metadata } = decodeSafetensors(readFileSync(newest()));
    writeFileSync(
      newest(),
      sealSafetensors(tensors, { tauscope: metadata.tauscope!.replace(coreHash, other) }),
    );
    expect(await failure()).toMatch(
      /step-80\.safetensors: made by core beefbeefbeef, this one is [0-9a-f]{12}; .*\.$/,
    );
    await succeed(["resume", "run", "--allow-other-core"], directory);

    rmSync(at("run", "checkpoints"), { recursive: true });
    manifest((text) => text.replace(coreHash, other));
    expect(await failure()).toMatch(/^run: begun by core beefbeefbeef, this one is [0-9a-f]{12}; .*\.$/);
    await succeed(["resume", "run", "--allow-other-core"], directory);
  });

  it("an imported network has nothing to go on with", async () => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(newest()));
    const { training: _, ...rest } = JSON.parse(metadata.tauscope!);
    writeFileSync(newest(), sealSafetensors(tensors, { tauscope: JSON.stringify(rest) }));
    mkdirSync(at("run", "kept"));
    expect(await failure()).toMatch(/step-80\.safetensors: it holds a network but no training state/);
  });
});

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveSettings } from "../../src/training/settings.ts";
import { onlyMessage, runCli, succeed, temporaryDirectory, tiny } from "./run-cli.ts";

const short = ["--updates", "1", "--test-batches", "1", "--epochs", "1", "--batch", "8"];

/** Train with these flags and return the manifest's settings, as given and as resolved. */
async function settingsOf(args: string[], directory: string) {
  await succeed(["train", "--out", "run", ...args], directory);
  const { given, settings } = JSON.parse(readFileSync(join(directory, "run", "manifest.json"), "utf8"));
  return { given, settings };
}

/** The message of a training that is refused with exit code 2, before anything is written. */
async function refusal(args: string[], config?: string | object): Promise<string> {
  const directory = temporaryDirectory();
  if (config !== undefined) {
    const text = typeof config === "string" ? config : JSON.stringify(config);
    writeFileSync(join(directory, "config.json"), text);
    args = [...args, "--config", "config.json"];
  }
  const before = readdirSync(directory);
  const ended = await runCli(["train", "--out", "run", ...tiny, ...args], directory);
  expect(readdirSync(directory)).toEqual(before);
  const message = onlyMessage(ended);
  expect(ended.code).toBe(2);
  return message;
}

describe("values", () => {
  it("flags override the config file, which overrides the preset, which overrides the defaults", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "c.json"), '{"maxN": 6, "units": 9, "seed": 5}');
    const args = ["--preset", "laptop", "--config", "c.json", "--units", "7", ...short];
    const { given, settings } = await settingsOf(args, directory);
    // units: flag 7, not 9 or 128; maxN and seed: file 6 and 5, not 41 and 0; the rest of the preset is overridden here
    const expected = { units: 7, batch: 8, updates: 1, epochs: 1, maxN: 6, seed: 5, testBatches: 1 };
    expect(given).toEqual(expected);
    expect(settings).toEqual(resolveSettings(expected));
    expect(settings.learningRate).toBe(0.05);
  });

  it("`--train-tau` overrides false in the config file, and `--no-train-tau` true", async () => {
    for (const [flag, value] of [
      ["--train-tau", true],
      ["--no-train-tau", false],
    ] as const) {
      const directory = temporaryDirectory();
      writeFileSync(join(directory, "c.json"), JSON.stringify({ trainTau: !value }));
      const args = ["--config", "c.json", flag, "--units", "4", "--max-n", "2", ...short];
      expect((await settingsOf(args, directory)).settings.trainTau).toBe(value);
    }
  });

  it("takes 1e1 units, a learning rate of 1e-3 and the last of two equal flags", async () => {
    const numbers = ["--units", "1e1", "--learning-rate", "1e-3", "--max-n", "4", "--max-n", "3"];
    const { given } = await settingsOf([...numbers, ...short], temporaryDirectory());
    expect(given).toMatchObject({ units: 10, learningRate: 0.001, maxN: 3 });
  });

  it("takes several thresholds with commas between them as a list, and the report's command has them again", async () => {
    const directory = temporaryDirectory();
    const args = ["--solved-at", "0.4,.45,5e-1", "--units", "4", "--max-n", "3", ...short];
    expect((await settingsOf(args, directory)).settings.solvedAt).toEqual([0.4, 0.45, 0.5]);
    const report = readFileSync(join(directory, "run", "report.html"), "utf8").replace(/<[^>]*>/g, "");
    expect(report).toContain("--solved-at 0.4,0.45,0.5");
    await succeed(["resume", "run"], directory);
  });

  it("takes `--steps-per-bit 3,2` and `--steps-per-bit 3`, and a list in the config file", async () => {
    const directory = temporaryDirectory();
    const run = async (...args: string[]) => {
      await succeed(
        ["train", "--out", args.join(""), "--units", "4", "--max-n", "2", ...short, ...args],
        directory,
      );
      return JSON.parse(readFileSync(join(directory, args.join(""), "manifest.json"), "utf8"));
    };
    expect((await run("--steps-per-bit", "3,2")).given.stepsPerBit).toEqual([3, 2]);
    expect((await run("--steps-per-bit", "3")).settings.stepsPerBit).toEqual([3]);
    writeFileSync(join(directory, "c.json"), '{"stepsPerBit": [2, 5]}');
    expect((await run("--config", "c.json")).settings.stepsPerBit).toEqual([2, 5]);
  });

  it("the report's command has all that was given, and running it gives the same metrics", async () => {
    const directory = temporaryDirectory();
    await succeed(
      ["train", "--out", "run", ...tiny, "--no-train-tau", "--task", "dms", "--steps-per-bit", "2,1"],
      directory,
    );
    const report = readFileSync(join(directory, "run", "report.html"), "utf8");
    const [, command] = /npx tauscope (train [^\n]*?--out again)/.exec(report.replace(/<[^>]*>/g, ""))!;
    await succeed(command!.split(" "), directory);
    const metrics = (run: string) => readFileSync(join(directory, run, "metrics.ndjson"), "utf8");
    expect(metrics("again")).toBe(metrics("run"));
    expect(metrics("run").split("\n")).toHaveLength(5);
  });
});

describe("errors", () => {
  it.each([
    [
      "an unknown task",
      ["--task", "addition"],
      /`task` is "addition", expected one of parity, dms, smnist\.$/,
    ],
    ["N = 1", ["--start-n", "1"], /`startN` is 1, expected at least 2\.$/],
    ["no units", ["--units", "0"], /`units` is 0, expected at least 1\.$/],
    ["half a unit", ["--units", "2.5"], /`units` is 2\.5, expected a whole number\.$/],
    ["a negative learning rate", ["--learning-rate", "-1"], /`learningRate` is -1, expected more than 0\.$/],
    [
      "an infinite learning rate",
      ["--learning-rate", "Infinity"],
      /`learningRate` is "Infinity", expected a finite/,
    ],
    [
      "a learning rate of 1e39",
      ["--learning-rate", "1e39"],
      /`learningRate` is 1e\+39, expected at most 1000000\.$/,
    ],
    ["NaN", ["--units", "NaN"], /`units` is "NaN", expected a finite number\.$/],
    ["an empty value", ["--units", ""], /`units` is "", expected a finite number\.$/],
    [
      "a seed of 2^53",
      ["--seed", "9007199254740992"],
      /`seed` is 9007199254740992, expected at most 9007199254740991/,
    ],
    [
      "a value of 5000 letters",
      ["--units", "x".repeat(5000)],
      /`units` is "x{79}…, expected a finite number\.$/,
    ],
    ["maxN below startN", ["--start-n", "6"], /`maxN` is 5, expected at least 6/],
    ["a window beyond maxN", ["--curriculum", "sliding"], /`maxN` is 5, expected at least 11/],
    [
      "forgetting more than there is",
      ["--curriculum", "sliding", "--window", "2", "--forget", "3"],
      /`forget` is 3/,
    ],
    ["0 steps per bit", ["--steps-per-bit", "2,0"], /`stepsPerBit\.1` is 0, expected at least 1\.$/],
    [
      "no list of steps per bit",
      ["--steps-per-bit", "7, x"],
      /`stepsPerBit\.0` is "7, x", expected a finite number\.$/,
    ],
    [
      "steps per bit of a gated cell",
      ["--cell", "gru", "--steps-per-bit", "1,2"],
      /`stepsPerBit` is 2, expected 1 for a gru cell, which has no time constants\.$/,
    ],
    ["tauHigh below tauLow", ["--tau-low", "3"], /`tauHigh` is 2, expected at least `tauLow`, 3/],
    ["two wrong values", ["--units", "0", "--batch", "0"], /`units` is 0.*; `batch` is 0/],
  ])("%s is refused with exit code 2 and named", async (_, args, message) => {
    expect(await refusal(args)).toMatch(message);
  });

  it.each<[string, string | object, RegExp]>([
    [
      "a typo in a key",
      { unit: 5 },
      /^config\.json: `unit` is not a known field \(did you mean `units`\?\)\.$/,
    ],
    ["a swap in a key", { learnnigRate: 1 }, /\(did you mean `learningRate`\?\)/],
    ["a key like no other", { colour: 1 }, /^config\.json: `colour` is not a known field\.$/],
    ["__proto__", '{"__proto__": {"units": 3}}', /`__proto__` is not a known field/],
    ["a value of another type", { trainTau: "yes" }, /`trainTau` is "yes", expected true or false\.$/],
    ["a list for a number", { units: [5] }, /`units` is a list of 1, expected a finite number\.$/],
    ["1e999", '{"units": 1e999}', /`units` is Infinity, expected a finite number\.$/],
    ["null", "null", /the value is null, expected an object\.$/],
    ["a list", "[1]", /the value is a list of 1, expected an object\.$/],
    ["nothing", "", /not valid JSON/],
    [
      "broken JSON over several lines",
      '{\n"units": 5,\n"seed": tru\n}',
      /^config\.json: not valid JSON: .*\.$/,
    ],
    ["bytes that are no text", "\u{fffd}\0", /not valid JSON/],
    ["200000 brackets", `{"units": ${"[".repeat(1e5)}${"]".repeat(1e5)}}`, /`units` is a list of 1/],
    [
      "200000 unknown keys",
      Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i])),
      /^config\.json: `k0` is not a known field(; `k\d` is not a known field){4}\.$/,
    ],
  ])(
    "a config file with %s is refused with exit code 2, by one short sentence",
    async (_, config, message) => {
      expect(await refusal([], config)).toMatch(message);
    },
  );

  it.each([
    ["is absent", "none.json", /^none\.json: there is no such file or directory\.$/],
    ["is a directory", ".", /^\.: it is a directory, expected a file\.$/],
  ])("a config file that %s is a failure: exit code 1", async (_, file, message) => {
    const ended = await runCli(["train", "--out", "run", "--config", file], temporaryDirectory());
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(1);
  });
});

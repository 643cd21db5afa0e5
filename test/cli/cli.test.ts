import { describe, expect, it } from "vitest";
import { version } from "../../src/core/core.ts";
import { settingsSchema } from "../../src/training/settings.ts";
import { onlyMessage, runCli, succeed, temporaryDirectory } from "./run-cli.ts";

const ownFlags: Record<string, string[]> = {
  start: ["--config", "--preset", "--units", "--out", "--json"],
  train: ["--config", "--preset", "--units", "--out", "--workers", "--json"],
  resume: ["--allow-other-core", "--workers", "--json"],
  evaluate: ["--n", "--sequence-n", "--batch", "--batches", "--seed", "--json"],
  inspect: ["--json"],
  import: ["--from", "--curriculum", "--n", "--out", "--force", "--json"],
  export: ["--to", "--out", "--force", "--json"],
};

describe("values", () => {
  it.each(Object.entries(ownFlags))("`%s --help` exits with 0 and shows %j", async (command, flags) => {
    const { code, stdout, stderr } = await runCli([command, "--help"], temporaryDirectory());
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^Usage: tauscope ${command} `));
    for (const flag of flags) expect(stdout).toMatch(new RegExp(`^ +${flag}\\b`, "m"));
  });

  it("`train --help` has a flag for each of the 35 settings", async () => {
    const help = await succeed(["train", "--help"], temporaryDirectory());
    const fields = Object.keys(settingsSchema.shape);
    expect(fields).toHaveLength(35);
    for (const field of fields) {
      const flag = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(help).toMatch(new RegExp(`^ +--${flag}\\b`, "m"));
    }
  });

  it("`--help`, `-h` and `help` list all 7 commands", async () => {
    for (const flag of ["--help", "-h", "help"]) {
      const help = await succeed([flag], temporaryDirectory());
      for (const command of Object.keys(ownFlags)) expect(help).toMatch(new RegExp(`^ +${command}\\b`, "m"));
    }
  });

  it("`--version` prints the version of the package and nothing else", async () => {
    expect(await succeed(["--version"], temporaryDirectory())).toBe(`${version}\n`);
  });
});

describe("errors", () => {
  it.each([
    ["an unknown command", ["trian"], /unknown command 'trian'/],
    ["an unknown flag", ["train", "--out", "a", "--unit", "5"], /unknown option '--unit'/],
    ["an unknown flag without a command", ["--unit", "5"], /unknown option '--unit'/],
    ["too many arguments", ["resume", "a", "b"], /too many arguments/],
    ["a missing argument", ["inspect"], /missing required argument 'checkpoint'/],
    ["a missing required flag", ["train"], /required option '--out <dir>' not specified/],
    ["a flag without its value", ["train", "--out"], /option '--out <dir>' argument missing/],
    ["a preset that is none", ["train", "--out", "a", "--preset", "x"], /choices are paper, laptop/],
  ])("%s is an error of usage: one sentence, exit code 2, no file", async (_, args, message) => {
    const directory = temporaryDirectory();
    const ended = await runCli(args, directory);
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(2);
  });
});

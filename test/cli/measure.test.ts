import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureNetworkActivity } from "../../src/analysis/network-activity.ts";
import { networkTau } from "../../src/cells/tau.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import { evaluateNetwork } from "../../src/training/evaluation.ts";
import {
  flags,
  onlyMessage,
  onlyObject,
  removeDirectory,
  runCli,
  succeed,
  temporaryDirectory,
} from "./run-cli.ts";

// solves N = 2 and 3
const training = flags({
  units: 20,
  batch: 32,
  updates: 200,
  testBatches: 5,
  epochs: 12,
  maxN: 6,
  learningRate: 0.1,
});
interface Profile {
  N: number;
  stepsPerBit: number;
  tau: object;
  accuracy: object;
  activity: { components: number; taus: (number | null)[] };
  ablation?: { shortest: number[] };
  weights?: object;
  perturbation: { of: string }[];
}

const quick = flags({ steps: 1000, trials: 3, draws: 2 });
let directory: string;
let checkpoint: string;
const at = (...names: string[]) => join(directory, ...names);

beforeAll(async () => {
  directory = temporaryDirectory(true);
  await succeed(["train", "--out", "run", ...training], directory);
  checkpoint = join("run", "checkpoints", readdirSync(at("run", "checkpoints")).at(-1)!);
});

afterAll(() => removeDirectory(directory));

describe("values", () => {
  it("with --json are those of the library's functions", async () => {
    const { stdout } = await runCli(["measure", checkpoint, ...quick, "--json"], directory);
    const profile = onlyObject(stdout) as unknown as Profile;
    const { network, purpose, training: state } = decodeCheckpoint(readFileSync(at(checkpoint)), checkpoint);
    const { timescales, dimensionality } = await measureNetworkActivity(network, { steps: 1000, trials: 3 });
    expect(profile.activity.components).toBe(dimensionality.components);
    expect(profile.activity.taus).toEqual(timescales.fits.map((fit) => (fit.ok ? fit.tau : null)));
    expect(profile.N).toBe(state!.curriculum.solvedN);
    const { accuracy } = await evaluateNetwork({ network, purpose }, { N: purpose.N, batches: 20 });
    expect(profile.accuracy).toEqual(accuracy);
    expect(profile.ablation!.shortest).toHaveLength(10);
    expect(profile.perturbation.map(({ of }) => of)).toEqual(["weights", "tau"]);
  });

  it("do not depend on the number of workers", async () => {
    const [one, three] = await Promise.all(
      ["1", "3"].map((workers) =>
        succeed(["measure", checkpoint, ...quick, "--workers", workers], directory),
      ),
    );
    const facts = (text: string) => text.split("\n").filter((line) => !line.startsWith("measured "));
    expect(facts(three!)).toEqual(facts(one!));
    expect(one).toMatch(/^τ \(bits\) +mean \d\.\d{4}, SD \d\.\d{4}$/m);
  });

  it("of a network in continuous time are those of its largest number of steps per bit", async () => {
    const time = flags({ cell: "leaky-outside", stepsPerBit: "2,3", epochs: 1, updates: 5, units: 12 });
    await succeed(["train", "--out", "continuous", ...training, ...time], directory);
    const path = join("continuous", "checkpoints", readdirSync(at("continuous", "checkpoints")).at(-1)!);
    const { stdout } = await runCli(["measure", path, ...quick, "--json"], directory);
    const profile = onlyObject(stdout) as unknown as Profile;
    const { network } = decodeCheckpoint(readFileSync(at(path)), path);
    const options = { steps: 1000, trials: 3, stepsPerBit: 3 };
    const { timescales } = await measureNetworkActivity(network, options);
    expect(profile.stepsPerBit).toBe(3);
    expect(profile.tau).toEqual(networkTau(network, 3));
    expect(profile.activity.taus).toEqual(timescales.fits.map((fit) => (fit.ok ? fit.tau : null)));
    expect(await succeed(["measure", path, ...quick], directory)).toMatch(/^steps per bit +3$/m);
  });

  it("with --out come with a report and its figures", async () => {
    const output = await succeed(["measure", checkpoint, ...quick, "--out", "measured"], directory);
    expect(output).toMatch(/^Report: measured\/report\.html$/m);
    expect(readdirSync(at("measured")).sort()).toEqual([
      "figures",
      "manifest.json",
      "profile.json",
      "report.html",
    ]);
    expect(readdirSync(at("measured", "figures"))).toEqual(["1.svg", "2.svg", "3.svg", "4.svg", "5.svg"]);
    expect(readFileSync(at("measured", "report.html"), "utf8").match(/<svg width="85mm"/g)).toHaveLength(5);
  });

  it("of two layers are of all units of both", async () => {
    await succeed(["train", "--out", "stack", ...training, "--layers", "2", "--epochs", "1"], directory);
    const file = join("stack", "checkpoints", readdirSync(at("stack", "checkpoints"))[0]!);
    const { stdout } = await runCli(["measure", file, ...quick, "--json", "--n", "2"], directory);
    const profile = onlyObject(stdout) as unknown as Profile;
    expect(profile.activity.taus).toHaveLength(40);
    expect(profile.ablation!.shortest).toHaveLength(20);
    expect(profile.weights).toBeUndefined();
    expect(profile.perturbation.map(({ of }) => of)).toEqual(["weights", "tau"]);
  });

  it("of an lstm are those that do not go by time constants", async () => {
    await succeed(["train", "--out", "lstm", ...training, "--cell", "lstm", "--epochs", "1"], directory);
    const file = join("lstm", "checkpoints", readdirSync(at("lstm", "checkpoints"))[0]!);
    const { stdout } = await runCli(["measure", file, ...quick, "--json", "--n", "2"], directory);
    const profile = onlyObject(stdout) as unknown as Profile;
    expect(profile.ablation).toBeUndefined();
    expect(profile.perturbation.map(({ of }) => of)).toEqual(["weights"]);
  });
});

describe("errors", () => {
  it("an N that no head answers is one sentence", async () => {
    const ended = await runCli(["measure", checkpoint, ...quick, "--n", "50"], directory);
    expect(ended.code).toBe(2);
    expect(onlyMessage(ended)).toMatch(
      /no head answers N = 50; this multi network has 5 heads, for N = 2 to 6\.$/,
    );
  });

  it("a file that is no checkpoint is one sentence", async () => {
    const ended = await runCli(["measure", "run/manifest.json"], directory);
    expect(ended.code).not.toBe(0);
    expect(onlyMessage(ended)).toMatch(/^run\/manifest\.json: /);
  });
});

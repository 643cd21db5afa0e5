// The claims of the timescale paper at their smallest scale: every recipe runs, and its numbers are those of the library.

import { afterAll, describe, expect, test } from "vitest";
import { overallVerdict, testClaim } from "../../../src/experiments/claim.ts";
import { findClaims } from "../../../src/experiments/claims.ts";
import { Laboratory } from "../../../src/experiments/laboratory.ts";
import { timescaleClaims } from "../../../src/experiments/timescales/claims.ts";
import { WorkerPool } from "../../../src/experiments/worker-pool.ts";
import { evaluateNetwork } from "../../../src/training/evaluation.ts";
import { resolveSettings, type TrainingSettings } from "../../../src/training/settings.ts";
import { trainNetwork } from "../../../src/training/train-network.ts";
import { loadDigits } from "../../tasks/npm-digits.ts";
import { memoryArchive } from "../memory-archive.ts";

const pool = new WorkerPool({ workers: 2 });
afterAll(() => pool.close());

// shared, as claims share their networks
const archive = memoryArchive();
const digits = loadDigits();
const trial = { scale: "tiny", seeds: [0, 1] } as const;
const tested = (name: string) =>
  testClaim(findClaims([name])[0]!, new Laboratory({ pool, archive, digits }), trial);

// the networks that most claims are about
const settings = { units: 48, batch: 32, updates: 100, testBatches: 10, epochs: 16, maxN: 6 };

describe("every claim", () => {
  test.each(timescaleClaims.map(({ name }) => name))(
    "%s has checks, charts and a verdict, as plain data",
    async (name) => {
      const result = await tested(name);
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      expect(result.checks.length).toBeGreaterThan(0);
      expect(result.verdict).toBe(overallVerdict(result.checks));
      for (const { statement, expected, found } of result.checks) {
        expect(`${statement} ${expected} ${found}`).not.toMatch(/NaN|undefined|Infinity/);
      }
      const values = result.charts.flatMap(({ series }) => series.flatMap(({ points }) => points));
      for (const { x, y, sd = 0 } of values) expect([x, y, sd].every(Number.isFinite)).toBe(true);
      expect(values.length).toBeGreaterThan(0);
    },
  );

  test("has a name of its own, and a group stands for all of its claims", () => {
    const names = timescaleClaims.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(findClaims(["timescales"])).toEqual(timescaleClaims);
    expect(findClaims(["timescales/tau", "timescales/tau"])).toHaveLength(1);
    expect(() => findClaims(["timescales/tao"])).toThrow(
      /^findClaims: there is no claim "timescales\/tao", expected timescales\/epochs-to-n, /,
    );
  });
});

describe.each(["laptop", "paper"] as const)("at %s scale", (scale) => {
  test.each(timescaleClaims.map(({ name }) => name))(
    "%s asks for networks that can be trained",
    async (name) => {
      const asked: Partial<TrainingSettings>[] = [];
      const trainNetwork = (settings: Partial<TrainingSettings>) => {
        asked.push(settings);
        return Promise.reject(new Error("this is not the time"));
      };
      const never = { trainNetwork } as unknown as WorkerPool;
      const laboratory = new Laboratory({ pool: never, archive: memoryArchive(), digits });
      // settings that are wrong would be refused before
      const [claim] = findClaims([name]);
      await expect(testClaim(claim!, laboratory, { scale, seeds: [0] })).rejects.toThrow(
        "this is not the time",
      );
      expect(asked.length).toBeGreaterThan(0);
      for (const settings of asked) expect(resolveSettings(settings)).toEqual(settings);
    },
  );
});

describe("numbers", () => {
  test("epochs to each N, and mean τ, are those of networks trained by themselves", async () => {
    const networks = await Promise.all(
      trial.seeds.map((seed) => trainNetwork({ ...settings, curriculum: "single", seed })),
    );
    const solves = networks.map(({ training }) => training!.records.filter(({ solved }) => solved));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
    const epochs = (await tested("timescales/epochs-to-n")).charts[0]!.series[1]!;
    expect(epochs.points[0]).toMatchObject({ x: 2, y: mean(solves.map(([first]) => first!.epoch)), n: 2 });
    const taus = (await tested("timescales/tau")).charts[0]!.series.find(
      ({ label }) => label === "single-head",
    )!;
    expect(taus.points[0]!.y).toBeCloseTo(mean(solves.map(([first]) => first!.tau!.mean)), 12);
  });

  test("what a single-head network has forgotten is what evaluateNetwork finds in the network that solved the last common N", async () => {
    const { charts } = await tested("timescales/forgetting");
    const points = charts[0]!.series.find(({ label }) => label === "single-head")!.points;
    const N = points.at(-1)!.x;
    const lengths = points.map(({ x }) => x);
    const laboratory = new Laboratory({ pool, archive, digits });
    const accuracies = await Promise.all(
      trial.seeds.map(async (seed) => {
        const run = await laboratory.train({ ...settings, curriculum: "single", seed });
        return (await evaluateNetwork(await run.networkAt(N), { N: lengths, batches: 4 })).accuracy;
      }),
    );
    for (const { x, y } of points) {
      expect(y).toBeCloseTo((accuracies[0]![x]! + accuracies[1]![x]!) / 2, 12);
    }
    expect(points[0]!.y).toBeLessThan(0.75);
    expect(points.at(-1)!.y).toBeGreaterThan(0.95);
  });
});

test("without digits, the claim on sequential MNIST is open and says how they are given", async () => {
  const laboratory = new Laboratory({ pool, archive });
  const { verdict, notes } = await testClaim(
    findClaims(["timescales/sequential-mnist"])[0]!,
    laboratory,
    trial,
  );
  expect(verdict).toBe("not enough evidence");
  expect(notes).toEqual(["Nothing was trained: give the IDX files of MNIST by --mnist DIR."]);
});

test("results do not depend on the number of workers", async () => {
  const alone = new WorkerPool({ workers: 1 });
  try {
    const laboratory = new Laboratory({ pool: alone, archive: memoryArchive() });
    const result = await testClaim(findClaims(["timescales/ablation"])[0]!, laboratory, trial);
    expect(result).toEqual(await tested("timescales/ablation"));
  } finally {
    await alone.close();
  }
});

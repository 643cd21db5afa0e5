// The claims on gating at their smallest scale: every recipe runs, and comes back with plain data.

import { afterAll, describe, expect, test } from "vitest";
import { overallVerdict, testClaim } from "../../../src/experiments/claim.ts";
import { findClaims } from "../../../src/experiments/claims.ts";
import { gatingClaims } from "../../../src/experiments/gating/claims.ts";
import { Laboratory } from "../../../src/experiments/laboratory.ts";
import { WorkerPool } from "../../../src/experiments/worker-pool.ts";
import { memoryArchive } from "../memory-archive.ts";

const pool = new WorkerPool({ workers: 2 });
afterAll(() => pool.close());

const archive = memoryArchive();
const trial = { scale: "tiny", seeds: [0, 1, 2] } as const;
const tested = (name: string) => testClaim(findClaims([name])[0]!, new Laboratory({ pool, archive }), trial);

describe("every claim", () => {
  test.each(gatingClaims.map(({ name }) => name))(
    "%s has checks, charts and a verdict, as plain data",
    async (name) => {
      const result = await tested(name);
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      expect(result.verdict).toBe(overallVerdict(result.checks));
      expect(result.checks.length).toBeGreaterThan(0);
      for (const { statement, expected, found } of result.checks) {
        expect(`${statement} ${expected} ${found}`).not.toMatch(/NaN|undefined|Infinity/);
      }
      expect(result.notes.join()).not.toMatch(/NaN|undefined|Infinity/);
      // sizes, duration and number of networks are stated
      expect(result.notes.join()).toMatch(/units/);
      const values = result.charts.flatMap(({ series }) => series.flatMap(({ points }) => points));
      for (const { x, y, sd = 0 } of values) expect([x, y, sd].every(Number.isFinite)).toBe(true);
      expect(values.length).toBeGreaterThan(0);
    },
  );

  test("has a name of its own, and a group stands for all of its claims", () => {
    const names = gatingClaims.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(findClaims(["gating"])).toEqual(gatingClaims);
  });
});

describe("what small networks show already", () => {
  test("an integrator keeps its state where a network without an update gate loses it, and a pulse resets it", async () => {
    const { checks: kept } = await tested("gating/integrator");
    expect(
      kept.filter(({ statement }) => /α_z = 1000/.test(statement)).map(({ verdict }) => verdict),
    ).toEqual(["reproduced", "reproduced"]);
    expect((await tested("gating/reset")).verdict).toBe("reproduced");
  });

  test("far from theory's line of chaos, activity goes on or decays as it says", async () => {
    expect((await tested("gating/phase-diagram")).verdict).toBe("reproduced");
  });

  test("the exponents of a map add up to its mean log-determinant to 5e-3", async () => {
    const { checks } = await tested("gating/dimension");
    expect(checks.find(({ statement }) => /log-determinant/.test(statement))!.verdict).toBe("reproduced");
  });
});

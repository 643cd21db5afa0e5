// The fingerprint on this engine, against the one that is committed.

import { expect, test } from "vitest";
import { fingerprint } from "../../src/experiments/fingerprint.ts";
import golden from "../golden/fingerprint.json" with { type: "json" };

const result = await fingerprint();

test("all 60 parts have the committed bits", () => {
  expect(result.parts).toEqual(golden.parts);
  expect(Object.keys(result.parts)).toHaveLength(60);
  expect(result.all).toBe(golden.all);
});

test("twice in a row it is the same, and the run that was interrupted at step 77 is the run that was not", async () => {
  expect(await fingerprint()).toEqual(result);
  const [resumed] = Object.keys(result.parts).filter((part) => part.startsWith("resume "));
  expect(result.parts[resumed!]).toBe(result.parts[resumed!.replace("resume", "training")]);
});

test("every part has bits of its own, but for the resumed run", () => {
  expect(new Set(Object.values(result.parts)).size).toBe(59);
});

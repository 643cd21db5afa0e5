// What an experiment is: a claim of a paper, the recipe that tests it at one of three scales, and what came out.

import type { Chart } from "./chart.ts";
import type { Laboratory } from "./laboratory.ts";
import { type Check, type Verdict, verdicts } from "./verdict.ts";

/** How much is computed: seconds for a test, minutes on a laptop, or as published. */
export const scaleNames = ["tiny", "laptop", "paper"] as const;
export type ScaleName = (typeof scaleNames)[number];

/** What is asked of a claim's recipe. */
export interface Trial {
  scale: ScaleName;
  /** One network of each kind is trained for every seed. */
  seeds: readonly number[];
}

/** What a recipe brings back. */
export interface Evidence {
  /** Statements that were tested, one verdict each. */
  checks: Check[];
  charts: Chart[];
  /** What a reader has to know of this run, such as networks that did not get far enough. */
  notes: string[];
}

/** A claim and its recipe. */
export interface Claim {
  /** As in `timescales/forgetting`. */
  name: string;
  /** The claim as a heading, a few words. */
  title: string;
  /** What is claimed, in a sentence. */
  statement: string;
  /** Where. */
  source: string;
  /** What is trained and measured to test it. */
  method: string;
  /** What differs at a scale below the paper's, where more than the sizes of networks and runs does. */
  reduced?: string;
  test(laboratory: Laboratory, trial: Trial): Promise<Evidence>;
}

/** What came of a claim, as plain data. */
export interface ClaimResult extends Evidence {
  name: string;
  title: string;
  statement: string;
  source: string;
  method: string;
  /** What differs from the paper beside the sizes; undefined at the paper's scale. */
  reduced: string | undefined;
  scale: ScaleName;
  seeds: number[];
  /** On all checks together. */
  verdict: Verdict;
}

/** Test a claim. */
export async function testClaim(
  { test, reduced, ...claim }: Claim,
  laboratory: Laboratory,
  trial: Trial,
): Promise<ClaimResult> {
  const evidence = await test(laboratory, trial);
  return {
    ...claim,
    ...evidence,
    reduced: trial.scale === "paper" ? undefined : reduced,
    scale: trial.scale,
    seeds: [...trial.seeds],
    verdict: overallVerdict(evidence.checks),
  };
}

/** The verdict on all checks together: that of the worst. */
export function overallVerdict(checks: readonly Check[]): Verdict {
  const [reproduced, refuted, open] = verdicts;
  if (checks.some(({ verdict }) => verdict === refuted)) return refuted;
  return checks.length > 0 && checks.every(({ verdict }) => verdict === reproduced) ? reproduced : open;
}

// Verdicts: whether what was measured bears a statement out, by tests with the network as the unit of replication.

import { meanOverNetworks, type NetworkMean } from "../analysis/network-means.ts";
import { pairedTTest } from "../analysis/t-test.ts";
import { ShapeError } from "../core/errors.ts";

/** Borne out; refuted; or undecided. */
export const verdicts = ["reproduced", "not reproduced", "not enough evidence"] as const;
export type Verdict = (typeof verdicts)[number];

/** A statement with what is expected, what was found, and what follows. */
export interface Check {
  statement: string;
  /** What the source has, with its numbers where it gives them. */
  expected: string;
  /** What was measured. */
  found: string;
  verdict: Verdict;
}

/** Values of one condition, one for each seed. */
export interface Sample {
  label: string;
  values: readonly number[];
}

export interface Comparison {
  statement: string;
  expected: string;
  /** The condition that should have the larger values … */
  larger: Sample;
  /** … and the one that should have the smaller ones. */
  smaller: Sample;
  /** Digits behind the point (default 3). */
  digits?: number;
  /** Why a difference of the other sign refutes nothing here, where the claim is about what was not reached. */
  beyond?: string | undefined;
}

// two-sided
const SIGNIFICANT = 0.05;
// where values are whole numbers, two equal differences are no surprise
const LEAST_SEEDS = 3;

/**
 * Are the values of one condition larger than those of another? Reproduced, or not, if a two-sided t-test of the differences
 * between values of the same seed finds one at p < 0.05; otherwise, and with fewer than three seeds, there is not enough
 * evidence. Networks of one seed begin with the same weights, so a seed is what is replicated.
 *
 * @throws ShapeError if the conditions have different numbers of values.
 */
export async function checkLarger({
  statement,
  expected,
  larger,
  smaller,
  digits = 3,
  beyond,
}: Comparison): Promise<Check> {
  const seeds = larger.values.length;
  if (smaller.values.length !== seeds) {
    throw new ShapeError(
      `checkLarger: \`smaller\` has ${smaller.values.length} values, expected ${seeds}, as \`larger\`.`,
    );
  }
  const check = (verdict: Verdict, reason: string): Check => ({
    statement,
    expected,
    found: `${describe(larger, digits)}; ${describe(smaller, digits)}; ${reason}`,
    verdict,
  });
  if (seeds === 0) return check("not enough evidence", "no network got there");
  if (seeds < LEAST_SEEDS) return check("not enough evidence", `fewer than ${LEAST_SEEDS} seeds`);
  const differences = larger.values.map((value, i) => value - smaller.values[i]!);
  const decide = (difference: number, reason: string): Check => {
    if (difference > 0) return check("reproduced", reason);
    return beyond ? check("not enough evidence", `${reason}; ${beyond}`) : check("not reproduced", reason);
  };
  const [first] = differences as [number];
  if (differences.every((difference) => difference === first)) {
    if (first === 0) return check("not enough evidence", "no difference in any seed");
    return decide(first, "the same difference in every seed");
  }
  const { difference, p } = await pairedTTest(larger.values, smaller.values);
  return p < SIGNIFICANT ? decide(difference, formatP(p)) : check("not enough evidence", formatP(p));
}

export interface Expectation {
  statement: string;
  /** The value expected, where it is from, and how far the mean may be from it. */
  expected: { value: number; source: string; tolerance: number };
  sample: Sample;
  digits?: number;
}

/**
 * Is a mean what is expected? Reproduced if it is within the tolerance; not reproduced if it is further away than that by
 * two standard errors.
 */
export function checkNear({ statement, expected, sample, digits = 3 }: Expectation): Check {
  const { value, source, tolerance } = expected;
  const check = (verdict: Verdict): Check => ({
    statement,
    expected: `${Number(value.toFixed(digits))} ± ${tolerance} (${source})`,
    found: describe(sample, digits),
    verdict,
  });
  if (sample.values.length < LEAST_SEEDS) return check("not enough evidence");
  const { mean, sd, networks } = summarize(sample.values);
  const distance = Math.abs(mean - value) - tolerance;
  if (distance <= 0) return check("reproduced");
  return check(distance > (2 * sd) / Math.sqrt(networks) ? "not reproduced" : "not enough evidence");
}

export interface Requirement {
  statement: string;
  /** What is required, in words. */
  expected: string;
  sample: Sample;
  holds(value: number): boolean;
  digits?: number;
}

/**
 * Does every network meet a requirement? Reproduced if all do, not reproduced if fewer than half do; with fewer than three
 * there is not enough evidence.
 */
export function checkEvery({ statement, expected, sample, holds, digits = 3 }: Requirement): Check {
  const { values } = sample;
  const met = values.filter(holds).length;
  const verdict =
    values.length < LEAST_SEEDS
      ? "not enough evidence"
      : met === values.length
        ? "reproduced"
        : met < values.length / 2
          ? "not reproduced"
          : "not enough evidence";
  return { statement, expected, found: `${describe(sample, digits)}; ${met} of ${values.length}`, verdict };
}

/** Mean and standard deviation over networks. */
export function summarize(values: readonly number[]): NetworkMean {
  return meanOverNetworks(new Map(values.map((value, i) => [String(i), value])));
}

function describe({ label, values }: Sample, digits: number): string {
  if (values.length === 0) return `${label}: –`;
  const { mean, sd, networks } = summarize(values);
  const spread = networks > 1 ? ` ± ${sd.toFixed(digits)}` : "";
  return `${label}: ${mean.toFixed(digits)}${spread} (n = ${networks})`;
}

function formatP(p: number): string {
  return p < 1e-4 ? "p < 0.0001" : `p = ${p.toPrecision(2)}`;
}

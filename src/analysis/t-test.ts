// Do two groups have different means? Student's t-tests, two-sided.
//
// Based on   Welch, "The generalization of 'Student's' problem when several different population variances are involved"
//            (1947), and Student (1908). Khajehabdollahi et al., ICLR 2024, compare curricula by such tests.
// Deviation  the groups are to hold one value per network, such as `meansByNetwork` gives: draws and repeats within a network
//            are no replicates.

import { Core } from "../core/core.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import { studentTail } from "../core/student.ts";

export interface TTestOptions {
  /**
   * Whether the groups may have different variances (default "unequal": Welch's test) or are taken to have the same
   * ("equal": Student's).
   */
  variances?: "unequal" | "equal";
}

/** What a t-test finds. */
export interface TTest {
  /** Mean of the first minus mean of the second. */
  difference: number;
  /** Standard error of the difference. */
  standardError: number;
  /** Their ratio. */
  t: number;
  /** Degrees of freedom; not whole in Welch's test. */
  df: number;
  /** Probability of a |t| at least so large if the means are equal; 0 below 1e-308. */
  p: number;
}

/**
 * Compare the means of two independent groups; each value is to be that of another network or seed.
 *
 * @throws ShapeError    if a group has fewer than two values.
 * @throws NumericError  if a value is NaN or infinite, or if neither group varies: there is no error to compare with.
 */
export async function tTest(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { variances = "unequal" }: TTestOptions = {},
): Promise<TTest> {
  const [first, second] = [summarize("tTest", "a", a), summarize("tTest", "b", b)];
  const difference = first.mean - second.mean;
  if (variances === "equal") {
    const df = a.length + b.length - 2;
    const pooled = (first.squares + second.squares) / df;
    return finish("tTest", difference, Math.sqrt(pooled / a.length + pooled / b.length), df);
  }
  // squared standard errors of both means
  const va = first.squares / (a.length - 1) / a.length;
  const vb = second.squares / (b.length - 1) / b.length;
  const df = ((va + vb) * (va + vb)) / ((va * va) / (a.length - 1) + (vb * vb) / (b.length - 1));
  return finish("tTest", difference, Math.sqrt(va + vb), df);
}

/**
 * Compare two measurements of the same networks: value i of each is of network i.
 *
 * @throws ShapeError    if there are fewer than two pairs, or other values than partners.
 * @throws NumericError  if a value is NaN or infinite, or if all differences are the same.
 */
export async function pairedTTest(a: ArrayLike<number>, b: ArrayLike<number>): Promise<TTest> {
  if (a.length !== b.length) {
    throw new ShapeError(
      `pairedTTest: \`b\` has ${b.length} values, expected as many as \`a\`, ${a.length}.`,
    );
  }
  const n = a.length;
  const { mean, squares } = summarize(
    "pairedTTest",
    "a - b",
    Array.from(a, (value, i) => value - b[i]!),
  );
  return finish("pairedTTest", mean, Math.sqrt(squares / (n - 1) / n), n - 1);
}

// mean, and the sum of squared distances from it, both from the first value on
function summarize(name: string, field: string, values: ArrayLike<number>) {
  if (values.length < 2) {
    throw new ShapeError(`${name}: \`${field}\` has ${values.length} values, expected at least two.`);
  }
  const numbers = Array.from(values);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new NumericError(`${name}: \`${field}\`[${bad}] is ${numbers[bad]}, expected finite values.`);
  }
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  return { mean, squares: numbers.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) };
}

async function finish(name: string, difference: number, standardError: number, df: number): Promise<TTest> {
  if (!(standardError > 0)) {
    throw new NumericError(
      `${name}: the values do not vary, expected some that do; without an error of the mean there is no test.`,
    );
  }
  const core = await Core.load();
  try {
    const t = difference / standardError;
    return { difference, standardError, t, df, p: studentTail(core, t, df) };
  } finally {
    core.release();
  }
}

// Validation of plain data from outside: settings, checkpoints, manifests.

import * as z from "zod/mini";
import { ShapeError } from "./errors.ts";

/**
 * Check a value against a schema and fill in its defaults.
 *
 * @param where  What the value is, for the message.
 * @param Failure  The class of the error.
 * @throws Failure with one sentence: for every wrong field its path, what was got and what was expected.
 */
export function parse<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  where: string,
  Failure: new (message: string) => Error = ShapeError,
): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const fields = schema instanceof z.ZodMiniObject ? Object.keys(schema.shape) : [];
  throw new Failure(`${where}: ${result.error.issues.map((issue) => describe(issue, fields)).join("; ")}.`);
}

// one problem as "`path` is …, expected …"
function describe(issue: z.core.$ZodIssue, fields: string[]): string {
  if (issue.code === "unrecognized_keys") {
    const unknown = (key: string) =>
      `\`${[...issue.path, key].join(".")}\` is not a known field${suggestion(key, fields)}`;
    return issue.keys.map(unknown).join("; ");
  }
  const field = issue.path.length ? `\`${issue.path.join(".")}\`` : "the value";
  return `${field} is ${JSON.stringify(issue.input) ?? "missing"}, expected ${expectation(issue)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    case "invalid_type":
      return issue.expected === "int" ? "a whole number" : `a value of type ${issue.expected}`;
    case "too_small":
      return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    default:
      return "another value";
  }
}

// the field that was probably meant: the same letters but for one change, insertion, omission or swap
function suggestion(key: string, fields: string[]): string {
  const close = fields.find((name) => name.toLowerCase() === key.toLowerCase() || distance(name, key) <= 2);
  return close ? ` (did you mean \`${close}\`?)` : "";
}

// edit distance of two words
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

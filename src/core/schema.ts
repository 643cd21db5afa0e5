// Validation of plain data from outside: settings, checkpoints, manifests.

import * as z from "zod/mini";
import { ShapeError } from "./errors.ts";

/**
 * Check a value against a schema and fill in its defaults.
 *
 * @param where  What the value is, for the message.
 * @param Failure  The class of the error.
 * @throws Failure with one sentence: for the first wrong fields their path, what was got and what was expected.
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
  const problems = result.error.issues.slice(0, MOST_PROBLEMS).flatMap((issue) => describe(issue, fields));
  throw new Failure(`${where}: ${problems.slice(0, MOST_PROBLEMS).join("; ")}.`);
}

/** A list of at least `least` items. Its first wrong item ends the check, as a file may hold any number of them. */
export function list<T>(item: z.ZodMiniType<T>, least = 0): z.ZodMiniType<T[]> {
  const check = z.check<unknown>(({ value: input, issues }) => {
    if (!Array.isArray(input)) issues.push({ code: "invalid_type", expected: "array", input });
    else if (input.length < least)
      issues.push({ code: "too_small", origin: "array", minimum: least, inclusive: true, input });
    else issues.push(...firstProblems(item, input.entries()));
  });
  return z.unknown().check(check) as z.ZodMiniType<T[]>;
}

/** A value, or a list of at least one. */
export function oneOrMore<T>(item: z.ZodMiniType<T>): z.ZodMiniType<T | readonly T[]> {
  const several = list(item, 1);
  const check = z.check<unknown>(({ value: input, issues }) => {
    const { error } = (Array.isArray(input) ? several : item).safeParse(input, { reportInput: true });
    if (error) issues.push(...(error.issues as z.core.$ZodRawIssue[]));
  });
  return z.unknown().check(check) as z.ZodMiniType<T | readonly T[]>;
}

/** An object of any names with one kind of values. Its first wrong value ends the check. */
export function dictionary<T>(item: z.ZodMiniType<T>): z.ZodMiniType<Record<string, T>> {
  const check = z.check<unknown>(({ value: input, issues }) => {
    if (typeof input !== "object" || input === null || Array.isArray(input))
      issues.push({ code: "invalid_type", expected: "object", input });
    else issues.push(...firstProblems(item, Object.entries(input)));
  });
  return z.unknown().check(check) as z.ZodMiniType<Record<string, T>>;
}

// what is wrong with the first wrong item
function firstProblems(
  item: z.ZodMiniType,
  entries: Iterable<[string | number, unknown]>,
): z.core.$ZodRawIssue[] {
  for (const [key, value] of entries) {
    const { error } = item.safeParse(value, { reportInput: true });
    if (error)
      return error.issues.map((issue) => ({ ...issue, path: [key, ...issue.path] }) as z.core.$ZodRawIssue);
  }
  return [];
}

// a file from outside may have any number of faults, each of any length; a message is one sentence
const MOST_PROBLEMS = 5;
const MOST_LETTERS = 80;

// one problem as "`path` is …, expected …"
function describe(issue: z.core.$ZodIssue, fields: string[]): string[] {
  const path = (...more: string[]) => `\`${cut([...issue.path, ...more].join("."))}\``;
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.slice(0, MOST_PROBLEMS);
    return keys.map((key) => `${path(key)} is not a known field${suggestion(key, fields)}`);
  }
  const field = issue.path.length ? path() : "the value";
  return [`${field} is ${show(issue.input)}, expected ${expectation(issue)}`];
}

// what stands within a list or an object may be nested too deep to be written out
function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return cut(typeof value === "string" ? JSON.stringify(value) : String(value));
}

function cut(text: string): string {
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    case "invalid_type":
      return expectedType(issue.expected);
    case "too_small":
      return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    default:
      return "another value";
  }
}

function expectedType(type: string): string {
  const names: Record<string, string> = {
    int: "a whole number",
    number: "a finite number",
    boolean: "true or false",
    string: "a string",
    array: "a list",
    object: "an object",
    record: "an object",
  };
  return names[type] ?? `a value of type ${type}`;
}

// the field that was probably meant: the same letters but for one change, insertion, omission or swap
function suggestion(key: string, fields: string[]): string {
  const close = fields.find(
    (name) =>
      name.toLowerCase() === key.toLowerCase() ||
      (Math.abs(name.length - key.length) <= 2 && distance(name, key) <= 2),
  );
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

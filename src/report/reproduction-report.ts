// The report of claims that were tested: verdicts at a glance, then for each what was expected, found and drawn.

import type { ClaimResult } from "../experiments/claim.ts";
import type { Check, Verdict } from "../experiments/verdict.ts";
import { chartFigures } from "./chart.ts";
import { htmlPage, section } from "./page.ts";
import { element, escapeText } from "./svg.ts";
import { factsList, table } from "./tables.ts";
import { commandLines } from "./training-report.ts";

/** What the report is made from; all text is plain and is escaped. */
export interface ReproductionReport {
  title: string;
  results: readonly ClaimResult[];
  /** Shell commands that make it again. */
  reproduce: string[];
  /** Version, core hash, machine, time, by name. */
  facts: Record<string, string>;
}

/** Write the report: a complete HTML page that loads nothing; the same input gives the same bytes. */
export function reproductionReport({ title, results, reproduce, facts }: ReproductionReport): string {
  return htmlPage(
    title,
    element("h1", {}, escapeText(title)),
    element("p", {}, escapeText(summarize(results))),
    overview(results),
    ...results.map((result) => claimSection(result)),
    section("To reproduce", commandLines(reproduce)),
    section("Made with", factsList(facts)),
  );
}

function summarize(results: readonly ClaimResult[]): string {
  const checks = results.flatMap((result) => result.checks);
  const count = (all: readonly { verdict: Verdict }[], verdict: Verdict) =>
    all.filter((each) => each.verdict === verdict).length;
  const counts = (all: readonly { verdict: Verdict }[]) =>
    `${count(all, "reproduced")} reproduced, ${count(all, "not reproduced")} not reproduced, ${count(all, "not enough evidence")} without enough evidence`;
  return `${results.length} claims: ${counts(results)}. They consist of ${checks.length} statements: ${counts(checks)}. A difference is decided by a two-sided t-test at p < 0.05 between networks of the same seed, a value by whether its mean is within the tolerance, and what every network does by whether all do; a claim is reproduced if all its statements are, and not reproduced if one is refuted.`;
}

function overview(results: readonly ClaimResult[]): string {
  const rows = results.map(({ name, title, verdict, scale, seeds, checks }) => [
    { markup: `<a href="#${escapeText(name)}">${escapeText(title)}</a>` },
    { markup: verdictMark(verdict) },
    `${checks.filter((check) => check.verdict === "reproduced").length} of ${checks.length}`,
    `${scale}, ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`,
  ]);
  return table(["Claim", "Verdict", "Statements reproduced", "Scale"], rows, { text: [0, 1, 3] });
}

function claimSection(result: ClaimResult): string {
  const { name, title, statement, source, method, reduced, notes, checks, charts, verdict } = result;
  const sentences = [method, ...(reduced ? [`At this scale: ${reduced}`] : []), ...notes];
  return element(
    "section",
    { id: name },
    element("h2", {}, escapeText(title)),
    element(
      "p",
      {},
      `${verdictMark(verdict)} ${escapeText(statement)} `,
      element("cite", {}, escapeText(source)),
    ),
    element("p", {}, escapeText(sentences.join(" "))),
    checksTable(checks),
    chartFigures(charts),
  );
}

function checksTable(checks: readonly Check[]): string {
  const rows = checks.map(({ statement, expected, found, verdict }) => [
    statement,
    expected,
    found,
    { markup: verdictMark(verdict) },
  ]);
  return table(["Statement", "Expected", "Found", "Verdict"], rows, { text: [0, 1, 2, 3] });
}

// told by the words, and by a sign for those who skim
const signs: Record<Verdict, string> = {
  reproduced: "✓",
  "not reproduced": "✗",
  "not enough evidence": "?",
};

function verdictMark(verdict: Verdict): string {
  return element(
    "span",
    { class: `verdict ${verdict.replaceAll(" ", "-")}` },
    `${signs[verdict]} ${verdict}`,
  );
}

// The report of everything that was measured of one network.

import type { Chart } from "../experiments/chart.ts";
import { chartFigures } from "./chart.ts";
import { htmlPage, section } from "./page.ts";
import { element, escapeText } from "./svg.ts";
import { factsList } from "./tables.ts";
import { commandLines } from "./training-report.ts";

/** What the report is made from; all text is plain and is escaped. */
export interface ProfileReport {
  title: string;
  /** Results in few words, by name. */
  results: Record<string, string>;
  charts: readonly Chart[];
  /** Shell commands that make it again. */
  reproduce: string[];
  /** Version, core hash …, by name. */
  facts: Record<string, string>;
}

/** Write the report: a complete HTML page that loads nothing; the same input gives the same bytes. */
export function profileReport({ title, results, charts, reproduce, facts }: ProfileReport): string {
  return htmlPage(
    title,
    element("h1", {}, escapeText(title)),
    factsList(results),
    chartFigures(charts),
    section("To reproduce", commandLines(reproduce)),
    section("Made with", factsList(facts)),
  );
}

import { describe, expect, test } from "vitest";
import { type ReportedRun, trainingReport } from "../../src/report/training-report.ts";
import { evenTau, sampleRun } from "./sample-run.ts";

const special = `<b>&"it's"</b><script>alert(1)</script>`;

function page(runs: ReportedRun[], text = "N-parity"): string {
  const reproduce = [`tauscope train # ${text} https://example.org/x`];
  return trainingReport({ title: text, summary: [text, "Two."], runs, reproduce, facts: { [text]: text } });
}

const equalTau = { mean: 2, sd: 0, min: 2, max: 2, quantiles: new Array<number>(21).fill(2) };
const everyTen = Array.from({ length: 99 }, (_, i) => 10 * (i + 1));
const withTau = (run: ReportedRun): ReportedRun => ({
  ...run,
  records: run.records.map((record) => ({ ...record, tau: equalTau })),
  initialTau: equalTau,
});
const { initialTau: _, ...withoutInitial } = sampleRun("no initial tau", [2, 5], 8);

const cases: Record<string, ReportedRun[]> = {
  "no run": [],
  "no epoch": [sampleRun("a", [], 0)],
  "no epoch in one of two runs": [sampleRun("a", [], 0), sampleRun("b", [2], 4)],
  "one epoch": [sampleRun("a", [], 1)],
  "one epoch that solves": [sampleRun("a", [1], 1)],
  "nothing solved": [sampleRun("a", [], 30)],
  "only one N": [sampleRun("a", [], 10, false)],
  "all tau equal": [withTau(sampleRun("a", [2, 5], 8))],
  "no initial tau": [withoutInitial],
  "1000 epochs and 100 heads": [sampleRun("a", everyTen, 1000)],
  "special characters": [{ ...sampleRun(special, [2], 4), settings: { [special]: special } }],
  "two runs": [sampleRun("a", [2, 5], 8), sampleRun("b", [3], 9, false)],
  "thirty runs": Array.from({ length: 30 }, (_, i) => sampleRun(`run ${i}`, [2, 4 + i], 40)),
  "quantiles missing": [{ ...sampleRun("a", [2], 4), initialTau: { ...evenTau(1.5, 0.4), quantiles: [] } }],
  "nothing measured": [
    {
      ...sampleRun("a", [], 2),
      records: sampleRun("a", [], 2).records.map((r) => ({ ...r, N: [], accuracy: {} })),
    },
  ],
};

describe.each(Object.entries(cases))("%s", (_name, runs) => {
  const html = page(runs);

  test("every tag is closed, in order", () => {
    expect(unbalancedTag(html)).toBeUndefined();
  });

  test("no NaN, undefined, null, Infinity or [object Object] is written", () => {
    expect(html).not.toMatch(/NaN|undefined|null|Infinity|\[object/);
  });

  test("the same input gives the same bytes", () => {
    expect(page(structuredClone(runs))).toBe(html);
  });

  test("nothing is loaded and no script is there", () => {
    expect(html).not.toMatch(/<script|<img|<iframe|<object|@import|@font-face|url\(|javascript:/i);
    const references = [...html.matchAll(/\s(?:src|href|srcset|action|data)="([^"]*)"/g)].map(
      (match) => match[1],
    );
    expect(references).toEqual(["data:,"]);
    expect(html).toContain("default-src 'none'");
  });
});

describe("content", () => {
  test("special characters in title, labels, settings, commands and facts are all escaped", () => {
    const run = { ...sampleRun(special, [2], 4), settings: { [special]: special } };
    const html = page([run, { ...run, label: `${special}2` }], special);
    expect(html).not.toContain("<b>&");
    expect(html).not.toContain("<script");
    // title 2, summary 1, command 1, fact 2, setting 2, two labels in overview, details and five legends 14
    expect(html.split("&lt;script&gt;alert(1)&lt;/script&gt;")).toHaveLength(1 + 22);
  });

  test("without an epoch the page says so and shows no figure", () => {
    const html = page([sampleRun("a", [], 0)]);
    expect(html).toContain("No epoch finished yet.");
    expect(html).not.toContain("<figure");
  });

  test("one run has five figures, the first in two widths, and no legend", () => {
    const html = page([sampleRun("a", [2, 5], 8)]);
    expect(html.match(/<figure[ >]/g)).toHaveLength(5);
    expect(html.match(/<svg /g)).toHaveLength(6);
    expect(html).not.toContain('class="keys"');
  });

  test("settings that differ come first and are marked, the others stand once", () => {
    const runs = [sampleRun("a", [2], 4), sampleRun("b", [2], 4)];
    runs[1]!.settings = { units: 128, seed: 7 };
    const html = page(runs);
    expect(html).toContain('<td class="text">seed</td>');
    expect(html.match(/<mark>/g)).toHaveLength(2);
    expect(html.indexOf("<mark>7</mark>")).toBeLessThan(html.indexOf("<dt>units</dt><dd>128</dd>"));
  });

  test("solved epochs stand in the table with updates, epochs since and mean tau", () => {
    const html = page([sampleRun("a", [2, 5], 10)]);
    expect(html).toContain(cells("2", "2", "2", "200", "1.480", "0.200"));
    expect(html).toContain(cells("3", "5", "3", "500", "1.450", "0.200"));
  });

  test("every epoch stands in the folded table", () => {
    const html = page([sampleRun("a", [2], 3)]);
    expect(html).toContain("<summary>a: 3 epochs</summary>");
    expect(html).toContain(
      cells("3", "300", "2–3", "60.00", "79.50", "0.8000", "1.400", "0.200", "1.040", "1.760", "1.800", ""),
    );
  });

  test("of two layers of 128 units n is 256, and the mean tau of each layer stands behind that of all, in every epoch", () => {
    const run = sampleRun("a", [2], 3);
    run.settings = { ...run.settings, layers: 2 };
    for (const { epoch, tau } of run.records)
      tau!.layers = [evenTau(1 + epoch, 0.2), evenTau(2 + epoch, 0.3)];
    const html = page([run]);
    expect(html).toContain("(n = 256, one network)");
    expect(html).toContain(
      "<th>Largest τ</th><th>Mean τ, layer 1</th><th>Mean τ, layer 2</th><th>Solved</th>",
    );
    expect(html).toContain(
      cells(
        "3",
        "300",
        "2–3",
        "60.00",
        "79.50",
        "0.8000",
        ...["1.400", "0.200", "1.040", "1.760", "1.800"],
        "4.000",
        "5.000",
        "",
      ),
    );
  });

  test("every command stands on its own line, its words as given", () => {
    const html = page([sampleRun("a", [2], 3)], "a  b");
    const code = html.match(/<code>(.*)<\/code>/)![1]!;
    expect(code.replace(/<\/?span>/g, "")).toBe("tauscope train # a  b https://example.org/x");
  });

  test("1000 epochs of 100 heads take less than 0.5 MB", () => {
    expect(page(cases["1000 epochs and 100 heads"]!).length).toBeLessThan(500_000);
  });
});

function cells(...texts: string[]): string {
  return `<tr>${texts.map((text) => (text === "" ? "<td></td>" : `<td>${text}</td>`)).join("")}</tr>`;
}

// the first tag that closes what is not open, or stays open; undefined if all is balanced
function unbalancedTag(html: string): string | undefined {
  const alone = new Set(["meta", "link"]);
  const open: string[] = [];
  const body = html.replace("<!doctype html>", "").replace(/<style>[^<]*<\/style>/, "");
  for (const [tag, close, name, self] of body.matchAll(
    /<(\/?)([a-z][\w-]*)(?:\s[\w:-]+="[^"<]*")*(\/?)>/gi,
  )) {
    if (self === "/" || alone.has(name!)) continue;
    if (close === "") open.push(name!);
    else if (open.pop() !== name) return tag;
  }
  // what the expression did not take as a tag must not look like one
  const rest = body.replace(/<\/?[a-z][\w-]*(?:\s[\w:-]+="[^"<]*")*\/?>/gi, "");
  return open.at(-1) ?? rest.match(/[<>]/)?.[0];
}

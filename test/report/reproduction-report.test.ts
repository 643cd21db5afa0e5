import { describe, expect, test } from "vitest";
import type { ClaimResult } from "../../src/experiments/claim.ts";
import type { Verdict } from "../../src/experiments/verdict.ts";
import { profileReport } from "../../src/report/profile-report.ts";
import { reproductionReport } from "../../src/report/reproduction-report.ts";

function result(name: string, ...verdicts: Verdict[]): ClaimResult {
  return {
    name: `timescales/${name}`,
    title: `Title of ${name}`,
    statement: "Multi-head < single-head & so on.",
    source: "a paper, figure 1",
    method: "Networks are trained.",
    reduced: "Fewer of them.",
    scale: "laptop",
    seeds: [0, 1, 2, 3],
    verdict: verdicts[0]!,
    checks: verdicts.map((verdict, i) => ({
      statement: `statement ${i}`,
      expected: "1.5",
      found: "1.4 ± 0.1",
      verdict,
    })),
    charts: [
      {
        title: "A chart.",
        note: "Its note.",
        x: { label: "N (bits)" },
        y: { label: "Epoch" },
        series: [{ label: "multi-head", kind: "line", colour: 0, points: [{ x: 2, y: 1 }] }],
      },
    ],
    notes: ["One network is missing."],
  };
}

const results = [
  result("one", "reproduced", "reproduced"),
  result("two", "not reproduced", "reproduced"),
  result("three", "not enough evidence"),
];
const page = reproductionReport({
  title: "Claims",
  results,
  reproduce: ["npx tauscope reproduce timescales"],
  facts: { core: "abc" },
});

describe("the report of claims", () => {
  test("counts claims and statements by verdict", () => {
    expect(page).toContain("3 claims: 1 reproduced, 1 not reproduced, 1 without enough evidence.");
    expect(page).toContain("5 statements: 3 reproduced, 1 not reproduced, 1 without enough evidence.");
    expect(page).toContain("<td>1 of 2</td>");
  });

  test("has a section for each claim with its expectation, what was found, notes and figure, and links to it", () => {
    for (const { name } of results) {
      expect(page).toContain(`<a href="#${name}">`);
      expect(page).toContain(`<section id="${name}">`);
    }
    expect(page.match(/<figure>/g)).toHaveLength(3);
    expect(page).toContain("At this scale: Fewer of them. One network is missing.");
    expect(page).toContain("Multi-head &lt; single-head &amp; so on.");
  });

  test("tells verdicts by words, not by colour alone", () => {
    expect(page).toContain("✓ reproduced</span>");
    expect(page).toContain("✗ not reproduced</span>");
    expect(page).toContain("? not enough evidence</span>");
  });

  test("loads nothing and runs no script", () => {
    expect(page).not.toMatch(/<script|<link rel="stylesheet"|src=/);
    expect(page).toContain("default-src 'none'");
  });
});

test("a chart of many categories takes the width of the page", () => {
  const chart = results[0]!.charts[0]!;
  const wide = { ...chart, x: { label: "kind", categories: ["a", "b", "c", "d", "e"] } };
  const charts = (list: ClaimResult["charts"]) =>
    reproductionReport({ title: "", results: [{ ...results[0]!, charts: list }], reproduce: [], facts: {} });
  expect(charts([wide])).toContain('<figure class="whole"><svg width="176.77mm"');
  expect(charts([chart])).toContain('<figure><svg width="85mm"');
});

test("the report of one network lists its results and draws its charts", () => {
  const profile = profileReport({
    title: "net.safetensors",
    results: { "mean τ": "1.2 < 1.5" },
    charts: results[0]!.charts,
    reproduce: ["npx tauscope measure net.safetensors"],
    facts: {},
  });
  expect(profile).toContain("<dt>mean τ</dt><dd>1.2 &lt; 1.5</dd>");
  expect(profile.match(/<svg width="85mm"/g)).toHaveLength(1);
});

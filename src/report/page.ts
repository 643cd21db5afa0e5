// The page around a report: one HTML file that loads nothing, reads well on paper, on a phone and in the dark.

import { darkColours } from "./run-marks.ts";
import { element, escapeText } from "./svg.ts";

/** A heading with what stands below it. */
export function section(heading: string, ...content: string[]): string {
  return element("section", {}, element("h2", {}, escapeText(heading)), ...content);
}

/** A complete HTML page from a plain title and markup. */
export function htmlPage(title: string, ...content: string[]): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<link rel="icon" href="data:,">',
    element("title", {}, escapeText(title)),
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    element("main", {}, `\n${content.filter((part) => part !== "").join("\n")}\n`),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

const darkRuns = darkColours
  .map((colour, i) => `.run${i} { stroke: ${colour}; fill: ${colour}; }`)
  .join("\n  ");

const style = `
:root { --ink: #1d1f22; --soft: #5c6066; --rule: #dededa; --paper: #ffffff; --tint: #f5f5f2; --mark: #fdf3d8; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 964px; margin: 0 auto; padding: 56px 32px 80px; }
h1 { font-size: 28px; font-weight: 600; line-height: 1.25; letter-spacing: -0.01em; margin: 0 0 16px;
  overflow-wrap: anywhere; }
h2 { font-size: 18px; font-weight: 600; margin: 64px 0 12px; }
h3 { font-size: 14px; font-weight: 500; color: var(--soft); margin: 0; padding: 5px 0; }
p { margin: 0 0 12px; max-width: 68ch; overflow-wrap: anywhere; }
.strip { display: flex; flex-wrap: wrap; gap: 16px 40px; margin: 28px 0 0; }
.strip dt { font-size: 13px; color: var(--soft); }
.strip dd { margin: 0; font-size: 22px; line-height: 1.3; }
.figures { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 44px 40px; margin: 48px 0 0; }
figure { margin: 0; break-inside: avoid; }
figure.whole { grid-column: 1 / -1; }
figure > svg { display: block; width: 100%; height: auto; font-variant-numeric: tabular-nums; }
figure > svg.narrow { display: none; }
figure:not(.whole) > svg.chart { max-width: 420px; }
cite { color: var(--soft); font-style: normal; }
.verdict { white-space: nowrap; font-weight: 600; }
.verdict.reproduced { color: #00714f; }
.verdict.not-reproduced { color: #b04a00; }
.verdict.not-enough-evidence { color: var(--soft); }
figcaption { margin-top: 10px; font-size: 14px; line-height: 1.5; color: var(--soft); max-width: 75ch; }
figcaption b { font-weight: 600; color: var(--ink); }
.keys { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 0 0 8px; font-size: 13px; max-width: none; }
.sample { vertical-align: 0.05em; margin-right: 4px; flex: none; }
.scroll { overflow-x: auto; margin: 0 0 24px; }
h1 ~ .scroll { margin-top: 28px; }
table { border-collapse: collapse; font-size: 14px; line-height: 1.4; }
th, td { padding: 5px 0 5px 28px; text-align: right; vertical-align: top; border-bottom: 1px solid var(--rule); }
th:first-child, td:first-child { padding-left: 0; }
td:not(.text) { white-space: nowrap; }
th { font-weight: 500; color: var(--soft); vertical-align: bottom; border-bottom-color: var(--soft); }
td.text, th.text { text-align: left; }
.unbroken { white-space: nowrap; }
td.text:first-child { min-width: 10em; }
td.text { min-width: 7em; max-width: 44em; overflow-wrap: break-word; }
.pairs { columns: 2; column-gap: 40px; margin: 0 0 24px; font-size: 14px; line-height: 1.4; }
.pairs.long { columns: 1; }
.pairs div { display: flex; gap: 16px; padding: 5px 0; border-bottom: 1px solid var(--rule); break-inside: avoid; }
.pairs dt { flex: 0 0 12em; color: var(--soft); overflow-wrap: anywhere; }
.pairs dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; padding: 1px 5px; margin-left: -5px; border-radius: 3px;
  box-decoration-break: clone; -webkit-box-decoration-break: clone; }
details { margin: 0 0 12px; }
summary { cursor: pointer; overflow-wrap: anywhere; }
details[open] summary { margin-bottom: 12px; }
details table { font-size: 13px; }
details th, details td { padding-left: 18px; }
pre { margin: 0; padding: 14px 16px; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--tint); border-radius: 4px;
  font: 13px/1.6 ui-monospace, monospace; }
pre code { display: block; padding-left: 2ch; text-indent: -2ch; font: inherit; }
pre span { display: inline-block; max-width: 100%; text-indent: 0; }
@media screen and (max-width: 759px) {
  main { padding: 28px 14px 48px; }
  h1 { font-size: 23px; }
  h2 { margin-top: 44px; }
  .figures { grid-template-columns: minmax(0, 1fr); margin-top: 36px; }
  .pairs { columns: 1; }
  .pairs dt { flex-basis: 46%; }
  figure { max-width: 560px; }
  figure > svg.wide { display: none; }
  figure > svg.narrow { display: block; }
  th, td { padding-left: 18px; }
}
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e4e4e1; --soft: #a3a7ad; --rule: #34373c; --paper: #16181b; --tint: #1f2226; --mark: #37301c; }
  svg text { fill: #c6c8ca; }
  .grid { stroke: #2b2e33; }
  .axis { stroke: #85888c; }
  ${darkRuns}
}
@media print {
  @page { margin: 14mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2 { margin-top: 32px; break-after: avoid; }
  .figures { gap: 28px 24px; margin-top: 28px; }
  tr { break-inside: avoid; }
  mark, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; }
}
`;

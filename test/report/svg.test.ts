import { describe, expect, test } from "vitest";
import {
  coordinate,
  element,
  escapeText,
  fitText,
  label,
  spreadPositions,
  textWidth,
} from "../../src/report/svg.ts";

describe("markup", () => {
  test("the five special characters are escaped, each once", () => {
    expect(escapeText(`<a href="x">&amp;'`)).toBe("&lt;a href=&quot;x&quot;&gt;&amp;amp;&#39;");
  });

  test("attributes are escaped, children are taken as markup", () => {
    expect(element("g", { class: `a"b` }, "<b></b>")).toBe('<g class="a&quot;b"><b></b></g>');
  });

  test("an element without children closes itself", () => {
    expect(element("line", { x1: 1 })).toBe('<line x1="1"/>');
  });

  test("text content is escaped", () => {
    expect(label(1, 2, "a<b")).toBe('<text x="1" y="2">a&lt;b</text>');
  });

  test("coordinates keep two decimals and have no negative zero", () => {
    expect([1 / 3, 10, -0.001, 2.005].map(coordinate)).toEqual(["0.33", "10", "0", "2.01"]);
  });
});

describe("labels", () => {
  test("text that fits is not changed, text that does not is cut to the width", () => {
    expect(fitText("abc", textWidth("abc"))).toBe("abc");
    const cut = fitText("a label of thirty-three characters", 72);
    expect(cut).toBe("a label o…");
    expect(textWidth(cut)).toBeLessThanOrEqual(72);
  });

  test("positions that are far apart stay, close ones get the gap", () => {
    expect(spreadPositions([10, 50, 90], 14, 0, 100)).toEqual([10, 50, 90]);
    expect(spreadPositions([50, 50, 40], 14, 0, 100)).toEqual([54, 68, 40]);
  });

  test("positions pushed past the lower end move back up and keep the gap", () => {
    expect(spreadPositions([98, 99, 100], 10, 0, 100)).toEqual([80, 90, 100]);
  });
});

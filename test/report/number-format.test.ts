import { expect, test } from "vitest";
import {
  formatCount,
  formatLengths,
  formatLoss,
  formatPercent,
  formatTau,
  formatThreshold,
} from "../../src/report/number-format.ts";

test("counts are grouped from 10 000 on", () => {
  expect([0, 4400, 26400, 1234567].map(formatCount)).toEqual([
    "0",
    "4400",
    "26\u2009400",
    "1\u2009234\u2009567",
  ]);
});

test("accuracies are percent with two decimals, thresholds as short as they are", () => {
  expect(formatPercent(0.98067)).toBe("98.07");
  expect([0.98, 0.975, 0.9825].map(formatThreshold)).toEqual(["98 %", "97.5 %", "98.25 %"]);
});

test("a loss has four significant digits or so at every size", () => {
  expect([0, 0.000034, 0.0917, 1.04962, 69.3147, 512.25].map(formatLoss)).toEqual([
    "0.0000",
    "3.4e−5",
    "0.0917",
    "1.0496",
    "69.315",
    "512.3",
  ]);
});

test("time constants have three decimals, fewer when long", () => {
  expect([1.4767, 12.345, 123.45].map(formatTau)).toEqual(["1.477", "12.35", "123.5"]);
});

test("what is not a number is a dash", () => {
  const texts = [
    formatCount(Number.NaN),
    formatLoss(Number.NaN),
    formatTau(undefined),
    formatPercent(undefined),
  ];
  expect(texts).toEqual(["–", "–", "–", "–"]);
});

test("consecutive memory lengths are joined, in any order given", () => {
  expect([[2, 3, 4, 7], [5], [9, 8, 2, 3], []].map(formatLengths)).toEqual(["2–4, 7", "5", "2–3, 8–9", "–"]);
});

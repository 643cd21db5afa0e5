// Size and balance of recurrent weights, against matrices whose singular values are known.

import { describe, expect, test } from "vitest";
import { weightStatistics } from "../../src/analysis/weight-statistics.ts";

const statistics = (rows: number[][]) => weightStatistics(Float32Array.from(rows.flat()), rows.length);
const matrix = (units: number, entry: (i: number, j: number) => number) =>
  Array.from({ length: units }, (_, i) => Array.from({ length: units }, (_, j) => entry(i, j)));

// entry (i, j) depends on j - i alone: the singular values are the moduli of the coefficients' Fourier transform
const circulant = (coefficients: number[]) =>
  matrix(coefficients.length, (i, j) => coefficients[(j - i + coefficients.length) % coefficients.length]!);
const largestFourier = (coefficients: number[]) => {
  const n = coefficients.length;
  const moduli = coefficients.map((_, k) => {
    const turn = (l: number) => (2 * Math.PI * k * l) / n;
    const real = coefficients.reduce((sum, c, l) => sum + c * Math.cos(turn(l)), 0);
    const imaginary = coefficients.reduce((sum, c, l) => sum + c * Math.sin(turn(l)), 0);
    return Math.hypot(real, imaginary);
  });
  return Math.max(...moduli);
};

describe("values", () => {
  test("of three units by hand: mean over the 6 connections 0.5, Frobenius norm sqrt(19)", () => {
    const { mean, frobeniusNorm } = statistics([
      [0, 1, -2],
      [3, 0, 2],
      [-1, 0, 0],
    ]);
    expect(mean).toBe(0.5);
    expect(frobeniusNorm).toBe(Math.sqrt(19));
  });

  test.each([
    [
      "a rotation by a right angle, scaled by 3",
      [
        [0, -3],
        [3, 0],
      ],
      3,
    ],
    ["a cycle of 7 units with weight -2", circulant([0, -2, 0, 0, 0, 0, 0]), 2],
    ["all connections 1 among 9 units", matrix(9, (i, j) => (i === j ? 0 : 1)), 8],
    ["all connections -0.25 among 9 units", matrix(9, (i, j) => (i === j ? 0 : -0.25)), 2],
    [
      "two blocks of 3 and 5",
      matrix(4, (i, j) => [0, 3, 0, 0, 3, 0, 0, 0, 0, 0, 0, 5, 0, 0, 5, 0][4 * i + j]!),
      5,
    ],
    [
      "rank one, (3, 4, 0, 0) times (0, 0, 5, 12)",
      matrix(4, (i, j) => [3, 4, 0, 0][i]! * [0, 0, 5, 12][j]!),
      65,
    ],
    ["rank one with rows that sum to zero", matrix(4, (i, j) => [1, 1, 0, 0][i]! * [0, 0, 1, -1][j]!), 2],
    ["rank one with columns that sum to zero", matrix(4, (i, j) => [1, -1, 0, 0][i]! * [0, 0, 1, 1][j]!), 2],
    ["one connection", matrix(3, (i, j) => (i === 2 && j === 0 ? -7 : 0)), 7],
  ])("%s: the spectral norm is known", (_, rows, expected) => {
    expect(statistics(rows as number[][]).spectralNorm / (expected as number)).toBeCloseTo(1, 6);
  });

  test.each([
    [[0, 1, -1, 0.5, -0.5]],
    [[0, 1, 1, 1, -1, -1, -1]],
    [[0, 0.5, -2, 1, 3, 0.25, -1, 0.75, 2]],
    [[0, 3, -3, 0]],
  ])("a ring with weights %j has the largest modulus of their Fourier transform", (coefficients) => {
    const { spectralNorm } = statistics(circulant(coefficients));
    expect(spectralNorm / largestFourier(coefficients)).toBeCloseTo(1, 6);
  });

  test("of 300 units with independent weights of standard deviation 1/sqrt(300) it is 2 within 5 % (quarter-circle law)", () => {
    // Park and Miller's minimal standard generator; the sum of 12 uniform values is nearly normal
    let state = 1;
    const uniform = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value) - 6;
    const { spectralNorm, frobeniusNorm, mean } = statistics(
      matrix(300, (i, j) => (i === j ? 0 : normal() / Math.sqrt(300))),
    );
    expect(Math.abs(spectralNorm / 2 - 1)).toBeLessThan(0.05);
    expect(Math.abs(frobeniusNorm / Math.sqrt(299) - 1)).toBeLessThan(0.01);
    expect(Math.abs(mean)).toBeLessThan(4 / 300 / Math.sqrt(300));
  });
});

describe("invariants", () => {
  const coefficients = [0, 0.5, -2, 1, 3];
  const rows = circulant(coefficients).map((row, i) => row.map((value) => value * (i + 1)));

  test("the spectral norm is that of the transpose, and scales with the weights", () => {
    const { spectralNorm } = statistics(rows);
    const transposed = statistics(matrix(5, (i, j) => rows[j]![i]!)).spectralNorm;
    const scaled = statistics(matrix(5, (i, j) => -8 * rows[i]![j]!)).spectralNorm;
    expect(transposed / spectralNorm).toBeCloseTo(1, 6);
    expect(scaled / spectralNorm).toBeCloseTo(8, 5);
  });

  test("it lies between the Frobenius norm and that over sqrt(units)", () => {
    const { spectralNorm, frobeniusNorm } = statistics(rows);
    expect(spectralNorm).toBeLessThan(frobeniusNorm);
    expect(spectralNorm).toBeGreaterThan(frobeniusNorm / Math.sqrt(5));
  });
});

describe("edges", () => {
  test("no weights, and a single unit, give zeros", () => {
    const zeros = { mean: 0, frobeniusNorm: 0, spectralNorm: 0 };
    expect(statistics(matrix(5, () => 0))).toEqual(zeros);
    expect(statistics([[0]])).toEqual(zeros);
  });

  test("weights of 1e-30 and 1e30 keep their norms", () => {
    for (const size of [1e-30, 1e30]) {
      const { spectralNorm, frobeniusNorm } = statistics(matrix(2, (i, j) => (i === j ? 0 : size)));
      expect(spectralNorm / size).toBeCloseTo(1, 6);
      expect(frobeniusNorm / size).toBeCloseTo(Math.SQRT2, 6);
    }
  });
});

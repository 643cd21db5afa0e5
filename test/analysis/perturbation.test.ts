// Perturbed networks: the size and the direction of the change, and what is left alone.

import { describe, expect, test } from "vitest";
import { perturbTau, perturbWeights } from "../../src/analysis/perturbation.ts";
import {
  cellNames,
  type Network,
  networkTensors,
  parameterCount,
  type TensorName,
} from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { cellKind } from "../../src/core/network-shape.ts";
import { drawFrom, values } from "../assembly/values.ts";

function networkOf(cell: (typeof cellNames)[number], units = 37): Network {
  const shape = { cell, activation: "tanh", units, inputs: 1, heads: 2, classes: 2 } as const;
  return { shape, parameters: values(drawFrom(units), parameterCount(shape), 1, 3) };
}

const tensor = ({ shape, parameters }: Network, name: TensorName) =>
  networkTensors(shape, parameters).get(name)!.data;

const norm = (x: ArrayLike<number>) =>
  Math.sqrt(Array.from(x).reduce((sum, value) => sum + value * value, 0));

// what has become of a tensor
function change(before: Network, after: Network, name: TensorName): number[] {
  const [old, now] = [tensor(before, name), tensor(after, name)];
  return Array.from(now, (value, i) => value - old[i]!);
}

const others = (network: Network, changed: TensorName) =>
  [...networkTensors(network.shape, network.parameters)].filter(([name]) => name !== changed);

describe.each(cellNames)("perturbWeights, %s", (cell) => {
  const network = networkOf(cell);
  const { units: H } = network.shape;
  const onDiagonal = (k: number) => cellKind(cell).tau && k % (H + 1) === 0;

  test.each([0.01, 0.3, 10])(
    "of %f changes W by as much of its norm within 1e-5, and nothing else",
    async (epsilon) => {
      const after = await perturbWeights(network, epsilon);
      const moved = change(network, after, "recurrent.weight");
      const used = tensor(network, "recurrent.weight").filter((_, k) => !onDiagonal(k));
      expect(Math.abs(norm(moved) / norm(used) / epsilon - 1)).toBeLessThan(1e-5);
      moved.forEach((value, k) => {
        if (onDiagonal(k)) expect(value).toBe(0);
      });
      expect(others(after, "recurrent.weight")).toEqual(others(network, "recurrent.weight"));
    },
  );

  test("goes in one direction for a seed, in orthogonal ones for two, within 4 / √n", async () => {
    const small = change(network, await perturbWeights(network, 0.1), "recurrent.weight");
    const large = change(network, await perturbWeights(network, 1), "recurrent.weight");
    const other = change(network, await perturbWeights(network, 0.1, { seed: 1 }), "recurrent.weight");
    const cosine = (a: number[], b: number[]) =>
      a.reduce((sum, value, i) => sum + value * b[i]!, 0) / norm(a) / norm(b);
    expect(cosine(small, large)).toBeGreaterThan(1 - 1e-9);
    expect(Math.abs(cosine(small, other))).toBeLessThan(4 / H);
  });

  test("of 0 changes nothing, and is the same twice otherwise", async () => {
    expect(await perturbWeights(network, 0)).toEqual(network);
    expect(await perturbWeights(network, 0.2)).toEqual(await perturbWeights(network, 0.2));
  });
});

describe("perturbTau", () => {
  const network = networkOf("leaky", 40);

  test.each([0.001, 0.1, 10])(
    "of %f lengthens τ by as much of its norm within 1e-4, and changes nothing else",
    async (epsilon) => {
      const after = await perturbTau(network, epsilon);
      const moved = change(network, after, "tau");
      expect(Math.min(...moved)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(norm(moved) / norm(tensor(network, "tau")) / epsilon - 1)).toBeLessThan(1e-4);
      expect(others(after, "tau")).toEqual(others(network, "tau"));
    },
  );

  test("moves τ by the moduli of normal draws", async () => {
    const core = await Core.load();
    const direction = core.drawNormal(core.key(3, 6, 1), 40);
    core.release();
    expect(Math.min(...direction)).toBeLessThan(0);
    const tau = tensor(network, "tau");
    const after = tensor(await perturbTau(network, 0.5, { seed: 3 }), "tau");
    const scale = (0.5 * norm(tau)) / norm(direction);
    after.forEach((value, i) => {
      expect(value).toBe(Math.fround(tau[i]! + scale * Math.abs(direction[i]!)));
    });
  });
});

describe("3 layers", () => {
  const shape = {
    cell: "leaky",
    activation: "tanh",
    units: 11,
    layers: 3,
    inputs: 1,
    heads: 2,
    classes: 2,
  } as const;
  const network = { shape, parameters: values(drawFrom(11), parameterCount(shape), 1, 3) };

  test.each([
    [perturbWeights, "recurrent.weight", (k: number) => k % 12 === 0],
    [perturbTau, "tau", () => false],
  ] as const)(
    "%o changes those of all layers by as much of their norm together within 1e-5, and nothing else",
    async (perturb, changed, isLeft) => {
      const after = await perturb(network, 0.3);
      const names = [changed, `layer2.${changed}`, `layer3.${changed}`] as TensorName[];
      const moved = names.map((name) => change(network, after, name));
      const used = names.flatMap((name) => [...tensor(network, name)].filter((_, k) => !isLeft(k)));
      expect(Math.abs(norm(moved.flat()) / norm(used) / 0.3 - 1)).toBeLessThan(1e-5);
      for (const own of moved) expect(own.map((value) => value === 0)).toEqual(own.map((_, k) => isLeft(k)));
      expect(moved[1]).not.toEqual(moved[0]);
      for (const name of networkTensors(shape, network.parameters).keys()) {
        if (!names.includes(name)) expect(tensor(after, name)).toEqual(tensor(network, name));
      }
    },
  );
});

describe("a single unit", () => {
  test("has no weights to perturb, but a time constant", async () => {
    const network = networkOf("leaky-outside", 1);
    expect(await perturbWeights(network, 1)).toEqual(network);
    expect(tensor(await perturbTau(network, 1), "tau")[0]).toBeCloseTo(2 * tensor(network, "tau")[0]!, 5);
  });
});

describe("errors", () => {
  test.each([perturbWeights, perturbTau])("%o", async (perturb) => {
    const network = networkOf("leaky", 3);
    for (const [run, message] of [
      [perturb(network, -0.1), `${perturb.name}: \`epsilon\` is -0.1, expected a finite number from 0.`],
      [perturb(network, Number.NaN), "`epsilon` is NaN"],
      [perturb(network, Number.POSITIVE_INFINITY), "`epsilon` is Infinity"],
      [
        perturb(network, 1, { seed: 0.5 }),
        `${perturb.name}: \`seed\` is 0.5, expected a whole number from 0.`,
      ],
    ] as const) {
      await expect(run).rejects.toThrow(ShapeError);
      await expect(run).rejects.toThrow(message);
    }
  });

  test("a cell without time constants is one", async () => {
    const run = perturbTau(networkOf("lstm", 3), 1);
    await expect(run).rejects.toThrow(
      "perturbTau: a lstm cell has no time constants, expected a leaky cell.",
    );
  });
});

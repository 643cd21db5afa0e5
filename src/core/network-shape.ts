// What fixes a network's parameters: its cell, its sizes, its layers.

import { ShapeError } from "./errors.ts";

/** Cells, in the order of the core's numbers for them. */
export const cellNames = ["leaky", "leaky-outside", "gru", "lstm"] as const;
export type CellName = (typeof cellNames)[number];

const cells: Record<CellName, { gates: number; tau: boolean }> = {
  leaky: { gates: 1, tau: true },
  "leaky-outside": { gates: 1, tau: true },
  gru: { gates: 3, tau: false },
  lstm: { gates: 4, tau: false },
};

/** Activation functions of the leaky cells (the others have theirs), in the order of the core's numbers for them. */
export const activationNames = ["leaky-relu", "relu", "tanh", "sigmoid"] as const;
export type ActivationName = (typeof activationNames)[number];

/** Sizes that fix what a network's parameters are. */
export interface NetworkShape {
  cell: CellName;
  activation: ActivationName;
  /** Hidden units H, of each layer. */
  units: number;
  /** Layers of units (default 1). The inputs of a layer above another are the new states of that one; heads read the last. */
  layers?: number;
  /** Inputs per step I. */
  inputs: number;
  /** Read-out heads K. */
  heads: number;
  /** Classes per head C. */
  classes: number;
}

/**
 * What a cell's tensors follow from: its gates, sums of a unit that have weights of their own, and whether a unit has a time
 * constant.
 *
 * @throws ShapeError if there is no such cell.
 */
export function cellKind(cell: CellName): { gates: number; tau: boolean } {
  checkName("cell", cell, cellNames);
  return cells[cell];
}

/** Most layers of a network; gated cells have one. */
export const MOST_LAYERS = 100;

/** What is wrong with the number of layers, if anything. */
export function findLayersConflict({
  cell,
  layers = 1,
}: Pick<NetworkShape, "cell" | "layers">): string | undefined {
  const most = cellKind(cell).tau ? MOST_LAYERS : 1;
  if (Number.isInteger(layers) && layers >= 1 && layers <= most) return undefined;
  const expected =
    most > 1 ? `a whole number from 1 to ${most}` : `1, as cell ${cell} has no layers above another`;
  return `\`layers\` is ${layers}, expected ${expected}`;
}

/**
 * Inputs of each layer, the first one first.
 *
 * @throws ShapeError if there are too many layers, or several of a gated cell.
 */
export function layerInputs(shape: NetworkShape): number[] {
  const conflict = findLayersConflict(shape);
  if (conflict) throw new ShapeError(`Plan: ${conflict}.`);
  return Array.from({ length: shape.layers ?? 1 }, (_, l) => (l === 0 ? shape.inputs : shape.units));
}

/** Hidden units of all layers. */
export function allUnits({ units, layers = 1 }: Pick<NetworkShape, "units" | "layers">): number {
  return units * layers;
}

/** Floats of all parameters of a network. */
export function parameterCount(shape: NetworkShape): number {
  const { cell, units: H, heads: K, classes: C } = shape;
  const { gates, tau } = cellKind(cell);
  const sizes = layerInputs(shape).map((I) => gates * H * (H + I + 2) + (tau ? H : 0));
  return sizes.reduce((sum, size) => sum + size, K * C * (H + 1));
}

/** @throws ShapeError if the name is not one of `names`. */
export function checkName(field: string, name: string, names: readonly string[]): void {
  if (!names.includes(name)) {
    throw new ShapeError(
      `Plan: \`${field}\` is ${JSON.stringify(name)}, expected one of ${names.join(", ")}.`,
    );
  }
}

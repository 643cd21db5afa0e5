// What a network is: its shape, its parameters as one array, and the named tensors within that array.

import { ShapeError } from "../core/errors.ts";
import { cellKind, layerInputs, type NetworkShape, parameterCount } from "../core/network-shape.ts";

export type { ActivationName, CellName, NetworkShape } from "../core/network-shape.ts";
export { activationNames, allUnits, cellNames, parameterCount } from "../core/network-shape.ts";

/** A network as data. */
export interface Network {
  readonly shape: NetworkShape;
  /** All parameters; `networkTensors` names its parts. */
  readonly parameters: Float32Array;
}

/** A tensor of f32 values in row-major order. */
export interface NetworkTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Names of a layer's tensors; gated cells have no tau. */
export type LayerTensorName = "tau" | "input.weight" | "input.bias" | "recurrent.weight" | "recurrent.bias";

/** Names of a network's tensors, in the order of `networkTensors`; those of layers above the first say which. */
export type TensorName =
  | LayerTensorName
  | `layer${number}.${LayerTensorName}`
  | "readout.weight"
  | "readout.bias";

/** The name of a tensor of layer l, counted from 0: "tau", "layer2.tau", "layer3.tau" … */
export function layerTensor(l: number, name: LayerTensorName): TensorName {
  return l === 0 ? name : `layer${l + 1}.${name}`;
}

// the layers' tensors, in the order in which they lie in the parameters; the heads follow
function layerTensors(shape: NetworkShape): [TensorName, number[]][] {
  const { cell, units: H } = shape;
  const { gates, tau } = cellKind(cell);
  const rows = gates * H;
  return layerInputs(shape).flatMap((I, l) => {
    const tensors: [LayerTensorName, number[]][] = [
      ["input.weight", [rows, I]],
      ["input.bias", [rows]],
      ["recurrent.weight", [rows, H]],
      ["recurrent.bias", [rows]],
    ];
    if (tau) tensors.unshift(["tau", [H]]);
    return tensors.map(([name, dimensions]): [TensorName, number[]] => [layerTensor(l, name), dimensions]);
  });
}

/** Shapes of a network's tensors by name; in a weight the row is the receiving unit. */
export function tensorShapes(shape: NetworkShape): Map<TensorName, readonly number[]> {
  const { units: H, heads: K, classes: C } = shape;
  return new Map([...layerTensors(shape), ["readout.weight", [K, C, H]], ["readout.bias", [K, C]]]);
}

/**
 * The named tensors of a parameter array (or of a gradient or an optimiser's moment, which are laid out alike).
 *
 * @returns tau (H) in bits, which are time steps unless there are several per bit, and not clamped; input.weight (G H, I),
 *          input.bias (G H), recurrent.weight (G H, H), recurrent.bias (G H), readout.weight (K, C, H), readout.bias (K, C).
 *          Copies. G is 1 in the leaky cells. Gated cells have no tau; their rows are those of PyTorch: G = 3 gates r, z, n of
 *          "gru", 4 gates i, f, g, o of "lstm". Layers above the first come before the heads: layer2.tau, layer2.input.weight
 *          (H, H) and so on.
 * @throws ShapeError if `parameters` has not as many elements as the shape asks for.
 */
export function networkTensors(
  shape: NetworkShape,
  parameters: Float32Array,
): Map<TensorName, NetworkTensor> {
  if (parameters.length !== parameterCount(shape)) {
    throw new ShapeError(
      `networkTensors: \`parameters\` has ${parameters.length} elements, expected ${parameterCount(shape)}.`,
    );
  }
  const tensors = new Map<TensorName, NetworkTensor>();
  let offset = 0;
  for (const [name, dimensions] of layerTensors(shape)) {
    const size = dimensions.reduce((product, n) => product * n, 1);
    tensors.set(name, { shape: dimensions, data: parameters.slice(offset, offset + size) });
    offset += size;
  }
  const { units: H, heads: K, classes: C } = shape;
  const weight = new Float32Array(K * C * H);
  const bias = new Float32Array(K * C);
  for (let k = 0; k < K; k++) {
    const head = offset + k * C * (H + 1);
    weight.set(parameters.subarray(head, head + C * H), k * C * H);
    bias.set(parameters.subarray(head + C * H, head + C * (H + 1)), k * C);
  }
  tensors.set("readout.weight", { shape: [K, C, H], data: weight });
  tensors.set("readout.bias", { shape: [K, C], data: bias });
  return tensors;
}

/**
 * The parameter array made of named tensors; the inverse of `networkTensors`.
 *
 * @throws ShapeError if a tensor has not as many elements as the shape asks for.
 */
export function packParameters(
  shape: NetworkShape,
  tensors: ReadonlyMap<TensorName, { data: ArrayLike<number> }>,
): Float32Array {
  const parameters = new Float32Array(parameterCount(shape));
  const dataOf = (name: TensorName, dimensions: readonly number[]) => {
    const data = tensors.get(name)?.data ?? [];
    const size = dimensions.reduce((product, n) => product * n, 1);
    if (data.length !== size) {
      throw new ShapeError(
        `packParameters: \`${name}\` has ${data.length} elements; expected ${size} for shape (${dimensions.join(", ")}).`,
      );
    }
    return data;
  };
  let offset = 0;
  for (const [name, dimensions] of layerTensors(shape)) {
    const data = dataOf(name, dimensions);
    parameters.set(data, offset);
    offset += data.length;
  }
  const { units: H, heads: K, classes: C } = shape;
  const weight = Float32Array.from(dataOf("readout.weight", [K, C, H]));
  const bias = Float32Array.from(dataOf("readout.bias", [K, C]));
  for (let k = 0; k < K; k++) {
    const head = offset + k * C * (H + 1);
    parameters.set(weight.subarray(k * C * H, (k + 1) * C * H), head);
    parameters.set(bias.subarray(k * C, (k + 1) * C), head + C * H);
  }
  return parameters;
}

/** The tensor, and the place in it, of parameter `index`, as in `recurrent.weight[3, 7]`. */
export function locateParameter(shape: NetworkShape, index: number): string {
  const place = Float32Array.from({ length: parameterCount(shape) }, (_, i) => (i === index ? 1 : 0));
  for (const [name, tensor] of networkTensors(shape, place)) {
    let flat = tensor.data.indexOf(1);
    if (flat < 0) continue;
    const indices = tensor.shape.map((_, axis) => {
      const below = tensor.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
      const at = Math.floor(flat / below);
      flat %= below;
      return at;
    });
    return `${name}[${indices.join(", ")}]`;
  }
  throw new ShapeError(`locateParameter: \`index\` is ${index}; expected 0 to ${place.length - 1}.`);
}

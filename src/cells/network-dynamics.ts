// A trained network as a dynamical system: its parameters, which are f32, in f64.

import type { Dynamics, DynamicsWeights } from "../core/dynamics.ts";
import { type LayerTensorName, layerTensor, type Network, networkTensors } from "./network.ts";
import { checkStepsPerBit } from "./steps-per-bit.ts";

export interface NetworkDynamicsOptions {
  /** Steps per bit k of a leaky network (default 1): time constants, which count bits, are max(τ k, 1) steps. */
  stepsPerBit?: number;
}

/**
 * The recurrent part of a network as a map, one time step of the network at a time; heads have no part in it. State: the units of
 * all layers, one layer beside the other; of an LSTM h and c (2 H).
 *
 * @throws ShapeError if the parameters do not fit the shape, or `stepsPerBit` is out of range.
 */
export function networkDynamics(network: Network, options: NetworkDynamicsOptions = {}): Dynamics {
  const { shape, parameters } = network;
  const { stepsPerBit = 1 } = options;
  checkStepsPerBit("networkDynamics", stepsPerBit, shape.cell);
  const tensors = networkTensors(shape, parameters);
  const { cell, units: N, layers: count = 1 } = shape;
  const layers = Array.from({ length: count }, (_, l): DynamicsWeights => {
    const tensor = (name: LayerTensorName) => Float64Array.from(tensors.get(layerTensor(l, name))!.data);
    const recurrent = tensor("recurrent.weight");
    const hidden = tensor("recurrent.bias");
    const constant = tensor("input.bias");
    const input = tensor("input.weight");
    let perUnit = new Float64Array(N);
    // what the reset gate multiplies is no part of the constant sum
    const added = cell === "gru" ? 2 * N : constant.length;
    for (let i = 0; i < added; i++) constant[i]! += hidden[i]!;
    if (cell === "gru") perUnit = hidden.slice(2 * N);
    if (cell === "leaky" || cell === "leaky-outside") {
      perUnit = tensor("tau").map((tau) => 1 / Math.max(tau * stepsPerBit, 1));
      // a unit's only connection to itself is its leak
      for (let i = 0; i < N; i++) recurrent[i * (N + 1)] = 0;
    }
    return { recurrent, input, constant, perUnit };
  });
  const leaky = cell === "leaky" || cell === "leaky-outside";
  return {
    kind: cell,
    units: N,
    inputs: shape.inputs,
    method: "map",
    dt: 1,
    time: "steps",
    layers,
    ...(leaky ? { activation: shape.activation } : {}),
    ...(cell === "gru" ? { resetAfter: true } : {}),
  };
}

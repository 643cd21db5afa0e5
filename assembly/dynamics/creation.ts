// How the host makes a system: created, given its sizes and constants, laid out, and its arrays written.

import { arenaAllocate } from "../arena";
import { System } from "./system";

/** The address of a new system of so many layers, or 0 if there is no memory for it. */
export function createSystem(layers: i32): usize {
  let above: usize = 0;
  for (let count = 1; count <= layers; count++) {
    const system = arenaAllocate(offsetof<System>());
    if (!system) return 0;
    memory.fill(system, 0, offsetof<System>());
    changetype<System>(system).above = changetype<System | null>(above);
    changetype<System>(system).isAbove = count < layers;
    above = system;
  }
  return above;
}

export function setSystem(
  system: System,
  kind: i32,
  method: i32,
  activation: i32,
  resetAfter: bool,
  N: i32,
  I: i32,
  dt: f64,
): void {
  for (let layer: System | null = system; layer; layer = layer.above) {
    layer.kind = kind;
    layer.method = method;
    layer.activation = activation;
    layer.resetAfter = resetAfter;
    layer.N = N;
    layer.I = layer.isAbove ? N : I;
    layer.dt = dt;
  }
}

export function setGates(
  system: System,
  gain: f64,
  bias: f64,
  updateGain: f64,
  updateBias: f64,
  updateTau: f64,
  outputGain: f64,
  outputBias: f64,
  outputTau: f64,
): void {
  system.gain = gain;
  system.bias = bias;
  system.updateGain = updateGain;
  system.updateBias = updateBias;
  system.updateRate = 1 / updateTau;
  system.outputGain = outputGain;
  system.outputBias = outputBias;
  system.outputRate = 1 / outputTau;
}

/** Where the arrays of a layer lie, one behind the other, as system.ts has them. */
export function weightsOf(system: System, layer: i32): usize {
  let found = system;
  for (let l = 0; l < layer; l++) found = found.above!;
  return found.recurrentWeight;
}

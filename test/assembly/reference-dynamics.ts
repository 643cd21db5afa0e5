// One step of every dynamical system, written down once more: scalars, loops over units, nothing shared with the core.

import { type Dynamics, stateSize } from "../../src/core/dynamics.ts";
import { type Draw, drawFrom } from "./values.ts";

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

type Vector = readonly number[];

// W x + constants + W_in input, of gate g of a layer
function sums(dynamics: Dynamics, l: number, g: number, x: Vector, input: Vector): number[] {
  const { units: N, layers } = dynamics;
  const { recurrent, input: weight, constant } = layers[l]!;
  return Array.from({ length: N }, (_, i) => {
    const row = g * N + i;
    const state = x.reduce((sum, value, j) => sum + recurrent[row * N + j]! * value, 0);
    return input.reduce(
      (sum, value, k) => sum + weight[row * input.length + k]! * value,
      state + constant[row]!,
    );
  });
}

/** d/dt of a flow. */
export function referenceField(dynamics: Dynamics, state: Vector, input: Vector): number[] {
  const { units: N, gating } = dynamics;
  if (dynamics.kind === "tanh") {
    const pull = sums(dynamics, 0, 0, state.map(Math.tanh), input);
    return state.map((x, i) => pull[i]! - x);
  }
  const { gain, bias, updateGain, updateBias, updateTau, outputGain, outputBias, outputTau } = gating!;
  const h = state.slice(0, N);
  const z = state.slice(N, 2 * N);
  const r = state.slice(2 * N);
  const phi = h.map((x) => Math.tanh(gain * x + bias));
  const gated = phi.map((value, i) => value * logistic(outputGain * r[i]! - outputBias));
  const [toH, toZ, toR] = [gated, phi, phi].map((x, g) => sums(dynamics, 0, g, x, input));
  return [
    ...h.map((x, i) => logistic(updateGain * z[i]! - updateBias) * (toH![i]! - x)),
    ...z.map((x, i) => (toZ![i]! - x) / updateTau),
    ...r.map((x, i) => (toR![i]! - x) / outputTau),
  ];
}

const activations: Record<string, (u: number) => number> = {
  "leaky-relu": (u) => (u > 0 ? u : 0.01 * u),
  relu: (u) => Math.max(u, 0),
  tanh: Math.tanh,
  sigmoid: logistic,
};

function referenceMap(dynamics: Dynamics, state: Vector, input: Vector): number[] {
  const { kind, units: N, layers, activation = "tanh", resetAfter } = dynamics;
  if (kind === "gru") {
    const [r, z] = [0, 1].map((g) => sums(dynamics, 0, g, state, input).map(logistic));
    const zeros = input.map(() => 0);
    const { perUnit, constant } = layers[0]!;
    const reset = state.map((h, i) => r![i]! * h);
    return state.map((h, i) => {
      const own = constant[2 * N + i]!;
      const outside = sums(
        dynamics,
        0,
        2,
        state.map(() => 0),
        input,
      )[i]!;
      const product = sums(dynamics, 0, 2, state, zeros)[i]! - own + perUnit[i]!;
      const n = Math.tanh(resetAfter ? r![i]! * product + outside : sums(dynamics, 0, 2, reset, input)[i]!);
      return (1 - z![i]!) * n + z![i]! * h;
    });
  }
  if (kind === "lstm") {
    const h = state.slice(0, N);
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) => sums(dynamics, 0, gate, h, input));
    const c = state.slice(N).map((x, u) => logistic(f![u]!) * x + logistic(i![u]!) * Math.tanh(g![u]!));
    return [...c.map((x, u) => logistic(o![u]!) * Math.tanh(x)), ...c];
  }
  let below = input;
  return layers.flatMap(({ perUnit: alpha }, l) => {
    const h = state.slice(l * N, (l + 1) * N);
    const u = sums(dynamics, l, 0, h, below);
    const f = activations[activation]!;
    below = h.map((x, i) =>
      kind === "leaky"
        ? f((1 - alpha[i]!) * x + alpha[i]! * u[i]!)
        : (1 - alpha[i]!) * x + alpha[i]! * f(u[i]!),
    );
    return below;
  });
}

/** The state behind one step. */
export function referenceStep(dynamics: Dynamics, state: Vector, input: Vector): number[] {
  const { method, dt } = dynamics;
  if (method === "map") return referenceMap(dynamics, state, input);
  const field = (x: Vector) => referenceField(dynamics, x, input);
  const along = (k: Vector, a: number) => state.map((x, i) => x + a * k[i]!);
  const k1 = field(state);
  if (method === "euler") return along(k1, dt);
  const k2 = field(along(k1, dt / 2));
  const k3 = field(along(k2, dt / 2));
  const k4 = field(along(k3, dt));
  return along(
    k1.map((value, i) => value + 2 * k2[i]! + 2 * k3[i]! + k4[i]!),
    dt / 6,
  );
}

const f64 = (draw: Draw, n: number, size: number) =>
  Float64Array.from({ length: n }, () => size * (2 * draw() - 1));

/** A system of a kind with drawn weights, constants and inputs; `change` is put over it. */
export function drawDynamics(
  kind: Dynamics["kind"],
  units: number,
  inputs: number,
  change: Partial<Dynamics> & { layerCount?: number } = {},
): Dynamics {
  const draw = drawFrom(100 * units + inputs);
  const G = { tanh: 1, gated: 3, gru: 3, lstm: 4, leaky: 1, "leaky-outside": 1 }[kind];
  const flow = kind === "tanh" || kind === "gated";
  const { layerCount = 1, ...rest } = change;
  const layers = Array.from({ length: layerCount }, (_, l) => ({
    recurrent: f64(draw, G * units * units, 2 / Math.sqrt(units)),
    input: f64(draw, G * units * (l === 0 ? inputs : units), 0.5),
    constant: f64(draw, G * units, 0.5),
    perUnit: f64(draw, units, 0.4).map((value) => value + 0.5),
  }));
  return {
    kind,
    units,
    inputs,
    layers,
    method: flow ? "euler" : "map",
    dt: flow ? 0.2 : 1,
    time: flow ? "continuous" : "steps",
    ...(kind.startsWith("leaky") ? { activation: "tanh" } : {}),
    ...(kind === "gated" ? { gating: drawnGating } : {}),
    ...rest,
  };
}

const drawnGating = {
  gain: 1.7,
  bias: 0.3,
  updateGain: 2.1,
  updateBias: -0.4,
  updateTau: 1.6,
  outputGain: 3.2,
  outputBias: 0.5,
  outputTau: 0.7,
};

/** Every kind, in every form that has code of its own. */
export const forms: [string, (units: number, inputs: number) => Dynamics][] = [
  ["tanh, Euler", (n, i) => drawDynamics("tanh", n, i)],
  ["tanh, RK4", (n, i) => drawDynamics("tanh", n, i, { method: "rk4" })],
  ["tanh map", (n, i) => drawDynamics("tanh", n, i, { dt: 1, time: "steps" })],
  ["gated, Euler", (n, i) => drawDynamics("gated", n, i)],
  ["gated, RK4", (n, i) => drawDynamics("gated", n, i, { method: "rk4" })],
  ["GRU, reset after", (n, i) => drawDynamics("gru", n, i, { resetAfter: true })],
  ["GRU, reset before", (n, i) => drawDynamics("gru", n, i, { resetAfter: false })],
  ["LSTM", (n, i) => drawDynamics("lstm", n, i)],
  ["leaky, tanh", (n, i) => drawDynamics("leaky", n, i)],
  [
    "leaky, sigmoid, 2 layers",
    (n, i) => drawDynamics("leaky", n, i, { activation: "sigmoid", layerCount: 2 }),
  ],
  [
    "leaky, leaky-relu, 3 layers",
    (n, i) => drawDynamics("leaky", n, i, { activation: "leaky-relu", layerCount: 3 }),
  ],
  ["leaky outside, relu", (n, i) => drawDynamics("leaky-outside", n, i, { activation: "relu" })],
  ["leaky outside, tanh, 2 layers", (n, i) => drawDynamics("leaky-outside", n, i, { layerCount: 2 })],
];

/** A state, or several, of a system. */
export function drawStates(dynamics: Dynamics, rows: number, seed: number): Float64Array {
  return f64(drawFrom(seed), rows * stateSize(dynamics), 1);
}

// Training steps of the leaky network of bench/peers/reduced_training.py in jax-js, on its WebAssembly device (one thread in Node).
//
//     npm ci --prefix bench && node bench/step/jax-js.js
//
// answers the requests of serve.js. Written for speed, as measured: a step is one jitted program, the gradient's included,
// with the leak and alpha folded into one matrix. A backward pass by hand is no faster.

import { blockUntilReady, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { readProblem, serve } from "./serve.js";

const SLOPE = 0.01;
const CLIP_NORM = 2;
const LEARNING_RATE = 0.05;
const MOMENTUM = 0.1;

// an array is consumed where it is used, and `.ref` keeps it for another use

function computeLoss(parameters, { inputs, targets, initialState }) {
  const { tau, inputWeight, inputBias, recurrentWeight, recurrentBias, readoutWeight, readoutBias } =
    parameters;
  const [units] = tau.shape;
  const alpha = np.reciprocal(np.maximum(tau, 1));
  const column = alpha.ref.reshape([units, 1]);
  const leak = np.eye(units).mul(np.subtract(1, column.ref));
  const recurrence = recurrentWeight.mul(column).add(leak);
  const drive = inputWeight.mul(alpha.ref);
  const bias = inputBias.add(recurrentBias).mul(alpha);

  let state = initialState;
  for (const input of inputs) {
    const current = input.mul(drive.ref).add(bias.ref);
    state = nn.leakyRelu(np.matmul(state, recurrence.ref.transpose()).add(current), SLOPE);
  }
  tree.dispose([recurrence, drive, bias]);

  const [batch] = targets.shape;
  const logits = np.matmul(state, readoutWeight.transpose()).add(readoutBias).reshape(targets.shape);
  return nn.logSoftmax(logits, -1).mul(targets).sum().div(-batch);
}

const update = jit((parameters, velocity, batch) => {
  const diagonal = np.eye(parameters.tau.shape[0]);
  const recurrentWeight = parameters.recurrentWeight.mul(np.subtract(1, diagonal));
  const current = { ...parameters, recurrentWeight };
  const [loss, gradient] = valueAndGrad(computeLoss)(tree.ref(current), batch);

  const squares = tree.leaves(tree.ref(gradient)).map((d) => np.square(d).sum());
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const scale = np.minimum(1, np.trueDivide(CLIP_NORM, norm.ref.add(1e-6)));
  const clipped = tree.map((d) => d.mul(scale.ref), gradient);
  scale.dispose();

  const moved = tree.map((d, v) => v.mul(MOMENTUM).add(d), tree.ref(clipped), velocity);
  const descend = (p, d, v) => p.sub(v.mul(MOMENTUM).add(d).mul(LEARNING_RATE));
  const updated = tree.map(descend, current, clipped, tree.ref(moved));
  return { loss, norm, parameters: updated, velocity: moved };
});

function load({ H, B, K, ...problem }) {
  const array = (values, shape) => np.array(values).reshape(shape);
  const shapes = { recurrentWeight: [H, H], readoutWeight: [2 * K, H] };
  const entries = Object.entries(problem.parameters);
  let parameters = Object.fromEntries(
    entries.map(([name, values]) => [name, array(values, shapes[name] ?? [values.length])]),
  );
  let velocity = tree.map((p) => np.zerosLike(p), tree.ref(parameters));
  const batch = {
    inputs: problem.inputs.map((values) => array(values, [B, 1])),
    targets: array(problem.targets, [B, K, 2]),
    initialState: array(problem.initialState, [B, H]),
  };

  return {
    async evaluate() {
      const { loss, norm, ...rest } = update(tree.ref(parameters), tree.ref(velocity), tree.ref(batch));
      tree.dispose(rest);
      return [loss.js(), norm.js()];
    },
    async step() {
      const { loss, norm, ...rest } = update(parameters, velocity, tree.ref(batch));
      ({ parameters, velocity } = rest);
      norm.dispose();
      // the loss alone would wait for what it depends on, and not for the parameters
      await blockUntilReady(rest);
      return loss.js();
    },
    close: () => tree.dispose([parameters, velocity, batch]),
  };
}

await init("wasm");
await serve((bytes, sizes) => load(readProblem(bytes, sizes)));

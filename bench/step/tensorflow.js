// Training steps of the leaky network of bench/peers/reduced_training.py in TensorFlow.js, on its WebAssembly backend (SIMD, one
// thread).
//
//     npm ci --prefix bench && node bench/step/tensorflow.js
//
// answers the requests of serve.js. Written for speed, as measured: the backward pass is by hand, since the package's own
// gradient of a matrix product takes a kernel for transposed factors that is 12 times slower than to transpose one first; a
// step of 500 units and batches of 256 is 9 times slower with it. `prelu` is up to 40 times faster than `leakyRelu`, and
// every time step has its own tensors, because a slice copies all it is cut from.

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { readProblem, serve } from "./serve.js";

const SLOPE = 0.01;
const CLIP_NORM = 2;
const LEARNING_RATE = 0.05;
const MOMENTUM = 0.1;

// weights lie transposed, (inputs, outputs), and what has one value per unit is a row

function computeGradient(parameters, { inputs, transposedInputs, targets, initialState, identity, slopes }) {
  const { tau, inputWeight, inputBias, recurrentWeight, recurrentBias, readoutWeight, readoutBias } =
    parameters;

  // the leak and alpha in one matrix for the state, and one for the input and the constant 1 beside it
  const alpha = tf.reciprocal(tf.maximum(tau, 1));
  const inward = tf.concat([inputWeight, tf.add(inputBias, recurrentBias)]);
  const drive = tf.mul(inward, alpha);
  const recurrence = tf.add(tf.mul(recurrentWeight, alpha), tf.mul(identity, tf.sub(1, alpha)));
  const states = [initialState];
  for (const [t, input] of inputs.entries()) {
    const advance = () => tf.add(tf.matMul(states[t], recurrence), tf.matMul(input, drive));
    states.push(tf.tidy(() => tf.prelu(advance(), slopes)));
  }

  const [batch, heads] = targets.shape;
  const state = states.at(-1);
  const logits = tf.add(tf.matMul(state, readoutWeight), readoutBias);
  const logProbabilities = tf.logSoftmax(tf.reshape(logits, targets.shape));
  const loss = tf.div(tf.sum(tf.mul(logProbabilities, targets)), -batch);

  const dLogProbabilities = tf.div(tf.sub(tf.exp(logProbabilities), targets), batch);
  const dLogits = tf.reshape(dLogProbabilities, [batch, 2 * heads]);
  const transposed = tf.transpose(recurrence);
  let d = {
    state: tf.matMul(dLogits, tf.transpose(readoutWeight)),
    recurrence: tf.zerosLike(recurrence),
    drive: tf.zerosLike(drive),
  };
  for (let t = inputs.length - 1; t >= 0; t--) {
    const earlier = tf.tidy(() => {
      // `step` is the slope: of the state, which has the sign of what it came from
      const dCurrent = tf.mul(d.state, tf.step(states[t + 1], SLOPE));
      return {
        state: t > 0 ? tf.matMul(dCurrent, transposed) : dCurrent,
        recurrence: tf.add(d.recurrence, tf.matMul(tf.transpose(states[t]), dCurrent)),
        drive: tf.add(d.drive, tf.matMul(transposedInputs[t], dCurrent)),
      };
    });
    tf.dispose(d);
    d = earlier;
  }

  const [dInputWeight, dBias] = tf.split(tf.mul(d.drive, alpha), 2);
  const dAlpha = tf.add(
    tf.sum(tf.mul(d.recurrence, tf.sub(recurrentWeight, identity)), 0, true),
    tf.sum(tf.mul(d.drive, inward), 0, true),
  );
  const aboveOne = tf.cast(tf.greaterEqual(tau, 1), "float32");
  const gradient = {
    tau: tf.mul(tf.mul(tf.neg(dAlpha), tf.square(alpha)), aboveOne),
    inputWeight: dInputWeight,
    inputBias: dBias,
    recurrentWeight: tf.mul(d.recurrence, alpha),
    recurrentBias: dBias,
    readoutWeight: tf.matMul(tf.transpose(state), dLogits),
    readoutBias: tf.sum(dLogits, 0, true),
  };
  return { loss, gradient };
}

function update(parameters, velocity, batch) {
  const recurrentWeight = tf.mul(parameters.recurrentWeight, tf.sub(1, batch.identity));
  const current = { ...parameters, recurrentWeight };
  const { loss, gradient } = computeGradient(current, batch);

  const squares = Object.values(gradient).map((d) => tf.sum(tf.square(d)));
  const norm = tf.sqrt(tf.addN(squares));
  const scale = tf.minimum(1, tf.div(CLIP_NORM, tf.add(norm, 1e-6)));
  const clipped = mapValues(gradient, (d) => tf.mul(d, scale));

  const moved = mapValues(clipped, (d, name) => tf.add(tf.mul(velocity[name], MOMENTUM), d));
  const updated = mapValues(clipped, (d, name) => {
    const direction = tf.add(tf.mul(moved[name], MOMENTUM), d);
    return tf.sub(current[name], tf.mul(direction, LEARNING_RATE));
  });
  return { loss, norm, parameters: updated, velocity: moved };
}

function load({ H, B, K, ...problem }) {
  const shapes = { recurrentWeight: [H, H], readoutWeight: [2 * K, H] };
  let parameters = tf.tidy(() =>
    mapValues(problem.parameters, (values, name) =>
      shapes[name] ? tf.transpose(tf.tensor(values, shapes[name])) : tf.tensor(values, [1, values.length]),
    ),
  );
  let velocity = mapValues(parameters, (p) => tf.zerosLike(p));
  const batch = tf.tidy(() => {
    const transposedInputs = problem.inputs.map((x) => tf.stack([tf.tensor(x), tf.ones([B])]));
    return {
      inputs: transposedInputs.map((x) => tf.transpose(x)),
      transposedInputs,
      targets: tf.tensor(problem.targets, [B, K, 2]),
      initialState: tf.tensor(problem.initialState, [B, H]),
      identity: tf.eye(H),
      slopes: tf.fill([H], SLOPE),
    };
  });

  return {
    evaluate: () =>
      tf.tidy(() => {
        const { loss, norm } = update(parameters, velocity, batch);
        return [loss.dataSync()[0], norm.dataSync()[0]];
      }),
    step() {
      const { loss, norm, ...rest } = tf.tidy(() => update(parameters, velocity, batch));
      tf.dispose([parameters, velocity]);
      ({ parameters, velocity } = rest);
      const [value] = loss.dataSync();
      tf.dispose([loss, norm]);
      return value;
    },
    close: () => tf.dispose([parameters, velocity, batch]),
  };
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}

await tf.setBackend("wasm");
await serve((bytes, sizes) => load(readProblem(bytes, sizes)));

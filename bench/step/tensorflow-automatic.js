// Training steps of tensorflow.js with the package's own gradients and optimizer, as one would write them first.
//
//     npm ci && npm ci --prefix bench && node bench/step/tensorflow-automatic.js
//
// answers the requests of serve.js. Of the forms measured none is faster (`prelu`, the activation as a maximum, all
// inputs in one product, a transposed matrix): the time goes into the gradients of the matrix products, whose kernel
// for transposed factors is slow. With a product of one's own, by `tf.customGrad`, that transposes them first, a step
// of 500 units is 6 times faster, and still slower than by hand.

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { build } from "esbuild";
import { readProblem, serve } from "./serve.js";

const SLOPE = 0.01;
const CLIP_NORM = 2;
const LEARNING_RATE = 0.05;
const MOMENTUM = 0.1;

// weights lie transposed, (inputs, outputs), and what has one value per unit is a row

function computeLoss(parameters, { inputs, targets, initialState, identity }) {
  const { tau, inputWeight, inputBias, recurrentWeight, recurrentBias, readoutWeight, readoutBias } =
    parameters;

  // the leak and alpha in one matrix for the state, and one for the input and the constant 1 beside it
  const alpha = tf.reciprocal(tf.maximum(tau, 1));
  const drive = tf.mul(tf.concat([inputWeight, tf.add(inputBias, recurrentBias)]), alpha);
  const recurrence = tf.add(tf.mul(recurrentWeight, alpha), tf.mul(identity, tf.sub(1, alpha)));
  let state = initialState;
  for (const input of inputs) {
    state = tf.leakyRelu(tf.add(tf.matMul(state, recurrence), tf.matMul(input, drive)), SLOPE);
  }

  const logits = tf.add(tf.matMul(state, readoutWeight), readoutBias);
  const logProbabilities = tf.logSoftmax(tf.reshape(logits, targets.shape));
  return tf.div(tf.sum(tf.mul(logProbabilities, targets)), -targets.shape[0]);
}

function computeGradient(parameters, batch) {
  const { recurrentWeight } = parameters;
  recurrentWeight.assign(tf.mul(recurrentWeight, tf.sub(1, batch.identity)));

  const variables = Object.values(parameters);
  const { value: loss, grads } = tf.variableGrads(() => computeLoss(parameters, batch), variables);
  const squares = Object.values(grads).map((d) => tf.sum(tf.square(d)));
  return { loss, norm: tf.sqrt(tf.addN(squares)), gradient: grads };
}

function load({ H, B, K, ...problem }) {
  const shapes = { recurrentWeight: [H, H], readoutWeight: [2 * K, H] };
  const parameters = tf.tidy(() =>
    mapValues(problem.parameters, (values, name) =>
      tf.variable(
        shapes[name] ? tf.transpose(tf.tensor(values, shapes[name])) : tf.tensor(values, [1, values.length]),
      ),
    ),
  );
  const batch = tf.tidy(() => ({
    inputs: problem.inputs.map((x) => tf.stack([tf.tensor(x), tf.ones([B])], 1)),
    targets: tf.tensor(problem.targets, [B, K, 2]),
    initialState: tf.tensor(problem.initialState, [B, H]),
    identity: tf.eye(H),
  }));
  const optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM, true);

  return {
    evaluate: () =>
      tf.tidy(() => {
        const { loss, norm } = computeGradient(parameters, batch);
        return [loss.dataSync()[0], norm.dataSync()[0]];
      }),
    step: () =>
      tf.tidy(() => {
        const { loss, norm, gradient } = computeGradient(parameters, batch);
        const scale = tf.minimum(1, tf.div(CLIP_NORM, tf.add(norm, 1e-6)));
        optimizer.applyGradients(mapValues(gradient, (d) => tf.mul(d, scale)));
        return loss.dataSync()[0];
      }),
    close() {
      tf.dispose([parameters, batch]);
      optimizer.dispose();
    },
  };
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}

/** The gradients come in files for bundlers only; their registry is one for all copies of the package in a process. */
async function registerGradients() {
  const { outputFiles } = await build({
    entryPoints: ["@tensorflow/tfjs-core/dist/register_all_gradients.js"],
    absWorkingDir: import.meta.dirname,
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
  });
  const source = Buffer.from(outputFiles[0].contents).toString("base64");
  await import(`data:text/javascript;base64,${source}`);
}

await registerGradients();
await tf.setBackend("wasm");
await serve((bytes, sizes) => load(readProblem(bytes, sizes)));

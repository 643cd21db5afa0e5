// The core's interface to its host: every export, and nothing else, passes through here.
//
// Calls are coarse: one makes a batch, one trains on it over all its steps. Addresses are byte offsets into the
// exported memory; random keys are u64 (BigInt). Arguments are checked by the caller, in src/core.

import { CovarianceSums } from "./analysis/covariance";
import { ExponentialFit } from "./analysis/exponential-fit";
import { LagSums } from "./analysis/lag-sums";
import { drawInitialState, drawRecurrentGate, fillGateBias, initialize } from "./init";
import { layOut } from "./layout";
import { gradientNorm, update } from "./optim";
import { Plan, Records, SHARDS } from "./plan";
import { prepareRecord, record } from "./recording";
import { addShard, constrain, countCorrect, finishGradient, prepare, treeGradient } from "./sequence";
import { fillBiasedBits, fillBits } from "./tasks/biased-bits";
import { drawDelayedMatch } from "./tasks/delayed-match";
import { drawParity } from "./tasks/parity";
import { drawSequentialDigits } from "./tasks/sequential-digits";
import { Spectrum } from "./theory/spectrum";
import { arenaAllocate } from "./arena";

// memory
export { arenaMark, arenaRelease, arenaAllocate } from "./arena";
export { findNonFinite } from "./reduce";
export { setTallTiles } from "./gemm";

// random keys and draws
export { foldIn, drawInteger, fillNormal } from "./rng";

// plans: create one, set sizes, ask for bytes with layOutPlan(plan, 0), allocate, and lay it out there
/** The address of a new plan, of a network with so many layers, or 0 if there is no memory for it. */
export function createPlan(layers: i32): usize {
  let above: usize = 0;
  for (let count = 1; count <= layers; count++) {
    const plan = arenaAllocate(offsetof<Plan>());
    if (!plan) return 0;
    memory.fill(plan, 0, offsetof<Plan>());
    changetype<Plan>(plan).layers = count;
    changetype<Plan>(plan).above = changetype<Plan | null>(above);
    changetype<Plan>(plan).stepsPerBit = 1;
    above = plan;
  }
  return above;
}

export function setSizes(
  plan: Plan,
  cell: i32,
  activation: i32,
  H: i32,
  I: i32,
  K: i32,
  C: i32,
  B: i32,
  T: i32,
  L: i32,
): void {
  plan.cell = cell;
  plan.activation = activation;
  plan.H = H;
  plan.I = I;
  plan.K = K;
  plan.C = C;
  plan.B = B;
  plan.T = T;
  plan.L = L;
}

export function setOptimizer(
  plan: Plan,
  optimizer: i32,
  trainTau: bool,
  learningRate: f64,
  momentum: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  clipNorm: f64,
): void {
  plan.optimizer = optimizer;
  plan.trainTau = trainTau;
  plan.learningRate = learningRate;
  plan.momentum = momentum;
  plan.beta1 = beta1;
  plan.beta2 = beta2;
  plan.epsilon = epsilon;
  plan.clipNorm = clipNorm;
}

export function setLearningRate(plan: Plan, rate: f64): void {
  plan.learningRate = rate;
}

/** Labels at every step from the N-th on, not only at the last. */
export function setEveryStep(plan: Plan): void {
  plan.everyStep = 1;
}

/** A plan that records states, and with `cells` an lstm's cell states and forget gates: T is the most steps of one call. */
export function setRecording(plan: Plan, cells: bool): void {
  plan.records = cells ? Records.Cells : Records.States;
}

export function layOutPlan(plan: Plan, base: usize): f64 {
  return layOut(plan, base);
}

// addresses of what the host reads and writes
export function parametersOf(plan: Plan): usize {
  return plan.parameters;
}
export function gradientOf(plan: Plan): usize {
  return plan.gradient;
}
export function momentsOf(plan: Plan): usize {
  return plan.moments;
}
export function updatesOf(plan: Plan): usize {
  return plan.updates;
}
export function inputsOf(plan: Plan): usize {
  return plan.inputs;
}
export function labelsOf(plan: Plan): usize {
  return plan.labels;
}
export function initialStateOf(plan: Plan): usize {
  return plan.initialState;
}
export function lengthsOf(plan: Plan): usize {
  return plan.lengths;
}
export function headsOf(plan: Plan): usize {
  return plan.heads;
}
export function slotsOf(plan: Plan): usize {
  return plan.slots;
}
export function slotBytesOf(plan: Plan): usize {
  return plan.slotBytes;
}
export function usedSlotBytesOf(plan: Plan, active: i32): usize {
  return plan.usedSlotBytes(active);
}
export function correctOf(plan: Plan): usize {
  return plan.correct;
}
export function statesOf(plan: Plan): usize {
  return plan.states;
}
export function cellStatesOf(plan: Plan): usize {
  return plan.recordedCells;
}
export function forgetGatesOf(plan: Plan): usize {
  return plan.recordedForget;
}
export function lossOf(plan: Plan): f64 {
  return plan.loss;
}
export function gradientNormOf(plan: Plan): f64 {
  return plan.gradientNorm;
}

// parameters and batches
export function initializeParameters(plan: Plan, key: u64, tauLow: f32, tauHigh: f32): void {
  initialize(plan, key, tauLow, tauHigh);
  constrain(plan);
}

/** The recurrent weights of gate `gate`, normal with standard deviation gain / √H, in place of those drawn before. */
export function initializeGate(plan: Plan, key: u64, gate: i32, gain: f64): void {
  drawRecurrentGate(plan, key, gate, gain);
  constrain(plan);
}

/** The biases of gate `gate`. */
export function setGateBias(plan: Plan, gate: i32, bias: f32): void {
  fillGateBias(plan, gate, bias);
}

export function drawState(plan: Plan, key: u64, scale: f32): void {
  drawInitialState(plan, key, scale);
}

export function drawParityBatch(plan: Plan, key: u64, T: i32, rows: i32, bipolar: bool): void {
  drawParity(plan, key, T, rows, bipolar);
}

export function drawDelayedMatchBatch(plan: Plan, key: u64, T: i32, rows: i32, bipolar: bool): void {
  drawDelayedMatch(plan, key, T, rows, bipolar);
}

/** Of `count` images at `images`, resized to `side` × `side`, and their labels. */
export function drawSequentialDigitsBatch(
  plan: Plan,
  key: u64,
  T: i32,
  side: i32,
  images: usize,
  labels: usize,
  count: i32,
): void {
  drawSequentialDigits(plan, key, T, side, images, labels, count);
}

/** Inputs of T steps: bits, each sequence with its own probability, which is a draw of `biasKey`. */
export function drawBiasedBits(plan: Plan, key: u64, biasKey: u64, T: i32): void {
  fillBiasedBits(key, biasKey, plan.inputs, T, plan.B, plan.labels);
}

/** Inputs of T steps: bits that are 1 with one probability, or else `low`. */
export function drawBits(plan: Plan, key: u64, probability: f32, low: f32, T: i32): void {
  fillBits(key, probability, low, plan.inputs, T * plan.B);
}

export { holdInputs } from "./tasks/held-inputs";

/** Steps per bit, the unit of the time constants; to be set before the packed weights are made. */
export function setStepsPerBit(plan: Plan, k: i32): void {
  for (let layer: Plan | null = plan; layer; layer = layer.above) layer.stepsPerBit = k;
}

// training and evaluation on the batch in the plan, of all shards or, where several instances share the work, of some
/** Make the packed weights from the parameters. */
export function prepareGradient(plan: Plan): void {
  prepare(plan, true);
}

/** Loss and gradient of shards `low` … `high` - 1 (an aligned subtree) into slot `level`; uses the slots behind it. */
export function computeShards(plan: Plan, low: i32, high: i32, T: i32, active: i32, level: i32): void {
  treeGradient(plan, low, high, T, active, plan.slots + <usize>level * plan.slotBytes);
}

/** Slot `level` += slot `level` + 1. */
export function addSlots(plan: Plan, level: i32, active: i32): void {
  const slot = plan.slots + <usize>level * plan.slotBytes;
  addShard(plan, slot, slot + plan.slotBytes, active);
}

/** From the sum of all shards in slot 0 to the loss, the gradient and its norm. Returns 1 if all are finite, 0 otherwise. */
export function finishShards(plan: Plan, active: i32): i32 {
  finishGradient(plan, plan.slots, active);
  plan.gradientNorm = gradientNorm(plan, active);
  return <i32>(isFinite<f64>(plan.loss) && isFinite<f64>(plan.gradientNorm));
}

/** Loss and gradient of the batch over T steps and the first `active` heads. Returns 1 if both are finite, 0 otherwise. */
export function computeGradient(plan: Plan, T: i32, active: i32): i32 {
  prepareGradient(plan);
  computeShards(plan, 0, SHARDS, T, active, 0);
  return finishShards(plan, active);
}

/** Change the parameters by the gradient. */
export function updateParameters(plan: Plan, active: i32): void {
  update(plan, active);
  constrain(plan);
}

/**
 * Count right answers over T steps into `correctOf`, for the first `rows` label rows and shards `low` … `high` - 1.
 * Returns 0 if a logit is not finite.
 */
export function evaluateShards(plan: Plan, low: i32, high: i32, T: i32, rows: i32): i32 {
  prepare(plan, false);
  return <i32>countCorrect(plan, low, high, T, rows);
}

/** Make the packed weights from the parameters, before the first `recordSteps`. */
export function prepareRecording(plan: Plan): void {
  prepareRecord(plan);
}

/**
 * Run sequences `low` … `high` - 1 on through T steps from `initialStateOf`, which becomes the last state, recording into
 * `statesOf`.
 */
export function recordSteps(plan: Plan, low: i32, high: i32, T: i32): void {
  record(plan, low, high, T);
}

// linear algebra
export { orthonormalizeRows, orthonormalizeScratch } from "./linalg/qr";
export { eigenvalues, eigenvaluesScratch } from "./linalg/eig";
export { decompose, decomposeScratch } from "./linalg/svd";
export { leastSquaresScratch, logDeterminant, residual, solveLeastSquares } from "./linalg/least-squares";
export { symmetricEigenvalues, symmetricScratch } from "./linalg/symmetric-eig";

// analysis: the autocovariance of one series, or lag sums of many that come in step by step; fits of decays to them;
// covariances of many series; processes of known timescale; probabilities
export { autocovariance, autocovarianceBytes } from "./analysis/autocovariance";
export { addSteps, finishLagSums, layOutLagSums, sumRows } from "./analysis/lag-sums";
export { fitExponentials } from "./analysis/exponential-fit";
export { filterAr1 } from "./analysis/ar1";
export { studentTail } from "./analysis/student";
export { addStates, finishCovariances, layOutCovarianceSums } from "./analysis/covariance";

/** The address of new lag sums, or 0 if there is no memory for them; they are laid out as plans are. */
export function createLagSums(series: i32, L: i32): usize {
  const sums = arenaAllocate(offsetof<LagSums>());
  if (!sums) return 0;
  memory.fill(sums, 0, offsetof<LagSums>());
  changetype<LagSums>(sums).series = series;
  changetype<LagSums>(sums).L = L;
  return sums;
}

export function stepsOf(sums: LagSums): f64 {
  return sums.steps;
}

/** Bytes of the result of `fitExponentials`. */
export function exponentialFitBytes(): usize {
  return offsetof<ExponentialFit>();
}

/** The address of new covariance sums, or 0 if there is no memory for them; they are laid out as plans are. */
export function createCovarianceSums(H: i32, trials: i32): usize {
  const sums = arenaAllocate(offsetof<CovarianceSums>());
  if (!sums) return 0;
  memory.fill(sums, 0, offsetof<CovarianceSums>());
  changetype<CovarianceSums>(sums).H = H;
  changetype<CovarianceSums>(sums).trials = trials;
  return sums;
}

// dynamics in f64: systems, made and laid out as plans are; their states, tangents and Jacobians; Lyapunov spectra
export { createSystem, setGates, setSystem, weightsOf } from "./dynamics/creation";
export { layOutSystem, packSystem } from "./dynamics/system";
export { advanceStates, linearize, stepStates, stepTangents } from "./dynamics/step";
export {
  createLyapunov,
  drawTangents,
  exponentSumsOf,
  followTangents,
  layOutLyapunov,
  tangentsOf,
  trajectoryOf,
} from "./analysis/lyapunov";
export {
  createFixedPoint,
  findFixedPoint,
  layOutFixedPoint,
  residualOf,
  searchInputOf,
  searchStateOf,
} from "./analysis/fixed-point";
export {
  addToCorrelations,
  correlationSumsOf,
  createCorrelations,
  layOutCorrelations,
} from "./analysis/correlations";
// theory: averages over one Gaussian variable, and over two; one site in the field of all others; edges of spectra
export { logarithms, logistic, saturateAll } from "./theory/saturation";
export { fillNodes, gaussianMoments, nodeCount } from "./theory/gaussian";
export { hermiteScratch, hermiteSeries, sumSeries } from "./theory/pair-averages";
export { fillTwiddles } from "./linalg/fft";
export { evenTransform, pathScratch, samplePaths } from "./theory/single-site";
export { spectralWeights, traceEdge } from "./theory/spectrum";

/** The address of a new spectrum, or 0 if there is no memory for it; its rows of poles and weights lie at `poles`. */
export function createSpectrum(
  sites: i32,
  poles: usize,
  c0: f64,
  c1: f64,
  tau1: f64,
  tau2: f64,
  e: f64,
): usize {
  const address = arenaAllocate(offsetof<Spectrum>());
  if (!address) return 0;
  const spectrum = changetype<Spectrum>(address);
  spectrum.sites = sites;
  spectrum.poles = poles;
  spectrum.c0 = c0;
  spectrum.c1 = c1;
  spectrum.tau1 = tau1;
  spectrum.tau2 = tau2;
  spectrum.e = e;
  return address;
}

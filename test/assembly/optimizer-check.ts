// Updates of the core compared with the same updates in f64.

import type { Core } from "../../src/core/core.ts";
import type { OptimizerSettings } from "../../src/core/plan.ts";
import { drawProblem, loadProblem, relativeError, type TauMode } from "./gradient-problem.ts";
import { ReferenceOptimizer } from "./reference-optimizer.ts";

const base = { trainTau: true, learningRate: 0.05, momentum: 0, beta1: 0.9, beta2: 0.99, epsilon: 1e-6 };

/** Optimisers by name; gradients of the problems below have norms from 0.3 to 1. */
export const optimizerSettings: Record<string, OptimizerSettings> = {
  sgd: { ...base, optimizer: "sgd", momentum: 0.9, clipNorm: 100 },
  "sgd, clipped": { ...base, optimizer: "sgd", momentum: 0.5, clipNorm: 0.1 },
  adam: { ...base, optimizer: "adam", learningRate: 0.01, clipNorm: 100 },
  "adam, clipped": { ...base, optimizer: "adam", learningRate: 0.01, clipNorm: 0.1 },
};

/**
 * Ten updates on one batch with one, two, then three active heads: the largest differences of the parameters,
 * relative to their largest, and of the norm.
 */
export function optimizerErrors(
  core: Core,
  optimizer: OptimizerSettings,
  tau: TauMode,
): { parameters: number; norm: number; clipped: number } {
  const sizes = { H: 5, B: 4, T: 3, I: 2, K: 3, C: 2, active: 3, tau };
  const problem = drawProblem("leaky", "tanh", sizes, 7);
  const settings = { ...optimizer, trainTau: problem.trainTau };
  const plan = loadProblem(core, problem, settings);
  const reference = new ReferenceOptimizer(problem.shape, settings, plan.parameters);
  const errors = { parameters: 0, norm: 0, clipped: 0 };
  for (let step = 0; step < 10; step++) {
    const active = step < 3 ? 1 : step < 6 ? 2 : 3;
    plan.trainStep(sizes.T, active);
    const norm = reference.norm(plan.gradient, active);
    reference.update(plan.gradient, active);
    if (norm > settings.clipNorm) errors.clipped++;
    errors.norm = Math.max(errors.norm, Math.abs(plan.gradientNorm / norm - 1));
    errors.parameters = Math.max(errors.parameters, relativeError(plan.parameters, reference.parameters));
  }
  return errors;
}

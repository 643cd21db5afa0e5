// Clipping, SGD with Nesterov momentum, and Adam, in f64.
//
// Based on  PyTorch 1.13: torch.nn.utils.clip_grad_norm_, torch.optim.SGD(nesterov=True), torch.optim.Adam. A head
//           that is not active has no gradient there, and PyTorch passes it by: it has its own count of updates.

import { type NetworkShape, parameterCount } from "../../src/cells/network.ts";
import type { OptimizerSettings } from "../../src/core/plan.ts";

export class ReferenceOptimizer {
  readonly parameters: Float64Array;
  private readonly shape: NetworkShape;
  private readonly settings: OptimizerSettings;
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private readonly updates: Int32Array;

  constructor(shape: NetworkShape, settings: OptimizerSettings, parameters: ArrayLike<number>) {
    const count = parameterCount(shape);
    this.shape = shape;
    this.settings = settings;
    this.parameters = Float64Array.from(parameters);
    this.first = new Float64Array(count);
    this.second = new Float64Array(count);
    this.updates = new Int32Array(count);
  }

  /** Norm of the gradient of all that is trained. */
  norm(gradient: ArrayLike<number>, active: number): number {
    return Math.sqrt(this.trained(active).reduce((sum, i) => sum + gradient[i]! ** 2, 0));
  }

  /** Change the parameters by the gradient, laid out as they are. */
  update(gradient: ArrayLike<number>, active: number): void {
    const clip = Math.min(1, this.settings.clipNorm / (this.norm(gradient, active) + 1e-6));
    for (const i of this.trained(active)) {
      const g = gradient[i]! * clip;
      this.updates[i]!++;
      this.parameters[i]! -= this.settings.optimizer === "sgd" ? this.sgd(i, g) : this.adam(i, g);
    }
    const { units: H, inputs: I } = this.shape;
    for (let i = 0; i < H; i++) this.parameters[H * (I + 2) + i * (H + 1)] = 0;
  }

  private sgd(i: number, g: number): number {
    const { learningRate, momentum } = this.settings;
    this.first[i] = momentum * this.first[i]! + g;
    return learningRate * (g + momentum * this.first[i]!);
  }

  private adam(i: number, g: number): number {
    const { learningRate, beta1, beta2, epsilon } = this.settings;
    this.first[i] = beta1 * this.first[i]! + (1 - beta1) * g;
    this.second[i] = beta2 * this.second[i]! + (1 - beta2) * g * g;
    const mean = this.first[i]! / (1 - beta1 ** this.updates[i]!);
    const square = this.second[i]! / (1 - beta2 ** this.updates[i]!);
    return (learningRate * mean) / (Math.sqrt(square) + epsilon);
  }

  // indices of the cell's parameters, without fixed time constants, and of the active heads'
  private trained(active: number): number[] {
    const { units: H, inputs: I, classes: C } = this.shape;
    const end = H * (H + I + 3) + active * C * (H + 1);
    const start = this.settings.trainTau ? 0 : H;
    return Array.from({ length: end - start }, (_, i) => start + i);
  }
}

// Batches of a network: how each is drawn, and who computes it, this thread alone or several that share its shards.

import type { Core, Key } from "../core/core.ts";
import type { Plan } from "../core/plan.ts";
import { type TaskBatch, type TaskName, tasks } from "../tasks/task.ts";

/** All that a batch follows from: in every thread the same draw gives the same batch. */
export interface BatchDraw extends TaskBatch {
  task: TaskName;
  /** Steps that each bit, or pixel, is held for, k; which are drawn does not depend on it. */
  stepsPerBit: number;
  /** Initial states are uniform on 0 … this. */
  initialState: number;
  key: Key;
}

/** Steps of the batch's sequences. */
export function stepsOf(core: Core, draw: BatchDraw): number {
  return bitsOf(core, draw) * draw.stepsPerBit;
}

function bitsOf(core: Core, { task, sequenceN, key }: BatchDraw): number {
  const { shortest, longest, by } = tasks[task].lengths(sequenceN);
  return shortest + by * core.drawInteger(core.fold(key, 0), 0, (longest - shortest) / by);
}

// draw the batch into the plan; returns its steps
function drawBatch(core: Core, plan: Plan, draw: BatchDraw): number {
  const { task, stepsPerBit, initialState, key } = draw;
  const bits = bitsOf(core, draw);
  tasks[task].draw(plan, core.fold(key, 1), bits, draw);
  plan.holdInputs(bits, stepsPerBit);
  plan.drawState(core.fold(key, 2), initialState);
  return bits * stepsPerBit;
}

/** Draws the batches of one plan, one of them ahead if there is time. */
export class BatchDrawer {
  private readonly core: Core;
  private readonly plan: Plan;
  private ahead: { draw: BatchDraw; steps: number } | undefined;

  constructor(core: Core, plan: Plan) {
    this.core = core;
    this.plan = plan;
  }

  /** Draw a batch that will probably be asked for next; what is in the plan is not needed any more. */
  drawAhead(draw: BatchDraw | undefined): void {
    this.ahead = draw && { draw, steps: drawBatch(this.core, this.plan, draw) };
  }

  /** Have the batch in the plan; returns its steps. */
  draw(draw: BatchDraw): number {
    const { ahead } = this;
    this.ahead = undefined;
    // not when it is drawn ahead: the gradient of the batch before may not be finished
    this.plan.stepsPerBit = draw.stepsPerBit;
    return ahead && isSameDraw(ahead.draw, draw) ? ahead.steps : drawBatch(this.core, this.plan, draw);
  }
}

function isSameDraw(a: BatchDraw, b: BatchDraw): boolean {
  return (
    a.key === b.key &&
    a.task === b.task &&
    a.bits === b.bits &&
    a.sequenceN === b.sequenceN &&
    a.stepsPerBit === b.stepsPerBit &&
    a.initialState === b.initialState &&
    a.N.length === b.N.length &&
    a.N.every((n, i) => n === b.N[i])
  );
}

/** Computes the batches of one plan, with the parameters that the plan has at the time. */
export interface Batches {
  /**
   * Leave loss and gradient of a batch in the plan, one head for each N; resolves to whether both are finite.
   *
   * @param next  The batch that will probably be asked for behind this one: it may be drawn where there is time to spare.
   */
  computeGradient(draw: BatchDraw, next?: BatchDraw): Promise<boolean>;
  /**
   * Right answers of a batch for each N, as head `heads[l]` answers `N[l]`; undefined if an output is NaN or infinite.
   */
  countCorrect(draw: BatchDraw, heads: readonly number[]): Promise<Int32Array | undefined>;
}

/** Decides who computes the batches of a plan. The result does not depend on it. */
export type Executor = (core: Core, plan: Plan) => Promise<Batches>;

/** This thread computes every batch by itself. */
export const inThisThread: Executor = async (core, plan) => {
  const drawer = new BatchDrawer(core, plan);
  return {
    computeGradient: async (draw) => plan.computeGradient(drawer.draw(draw), draw.N.length),
    countCorrect: async (draw, heads) => plan.countCorrect(drawer.draw(draw), heads),
  };
};

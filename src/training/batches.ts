// Batches of a network: how each is drawn, and who computes it, this thread alone or several that share its shards.

import type { Core, Key } from "../core/core.ts";
import type { Plan } from "../core/plan.ts";
import { type TaskBatch, type TaskName, tasks } from "../tasks/task.ts";

/** All that a batch follows from: in every thread the same draw gives the same batch. */
export interface BatchDraw extends TaskBatch {
  task: TaskName;
  /** Sequences are as long as for this largest N; all of a batch have one length. */
  sequenceN: number;
  /** Initial states are uniform on 0 … this. */
  initialState: number;
  key: Key;
}

/** Steps of the batch's sequences. */
export function stepsOf(core: Core, { task, sequenceN, key }: BatchDraw): number {
  const { shortest, longest } = tasks[task].lengths(sequenceN);
  return core.drawInteger(core.fold(key, 0), shortest, longest);
}

/** Draw the batch into the plan; returns its steps. */
export function drawBatch(core: Core, plan: Plan, draw: BatchDraw): number {
  const { task, initialState, key } = draw;
  const steps = stepsOf(core, draw);
  tasks[task].draw(plan, core.fold(key, 1), steps, draw);
  plan.drawState(core.fold(key, 2), initialState);
  return steps;
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
    return ahead && isSameDraw(ahead.draw, draw) ? ahead.steps : drawBatch(this.core, this.plan, draw);
  }
}

function isSameDraw(a: BatchDraw, b: BatchDraw): boolean {
  return (
    a.key === b.key &&
    a.task === b.task &&
    a.bits === b.bits &&
    a.sequenceN === b.sequenceN &&
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
export const inThisThread: Executor = async (core, plan) => ({
  computeGradient: async (draw) => plan.computeGradient(drawBatch(core, plan, draw), draw.N.length),
  countCorrect: async (draw, heads) => plan.countCorrect(drawBatch(core, plan, draw), heads),
});

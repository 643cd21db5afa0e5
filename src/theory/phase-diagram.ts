// What a large random network with gates does, over a grid of its parameters; and where it integrates.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022). With update gates that are switches (α_z → ∞), of which a fraction p is open, (1 - p) N eigenvalues
//            lie at 0 and the others within √(p k) of -1, k being that of static-mean-field.ts: fixed points are marginally
//            stable while p k < 1, and are there if zero is unstable.
//
// The line of chaos is that of output gates which follow at once (τ_r → 0); with τ_r = 1 it lies lower by some thousandths.

import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { resolveGating } from "../core/gating-parameters.ts";
import { restingGate } from "../core/gaussian-averages.ts";
import { findRoot } from "./bracketing.ts";
import { checkAtLeast, type Site, siteOf } from "./site.ts";
import { solveStatic } from "./static-mean-field.ts";
import { findDynamicTransition, findStaticTransition, type TransitionOptions } from "./transitions.ts";

/**
 * `quiescent`: zero is the only state. `fixed points`: there are many, all unstable, beside a stable zero, and no chaos.
 * `chaos`: there is a chaotic state, beside a stable zero where the gain is below that at which zero loses its stability.
 * `integrator`: marginally stable fixed points, behind update gates that are switches.
 */
export type PhaseName = "quiescent" | "fixed points" | "chaos" | "integrator";

export interface IntegratorOptions extends TransitionOptions {
  /** Gain α_r of the output gate (default 0). */
  outputGain?: number;
  /** Fraction p of update gates that are open, above 0 and at most 1 (default 0.5, as without a bias). */
  openFraction?: number;
}

/** Gains g_h between which a network integrates. */
export interface IntegratorRegion {
  /** Where zero loses its stability, 1 + e^β_r. */
  from: number;
  /** Where p k reaches 1; undefined if it has at `from`. */
  to: number | undefined;
}

/**
 * Find the gains between which a network whose update gates are switches is a marginally stable integrator.
 *
 * @param options  The output gate, and how many update gates are open.
 * @returns  Both ends, right to about 1e-10; without an output gate gain and p = 1/2, 2 and 6.546.
 * @throws ShapeError  if an option is out of its range.
 */
export async function findIntegratorRegion(options: IntegratorOptions = {}): Promise<IntegratorRegion> {
  const name = "findIntegratorRegion";
  const { outputGain = 0, outputBias = 0, openFraction = 0.5 } = options;
  const parameters = resolveGating(name, { outputGain, outputBias });
  checkFraction(name, openFraction);
  const core = await Core.load();
  try {
    return integratorRegion(core, siteOf(core, parameters), openFraction);
  } finally {
    core.release();
  }
}

function checkFraction(name: string, fraction: number): void {
  if (fraction > 0 && fraction <= 1) return;
  throw new ShapeError(`${name}: \`openFraction\` is ${fraction}, expected more than 0 and at most 1.`);
}

function integratorRegion(core: Core, site: Site, openFraction: number): IntegratorRegion {
  const from = 1 / site.resting;
  const excess = (gain: number) => {
    const { upper } = solveStatic(core, { ...site, activation: { ...site.activation, gain } });
    return openFraction * (upper?.instability ?? 1) - 1;
  };
  // just above, where a solution that grows from zero is large enough to be seen
  let low = from * (1 + 1e-6);
  if (excess(low) >= 0) return { from, to: undefined };
  let high = 1.5 * low;
  while (excess(high) < 0) [low, high] = [high, 1.5 * high];
  return { from, to: findRoot(excess, low, high, 1e-12) };
}

export interface PhaseDiagramOptions {
  /** Gains g_h, above 0 (default: 31 from 1 to 4). */
  gains?: readonly number[];
  /** What the other axis is (default `outputGain`). */
  axis?: "outputGain" | "outputBias";
  /** Its values: of the gain α_r at least 0 (default: 0, 1, … 30), or of the bias β_r (default: 17 from -2 to 2). */
  values?: readonly number[];
  /** α_r while the bias is the axis (default 0). */
  outputGain?: number;
  /** β_r while the gain is the axis (default 0). */
  outputBias?: number;
  /** Whether update gates are switches, α_z → ∞ (default false: they stand still, α_z = 0). */
  updateSwitch?: boolean;
  /** Fraction of these switches that is open (default 0.5). */
  openFraction?: number;
}

/** Phases over a grid, and the lines between them. */
export interface PhaseDiagram {
  axis: "outputGain" | "outputBias";
  /** (columns). */
  gains: number[];
  /** (rows). */
  values: number[];
  /** (rows), each (columns). */
  phases: PhaseName[][];
  /** Gains at each value (rows). */
  lines: {
    /** Where zero loses its stability. */
    zero: number[];
    /** Where fixed points appear. */
    fixedPoints: number[];
    /** Where chaos appears. */
    chaos: number[];
    /** Where an integrator ends; undefined where there is none, or update gates stand still. */
    integrator: (number | undefined)[];
  };
  /** The largest error of a line of transitions. */
  error: number;
}

/**
 * Compute what networks of many units do over a grid of gains and of the output gate's gain or bias.
 *
 * @param options  The grid, and what is kept.
 * @returns  The phase of each point, and lines between phases, as plain data.
 * @throws ShapeError  if an option is out of its range.
 */
export async function computePhaseDiagram(options: PhaseDiagramOptions = {}): Promise<PhaseDiagram> {
  const name = "computePhaseDiagram";
  const { axis = "outputGain", outputGain = 0, outputBias = 0 } = options;
  const { updateSwitch = false, openFraction = 0.5 } = options;
  if (axis !== "outputGain" && axis !== "outputBias")
    throw new ShapeError(`${name}: \`axis\` is ${axis}, expected "outputGain" or "outputBias".`);
  checkFraction(name, openFraction);
  const gains = [...(options.gains ?? steps(31, 1, 0.1))];
  const values = [...(options.values ?? (axis === "outputGain" ? steps(31, 0, 1) : steps(17, -2, 0.25)))];
  for (const gain of gains) checkAtLeast(name, "gains", gain, Number.MIN_VALUE);
  const rows = values.map((value) => resolveGating(name, { outputGain, outputBias, [axis]: value }));
  const core = await Core.load();
  try {
    const found = rows.map((parameters) => {
      const site = siteOf(core, parameters);
      const integrator = updateSwitch ? integratorRegion(core, site, openFraction).to : undefined;
      return {
        zero: 1 / restingGate(core, parameters.outputBias),
        fixedPoints: findStaticTransition(core, site.output),
        chaos: findDynamicTransition(core, site.output),
        integrator,
      };
    });
    const error = found.reduce(
      (most, { fixedPoints, chaos }) => Math.max(most, fixedPoints.error, chaos.error),
      0,
    );
    const lines = {
      zero: found.map(({ zero }) => zero),
      fixedPoints: found.map(({ fixedPoints }) => fixedPoints.gain),
      chaos: found.map(({ chaos }) => chaos.gain),
      integrator: found.map(({ integrator }) => integrator),
    };
    const phases = values.map((_, row) => gains.map((gain) => phaseOf(gain, lines, row)));
    return { axis, gains, values, phases, lines, error };
  } finally {
    core.release();
  }
}

function steps(count: number, first: number, step: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i * step);
}

function phaseOf(gain: number, lines: PhaseDiagram["lines"], row: number): PhaseName {
  const end = lines.integrator[row];
  if (end !== undefined && gain > lines.zero[row]! && gain < end) return "integrator";
  if (gain > lines.chaos[row]!) return "chaos";
  return gain > lines.fixedPoints[row]! ? "fixed points" : "quiescent";
}

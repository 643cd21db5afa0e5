// Fixed points of random networks: how many a number of starts finds, and which are stable.

import { findFixedPoints } from "../../analysis/fixed-points.ts";
import { drawSystem, type RandomSystem } from "./random-system.ts";

export interface FixedPointStudyOptions {
  system: RandomSystem;
  starts: number;
  /** Root mean square of the starts (default 1). */
  rms?: number;
  seed?: number;
}

export interface FixedPointSummary {
  /** Fixed points beside zero. */
  others: number;
  /** Those of them that are stable. */
  stable: number;
  /** Unstable directions of each. */
  unstableDirections: number[];
  /** Whether zero is stable; null if no start led there. */
  zeroStable: boolean | null;
  /** Starts that led to no fixed point. */
  failed: number;
}

// root mean square of a state that is zero
const ZERO = 1e-6;

/** Search for fixed points. */
export async function fixedPoints({
  system,
  ...options
}: FixedPointStudyOptions & { signal?: AbortSignal }): Promise<FixedPointSummary> {
  const { points, failed } = await findFixedPoints(await drawSystem(system), options);
  const rmsOf = (state: Float64Array) =>
    Math.sqrt(state.reduce((sum, value) => sum + value * value, 0) / state.length);
  const others = points.filter(({ state }) => rmsOf(state) > ZERO);
  const zero = points.find(({ state }) => rmsOf(state) <= ZERO);
  return {
    others: others.length,
    stable: others.filter(({ stability }) => stability.ok && stability.stable).length,
    unstableDirections: others.flatMap(({ stability }) =>
      stability.ok ? [stability.unstableDirections] : [],
    ),
    zeroStable: zero?.stability.ok ? zero.stability.stable : null,
    failed,
  };
}

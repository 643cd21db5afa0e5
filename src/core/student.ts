// Student's t distribution, by the core.

import type { Core } from "./core.ts";

/** How often |t| is at least so large by chance, with `df` > 0 degrees of freedom, which need not be whole. */
export function studentTail(core: Core, t: number, df: number): number {
  return core.exports.studentTail(t, df);
}

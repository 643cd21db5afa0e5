// Every claim that can be tested, by paper.

import { ShapeError } from "../core/errors.ts";
import type { Claim } from "./claim.ts";
import { gatingClaims } from "./gating/claims.ts";
import { timescaleClaims } from "./timescales/claims.ts";

export const claims: readonly Claim[] = [...timescaleClaims, ...gatingClaims];

/**
 * The claims of these names; "timescales" and "gating" stand for all of theirs.
 *
 * @throws ShapeError if there is none of a name.
 */
export function findClaims(names: readonly string[]): Claim[] {
  const found = names.flatMap((name) => {
    const matching = claims.filter((claim) => claim.name === name || claim.name.startsWith(`${name}/`));
    if (matching.length > 0) return matching;
    throw new ShapeError(
      `findClaims: there is no claim "${name}", expected ${claims.map((claim) => claim.name).join(", ")}, or timescales or gating for all of theirs.`,
    );
  });
  return [...new Set(found)];
}

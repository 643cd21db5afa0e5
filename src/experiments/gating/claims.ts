// The claims of the theory of gating, in the order in which a reader meets them.

import type { Claim } from "../claim.ts";
import { dimension } from "./dimension.ts";
import { fixedPoints } from "./fixed-points.ts";
import { gruLstm } from "./gru-lstm.ts";
import { initialise } from "./initialise.ts";
import { integrator } from "./integrator.ts";
import { lyapunov } from "./lyapunov.ts";
import { phaseDiagram } from "./phase-diagram.ts";
import { reset } from "./reset.ts";
import { spectrum } from "./spectrum.ts";
import { transition } from "./transition.ts";

export const gatingClaims: readonly Claim[] = [
  spectrum,
  integrator,
  reset,
  transition,
  fixedPoints,
  lyapunov,
  dimension,
  phaseDiagram,
  gruLstm,
  initialise,
];

// The claims of the timescale paper, in the order in which a reader meets them.

import type { Claim } from "../claim.ts";
import { ablation } from "./ablation.ts";
import { connectivity } from "./connectivity.ts";
import { continuousTime } from "./continuous-time.ts";
import { dimensionality } from "./dimensionality.ts";
import { dms } from "./dms.ts";
import { epochsToN } from "./epochs-to-n.ts";
import { forgetting } from "./forgetting.ts";
import { gated } from "./gated.ts";
import { largestN } from "./largest-n.ts";
import { networkTimescales } from "./network-timescales.ts";
import { noCurriculum } from "./no-curriculum.ts";
import { nonLinearity } from "./non-linearity.ts";
import { perturbation } from "./perturbation.ts";
import { retraining } from "./retraining.ts";
import { sequentialMnist } from "./sequential-mnist.ts";
import { sliding } from "./sliding.ts";
import { tau } from "./tau.ts";

export const timescaleClaims: readonly Claim[] = [
  epochsToN,
  largestN,
  noCurriculum,
  tau,
  networkTimescales,
  forgetting,
  ablation,
  perturbation,
  retraining,
  dimensionality,
  connectivity,
  dms,
  sliding,
  nonLinearity,
  continuousTime,
  gated,
  sequentialMnist,
];

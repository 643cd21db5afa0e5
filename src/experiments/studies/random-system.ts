// Random networks that studies are made of, described by plain data.

import {
  type GatedOptions,
  gatedDynamics,
  type RandomGruOptions,
  type RandomLstmOptions,
  randomGru,
  randomLstm,
  type TanhOptions,
  tanhDynamics,
} from "../../cells/random-dynamics.ts";
import type { Dynamics } from "../../core/dynamics.ts";

/** A kind of network, and the options of its maker. */
export type RandomSystem =
  | ({ kind: "gated" } & Omit<GatedOptions, "constantInput">)
  | ({ kind: "tanh" } & TanhOptions)
  | ({ kind: "gru" } & RandomGruOptions)
  | ({ kind: "lstm" } & RandomLstmOptions);

/** Draw the network. */
export function drawSystem({ kind, ...options }: RandomSystem): Promise<Dynamics> {
  if (kind === "gated") return gatedDynamics(options as GatedOptions);
  if (kind === "tanh") return tanhDynamics(options as TanhOptions);
  if (kind === "gru") return randomGru(options as RandomGruOptions);
  return randomLstm(options as RandomLstmOptions);
}

// Types of serve.js, for programs in TypeScript.

import type { CellName } from "../../src/core/network-shape.ts";

export interface Network {
  /** Loss and norm of the gradient of the file's batch. */
  evaluate(): [number, number] | Promise<[number, number]>;
  step(): unknown;
  close(): unknown;
}

export function serve(
  load: (
    bytes: ArrayBuffer,
    sizes: [number, number, number, number],
    cell: CellName,
  ) => Network | Promise<Network>,
): Promise<void>;

// The worker's side of `spawn`.

import * as Comlink from "comlink";

/** Serve `object` to the thread that made this worker. */
export function serve(object: object): void {
  if (typeof postMessage === "function") Comlink.expose(object);
  else serveNode(object);
}

async function serveNode(object: object): Promise<void> {
  const { parentPort } = process.getBuiltinModule("node:worker_threads");
  const { default: nodeEndpoint } = await import("comlink/dist/esm/node-adapter.mjs");
  if (parentPort) Comlink.expose(object, nodeEndpoint(parentPort));
}

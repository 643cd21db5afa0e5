// comlink ships this adapter without types.
declare module "comlink/dist/esm/node-adapter.mjs" {
  export default function nodeEndpoint(
    endpoint: import("node:worker_threads").Worker | import("node:worker_threads").MessagePort,
  ): import("comlink").Endpoint;
}

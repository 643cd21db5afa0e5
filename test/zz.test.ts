
import { test } from "vitest";
import { readFileSync } from "node:fs";
import { decodeRnnTimescale } from "../src/io/rnn-timescale.ts";
import { evaluateNetwork } from "../src/training/evaluation.ts";
import { tauStatistics } from "../src/cells/tau.ts";
test("x", async () => {
  for (const f of ["multi_N2_N5","multi_N2_N8","single_N5","single_N8"]) {
    const net = decodeRnnTimescale(readFileSync("../shared/data/levina/"+f+".safetensors"), f);
    console.log(f, tauStatistics(net.parameters.subarray(0,500)).mean.toFixed(6));
    const t0=performance.now();
    const c = {curriculum: f.startsWith("multi")?"multi":"single", startN:2,maxN:101,window:1,forget:1,solvedAt:.98} as const;
    console.log(JSON.stringify(await evaluateNetwork(net, c, [], {N:[2,3,4,5,6,7,8,9,10,11]})), performance.now()-t0);
  }
},100000);

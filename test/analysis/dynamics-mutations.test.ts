// What the checks of dynamics are worth: each of these changes of one place in the core makes one fail.

import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { CorrelationSums } from "../../src/core/correlations.ts";
import { DynamicalSystem, type Dynamics } from "../../src/core/dynamics.ts";
import { FixedPointSearch } from "../../src/core/fixed-points.ts";
import { Determinants, TangentVectors } from "../../src/core/lyapunov.ts";
import { type Change, compileCore } from "../assembly/as-bind/compile.ts";

const map = (recurrent: number[]): Dynamics => {
  const units = Math.sqrt(recurrent.length);
  const zeros = new Float64Array(units);
  const layer = {
    recurrent: Float64Array.from(recurrent),
    input: new Float64Array(0),
    constant: zeros,
    perUnit: zeros,
  };
  return { kind: "tanh", units, inputs: 0, method: "euler", dt: 1, time: "steps", layers: [layer] };
};

// each check returns what it finds wrong
const checks: Record<string, (core: Core) => boolean> = {
  "exponents of a linear map are ln 2 and ln 0.5, and both of them ln |det|": (core) => {
    const tangents = new TangentVectors(
      new DynamicalSystem(core, "test", map([2, 1, 0, 0.5])),
      2,
      1,
      Determinants.slopes,
    );
    tangents.draw(core.key(1));
    tangents.follow(0, 100);
    tangents.sums.fill(0);
    tangents.follow(0, 100);
    const [first, second] = tangents.sums;
    return !(Math.abs(first! / 100 - Math.log(2)) < 1e-6 && Math.abs(second! / 100 - Math.log(0.5)) < 1e-6);
  },
  "a search reaches 3 tanh x = x in at most 8 iterations": (core) => {
    const system = new DynamicalSystem(core, "test", map([3]));
    const end = new FixedPointSearch(system, undefined).run(Float64Array.of(2), 1e-12, 200);
    return !(end.iterations >= 0 && end.iterations <= 8 && Math.abs(end.state[0]! - 2.9847) < 1e-3);
  },
  "correlations of 1, 2, 3, 4 at lag 1 are (2 + 6 + 12) / 3": (core) => {
    const sums = new CorrelationSums(core, map([1]), 1, 2, false);
    sums.add(Float64Array.of(1, 2, 3, 4));
    return !(Math.abs(sums.finish()[1]! - 20 / 3) < 1e-12);
  },
};

const changes: Change[] = [
  {
    file: "assembly/analysis/lyapunov.ts",
    from: "Math.log(get(spectrum.diagonal, i))",
    to: "Math.log(get(spectrum.diagonal, 0))",
  },
  {
    file: "assembly/analysis/fixed-point.ts",
    from: "-get(search.gradient, i)",
    to: "get(search.gradient, i)",
  },
  { file: "assembly/analysis/correlations.ts", from: "(newest - k + length)", to: "(newest + k + length)" },
];

test("without a change, every check passes; with one in what each is about, all of them fail", async () => {
  const changed = await Core.load({
    module: await WebAssembly.compile(await compileCore(...changes)),
    tallTiles: false,
  });
  const core = await Core.load();
  for (const [name, fails] of Object.entries(checks)) {
    expect(fails(core), name).toBe(false);
    expect(fails(changed), name).toBe(true);
  }
});

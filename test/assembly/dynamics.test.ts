// Dynamical systems: steps against a reference, tangents and Jacobians against differences, orders of the integrators.

import { describe, expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { DynamicalSystem, type Dynamics, linearizeSystem, stateSize } from "../../src/core/dynamics.ts";
import { type Change, compileCore } from "./as-bind/compile.ts";
import { drawDynamics, drawStates, forms, referenceField, referenceStep } from "./reference-dynamics.ts";
import { drawFrom } from "./values.ts";

const core = await Core.load();
const sizes = [1, 2, 3, 5, 33];

function rowsOf(values: Float64Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) => [
    ...values.subarray(row * width, (row + 1) * width),
  ]);
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce((most, each) => (each > most ? each : most), 0);

// states behind a step, and tangents of the first one behind it
function step(
  dynamics: Dynamics,
  states: Float64Array,
  inputs: Float64Array | undefined,
  tangents: Float64Array = new Float64Array(0),
  on = core,
) {
  return on.temporarily(() => {
    const system = new DynamicalSystem(on, "test", dynamics);
    const D = stateSize(dynamics);
    const at = system.place(states, "states");
    const vectors = system.place(tangents, "tangents");
    const { exports } = on;
    exports.stepStates(system.address, at, states.length / D, system.place(inputs, "inputs"), true);
    exports.stepTangents(system.address, vectors, tangents.length / D);
    return {
      states: on.f64(at, states.length).slice(),
      tangents: on.f64(vectors, tangents.length).slice(),
    };
  });
}

function drawInputs(rows: number, inputs: number): Float64Array {
  const draw = drawFrom(rows + 7);
  return Float64Array.from({ length: rows * inputs }, () => 2 * draw() - 1);
}

// how far a tangent is from the difference of two steps of the reference
function tangentError(dynamics: Dynamics, on = core): number {
  const D = stateSize(dynamics);
  const state = drawStates(dynamics, 1, 3);
  const input = drawInputs(1, dynamics.inputs);
  const count = 35;
  const tangents = drawStates(dynamics, count, 4);
  const found = rowsOf(step(dynamics, state, input, tangents, on).tangents, D);
  const h = 1e-6;
  const moved = (tangent: number[], by: number) =>
    referenceStep(
      dynamics,
      tangent.map((value, i) => state[i]! + by * value),
      [...input],
    );
  const errors = rowsOf(tangents, D).map((tangent, row) => {
    const up = moved(tangent, h);
    const down = moved(tangent, -h);
    return furthest(
      found[row]!,
      up.map((value, i) => (value - down[i]!) / (2 * h)),
    );
  });
  return Math.max(...errors.map((error) => (error >= 0 ? error : Infinity)));
}

describe.each(forms)("%s", (_, make) => {
  test.each(sizes)("a step of 1, 2 and 35 states of %i units is the reference's to 1e-13", (units) => {
    for (const inputs of [0, 3]) {
      const dynamics = make(units, inputs);
      for (const rows of [1, 2, 35]) {
        const states = drawStates(dynamics, rows, rows);
        const drive = drawInputs(rows, inputs);
        const found = rowsOf(step(dynamics, states, drive).states, stateSize(dynamics));
        rowsOf(states, stateSize(dynamics)).forEach((state, row) => {
          const input = [...drive.subarray(row * inputs, (row + 1) * inputs)];
          expect(furthest(found[row]!, referenceStep(dynamics, state, input))).toBeLessThan(1e-13);
        });
      }
    }
  });

  test.each(sizes)("35 tangents of %i units are central differences to 1e-8", (units) => {
    expect(tangentError(make(units, 2))).toBeLessThan(1e-8);
  });

  test("the Jacobian of 5 units times a tangent is the tangent behind the step, to 1e-13", () => {
    const dynamics = make(5, 1);
    const D = stateSize(dynamics);
    const state = drawStates(dynamics, 1, 5);
    const input = drawInputs(1, 1);
    const tangent = drawStates(dynamics, 1, 6);
    const found = core.temporarily(() =>
      linearizeSystem(new DynamicalSystem(core, "test", dynamics), state, input, false),
    );
    const product = rowsOf(found.jacobian, D).map((row) =>
      row.reduce((sum, value, j) => sum + value * tangent[j]!, 0),
    );
    expect(furthest(step(dynamics, state, input, tangent).tangents, product)).toBeLessThan(1e-13);
    expect(furthest(found.result, referenceStep(dynamics, [...state], [...input]))).toBeLessThan(1e-13);
  });
});

describe.each(["tanh", "gated"] as const)("the flow of a %s system", (kind) => {
  const dynamics = drawDynamics(kind, 7, 2);
  const D = stateSize(dynamics);

  test("has the Jacobian of the reference's field, to 1e-8", () => {
    const state = drawStates(dynamics, 1, 8);
    const input = drawInputs(1, 2);
    const { jacobian, result } = core.temporarily(() =>
      linearizeSystem(new DynamicalSystem(core, "test", dynamics), state, input, true),
    );
    expect(furthest(result, referenceField(dynamics, [...state], [...input]))).toBeLessThan(1e-13);
    for (let j = 0; j < D; j++) {
      const field = (by: number) =>
        referenceField(
          dynamics,
          [...state].map((x, i) => (i === j ? x + by : x)),
          [...input],
        );
      const [up, down] = [field(1e-6), field(-1e-6)];
      const column = up.map((value, i) => (value - down[i]!) / 2e-6);
      expect(
        furthest(
          rowsOf(jacobian, D).map((row) => row[j]!),
          column,
        ),
      ).toBeLessThan(1e-8);
    }
  });

  test.each([
    ["euler", 1],
    ["rk4", 4],
  ] as const)(
    "%s has the order %i: halving dt divides the error by 2 to that power, within 15 %%",
    (method, order) => {
      // weak weights, so that the flow ends in a fixed point and is smooth on the way
      const weak = dynamics.layers.map((layer) => ({
        ...layer,
        recurrent: layer.recurrent.map((w) => 0.3 * w),
      }));
      const end = (dt: number, by: "euler" | "rk4") =>
        core.temporarily(() => {
          const system = new DynamicalSystem(core, "test", { ...dynamics, layers: weak, method: by, dt });
          const at = system.place(drawStates(dynamics, 1, 9), "state");
          const steps = Math.round(2 / dt);
          expect(core.exports.advanceStates(system.address, at, 1, 0, steps, 1, 0)).toBe(steps);
          return core.f64(at, D).slice();
        });
      const exact = end(1 / 1024, "rk4");
      const dts = method === "euler" ? [1 / 32, 1 / 64, 1 / 128] : [1 / 8, 1 / 16, 1 / 32];
      const errors = dts.map((dt) => furthest(end(dt, method), exact));
      for (const i of [0, 1]) {
        const ratio = errors[i]! / errors[i + 1]!;
        expect(Math.abs(ratio / 2 ** order - 1)).toBeLessThan(0.15);
      }
    },
  );
});

// changes of different kinds of systems at once, since a compilation takes seconds; form: place in `forms`
const mutants: { name: string; change: Change; form: number }[][] = [
  [
    {
      name: "tanh",
      change: {
        file: "assembly/dynamics/tanh.ts",
        from: "get(sums, i) - get(tangents + shift, i)",
        to: "get(sums, i) + get(tangents + shift, i)",
      },
      form: 0,
    },
    {
      name: "gated, output gate",
      change: {
        file: "assembly/dynamics/gated.ts",
        from: "+ get(coefficients + 2 * n, i) * get(w, i)",
        to: "- get(coefficients + 2 * n, i) * get(w, i)",
      },
      form: 3,
    },
    {
      name: "GRU, reset after",
      change: {
        file: "assembly/dynamics/gru.ts",
        from: "(system.resetAfter ? slope * m : before)",
        to: "(system.resetAfter ? -slope * m : before)",
      },
      form: 5,
    },
    {
      name: "LSTM",
      change: {
        file: "assembly/dynamics/lstm.ts",
        from: "before * f * (1 - f)",
        to: "-before * f * (1 - f)",
      },
      form: 7,
    },
    {
      name: "leaky",
      change: {
        file: "assembly/dynamics/leaky.ts",
        from: "slope * (kept + added)",
        to: "slope * (kept - added)",
      },
      form: 8,
    },
  ],
  [
    {
      name: "gated, update gate",
      change: {
        file: "assembly/dynamics/gated.ts",
        from: "open * (1 - open) * pull",
        to: "-open * (1 - open) * pull",
      },
      form: 3,
    },
    {
      name: "GRU, reset before",
      change: {
        file: "assembly/dynamics/gru.ts",
        from: "set(coefficients + 4 * n, i, r);",
        to: "set(coefficients + 4 * n, i, -r);",
      },
      form: 6,
    },
    {
      name: "leaky outside",
      change: {
        file: "assembly/dynamics/leaky.ts",
        from: "kept + slope * added",
        to: "kept - slope * added",
      },
      form: 12,
    },
    {
      name: "a stage of RK4",
      change: {
        file: "assembly/dynamics/step.ts",
        from: "coefficients += system.stageBytes;\n    fieldTangent",
        to: "fieldTangent",
      },
      form: 1,
    },
  ],
];

test.each(mutants)(
  "a tangent with one sign turned, or one stage missing, is found (%#)",
  async (...group) => {
    const bytes = await compileCore(...group.map(({ change }) => change));
    const changed = await Core.load({ module: await WebAssembly.compile(bytes), tallTiles: false });
    for (const { name, form } of group) {
      const dynamics = forms[form]![1](5, 2);
      expect(tangentError(dynamics), name).toBeLessThan(1e-8);
      expect(tangentError(dynamics, changed), name).toBeGreaterThan(1e-3);
    }
  },
);

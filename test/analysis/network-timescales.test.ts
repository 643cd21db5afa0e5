// Timescales of networks: units whose timescale is known, the simulation behind them, what is refused, and the networks
// that the authors of the timescale paper released.
//
// Based on  Khajehabdollahi et al., ICLR 2024; public repository LevinaLab/rnn_timescale_public, as safetensors beside
//           this checkout (science/timescales.md section 7).

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, test } from "vitest";
import { AutocorrelationAccumulator } from "../../src/analysis/autocorrelation.ts";
import {
  measureNetworkTimescales,
  type NetworkTimescales,
  type NetworkTimescalesOptions,
} from "../../src/analysis/network-timescales.ts";
import { simulateNetwork } from "../../src/analysis/simulation.ts";
import { fitTimescale } from "../../src/analysis/timescale-fit.ts";
import {
  type Network,
  networkTensors,
  packParameters,
  parameterCount,
  type TensorName,
} from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { NumericError, ShapeError } from "../../src/core/errors.ts";
import { Plan } from "../../src/core/plan.ts";
import { decodeRnnTimescale } from "../../src/io/rnn-timescale.ts";
import { drawFrom, values } from "../assembly/values.ts";

const shapeOf = (units: number, inputs = 1) =>
  ({ cell: "leaky", activation: "leaky-relu", units, inputs, heads: 1, classes: 2 }) as const;

/** A network of the tensors that are given, and zeros elsewhere. */
function networkOf(units: number, given: Partial<Record<TensorName, readonly number[]>>): Network {
  const shape = shapeOf(units);
  const tensors = networkTensors(shape, new Float32Array(parameterCount(shape)));
  for (const [name, data] of Object.entries(given)) {
    const tensor = tensors.get(name as TensorName)!;
    tensors.set(name as TensorName, { ...tensor, data: Float32Array.from(data!) });
  }
  return { shape, parameters: packParameters(shape, tensors) };
}

// units without connections, in the linear part of their non-linearity: h ← (1 - 1/τ) h + (1/τ)(x + 1)
const loneUnits = (tau: readonly number[], weight = tau.map(() => 1)) =>
  networkOf(tau.length, { tau, "input.weight": weight, "input.bias": tau.map(() => 1) });

function randomNetwork(units: number): Network {
  const draw = drawFrom(units);
  return networkOf(units, {
    tau: Array.from({ length: units }, (_, i) => 1 + (3 * i) / units),
    "input.weight": [...values(draw, units)],
    "input.bias": [...values(draw, units)],
    "recurrent.weight": Array.from(values(draw, units * units, -0.5, 0.5), (weight, i) =>
      i % (units + 1) === 0 ? 0 : weight,
    ),
  });
}

const tausOf = ({ fits }: NetworkTimescales) => fits.map((fit) => (fit.ok ? fit.tau : Number.NaN));

describe("units without connections", () => {
  test("of time constants 2, 4, 8 have the timescales -1 / ln(1 - 1/tau): 1.44, 3.48, 7.49 within 3 %", async () => {
    const taus = [2, 4, 8];
    const found = tausOf(await measureNetworkTimescales(loneUnits(taus), { steps: 100_000, trials: 4 }));
    taus.forEach((tau, i) => {
      expect(Math.abs(found[i]! / (-1 / Math.log(1 - 1 / tau)) - 1), `tau ${tau}`).toBeLessThan(0.03);
    });
  });

  test("of less than a step follow bits of 5 steps: their autocorrelation is 1 - k/5 at lags k = 0 to 5, then 0, within 0.02", async () => {
    const options = { steps: 100_000, trials: 4, maxLag: 30, stepsPerBit: 5 };
    const { autocovariances } = await measureNetworkTimescales(loneUnits([0.2]), options);
    autocovariances.forEach((value, k) => {
      expect(Math.abs(value / autocovariances[0]! - Math.max(0, 1 - k / 5)), `lag ${k}`).toBeLessThan(0.02);
    });
  });

  test("have the variance of filtered bits, averaged over trials, and the population that of their sum", async () => {
    const options = { steps: 50_000, trials: 3, maxLag: 30 };
    const { autocovariances, populationAutocovariance } = await measureNetworkTimescales(
      loneUnits([4, 4]),
      options,
    );
    // two equal units: four times the variance of one
    populationAutocovariance.forEach((value, k) => {
      expect(Math.abs(value - 4 * autocovariances[k]!)).toBeLessThan(1e-6 * populationAutocovariance[0]!);
    });
    expect(autocovariances.subarray(31)).toEqual(autocovariances.subarray(0, 31));
  });
});

describe("layers", () => {
  // two layers of lone units; each unit of the second reads its neighbour below
  function relayed(taus: readonly number[], above: readonly number[]): Network {
    const { shape, parameters } = loneUnits(taus);
    const stack = { ...shape, layers: 2 };
    const tensors = new Map(networkTensors(stack, new Float32Array(parameterCount(stack))));
    for (const [name, tensor] of networkTensors(shape, parameters)) tensors.set(name, tensor);
    tensors.get("layer2.tau")!.data.set(above);
    const weight = tensors.get("layer2.input.weight")!.data;
    for (let i = 0; i < taus.length; i++) weight[i * (taus.length + 1)] = 1;
    return { shape: stack, parameters: packParameters(stack, tensors) };
  }

  test("the fits are those of the first layer and then those of the second, which at τ = 1 hands states on", async () => {
    const options = { steps: 20_000, trials: 2, maxLag: 40 };
    const one = await measureNetworkTimescales(loneUnits([2, 4, 8]), { ...options, burnIn: 1000 });
    const two = await measureNetworkTimescales(relayed([2, 4, 8], [1, 1, 1]), { ...options, burnIn: 1000 });
    expect(two.fits).toHaveLength(6);
    for (const [i, tau] of tausOf(one).entries()) {
      // other initial states, which the burn-in forgets
      expect(tausOf(two)[i]! / tau).toBeCloseTo(1, 6);
      expect(tausOf(two)[3 + i]! / tau).toBeCloseTo(1, 6);
    }
    two.autocovariances.subarray(0, 41).forEach((value, k) => {
      expect(Math.abs(two.autocovariances[3 * 41 + k]! - value)).toBeLessThan(1e-6);
    });
    // every unit counts twice in the sum of all
    const ratio = two.populationAutocovariance[0]! / one.populationAutocovariance[0]!;
    expect(ratio).toBeCloseTo(4, 4);
  });

  test("a slow layer above a fast one is the slower: τ = 8 behind τ = 1 has 7.49 steps within 3 %", async () => {
    const found = await measureNetworkTimescales(relayed([1], [8]), { steps: 100_000, trials: 4 });
    expect(found.fits[0]!.ok && found.fits[0]!.tau > 1).toBe(false);
    expect(Math.abs(tausOf(found)[1]! / (-1 / Math.log(1 - 1 / 8)) - 1)).toBeLessThan(0.03);
  });
});

describe("the measurement", () => {
  // everything by hand: bits, initial states, simulation in other pieces, autocovariances of what is behind the burn-in
  async function byHand(network: Network, options: Required<NetworkTimescalesOptions>) {
    const { steps, trials, burnIn, bits: kind, seed, maxLag, stepsPerBit = 1 } = options;
    // bits that share a key
    const size = Math.max(1, Math.floor(256 / stepsPerBit));
    const core = await Core.load();
    const plan = new Plan(core, network.shape, { batch: trials, steps: 256, labelRows: 1 }, "recording");
    const key = core.key(seed, 4);
    plan.drawState(core.fold(key, 2), 0.1);
    const initialState = plan.initialState.slice();
    const all = burnIn + steps;
    const bits: number[] = [];
    for (let block = 0; block * size * stepsPerBit < all; block++) {
      if (kind === "bipolar") plan.drawBits(core.fold(key, 0, block), 0.5, kind, size);
      else plan.drawBiasedBits(core.fold(key, 0, block), core.fold(key, 1), size);
      for (let t = 0; t < size * stepsPerBit; t++) {
        const bit = Math.floor(t / stepsPerBit);
        bits.push(...plan.inputs.subarray(bit * trials, (bit + 1) * trials));
      }
    }
    core.release();
    const input = (inputs: Float32Array, first: number) => {
      inputs.set(bits.slice(first * trials, first * trials + inputs.length));
    };
    const H = network.shape.units;
    const units = await AutocorrelationAccumulator.start({ series: H, trials, maxLag });
    let done = 0;
    for await (const piece of simulateNetwork(network, {
      ...{ steps: all, trials, input, initialState, stepsAtOnce: 77, stepsPerBit },
    })) {
      units.add(piece.states.subarray(Math.min(piece.steps, Math.max(0, burnIn - done)) * trials * H));
      done += piece.steps;
    }
    const autocovariances = units.autocovariances();
    units.close();
    return { bits, autocovariances };
  }

  const options = { steps: 1100, trials: 3, burnIn: 300, seed: 5, maxLag: 40, fitLag: 30 };

  test.each([
    [0, 1],
    [256, 1],
    [300, 1],
    [513, 1],
    [300, 3],
    [255, 7],
    [0, 300],
  ])(
    "behind %i steps of burn-in, with %i steps per bit, has the bits of simulateNetwork and AutocorrelationAccumulator",
    async (burnIn, stepsPerBit) => {
      const network = randomNetwork(13);
      const all = { ...options, burnIn, stepsPerBit } as Required<NetworkTimescalesOptions>;
      const { autocovariances, fits } = await measureNetworkTimescales(network, all);
      expect(autocovariances).toEqual((await byHand(network, all)).autocovariances);
      for (const i of [0, 7, 12]) {
        const own = autocovariances.subarray(i * 41, (i + 1) * 41);
        expect(fits[i]).toEqual(await fitTimescale(own));
      }
    },
  );

  test("drives each trial with bits of its own probability, uniform on [0, 1): 400 means are within 0.07 of it", async () => {
    const all = { ...options, trials: 400, steps: 1236 } as Required<NetworkTimescalesOptions>;
    const { bits } = await byHand(loneUnits([2]), all);
    expect(new Set(bits)).toEqual(new Set([0, 1]));
    const means = Array.from({ length: 400 }, (_, b) => {
      const own = bits.filter((_, i) => i % 400 === b);
      return own.reduce((sum, bit) => sum + bit, 0) / own.length;
    }).sort((a, b) => a - b);
    means.forEach((mean, i) => {
      expect(Math.abs(mean - (i + 0.5) / 400)).toBeLessThan(0.07);
    });
  });

  test("drives with bits -1 and 1, mean 0 within 4 standard errors, where `bits` is bipolar; the rest is the same", async () => {
    const network = randomNetwork(13);
    const all = { ...options, bits: "bipolar" } as Required<NetworkTimescalesOptions>;
    const { bits, autocovariances } = await byHand(network, all);
    expect(new Set(bits)).toEqual(new Set([-1, 1]));
    const mean = bits.reduce((sum, bit) => sum + bit, 0) / bits.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(bits.length));
    expect((await measureNetworkTimescales(network, all)).autocovariances).toEqual(autocovariances);
  });

  test("is the same twice, and another of another seed", async () => {
    const network = randomNetwork(9);
    const first = await measureNetworkTimescales(network, options);
    expect(await measureNetworkTimescales(network, options)).toEqual(first);
    const other = await measureNetworkTimescales(network, { ...options, seed: 6 });
    expect(other.autocovariances).not.toEqual(first.autocovariances);
  });

  test("sums up the timescales above 1", async () => {
    const result = await measureNetworkTimescales(randomNetwork(12), options);
    const slow = tausOf(result)
      .filter((tau) => tau > 1)
      .sort((a, b) => a - b);
    const { units, mean, sd, median } = result.slow!;
    expect(units).toBe(slow.length);
    expect(mean).toBeCloseTo(slow.reduce((sum, tau) => sum + tau, 0) / units, 12);
    expect(sd).toBeCloseTo(Math.sqrt(slow.reduce((sum, tau) => sum + (tau - mean) ** 2, 0) / units), 12);
    expect(median).toBe((slow[Math.floor((units - 1) / 2)]! + slow[Math.floor(units / 2)]!) / 2);
  });

  test("reports a constant unit as one without a timescale", async () => {
    const network = loneUnits([2, 2], [1, 0]);
    // long enough a burn-in, so that its state is constant to the last bit
    const { fits, failed } = await measureNetworkTimescales(network, { steps: 500, trials: 2, burnIn: 500 });
    expect(fits[0]!.ok).toBe(true);
    expect(fits[1]).toEqual({ ok: false, reason: expect.stringContaining("as of a constant") });
    expect(failed).toBe(1);
  });

  test("says how far it is, and ends at a signal", async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const run = measureNetworkTimescales(randomNetwork(5), {
      ...options,
      steps: 1e6,
      signal: abort.signal,
      onProgress: ({ done, steps }) => {
        expect(steps).toBe(1e6 + 300);
        seen.push(done);
        if (seen.length === 3) abort.abort(new Error("enough"));
      },
    });
    await expect(run).rejects.toThrow("enough");
    expect(seen).toEqual([256, 512, 768]);
  });

  test.each<[NetworkTimescalesOptions, string]>([
    [{ steps: 0 }, "measureNetworkTimescales: `steps` is 0, expected a whole number from 1"],
    [{ trials: 0.5 }, "`trials` is 0.5"],
    [{ burnIn: -1 }, "`burnIn` is -1, expected a whole number from 0"],
    [{ stepsPerBit: 1001 }, "`stepsPerBit` is 1001, expected a whole number from 1 to 1000"],
    [{ seed: Number.NaN }, "`seed` is NaN"],
    [{ bits: "signed" as "bipolar" }, "`bits` is signed, expected one of binary, bipolar"],
    [{ fitLag: 3 }, "`fitLag` is 3, expected a whole number from 4"],
    [{ fitLag: 50, maxLag: 40 }, "`fitLag` is 50, expected at most `maxLag`, which is 40"],
    [{ steps: 200 }, "`steps` is 200, expected more than `maxLag`, which is 200"],
  ])("with %o is refused", async (wrong, message) => {
    const run = measureNetworkTimescales(randomNetwork(3), wrong);
    await expect(run).rejects.toThrow(ShapeError);
    await expect(run).rejects.toThrow(message);
  });

  test("of a network with two inputs, of other parameters, or whose activity grows without bound is refused", async () => {
    const shape = shapeOf(3, 2);
    const two = { shape, parameters: new Float32Array(parameterCount(shape)) };
    await expect(measureNetworkTimescales(two)).rejects.toThrow("the network has 2 inputs, expected one");
    const { parameters, shape: one } = randomNetwork(3);
    const shorter = { shape: one, parameters: parameters.slice(1) };
    await expect(measureNetworkTimescales(shorter)).rejects.toThrow("`parameters` has");
    const growing = networkOf(2, { tau: [1, 1], "input.bias": [1, 1], "recurrent.weight": [0, 9, 9, 0] });
    const run = measureNetworkTimescales(growing, { steps: 500, trials: 1 });
    await expect(run).rejects.toThrow(NumericError);
    await expect(run).rejects.toThrow("a unit's activity is NaN or infinite");
  });
});

const source = fileURLToPath(new URL("../../../shared/data/levina/", import.meta.url));

describe.skipIf(!existsSync(source))("released networks (skipped without ../shared/data/levina)", () => {
  // 4 trials vary: an independent simulation in NumPy leaves these ranges as often, since a median hangs on the trials' biases
  it.each([
    ["multi_N2_N5", 1.65, 1.95],
    ["single_N5", 1.78, 2.05],
  ])(
    "%s: over 6,000 steps and 4 trials, the median of timescales above 1 lies between %f and %f for 7 of seeds 0 to 7",
    async (name, low, high) => {
      const network = decodeRnnTimescale(readFileSync(join(source, `${name}.safetensors`)), name);
      const medians: number[] = [];
      for (let seed = 0; seed < 8; seed++) {
        const options = { steps: 6000, trials: 4, seed, maxLag: 30 };
        medians.push((await measureNetworkTimescales(network, options)).slow!.median);
      }
      console.log(`${name}: ${medians.map((median) => median.toFixed(3)).join(", ")}`);
      expect(medians.filter((median) => median > low && median < high)).toHaveLength(7);
    },
  );
});

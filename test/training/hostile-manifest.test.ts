// A manifest within a checkpoint may say anything, and its seal is no proof of who wrote it.

import { describe, expect, it } from "vitest";
import { changed, type Manifest, refusal, sgd, withManifest } from "./damaged-checkpoint.ts";

describe("hostile manifests", () => {
  const network = (change: object) => (manifest: Manifest) => void Object.assign(manifest.network, change);
  const training = (change: object) => (manifest: Manifest) => void Object.assign(manifest.training, change);
  const setting = (change: object) => (manifest: Manifest) =>
    void Object.assign(manifest.training.settings, change);
  const purpose = (change: object) => (manifest: Manifest) => void Object.assign(manifest.purpose, change);
  const stage = (change: object) => (manifest: Manifest) =>
    void Object.assign(manifest.training.curriculum, change);

  it.each<[string, (manifest: Manifest) => unknown, RegExp]>([
    ["null", () => "null", /the value is "null", expected an object/],
    ["a list", () => [1, 2], /the value is a list of 2, expected an object/],
    ["an empty object", () => ({}), /`format` is missing/],
    ["another format", (m) => Object.assign(m, { format: 2 }), /`format` is 2, expected one of 1/],
    ["an unknown field", (m) => Object.assign(m, { colour: 1 }), /`colour` is not a known field/],
    ["no core", (m) => void delete m.core, /`core` is missing, expected a string/],
    ["0 units", network({ units: 0 }), /`network\.units` is 0, expected at least 1/],
    ["-1 units", network({ units: -1 }), /`network\.units` is -1/],
    ["1.5 units", network({ units: 1.5 }), /`network\.units` is 1\.5, expected a whole number/],
    ["units as text", network({ units: "5" }), /`network\.units` is "5"/],
    [
      "2^31 units",
      network({ units: 2 ** 31 }),
      /`network\.units` is 2147483648, expected at most 2147483647/,
    ],
    [
      "2^31 - 1 units",
      network({ units: 2 ** 31 - 1 }),
      /tensor "tau" .*expected F32 of shape \(2147483647\)/,
    ],
    [
      "1e9 heads",
      network({ heads: 1e9 }),
      /tensor "readout\.weight" .*expected F32 of shape \(1000000000, 2, 5\)/,
    ],
    ["1e9 classes", network({ classes: 1e9 }), /tensor "readout\.weight" .*\(3, 1000000000, 5\)/],
    ["1e9 inputs", network({ inputs: 1e9 }), /tensor "input\.weight" .*\(5, 1000000000\)/],
    [
      "an unknown cell",
      network({ cell: "constructor" }),
      /`network\.cell` is "constructor", expected one of leaky, leaky-outside/,
    ],
    [
      "an unknown task",
      purpose({ task: "toString" }),
      /`purpose\.task` is "toString", expected one of parity, dms/,
    ],
    ["N below 2", purpose({ N: [2, 1] }), /`purpose\.N\.1` is 1, expected at least 2/],
    ["N of 2^50", purpose({ N: [2 ** 50] }), /`purpose\.N\.0` is 1125899906842624, expected at most 1000000/],
    ["a negative initial state", purpose({ initialState: -1 }), /`purpose\.initialState` is -1/],
    [
      "no steps per bit",
      purpose({ stepsPerBit: [] }),
      /`purpose\.stepsPerBit` is a list of 0, expected at least 1/,
    ],
    [
      "0 steps per bit",
      setting({ stepsPerBit: [0] }),
      /`training\.settings\.stepsPerBit\.0` is 0, expected at/,
    ],
    [
      "steps per bit of a gated cell",
      setting({ cell: "lstm", stepsPerBit: [2] }),
      /`stepsPerBit` is 2, expected 1 for a lstm cell/,
    ],
    ["a negative step", training({ step: -1 }), /`training\.step` is -1/],
    ["a step of 1e300", training({ step: 1e300 }), /`training\.step` is 1e\+300/],
    ["more updates than an epoch has", training({ epochStep: 4 }), /`epochStep` is 4, expected at most 3/],
    [
      "a loss that is null",
      training({ lossSum: null }),
      /`training\.lossSum` is null, expected a finite number/,
    ],
    [
      "the other optimiser",
      training({ optimizer: "adam" }),
      /`optimizer` is adam, expected that of the settings, sgd/,
    ],
    [
      "settings of the other optimiser",
      setting({ optimizer: "adam" }),
      /`optimizer` is sgd, expected that of the settings, adam/,
    ],
    [
      "a wrong setting",
      setting({ learningRate: -1 }),
      /`training\.settings\.learningRate` is -1, expected more than 0/,
    ],
    ["settings that conflict", setting({ maxN: 4, startN: 5 }), /`maxN` is 4, expected at least 5/],
    ["no length", stage({ N: [] }), /`training\.curriculum\.N` is a list of 0, expected at least 1/],
    [
      "a length beyond maxN",
      stage({ N: [5] }),
      /`curriculum\.N` is 5, expected at most 3 rising lengths from 2 to 4/,
    ],
    [
      "more lengths than heads",
      stage({ N: [2, 3, 4, 4] }),
      /`curriculum\.N` is 2, 3, 4, 4, expected at most 3/,
    ],
    ["falling lengths", stage({ N: [3, 2] }), /`curriculum\.N` is 3, 2, expected/],
    ["1e5 lengths", stage({ N: Array(1e5).fill(2) }), /`curriculum\.N` is 2, 2, 2, 2, 2 …, expected/],
    [
      "20 quantiles",
      (m) => void m.training.initialTau.quantiles.pop(),
      /`training\.initialTau\.quantiles` is a list of 20, expected at least 21/,
    ],
    [
      "no time constants before training",
      (m) => void delete m.training.initialTau,
      /`training\.initialTau` is missing, expected those of a leaky cell/,
    ],
    [
      "an epoch without time constants",
      (m) => void delete m.training.records[1].tau,
      /`training\.records\.1\.tau` is missing, expected those of a leaky cell/,
    ],
    [
      "an epoch without N",
      (m) => void Object.assign(m.training.records[1], { N: [] }),
      /`training\.records\.1\.N` is a list of 0/,
    ],
    [
      "a loss of 1e308",
      (m) => void Object.assign(m.training.records[1], { loss: 1e308 }),
      /`training\.records\.1\.loss` is 1e\+308, expected at most 1e\+100/,
    ],
    [
      "an accuracy that is text",
      (m) => void Object.assign(m.training.records[1], { accuracy: { 2: "1" } }),
      /`training\.records\.1\.accuracy\.2` is "1"/,
    ],
  ])("%s is refused by a sentence that names it", (_, change, message) => {
    expect(refusal(withManifest(change))).toMatch(message);
  });

  it("text that is not JSON, and __proto__ as a key anywhere, are refused and change no prototype", () => {
    for (const text of ["", "{", "nonsense", "\u0000", "{'a': 1}"])
      expect(refusal(changed(sgd, { text: () => text }))).toBe(
        'the "tauscope" entry in the metadata is not JSON.',
      );
    for (const key of ['"network":{', '"training":{', '"settings":{', '{"format"']) {
      const evil = '"__proto__":{"polluted":1},';
      const text = (old: string) =>
        old.replace(key, key.startsWith("{") ? `{${evil}${key.slice(1)}` : `${key}${evil}`);
      expect(refusal(changed(sgd, { text }))).toMatch(/__proto__` is not a known field/);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  // lengths of lists and texts in a manifest are limited by its file alone: they must not be multiplied
  const recordsAs = (records: string) => (text: string) =>
    text.replace(/"records":\[.*\](?=\})/s, () => `"records":${records}`);
  it.each<[string, (text: string) => string, RegExp]>([
    ["1e6 empty records", recordsAs(`[${"{},".repeat(1e6)}{}]`), /`training\.records\.0\.epoch` is missing/],
    [
      "1e6 numbers for records",
      recordsAs(`[${"1,".repeat(1e6)}1]`),
      /`training\.records\.0` is 1, expected an object/,
    ],
    [
      "1e5 lists in one another",
      recordsAs("[".repeat(1e5) + "]".repeat(1e5)),
      /`training\.records\.0` is a list of 1/,
    ],
    [
      "a name of 1e6 letters",
      (text) => text.replace('"core":"', `"core":"","${"c".repeat(1e6)}":"`),
      /`c{80}…` is not a known field/,
    ],
    [
      "a cell of 1e6 letters",
      (text) => text.replace('"leaky"', `"${"l".repeat(1e6)}"`),
      /`network\.cell` is "l{79}…, expected one of/,
    ],
    [
      "1e5 unknown fields",
      (text) =>
        text.replace('"core"', `${Array.from({ length: 1e5 }, (_, i) => `"k${i}":0,`).join("")}"core"`),
      /^manifest: (`k\d` is not a known field(; )?){5}\.$/,
    ],
  ])("%s are refused within 3 s and 300 MB", (_, text, message) => {
    const bytes = changed(sgd, { text });
    const [began, before] = [performance.now(), process.memoryUsage().rss];
    expect(refusal(bytes)).toMatch(message);
    expect(performance.now() - began).toBeLessThan(3000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  });
});

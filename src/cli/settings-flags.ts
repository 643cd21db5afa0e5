// Every training setting as a flag.

import { type Command, Option } from "commander";
import { ShapeError } from "../core/errors.ts";
import { parse } from "../core/schema.ts";
import { readWhole } from "../io/run-directory.ts";
import {
  type PresetName,
  presets,
  resolveSettings,
  settingsSchema,
  type TrainingSettings,
} from "../training/settings.ts";

const help: Record<keyof TrainingSettings, string> = {
  task: "parity, dms (delayed match to sample), smnist (sequential MNIST; takes --mnist)",
  labels: "which steps have labels: last, every (from the N-th on)",
  bits: "binary (0 and 1), bipolar (-1 and 1, p = 0.5)",
  curriculum:
    "multi (all N so far, a head for each), single (one N at a time), sliding (a window of N), none",
  startN: "first memory length N",
  maxN: "largest N; training ends once it is solved",
  window: "curriculum sliding: N trained at once",
  forget: "curriculum sliding: N dropped when the window is solved",
  solvedAt: "accuracy above which N counts as solved; a list as in 0.4,0.5 is for N = 2, 3 and more",
  solvedRule: "which must exceed it: mean-and-newest (mean over all N, and newest N), newest, every",
  cell: "leaky (the leak inside the non-linearity), leaky-outside, gru, lstm",
  activation: "of leaky cells: leaky-relu, relu, tanh, sigmoid",
  units: "hidden units, of each layer",
  layers: "layers of leaky units, the first reads the inputs, the heads read the last",
  tauLow: "initial time constants are uniform from this many bits …",
  tauHigh: "… to this many",
  trainTau: "keep the time constants at their initial values",
  stepsPerBit: "continuous time: steps per bit, one for each update in turn, as in 7,8,9,10",
  initialGain:
    "initial recurrent weights are normal with variance g² / units, one g for each gate, as in 2,1,3; default: uniform, as in PyTorch",
  initialBias: "initial biases, one for each gate, of all its units; default: drawn as in PyTorch",
  initialState: "initial states are uniform from 0 to this",
  batch: "sequences per batch",
  updates: "updates per epoch",
  testBatches: "batches per evaluation",
  epochs: "most epochs",
  optimizer: "sgd (Nesterov momentum), adam",
  learningRate: "learning rate",
  learningRateDecay: "factor of the learning rate behind every epoch …",
  decayFromN: "… whose newest N is at least this",
  momentum: "sgd: momentum",
  beta1: "adam: decay of the first moment",
  beta2: "adam: decay of the second moment",
  epsilon: "adam: added to the denominator",
  clipNorm: "largest norm of the gradient",
  seed: "seed of all random draws",
};

// settings that are lists, also of one value
const LISTS: ReadonlySet<string> = new Set(["stepsPerBit", "initialGain", "initialBias"]);

const presetNames = Object.keys(presets) as PresetName[];

/**
 * Add the flags of all settings to a command.
 *
 * @param preset  Where the defaults come from.
 * @param decided  Settings that the command decides itself.
 */
export function addSettingsFlags(
  command: Command,
  preset: PresetName,
  decided: (keyof TrainingSettings)[] = [],
): Command {
  command.option("--config <file>", "settings as a JSON file; flags override it");
  command.addOption(
    new Option(
      "--preset <name>",
      "paper: as published; laptop: 128 units, small batches, minutes; smnist: sequential MNIST",
    )
      .choices(presetNames)
      .default(preset),
  );
  const defaults = resolveSettings(presets[preset]);
  for (const [field, text] of Object.entries(help) as [keyof TrainingSettings, string][]) {
    if (decided.includes(field)) continue;
    if (field === "trainTau")
      command.option("--train-tau", "train the time constants (default)").option("--no-train-tau", text);
    else command.option(`--${kebab(field)} <value>`, withDefault(text, defaults[field]));
  }
  return command;
}

function withDefault(text: string, value: unknown): string {
  return Array.isArray(value) && value.length === 0 ? text : `${text} (default: ${value})`;
}

/** The settings that a command line asks for: preset, then config file, then flags; as given, not completed. */
export async function readSettings(options: Record<string, unknown>): Promise<Partial<TrainingSettings>> {
  const flags: Record<string, unknown> = {};
  for (const field of Object.keys(help)) {
    const value = options[field];
    if (value === undefined) continue;
    flags[field] = LISTS.has(field) ? [toValue(value)].flat() : toValue(value);
  }
  const config = typeof options.config === "string" ? await readConfig(options.config) : {};
  return { ...presets[options.preset as PresetName], ...config, ...flags };
}

async function readConfig(path: string): Promise<Partial<TrainingSettings>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(await readWhole(path)));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ShapeError(`${path}: not valid JSON: ${error.message.replace(/\s+/g, " ")}.`);
    throw error;
  }
  parse(settingsSchema, value, path);
  return value as Partial<TrainingSettings>;
}

/** The flags that give these settings. */
export function toFlags(given: Partial<TrainingSettings>): string[] {
  const isAsked = ([, value]: [string, unknown]) => !(Array.isArray(value) && value.length === 0);
  return Object.entries(given)
    .filter(isAsked)
    .map(([field, value]) =>
      field === "trainTau" ? (value ? "--train-tau" : "--no-train-tau") : `--${kebab(field)} ${value}`,
    );
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

// numbers become numbers, several with commas between them a list; anything else is left for the schema to judge
function toValue(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const parts = value.split(",");
  if (!parts.every((part) => DECIMAL.test(part))) return value;
  return parts.length > 1 ? parts.map(Number) : Number(value);
}

function kebab(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

// Numbers on the command line.

import { ShapeError } from "../core/errors.ts";

/** A parser of whole numbers of at least `least` for the flag `name`. */
export function wholeNumber(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new ShapeError(`${name}: "${text}" is not a whole number of at least ${least}.`);
    }
    return value;
  };
}

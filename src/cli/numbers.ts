// Numbers on the command line.

import { ShapeError } from "../core/errors.ts";

/** A parser of whole numbers of at least `least`, and at most `most`, for the flag `name`. */
export function wholeNumber(name: string, least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new ShapeError(`${name}: "${text}" is not a whole number ${range}.`);
    }
    return value;
  };
}

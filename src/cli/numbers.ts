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

/** A parser of lists such as 7,8,9 for the flag `name`, whose items are whole numbers of at least `least`. */
export function wholeNumbers(name: string, least: number) {
  return (text: string): number[] => text.split(",").map(wholeNumber(name, least));
}

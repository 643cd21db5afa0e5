// The three kinds of error that tauscope throws. Every message names the function or file, the field or
// tensor, what was expected and what was got.

/** A size, a type, a range or a name of an argument is not what was expected. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** The call or the file is well formed but does not fit the state: a damaged checkpoint, a finished run, a full disk. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/** A computation met NaN or an infinity. */
export class NumericError extends Error {
  override readonly name = "NumericError";
}

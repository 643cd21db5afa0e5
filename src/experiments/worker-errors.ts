// Errors on their way between threads: classes do not survive it, names do.

import { NumericError, ShapeError, StateError } from "../core/errors.ts";

const errorClasses = { ShapeError, StateError, NumericError };

/** The error as the worker threw it, an instance of its class again. */
export function restoreError(error: Error): Error {
  const ErrorClass = errorClasses[error.name as keyof typeof errorClasses];
  return ErrorClass && !(error instanceof ErrorClass) ? new ErrorClass(error.message) : error;
}

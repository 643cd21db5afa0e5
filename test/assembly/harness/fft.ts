// The transform of assembly/linalg/fft.ts over arrays; what it changes in place is returned.

import * as linalg from "../../../assembly/linalg/fft";

export function fft(data: Float64Array, twiddles: Float64Array): Float64Array {
  const n = data.length >> 1;
  linalg.fillTwiddles(twiddles.dataStart, n);
  linalg.fft(data.dataStart, n, twiddles.dataStart);
  return data;
}

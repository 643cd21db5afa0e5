// Numbers as a reader wants them: as many digits as carry meaning, the same in every column.

const missing = "–";
const thinSpace = "\u2009";

/** A whole number; from 10 000 on in groups of three. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return missing;
  const digits = String(Math.round(value));
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, thinSpace);
}

/** A fraction as percent with two decimals, without the sign. */
export function formatPercent(fraction: number | undefined): string {
  return fraction === undefined || !Number.isFinite(fraction) ? missing : (100 * fraction).toFixed(2);
}

/** A threshold as percent with as many decimals as it has, at most two, and the sign. */
export function formatThreshold(fraction: number): string {
  return `${Math.round(fraction * 10000) / 100} %`;
}

/** A loss: four decimals, fewer when it is large, a power of ten when it is below 0.001. */
export function formatLoss(value: number): string {
  if (!Number.isFinite(value)) return missing;
  const size = Math.abs(value);
  if (size > 0 && size < 0.001) return powerOfTen(value);
  return value.toFixed(size < 10 ? 4 : size < 100 ? 3 : 1);
}

/** A time constant in bits: three decimals, fewer when it is long. */
export function formatTau(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return missing;
  return value.toFixed(value < 10 ? 3 : value < 100 ? 2 : 1);
}

/** Memory lengths, consecutive ones joined: [2, 3, 4, 7] → "2–4, 7". */
export function formatLengths(N: number[]): string {
  const sorted = [...N].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let first = 0; first < sorted.length; ) {
    let last = first;
    while (sorted[last + 1] === sorted[last]! + 1) last++;
    parts.push(last === first ? `${sorted[first]}` : `${sorted[first]}–${sorted[last]}`);
    first = last + 1;
  }
  return parts.length === 0 ? missing : parts.join(", ");
}

function powerOfTen(value: number): string {
  const [mantissa, exponent] = value.toExponential(1).split("e");
  return `${mantissa}e${exponent}`.replace("-", "−");
}

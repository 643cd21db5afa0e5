// The slope of a line through points.

import { summarize } from "./verdict.ts";

/** Of least squares, y against x; NaN of points with one x. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = summarize(points.map(([x]) => x)).mean;
  const meanY = summarize(points.map(([, y]) => y)).mean;
  let products = 0;
  let squares = 0;
  for (const [x, y] of points) {
    products += (x - meanX) * (y - meanY);
    squares += (x - meanX) * (x - meanX);
  }
  return products / squares;
}

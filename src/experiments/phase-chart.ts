// A phase diagram as a chart: theory's lines, and what networks do.

import type { PhaseDiagram } from "../theory/phase-diagram.ts";
import type { Chart, Series } from "./chart.ts";

/** The chart; `networks` are drawn below the lines. */
export function phaseChart({ axis, values, lines }: PhaseDiagram, networks: readonly Series[] = []): Chart {
  const line = (label: string, gains: readonly (number | undefined)[], colour: number): Series => ({
    label,
    kind: "line",
    points: gains.flatMap((x, row) => (x === undefined ? [] : [{ x, y: values[row]! }])),
    colour,
  });
  return {
    title: "Phase diagram of networks with an output gate.",
    note: "Lines: theory. Between those of fixed points and of chaos there are many fixed points beside a stable zero, and no chaos.",
    x: { label: "Gain g" },
    y: { label: axis === "outputGain" ? "Gain of the output gate, α_r" : "Bias of the output gate, β_r" },
    series: [
      ...networks,
      line("zero unstable", lines.zero, 2),
      line("fixed points", lines.fixedPoints, 3),
      line("chaos", lines.chaos, 4),
      line("integrator ends", lines.integrator, 5),
    ],
  };
}

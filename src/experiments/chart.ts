// What a figure shows, as data: the report draws it, and whoever wants another figure has the numbers.

/** A point of a series: a mean over networks, or a single value. */
export interface ChartPoint {
  /** Position; in a chart with categories the number of one, from 0. */
  x: number;
  y: number;
  /** Standard deviation over networks. */
  sd?: number;
  /** Networks that the mean is over. */
  n?: number;
}

export interface Series {
  label: string;
  /**
   * A line with a band of one standard deviation, a dot for every network (equal ones beside each other), small dots where the points
   * are, or values of the paper.
   */
  kind: "line" | "networks" | "points" | "paper";
  points: ChartPoint[];
  /** Which colour, from 0: networks of one kind have the same one in every chart. */
  colour: number;
}

export interface Axis {
  label: string;
  /** Default: linear. */
  logarithmic?: boolean;
  /** Ticks at whole numbers only. */
  whole?: boolean;
  /** Ends of the axis; default: those of the data. */
  from?: number;
  to?: number;
  /** Names of the positions 0, 1, 2 …; horizontal axis only. */
  categories?: string[];
}

export interface Chart {
  /** What is shown. */
  title: string;
  /** How to read it. */
  note: string;
  x: Axis;
  y: Axis;
  series: Series[];
}

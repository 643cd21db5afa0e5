// Small SVG primitives as strings: escaping, elements, the frame of a plot, its axes. No document is needed.
//
// Colours stand in the attributes, for the light scheme, so that a figure cut out of the page is complete;
// the page's style sheet overrides them by class in the dark.

export type Attributes = Record<string, string | number>;

/** Size of a figure and the margins around its plot, in px. */
export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** One tick: where (px) and what is written there. */
export interface Tick {
  at: number;
  label: string;
}

/** px; also the least size after scaling to a phone is then above 9. */
export const fontSize = 12;

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text made safe inside elements and quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** An element from escaped attributes and children that are markup already. Numbers keep two decimals. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? coordinate(value) : escapeText(value)}"`)
    .join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

/** A px position with at most two decimals. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

/** Escaped text at a position. */
export function label(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escapeText(content));
}

/** A straight line. */
export function segment(x1: number, y1: number, x2: number, y2: number, attributes: Attributes = {}): string {
  return element("line", { x1, y1, x2, y2, ...attributes });
}

/** A whole figure. `description` is what a screen reader says. */
export function figureRoot(
  frame: Frame,
  description: string,
  className: string,
  ...children: string[]
): string {
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    class: className,
    viewBox: `0 0 ${frame.width} ${frame.height}`,
    role: "img",
    "aria-label": description,
    "font-family": "system-ui, sans-serif",
    "font-size": fontSize,
    fill: "#33363b",
  };
  return element("svg", attributes, ...children);
}

/** Right and lower end of the plot in px. */
export function plotEnd(frame: Frame): { right: number; bottom: number } {
  return { right: frame.width - frame.right, bottom: frame.height - frame.bottom };
}

/** Horizontal axis below the plot: base line, ticks, title under the middle. */
export function bottomAxis(frame: Frame, ticks: Tick[], title: string): string {
  const { right, bottom } = plotEnd(frame);
  const marks = ticks.map(({ at }) => segment(at, bottom, at, bottom + 4));
  const lines = element(
    "g",
    { class: "axis", stroke: "#85888c" },
    segment(frame.left, bottom, right, bottom),
    ...marks,
  );
  const labels = ticks.map((tick) => label(tick.at, bottom + 18, tick.label, { "text-anchor": "middle" }));
  const titleText = label((frame.left + right) / 2, bottom + 38, title, { "text-anchor": "middle" });
  return lines + labels.join("") + titleText;
}

/** Vertical axis left of the plot: light rules across it, tick labels, title above, at the left edge, at a height in px. */
export function leftAxis(frame: Frame, ticks: Tick[], title: string, titleAt = fontSize): string {
  const { right } = plotEnd(frame);
  const rules = ticks.map(({ at }) => segment(frame.left, at, right, at));
  const labels = ticks.map((tick) =>
    label(frame.left - 8, tick.at, tick.label, { dy: "0.35em", "text-anchor": "end" }),
  );
  const grid = element("g", { class: "grid", stroke: "#e6e6e3" }, ...rules);
  return grid + labels.join("") + label(0, titleAt, title);
}

/** Rough width of text in px, on the wide side, so that margins hold it in any system font. */
export function textWidth(text: string): number {
  let tenths = 0;
  // counted in tenths, so that the sum is exact
  for (const character of text) tenths += character.codePointAt(0)! > 0x2e80 ? 10 : 6;
  return (tenths * fontSize) / 10;
}

/** Text cut to a width in px, with an ellipsis if anything is cut. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join("")}…`) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

/** Positions moved apart to a least gap, in the order given, moving each as little as the bounds allow. */
export function spreadPositions(positions: number[], gap: number, low: number, high: number): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]! || a - b);
  const spread = [...positions];
  let above = low - gap;
  for (const i of order) above = spread[i] = Math.max(spread[i]!, above + gap);
  let below = high + gap;
  for (const i of order.reverse()) below = spread[i] = Math.min(spread[i]!, below - gap);
  return spread;
}

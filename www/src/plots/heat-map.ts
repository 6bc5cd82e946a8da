/** A matrix of numbers as coloured cells: enrichment, interactions, anything of labels × labels. */

import { divergingColour, rampColour, type Theme } from "./palette.js";
import { brief, element, picture, type PictureStyle, shorten, text } from "./svg.js";

export interface HeatMapOptions extends PictureStyle {
  rows: string[];
  columns: string[];
  /** Row-major, rows × columns; NaN is left blank. */
  values: ArrayLike<number>;
  /** What a value is, for the legend: "z", "share", … */
  name: string;
  theme: Theme;
  /** `diverging` has its middle at 0 and both ends equally far; `sequential` runs from the least to the greatest. */
  scale: "diverging" | "sequential";
}

const LEGEND = 54;
const MOST_DIGITS = 14;

export function heatMap(options: HeatMapOptions): SVGSVGElement {
  const { rows, columns, values, width, ink, quiet, paper, theme } = options;
  const left = Math.min(200, Math.round(width * 0.28));
  const top = Math.min(150, 14 + 6.2 * Math.max(...columns.map((name) => Math.min(name.length, 20)), 1));
  // The slanted names of the last columns reach beyond them.
  const right = top / 1.8;
  const side = Math.max(6, Math.min(42, (width - left - right) / Math.max(columns.length, 1)));
  const svg = picture(options, Math.ceil(top + side * rows.length + LEGEND));
  const finite = Array.from(values).filter(Number.isFinite);
  const [least, most] = limits(finite, options.scale);
  const colour = (value: number): string => {
    const share = most > least ? (value - least) / (most - least) : 0.5;
    return options.scale === "diverging" ? divergingColour(share, theme) : rampColour(share, theme);
  };

  columns.forEach((name, at) => {
    const x = left + (at + 0.5) * side;
    const label = text("text", { x, y: top - 6, fill: ink, "font-size": 12, transform: `rotate(-60 ${x} ${top - 6})` }, shorten(name, 20));
    label.append(text("title", {}, name));
    svg.append(label);
  });
  rows.forEach((name, row) => {
    const y = top + row * side;
    const label = text("text", { x: left - 8, y: y + side / 2 + 4, "text-anchor": "end", fill: ink, "font-size": 12 }, shorten(name, left / 7));
    label.append(text("title", {}, name));
    svg.append(label);
    columns.forEach((column, at) => {
      const value = values[row * columns.length + at] ?? NaN;
      const known = Number.isFinite(value);
      const cell = element("rect", { x: left + at * side, y, width: side, height: side, fill: known ? colour(value) : paper, stroke: paper, "stroke-width": 1 });
      cell.append(text("title", {}, `${name} × ${column}: ${known ? `${options.name} ${brief(value)}` : "no value"}`));
      svg.append(cell);
      if (known && columns.length <= MOST_DIGITS && side >= 30) {
        svg.append(text("text", { x: left + (at + 0.5) * side, y: y + side / 2 + 4, "text-anchor": "middle", "font-size": 11, fill: readableOn(colour(value)), "pointer-events": "none" }, brief(value)));
      }
    });
  });
  legend(svg, options, { left, top: top + side * rows.length + 16, least, most, colour, quiet });
  return svg;
}

interface Legend {
  left: number;
  top: number;
  least: number;
  most: number;
  colour: (value: number) => string;
  quiet: string;
}

function legend(svg: SVGSVGElement, { name, width }: HeatMapOptions, { left, top, least, most, colour, quiet }: Legend): void {
  const steps = 48;
  const across = Math.min(220, width - left - 20);
  for (let step = 0; step < steps; step++) {
    const value = least + ((step + 0.5) / steps) * (most - least);
    svg.append(element("rect", { x: left + (step * across) / steps, y: top, width: across / steps + 0.5, height: 10, fill: colour(value) }));
  }
  for (const [value, anchor, x] of [[least, "start", left], [most, "end", left + across]] as const) {
    svg.append(text("text", { x, y: top + 26, "text-anchor": anchor, fill: quiet, "font-size": 12 }, brief(value)));
  }
  svg.append(text("text", { x: left + across / 2, y: top + 26, "text-anchor": "middle", fill: quiet, "font-size": 12 }, name));
}

/** For a diverging scale the greatest distance from 0, on both sides. */
export function limits(values: number[], scale: HeatMapOptions["scale"]): [number, number] {
  const least = values.reduce((one, other) => Math.min(one, other), Infinity);
  const most = values.reduce((one, other) => Math.max(one, other), -Infinity);
  if (values.length === 0) return [0, 1];
  if (scale === "sequential") return [least, most];
  const reach = Math.max(Math.abs(least), Math.abs(most), Number.MIN_VALUE);
  return [-reach, reach];
}

/** Black or white, whichever stands out more against a colour written `rgb(r, g, b)`. */
function readableOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000000" : "#ffffff";
}

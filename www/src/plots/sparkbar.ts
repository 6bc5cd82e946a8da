/** A number as a bar of a few pixels, for the cells of a table: left of the line below zero, right of it above. */

import { element } from "./svg.js";

const WIDTH = 56;
const HEIGHT = 10;

/** `least..most` is the whole scale, which must hold 0. Nothing is drawn for NaN. Decoration: the number stands beside it. */
export function sparkbar(value: number, [least, most]: [number, number], colour: string): SVGSVGElement {
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true" });
  const x = (at: number): number => ((Math.min(most, Math.max(least, at)) - least) / (most - least)) * WIDTH;
  svg.append(element("line", { x1: x(0), x2: x(0), y1: 0, y2: HEIGHT, stroke: colour, "stroke-opacity": 0.5 }));
  if (Number.isFinite(value)) {
    const [from, to] = value < 0 ? [x(value), x(0)] : [x(0), x(value)];
    svg.append(element("rect", { x: from, y: 1.5, width: Math.max(0.5, to - from), height: HEIGHT - 3, fill: colour }));
  }
  return svg;
}

/** Numbers with their intervals, one line each: a dot for the value, a bar for the interval, a pale bar for what chance gives. */

import { scaleLinear } from "d3-scale";
import { brief, element, picture, type PictureStyle, shorten, text } from "./svg.js";

export interface IntervalLine {
  name: string;
  /** The number itself; NaN draws no dot. */
  value: number;
  low: number;
  high: number;
  /** The interval under a null, where there is one. */
  null?: { low: number; high: number };
}

export interface IntervalsOptions extends PictureStyle {
  lines: IntervalLine[];
  colour: string;
  /** What the number is, below the axis. */
  xName: string;
  /** What the bar is, and the pale one, for the legend. */
  names: { interval: string; null: string };
  /** A vertical line with a meaning, such as 0. */
  reference?: number;
}

const LINE = 24;
const TOP = 34;
const BOTTOM = 46;

export function intervals(options: IntervalsOptions): SVGSVGElement {
  const { lines, colour, width, ink, quiet, reference } = options;
  const left = Math.min(260, Math.round(width * 0.4));
  const floor = TOP + lines.length * LINE;
  const svg = picture(options, floor + BOTTOM);
  const ends = lines.flatMap(({ value, low, high, null: chance }) => [value, low, high, ...(chance ? [chance.low, chance.high] : [])]);
  const finite = [...ends, ...(reference === undefined ? [] : [reference])].filter(Number.isFinite);
  const [least, most] = [finite.reduce((one, other) => Math.min(one, other), Infinity), finite.reduce((one, other) => Math.max(one, other), -Infinity)];
  const x = scaleLinear(finite.length > 0 && most > least ? [least, most] : [(finite[0] ?? 0) - 1, (finite[0] ?? 0) + 1], [left, width - 24]).nice();

  for (const tick of x.ticks(Math.max(2, Math.floor((width - left) / 80)))) {
    svg.append(element("line", { x1: x(tick), x2: x(tick), y1: TOP, y2: floor, stroke: quiet, "stroke-opacity": 0.2 }));
    svg.append(text("text", { x: x(tick), y: floor + 18, "text-anchor": "middle", fill: quiet, "font-size": 12 }, brief(tick)));
  }
  svg.append(text("text", { x: (left + width) / 2, y: floor + 38, "text-anchor": "middle", fill: ink, "font-size": 12 }, options.xName));
  if (reference !== undefined) {
    svg.append(element("line", { x1: x(reference), x2: x(reference), y1: TOP, y2: floor, stroke: ink, "stroke-dasharray": "4 4", "stroke-opacity": 0.6 }));
  }
  lines.forEach((line, at) => {
    const y = TOP + (at + 0.5) * LINE;
    const label = text("text", { x: left - 10, y: y + 4, "text-anchor": "end", fill: ink, "font-size": 12 }, shorten(line.name, left / 6.8));
    const words = `${line.name}: ${brief(line.value)}, ${options.names.interval} ${brief(line.low)} to ${brief(line.high)}`;
    const chance = line.null;
    label.append(text("title", {}, chance ? `${words}, ${options.names.null} ${brief(chance.low)} to ${brief(chance.high)}` : words));
    svg.append(label);
    if (chance && Number.isFinite(chance.low) && Number.isFinite(chance.high)) {
      svg.append(element("rect", { x: x(chance.low), y: y - 8, width: Math.max(2, x(chance.high) - x(chance.low)), height: 16, fill: quiet, "fill-opacity": 0.3 }));
    }
    if (Number.isFinite(line.low) && Number.isFinite(line.high)) {
      svg.append(element("line", { x1: x(line.low), x2: x(line.high), y1: y, y2: y, stroke: colour, "stroke-width": 2 }));
      for (const end of [line.low, line.high]) svg.append(element("line", { x1: x(end), x2: x(end), y1: y - 5, y2: y + 5, stroke: colour, "stroke-width": 2 }));
    }
    if (Number.isFinite(line.value)) svg.append(element("circle", { cx: x(line.value), cy: y, r: 4, fill: colour }));
  });
  const legend = [
    { name: options.names.interval, mark: element("line", { x1: left, x2: left + 16, y1: 14, y2: 14, stroke: colour, "stroke-width": 2 }) },
    ...(lines.some((line) => line.null) ? [{ name: options.names.null, mark: element("rect", { x: 0, y: 6, width: 16, height: 16, fill: quiet, "fill-opacity": 0.3 }) }] : []),
  ];
  // Right to left from the edge, so that long words do not run out of a narrow picture.
  let right = width - 8;
  for (const { name, mark } of legend.reverse()) {
    const start = right - 6.4 * name.length - 22;
    mark.setAttribute("transform", `translate(${start - (mark.tagName === "line" ? left : 0)} 0)`);
    svg.append(mark, text("text", { x: start + 22, y: 18, fill: ink, "font-size": 12 }, name));
    right = start - 16;
  }
  return svg;
}

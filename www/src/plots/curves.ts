/** Curves over a distance, with an envelope where there is one: co-occurrence, Ripley's functions, pair correlation. */

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { brief, element, picture, type PictureStyle, shorten, text } from "./svg.js";

export interface Curve {
  name: string;
  colour: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Its own interval, as a band of its colour. */
  interval?: { low: ArrayLike<number>; high: ArrayLike<number> };
}

/** Where curves lie by chance. */
export interface Envelope {
  name: string;
  x: ArrayLike<number>;
  low: ArrayLike<number>;
  high: ArrayLike<number>;
}

export interface CurvesOptions extends PictureStyle {
  curves: Curve[];
  envelope?: Envelope;
  xName: string;
  yName: string;
  /** A horizontal line with a meaning, such as 1 for a ratio. */
  reference?: number;
}

const HEIGHT = 320;
const MARGIN = { left: 58, right: 16, top: 12, bottom: 46 };

export function curves(options: CurvesOptions): SVGSVGElement {
  const { envelope, reference, width, ink, quiet } = options;
  const names = options.curves.map(({ name, colour }) => ({ name, colour }));
  const perLine = Math.max(1, Math.floor((width - MARGIN.left) / 150));
  const legendLines = Math.ceil((names.length + (envelope ? 1 : 0)) / perLine);
  const svg = picture(options, HEIGHT + legendLines * 20);
  const bands = options.curves.flatMap(({ x, interval, colour }) => (interval ? [{ x, ...interval, colour }] : []));
  const shown = [...options.curves.map(({ x, y }) => ({ x, y })), ...bands.flatMap(({ x, low, high }) => [{ x, y: low }, { x, y: high }]), ...(envelope ? [{ x: envelope.x, y: envelope.low }, { x: envelope.x, y: envelope.high }] : [])];
  const xs = shown.flatMap(({ x }) => Array.from(x)).filter(Number.isFinite);
  const ys = [...shown.flatMap(({ y }) => Array.from(y)), ...(reference === undefined ? [] : [reference])].filter(Number.isFinite);
  const x = scaleLinear([least(xs), most(xs)], [MARGIN.left, width - MARGIN.right]);
  const y = scaleLinear([Math.min(0, least(ys)), most(ys)], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice();

  for (const tick of y.ticks(6)) {
    svg.append(element("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick), stroke: quiet, "stroke-opacity": 0.2 }));
    svg.append(text("text", { x: MARGIN.left - 8, y: y(tick) + 4, "text-anchor": "end", fill: quiet, "font-size": 12 }, brief(tick)));
  }
  for (const tick of x.ticks(Math.max(2, Math.floor(width / 90)))) {
    svg.append(text("text", { x: x(tick), y: HEIGHT - MARGIN.bottom + 18, "text-anchor": "middle", fill: quiet, "font-size": 12 }, brief(tick)));
  }
  svg.append(text("text", { x: (MARGIN.left + width - MARGIN.right) / 2, y: HEIGHT - 8, "text-anchor": "middle", fill: ink, "font-size": 12 }, options.xName));
  const middle = (HEIGHT - MARGIN.bottom + MARGIN.top) / 2;
  svg.append(text("text", { x: 12, y: middle, "text-anchor": "middle", fill: ink, "font-size": 12, transform: `rotate(-90 12 ${middle})` }, options.yName));

  for (const band of [...(envelope ? [{ ...envelope, colour: quiet, opacity: 0.25 }] : []), ...bands.map((band) => ({ ...band, opacity: 0.18 }))]) {
    const points = Array.from({ length: band.x.length }, (_, at) => at);
    const shape = area<number>()
      .defined((at) => Number.isFinite(band.low[at]) && Number.isFinite(band.high[at]))
      .x((at) => x(band.x[at] as number))
      .y0((at) => y(band.low[at] as number))
      .y1((at) => y(band.high[at] as number));
    svg.append(element("path", { d: shape(points) ?? "", fill: band.colour, "fill-opacity": band.opacity, stroke: "none" }));
  }
  if (reference !== undefined) {
    svg.append(element("line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: y(reference), y2: y(reference), stroke: ink, "stroke-dasharray": "4 4", "stroke-opacity": 0.6 }));
  }
  for (const curve of options.curves) {
    const points = Array.from({ length: Math.min(curve.x.length, curve.y.length) }, (_, at) => at);
    const path = line<number>()
      .defined((at) => Number.isFinite(curve.y[at]))
      .x((at) => x(curve.x[at] as number))
      .y((at) => y(curve.y[at] as number));
    const drawn = element("path", { d: path(points) ?? "", fill: "none", stroke: curve.colour, "stroke-width": 2, "stroke-linejoin": "round" });
    drawn.append(text("title", {}, curve.name));
    svg.append(drawn);
  }
  const entries = [...names, ...(envelope ? [{ name: envelope.name, colour: quiet }] : [])];
  entries.forEach(({ name, colour }, at) => {
    const left = MARGIN.left + (at % perLine) * 150;
    const top = HEIGHT + Math.floor(at / perLine) * 20 + 8;
    svg.append(element("line", { x1: left, x2: left + 16, y1: top, y2: top, stroke: colour, "stroke-width": 3 }));
    const label = text("text", { x: left + 22, y: top + 4, fill: ink, "font-size": 12 }, shorten(name, 17));
    label.append(text("title", {}, name));
    svg.append(label);
  });
  return svg;
}

const least = (values: number[]): number => (values.length === 0 ? 0 : values.reduce((one, other) => Math.min(one, other)));
const most = (values: number[]): number => (values.length === 0 ? 1 : values.reduce((one, other) => Math.max(one, other)));

/** Shares as stacked horizontal bars in an SVG that carries its own colours, so that it can be saved as it stands. */

import { element, picture, type PictureStyle, shorten, text } from "./svg.js";

export interface BarRow {
  name: string;
  /** How many cells the row stands for. */
  count: number;
  /** One a series; sums to 1. */
  shares: number[];
}

export interface BarSeries {
  name: string;
  colour: string;
}

/** Colours, width and title of the picture. */
export type BarStyle = PictureStyle;

const ROW = 30;
const NARROW = 460;

/** On narrow pages the names stand over the bars instead of before them. */
export function stackedBars(rows: BarRow[], series: BarSeries[], style: BarStyle): SVGSVGElement {
  const narrow = style.width < NARROW;
  const left = narrow ? 0 : Math.min(220, Math.round(style.width * 0.3));
  const right = 52;
  const step = narrow ? ROW + 20 : ROW;
  const height = rows.length * step + 26;
  const across = (share: number): number => left + share * (style.width - right - left);

  const svg = picture(style, height);

  rows.forEach((row, at) => {
    const top = at * step + (narrow ? 18 : 4);
    const label = text(
      "text",
      narrow
        ? { x: 0, y: top - 5, fill: style.ink }
        : { x: left - 10, y: top + 15, "text-anchor": "end", fill: style.ink },
      shorten(row.name, narrow ? style.width / 8 : left / 7.2),
    );
    label.append(text("title", {}, row.name));
    svg.append(label);
    let from = 0;
    row.shares.forEach((share, which) => {
      const one = series[which];
      if (!one || !(share > 0)) return;
      const bar = element("rect", {
        x: across(from),
        y: top,
        width: Math.max(0, across(from + share) - across(from)),
        height: 22,
        fill: one.colour,
        stroke: style.paper,
        "stroke-width": 1,
      });
      bar.append(text("title", {}, `${row.name} · ${one.name}: ${(100 * share).toFixed(1)} %`));
      svg.append(bar);
      from += share;
    });
    svg.append(text("text", { x: style.width - right + 8, y: top + 15, fill: style.quiet, "font-size": 12 }, compact(row.count)));
  });

  const axis = rows.length * step + 18;
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    const anchor = tick === 0 ? "start" : tick === 1 ? "end" : "middle";
    svg.append(text("text", { x: across(tick), y: axis, "text-anchor": anchor, fill: style.quiet, "font-size": 12 }, `${tick * 100} %`));
  }
  return svg;
}

function compact(count: number): string {
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(count);
}

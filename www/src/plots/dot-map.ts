/** A still map of cells as dots in the colours of their categories, in SVG: to be saved and printed as it stands. */

import { brief, element, picture, type PictureStyle, shorten, text } from "./svg.js";

export interface DotMapOptions extends PictureStyle {
  /** `x0 y0 x1 y1 …`; cells whose position is not finite are left out. */
  positions: ArrayLike<number>;
  /** Category of each cell; below 0 none. */
  codes: ArrayLike<number>;
  categories: { name: string; colour: string }[];
}

const MARGIN = 10;
const MOST_HEIGHT = 560;

/** One path a category, so that a map of 100,000 cells has a dozen elements. y runs downwards, as in images of tissue. */
export function dotMap(options: DotMapOptions): SVGSVGElement {
  const { positions, codes, categories, width, ink, quiet } = options;
  const box = extent(positions);
  const scale = Math.min((width - 2 * MARGIN) / box.width, (MOST_HEIGHT - 2 * MARGIN) / box.height);
  const height = Math.ceil(box.height * scale) + 2 * MARGIN;
  const perLine = Math.max(1, Math.floor(width / 150));
  const svg = picture(options, height + Math.ceil(categories.length / perLine) * 20 + 8);
  const shift = (width - box.width * scale) / 2;
  const paths = Array.from({ length: categories.length + 1 }, (): string[] => []);
  let shown = 0;
  for (let cell = 0; 2 * cell + 1 < positions.length; cell++) {
    const [x, y] = [positions[2 * cell] as number, positions[2 * cell + 1] as number];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const code = codes[cell] ?? -1;
    const place = `M${(shift + (x - box.x) * scale).toFixed(1)} ${(MARGIN + (y - box.y) * scale).toFixed(1)}h0`;
    paths[code >= 0 && code < categories.length ? code : categories.length]?.push(place);
    shown++;
  }
  // Dots that just touch where cells lie evenly.
  const dot = Math.min(6, Math.max(1.2, 0.9 * Math.sqrt((box.width * box.height * scale * scale) / Math.max(shown, 1))));
  const style = { fill: "none", "stroke-linecap": "round", "stroke-width": brief(dot) };
  const others = paths[categories.length] ?? [];
  if (others.length > 0) svg.append(element("path", { ...style, d: others.join(""), stroke: quiet, "stroke-opacity": 0.5 }));
  categories.forEach(({ name, colour }, at) => {
    const drawn = element("path", { ...style, d: (paths[at] ?? []).join(""), stroke: colour });
    drawn.append(text("title", {}, name));
    svg.append(drawn);
    const [left, top] = [8 + (at % perLine) * 150, height + Math.floor(at / perLine) * 20 + 8];
    svg.append(element("circle", { cx: left + 6, cy: top, r: 5, fill: colour }));
    svg.append(text("text", { x: left + 18, y: top + 4, fill: ink, "font-size": 12 }, shorten(name, 17)));
  });
  return svg;
}

function extent(positions: ArrayLike<number>): { x: number; y: number; width: number; height: number } {
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (let at = 0; at + 1 < positions.length; at += 2) {
    const [x, y] = [positions[at] as number, positions[at + 1] as number];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    [low[0], high[0]] = [Math.min(low[0] as number, x), Math.max(high[0] as number, x)];
    [low[1], high[1]] = [Math.min(low[1] as number, y), Math.max(high[1] as number, y)];
  }
  const [x = 0, y = 0] = low.map((value) => (Number.isFinite(value) ? value : 0));
  // A line, or one cell, still has a map.
  const wide = Math.max((high[0] as number) - x, (high[1] as number) - y, 1e-9) * 1e-3;
  const side = (reach: number): number => (Number.isFinite(reach) ? Math.max(reach, wide) : 1);
  return { x, y, width: side((high[0] as number) - x), height: side((high[1] as number) - y) };
}

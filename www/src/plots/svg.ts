/** Small tools for pictures in SVG that carry their own colours, so that they can be saved as they stand. */

const SVG = "http://www.w3.org/2000/svg";

/** What every picture is given: its width in CSS pixels, its colours, and what screen readers say. */
export interface PictureStyle {
  width: number;
  ink: string;
  quiet: string;
  paper: string;
  /** Said by screen readers and kept as the SVG's title. */
  title: string;
}

/** An empty picture with its background and title. */
export function picture(style: PictureStyle, height: number): SVGSVGElement {
  const { width, paper, title } = style;
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "font-family": "sans-serif", "font-size": 13 });
  svg.setAttribute("aria-label", title);
  svg.append(text("title", {}, title), element("rect", { width, height, fill: paper }));
  return svg;
}

export function element<K extends keyof SVGElementTagNameMap>(name: K, attributes: Record<string, string | number>): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

export function text<K extends keyof SVGElementTagNameMap>(name: K, attributes: Record<string, string | number>, content: string): SVGElementTagNameMap[K] {
  const made = element(name, attributes);
  made.textContent = content;
  return made;
}

/** A name cut to about so many letters. */
export function shorten(name: string, letters: number): string {
  return name.length <= letters ? name : `${name.slice(0, Math.max(1, Math.floor(letters) - 1))}…`;
}

/** A number for an axis or a cell: three significant digits, without trailing zeros. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)) return value.toExponential(1).replace("-", "−");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** Colours that colour-blind readers can tell apart, as strings for SVG and as packed pixels for canvas. */

export type Theme = "light" | "dark";

/**
 * Found by search: the smallest distance in OKLab between any two of the first eight is at least 0.11, and of all twelve
 * at least 0.07, for normal, protan, deutan and tritan vision alike (Machado 2009). The colours usually given as safe
 * hold this for three or four only. Beyond twelve no set can be told apart, so callers group. The tests measure it.
 */
const CATEGORIES = {
  light: [
    "#0066aa", "#eecc66", "#22aa77", "#aa5500", "#aa88dd", "#33ddff", "#662266", "#224400",
    "#ff99aa", "#cc8822", "#775577", "#667755",
  ],
  dark: [
    "#1177bb", "#ffdd77", "#00bbaa", "#dd8855", "#bbaaff", "#77ffff", "#994466", "#777711",
    "#aa7788", "#ccbb44", "#7799cc", "#77ddaa",
  ],
} as const;

/** How many categories get a colour of their own; the rest share `otherColour`. */
export const MOST_CATEGORIES = 12;

export function categoryColour(index: number, theme: Theme): string {
  const colours = CATEGORIES[theme];
  return colours[index % colours.length] ?? otherColour(theme);
}

export function otherColour(theme: Theme): string {
  return theme === "light" ? "#a5a2ad" : "#6b6878";
}

/** Matplotlib's viridis at every tenth (CC0, van der Walt and Smith); straight lines between are within 2/255 of it. */
const VIRIDIS = [
  "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151", "#bddf26", "#fde725",
];

/**
 * Viridis, always running from faint to strong against the page: yellow to purple on light, purple to yellow on dark.
 * `share` is 0..1; the ends are trimmed so that the faintest still shows.
 */
export function rampColour(share: number, theme: Theme): string {
  const clamped = Math.min(1, Math.max(0, share));
  const place = 10 * (theme === "light" ? 0.97 - 0.95 * clamped : 0.12 + 0.88 * clamped);
  const lower = Math.min(9, Math.floor(place));
  return mix(VIRIDIS[lower] as string, VIRIDIS[lower + 1] as string, place - lower);
}

/** ColorBrewer's PuOr without its palest middles (Apache-2.0, Cynthia Brewer): safe for colour-blind readers. */
const PURPLE_ORANGE = {
  light: ["#2d004b", "#542788", "#8073ac", "#b2abd2", "#f7f7f7", "#fdb863", "#e08214", "#b35806", "#7f3b08"],
  dark: ["#d8cbf2", "#b2a0dd", "#8a78bb", "#5d4f86", "#2b2836", "#7a4a16", "#b06a1e", "#dd9440", "#ffd08a"],
} as const;

/** Purple below the middle, orange above, the middle close to the page. `share` is 0..1. */
export function divergingColour(share: number, theme: Theme): string {
  const colours = PURPLE_ORANGE[theme];
  const place = 8 * Math.min(1, Math.max(0, share));
  const lower = Math.min(7, Math.floor(place));
  return mix(colours[lower] as string, colours[lower + 1] as string, place - lower);
}

function mix(one: string, other: string, share: number): string {
  const [from, to] = [channels(one), channels(other)];
  return `rgb(${from.map((channel, at) => Math.round(channel + share * ((to[at] as number) - channel))).join(", ")})`;
}

/** A table of 256 packed pixels along the ramp: looking up is cheaper than mixing for each of 200,000 points. */
export function rampTable(theme: Theme): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, step) => packColour(rampColour(step / 255, theme)));
}

/**
 * One pixel as a canvas keeps it in a `Uint32Array` over `ImageData`: 0xAABBGGRR, opaque.
 * Every machine that runs a browser today is little-endian, which this relies on. Takes `#rrggbb` and `rgb(r, g, b)`.
 */
export function packColour(colour: string): number {
  const [red, green, blue] = channels(colour);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function channels(colour: string): [number, number, number] {
  if (colour.startsWith("#")) {
    const value = Number.parseInt(colour.slice(1), 16);
    return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  }
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+(\.\d+)?/g) ?? []).map(Number);
  return [red, green, blue];
}

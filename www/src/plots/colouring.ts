/** What the points' colours mean: categories or values, turned into pixels, a drawing order and a legend. */

import { categoryColour, MOST_CATEGORIES, otherColour, packColour, rampTable, type Theme } from "./palette.js";

export interface Categories {
  kind: "categories";
  title: string;
  /** Index into `names`, one a point; anything outside (-1, 255) is "no category". */
  codes: ArrayLike<number>;
  names: readonly string[];
}

export interface Values {
  kind: "values";
  title: string;
  /** One a point; NaN is drawn as missing. */
  values: Float32Array;
  /** What the ends of the ramp stand for, and in which unit. */
  low: number;
  high: number;
  unit: string;
}

/** Every point alike. */
export interface Plain {
  kind: "plain";
  title: string;
  count: number;
}

export type Colouring = Categories | Values | Plain;

/** One line of a legend. `codes` are the category indices it stands for: several for "other". */
export interface LegendEntry {
  name: string;
  codes: number[];
  count: number;
  colour: string;
}

/** Which categories get a colour of their own, and which: the same wherever these categories are drawn. */
export function categoryColours(counts: ArrayLike<number>, theme: Theme): Map<number, string> {
  const codes = Array.from({ length: counts.length }, (_, code) => code);
  const present = codes.filter((code) => (counts[code] as number) > 0);
  // With few names the colour follows the name, so that it stays the same from file to file.
  if (codes.length <= MOST_CATEGORIES) return new Map(present.map((code) => [code, categoryColour(code, theme)]));
  const bySize = present.slice().sort((one, other) => (counts[other] as number) - (counts[one] as number) || one - other);
  const own = bySize.slice(0, present.length <= MOST_CATEGORIES ? MOST_CATEGORIES : MOST_CATEGORIES - 1);
  return new Map(own.map((code, place) => [code, categoryColour(place, theme)]));
}

/**
 * Categories in the order of their names' list, at most twelve entries: the largest with a colour of their own, the rest
 * together. Categories without points are left out; points without a category come last.
 */
export function legendOf(categories: Categories, theme: Theme): LegendEntry[] {
  const { names, codes } = categories;
  const counts = new Array<number>(names.length).fill(0);
  let none = 0;
  for (let point = 0; point < codes.length; point++) {
    const code = codes[point] as number;
    if (code >= 0 && code < names.length) counts[code] = (counts[code] as number) + 1;
    else none++;
  }
  const colours = categoryColours(counts, theme);
  const entries: LegendEntry[] = [];
  const rest: number[] = [];
  names.forEach((name, code) => {
    const count = counts[code] as number;
    const colour = colours.get(code);
    if (colour) entries.push({ name, codes: [code], count, colour });
    else if (count > 0) rest.push(code);
  });
  if (rest.length > 0) {
    const count = rest.reduce((sum, code) => sum + (counts[code] as number), 0);
    entries.push({ name: `${rest.length} smaller groups`, codes: rest, count, colour: otherColour(theme) });
  }
  if (none > 0) entries.push({ name: "none given", codes: [-1], count: none, colour: otherColour(theme) });
  return entries;
}

/** Packed pixels for every point. */
export function paint(colouring: Colouring, theme: Theme): Uint32Array {
  if (colouring.kind === "plain") {
    return new Uint32Array(colouring.count).fill(packColour(categoryColour(0, theme)));
  }
  const missing = packColour(otherColour(theme));
  if (colouring.kind === "values") {
    const ramp = rampTable(theme);
    const span = colouring.high - colouring.low || 1;
    return Uint32Array.from(colouring.values, (value) => {
      if (Number.isNaN(value)) return missing;
      const step = Math.round((255 * (value - colouring.low)) / span);
      return ramp[Math.min(255, Math.max(0, step))] as number;
    });
  }
  const byCode = new Map<number, number>();
  for (const entry of legendOf(colouring, theme)) {
    for (const code of entry.codes) byCode.set(code, packColour(entry.colour));
  }
  const pixels = new Uint32Array(colouring.codes.length);
  for (let point = 0; point < pixels.length; point++) {
    pixels[point] = byCode.get(colouring.codes[point] as number) ?? missing;
  }
  return pixels;
}

/**
 * Which point is drawn over which: high values on top (as scanpy does), categories in a fixed shuffle,
 * so that a group does not hide another merely because it comes later in the file.
 */
export function drawingOrder(colouring: Colouring): Uint32Array {
  if (colouring.kind === "values") {
    const { values } = colouring;
    const rank = (value: number): number => (Number.isNaN(value) ? -Infinity : value);
    const order = Uint32Array.from(values, (_, point) => point);
    return order.sort((one, other) => rank(values[one] as number) - rank(values[other] as number) || one - other);
  }
  const count = colouring.kind === "plain" ? colouring.count : colouring.codes.length;
  return shuffled(count);
}

function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, point) => point);
  let state = 0x9e3779b9;
  for (let last = count - 1; last > 0; last--) {
    // xorshift32: fixed seed, so that the same file always gives the same picture.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const pick = (state >>> 0) % (last + 1);
    const kept = order[last] as number;
    order[last] = order[pick] as number;
    order[pick] = kept;
  }
  return order;
}

/** The value that `share` (0..1) of the finite values do not exceed; NaN when there is none. Nearest rank. */
export function quantile(values: Float32Array, share: number): number {
  const finite = values.filter((value) => Number.isFinite(value)).sort();
  return finite.length === 0 ? NaN : (finite[Math.min(finite.length - 1, Math.floor(share * finite.length))] as number);
}

/** Intervals of statistics: their columns in tables, and the picture of the numbers that matter most. */

import type { Interval } from "resitu";
import { categoryColour, intervals, type PictureStyle } from "../../src/plots/index.js";
import { theme } from "../theme.js";

/** How many positions are drawn of each cell where the page computes intervals. */
export const DRAWS = 200;

/** More lines than this in one picture are no picture. */
const MOST_LINES = 24;

/** Names of the columns that `bounds` fills. */
export function boundNames(interval: Interval | undefined): string[] {
  if (!interval) return [];
  const own = ["draws mean", "draws low", "draws high"];
  return interval.null ? [...own, "labels alone low", "labels alone high"] : own;
}

export function bounds(interval: Interval | undefined, at: number): number[] {
  if (!interval) return [];
  const own = [interval.mean, interval.low, interval.high];
  const all = interval.null ? [...own, interval.null.low, interval.null.high] : own;
  return all.map((values) => values[at] ?? NaN);
}

/** The numbers farthest from `reference` (or from 0), largest first, each with its interval. */
export function intervalPicture(
  style: PictureStyle,
  names: { name: string; at: number }[],
  values: ArrayLike<number>,
  interval: Interval,
  xName: string,
  reference?: number,
): SVGSVGElement {
  const reach = ({ at }: { at: number }): number => Math.abs((values[at] ?? NaN) - (reference ?? 0));
  const shown = names
    .filter(({ at }) => Number.isFinite(interval.mean[at]))
    .sort((one, other) => (reach(other) || 0) - (reach(one) || 0))
    .slice(0, MOST_LINES)
    .sort((one, other) => (values[other.at] ?? 0) - (values[one.at] ?? 0));
  return intervals({
    ...style,
    lines: shown.map(({ name, at }) => ({
      name,
      value: values[at] ?? NaN,
      low: interval.low[at] ?? NaN,
      high: interval.high[at] ?? NaN,
      ...(interval.null && { null: { low: interval.null.low[at] ?? NaN, high: interval.null.high[at] ?? NaN } }),
    })),
    colour: categoryColour(0, theme()),
    xName,
    names: { interval: `95 % of ${DRAWS} draws`, null: "labels alone" },
    ...(reference === undefined ? {} : { reference }),
  });
}

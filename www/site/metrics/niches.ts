/** Niches as pictures: where they are, what they are made of, and how surely cells belong to them. */

import type { Measured, NicheTable } from "resitu";
import { categoryColour, dotMap, heatMap } from "../../src/plots/index.js";
import { theme } from "../theme.js";
import { bounds, boundNames, intervalPicture } from "./doubt.js";
import type { Found } from "./found.js";

/** Positions `x0 y0 x1 y1 …`, of a result or of a file. */
async function positionsOf(source: Measured): Promise<Float32Array> {
  return "spreadUm" in source ? source.positions : ((await source.positions()) ?? new Float32Array());
}

export async function nichesFound(table: NicheTable, source: Measured): Promise<Found> {
  const { columns, codes, sizes, means, silhouette, stability, intervals } = table;
  const positions = await positionsOf(source);
  const names = Array.from(sizes, (_, at) => `niche ${at + 1}`);
  const cells = sizes.reduce((sum, size) => sum + size, 0);
  const shares = Float64Array.from(sizes, (size) => size / cells);
  const without = codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
  const agreement = stability.length > 0 ? ` Starts agree with the best by ${(stability.reduce((sum, one) => sum + one, 0) / stability.length).toFixed(2)} (1: fully).` : "";
  const left = without > 0 ? ` ${without} cells have no position or no labelled neighbour, and no niche.` : "";
  const stays = (niche: number): number => {
    const own = Array.from(codes, (code, at) => (code === niche ? (intervals?.stays.mean[at] ?? NaN) : NaN)).filter(Number.isFinite);
    return own.reduce((sum, one) => sum + one, 0) / own.length;
  };
  return {
    labels: ["Map", "Composition", ...(intervals ? ["Share of the cells"] : [])],
    pick: "Picture",
    draw: (style, picture) => {
      if (picture === 2 && intervals) {
        return intervalPicture(style, names.map((name, at) => ({ name, at })), shares, intervals.shares, "share of the cells");
      }
      if (picture === 1) return heatMap({ ...style, rows: names, columns, values: means, name: "mean share of neighbours", theme: theme(), scale: "sequential" });
      return dotMap({ ...style, positions, codes, categories: names.map((name, at) => ({ name, colour: categoryColour(at, theme()) })) });
    },
    table: () => [
      ["niche", "cells", "share", ...boundNames(intervals?.shares), ...(intervals ? ["stays"] : []), ...columns],
      ...names.map((name, at) => [
        name,
        sizes[at] as number,
        shares[at] as number,
        ...bounds(intervals?.shares, at),
        ...(intervals ? [stays(at)] : []),
        ...means.subarray(at * columns.length, (at + 1) * columns.length),
      ]),
    ],
    cells: () => [
      ["cell", "niche", ...(intervals ? ["stays"] : [])],
      ...Array.from(codes, (code, at) => [
        "cellNames" in source ? (source.cellNames[at] ?? at + 1) : at + 1,
        code < 0 ? "" : (names[code] as string),
        ...(intervals ? [intervals.stays.mean[at] ?? NaN] : []),
      ]),
    ],
    note: () =>
      `Silhouette ${silhouette.toFixed(2)} (1: niches stand apart, 0: they run into each other).${agreement}${left}` +
      (intervals ? " “Stays” in the table: the mean share of draws of its cells’ places that keep them in the niche." : ""),
  };
}

/** The statistics of a label column that the page offers: what each asks for, how it is drawn, and what its table holds. */

import type { CallOptions, EnrichmentTable, CentralityTable, CoOccurrenceTable, DrawOptions, GraphOptions, Interval, Measured, RipleyFunction, RipleyTable, Spatial } from "resitu";
import { categoryColour, curves, heatMap } from "../../src/plots/index.js";
import { theme } from "../theme.js";
import { bounds, boundNames, intervalPicture } from "./doubt.js";
import type { Found } from "./found.js";
import { nichesFound } from "./niches.js";

/** What the person has set. */
export interface Settings {
  column: string;
  graph: GraphOptions;
  function: RipleyFunction;
  /** The column that tells sections apart; "" for one section. */
  sections: string;
  /** Number of niches. */
  count: number;
  /** What to draw of doubtful positions; empty for no intervals. */
  draws: DrawOptions;
}

export interface Kind {
  id: string;
  name: string;
  about: string;
  /** Which settings it reads besides the column. */
  reads: ("graph" | "function" | "count")[];
  measure: (spatial: Spatial, source: Measured, settings: Settings, options: CallOptions) => Promise<Found>;
}

/** More curves than this in one picture cannot be told apart. */
const MOST_CURVES = 8;
/** Bands cover each other sooner. */
const MOST_BANDS = 4;

export const KINDS: Kind[] = [
  {
    id: "enrichment",
    name: "Enrichment",
    about: "Do cells of two labels lie side by side more often (orange) or less often (purple) than if labels were dealt out at random? z counts standard deviations over 1,000 shuffles.",
    reads: ["graph"],
    measure: async (spatial, source, settings, options) => enrichmentFound(await spatial.enrichment(source, settings.column, { graph: graphOf(settings), ...settings.draws, ...options })),
  },
  {
    id: "co-occurrence",
    name: "Co-occurrence",
    about: "Around cells of the chosen label: how much more often than on average a cell of each label lies within a distance. 1 is what chance gives.",
    reads: [],
    measure: async (spatial, source, { column, sections, draws }, options) =>
      coOccurrenceFound(await spatial.coOccurrence(source, column, { ...(sections && { sections }), ...draws, ...options })),
  },
  {
    id: "ripley",
    name: "Ripley",
    about: "Are the cells of the chosen label clustered (above the grey band) or evenly spread (below it)? The band holds 95 % of 199 patterns strewn at random over the same outline, at each distance.",
    reads: ["function"],
    measure: async (spatial, source, { column, function: which, sections, draws }, options) =>
      ripleyFound(await spatial.ripley(source, column, { function: which, ...(sections && { sections }), ...draws, ...options }), which),
  },
  {
    id: "centrality",
    name: "Contacts and centrality",
    about: "How many neighbours of each label (column) the cells of each label (row) have in all, as shares of their row; and how central each label is in the graph.",
    reads: ["graph"],
    measure: async (spatial, source, settings, options) => centralityFound(await spatial.centrality(source, settings.column, { graph: graphOf(settings), ...settings.draws, ...options })),
  },
  {
    id: "niches",
    name: "Niches",
    about: "Kinds of neighbourhood: cells whose neighbours are alike, found by clustering the shares of labels around each cell.",
    reads: ["graph", "count"],
    measure: async (spatial, source, settings, options) => {
      const { column, count, draws } = settings;
      return nichesFound(await spatial.niches(source, column, { graph: graphOf(settings), count, ...draws, ...options }), source);
    },
  },
];

function graphOf({ graph, sections }: Settings): GraphOptions {
  return sections === "" ? graph : { ...graph, sections };
}

function enrichmentFound({ labels, z, counts, mean, deviation, intervals }: EnrichmentTable): Found {
  const squares = "Row: the cell’s label. Column: its neighbour’s. A blank square: the count never varies.";
  return {
    ...pictures(intervals?.z),
    draw: (style, picture) =>
      picture === 1 && intervals
        ? intervalPicture(style, pairs(labels).map(([row, column, at]) => ({ name: `${row} – ${column}`, at })), z, intervals.z, "z", 0)
        : heatMap({ ...style, rows: labels, columns: labels, values: z, name: "z", theme: theme(), scale: "diverging" }),
    table: () => [
      ["label", "neighbour", "z", "count", "mean", "deviation", ...boundNames(intervals?.z)],
      ...pairs(labels).map(([row, column, at]) => [row, column, z[at] as number, counts[at] as number, mean[at] as number, deviation[at] as number, ...bounds(intervals?.z, at)]),
    ],
    note: (picture) => (picture === 1 ? "The pairs that differ most from chance; all are in the table. The dot is at the stored positions, which may lie outside their interval." : squares),
  };
}

/** Numbers of which there are intervals have a second picture. */
function pictures(interval: Interval | undefined): Pick<Found, "labels" | "pick"> {
  return interval ? { labels: ["Heat map", "Intervals"], pick: "Picture" } : { labels: [] };
}

function coOccurrenceFound({ labels, distances, ratio, intervals }: CoOccurrenceTable): Found {
  const steps = distances.length - 1;
  const x = distances.subarray(1);
  const part = (values: Float64Array, row: number, column: number): Float64Array => values.subarray((row * labels.length + column) * steps, (row * labels.length + column + 1) * steps);
  const of = (row: number, column: number): Float64Array => part(ratio, row, column);
  const band = (row: number, column: number): { interval?: { low: Float64Array; high: Float64Array } } =>
    intervals ? { interval: { low: part(intervals.ratio.low, row, column), high: part(intervals.ratio.high, row, column) } } : {};
  const most = intervals ? MOST_BANDS : MOST_CURVES;
  // The labels that differ most from chance around this one; the others are in the table.
  const shown = (label: number): number[] =>
    labels
      .map((_, at) => at)
      .sort((one, other) => reach(of(other, label)) - reach(of(one, label)))
      .slice(0, most);
  return {
    labels,
    draw: (style, label) =>
      curves({
        ...style,
        curves: shown(label).map((at, place) => ({ name: labels[at] as string, colour: categoryColour(place, theme()), x, y: of(at, label), ...band(at, label) })),
        xName: "distance, in the units of the coordinates",
        yName: "ratio of probabilities",
        reference: 1,
      }),
    table: () => [
      ["around", "label", "distance", "ratio", ...boundNames(intervals?.ratio)],
      ...pairs(labels).flatMap(([row, column]) => {
        const values = of(labels.indexOf(row), labels.indexOf(column));
        const first = (labels.indexOf(row) * labels.length + labels.indexOf(column)) * steps;
        return Array.from(values, (value, at) => [column, row, x[at] as number, value, ...bounds(intervals?.ratio, first + at)]);
      }),
    ],
    note: (label) => (intervals ? "Bands hold 95 % of the draws of where cells may be. " : "") + (labels.length > most ? `The ${most} labels that differ most from chance around ${labels[label] ?? ""}; all are in the table.` : ""),
  };
}

function reach(values: Float64Array): number {
  return values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value - 1)) : most), 0);
}

function ripleyFound({ labels, distances, curves: found, edgeCorrection }: RipleyTable, which: RipleyFunction): Found {
  const name = which === "g" ? "g(r), pair correlation" : `${which}(r)`;
  return {
    labels,
    draw: (style, label) => {
      const curve = found[label];
      if (!curve) return curves({ ...style, curves: [], xName: "r", yName: name });
      const { value, theoretical, low, high, interval } = curve;
      return curves({
        ...style,
        curves: [
          { name: labels[label] as string, colour: categoryColour(0, theme()), x: distances, y: value, ...(interval && { interval }) },
          { name: "strewn at random", colour: style.ink, x: distances, y: theoretical },
        ],
        ...(low && high ? { envelope: { name: "95 % of 199 patterns", x: distances, low, high } } : {}),
        xName: "distance r, in the units of the coordinates",
        yName: name,
      });
    },
    table: () => [
      ["label", "distance", which, "theoretical", "low", "high", "p", ...boundNames(found[0]?.interval)],
      ...found.flatMap(({ label, value, theoretical, low, high, p, interval }) =>
        Array.from(distances, (distance, at) => [labels[label] as string, distance, value[at] ?? NaN, theoretical[at] ?? NaN, low?.[at] ?? NaN, high?.[at] ?? NaN, p?.[at] ?? NaN, ...bounds(interval, at)]),
      ),
    ],
    note: (label) => {
      const test = found[label]?.globalP;
      const words = test === undefined ? "" : `Over all distances together: p = ${test.toPrecision(2)} (maximum absolute deviation). `;
      const bands = found[label]?.interval ? "The coloured band holds 95 % of the draws of where cells may be; the line is at the stored positions. " : "";
      return `${words}${bands}Edge correction: ${edgeCorrection}. Tissue is hardly ever strewn at random, so a small p alone says little.`;
    },
  };
}

function centralityFound({ labels, degree, clustering, closeness, unreachable, interactions, assortativity, intervals }: CentralityTable): Found {
  const n = labels.length;
  const sums = labels.map((_, row) => interactions.subarray(row * n, (row + 1) * n).reduce((sum, value) => sum + value, 0));
  const shares = interactions.map((value, at) => value / (sums[Math.floor(at / n)] as number));
  return {
    ...pictures(intervals?.interactions),
    draw: (style, picture) =>
      picture === 1 && intervals
        ? intervalPicture(style, pairs(labels).map(([row, column, at]) => ({ name: `${row} – ${column}`, at })), interactions, intervals.interactions, "contacts")
        : heatMap({ ...style, rows: labels, columns: labels, values: shares, name: "share of contacts", theme: theme(), scale: "sequential" }),
    table: () => [
      [
        "label", "degree centrality", "average clustering", "closeness centrality", "unreachable cells",
        ...labels.flatMap((name) => [`contacts with ${name}`, ...boundNames(intervals?.interactions).map((bound) => `${bound} of contacts with ${name}`)]),
      ],
      ...labels.map((name, row) => [
        name, degree[row] as number, clustering[row] as number, closeness[row] as number, unreachable[row] as number,
        ...labels.flatMap((_, at) => [interactions[row * n + at] as number, ...bounds(intervals?.interactions, row * n + at)]),
      ]),
    ],
    note: () => `Assortativity of the whole: ${assortativity.toFixed(3)}${intervals ? `, by the draws ${intervals.assortativity.low.toFixed(3)} to ${intervals.assortativity.high.toFixed(3)}` : ""} (1: like beside like only; 0: as by chance). The centralities are in the table.`,
  };
}

function pairs(labels: string[]): [string, string, number][] {
  return labels.flatMap((row, at) => labels.map((column, place): [string, string, number] => [row, column, at * labels.length + place]));
}

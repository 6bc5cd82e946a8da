/** The statistics of a label column that the page offers: what each asks for, how it is drawn, and what its table holds. */

import type { CallOptions, EnrichmentTable, CentralityTable, CoOccurrenceTable, GraphOptions, Measured, RipleyFunction, RipleyTable, Spatial } from "resitu";
import { categoryColour, curves, heatMap, type PictureStyle } from "../../src/plots/index.js";
import { theme } from "../theme.js";

/** What the person has set. */
export interface Settings {
  column: string;
  graph: GraphOptions;
  function: RipleyFunction;
  /** The column that tells sections apart; "" for one section. */
  sections: string;
}

/** A statistic that was computed: pictures of it, and its numbers. */
export interface Found {
  /** The labels among which one is picked to be drawn; empty where all are in one picture. */
  labels: string[];
  draw: (style: PictureStyle, label: number) => SVGSVGElement;
  /** Lines of a table, the first one the headings. */
  table: () => (string | number)[][];
  /** A sentence below the picture. */
  note: (label: number) => string;
}

export interface Kind {
  id: string;
  name: string;
  about: string;
  /** Which settings it reads besides the column. */
  reads: ("graph" | "function")[];
  measure: (spatial: Spatial, source: Measured, settings: Settings, options: CallOptions) => Promise<Found>;
}

/** More curves than this in one picture cannot be told apart. */
const MOST_CURVES = 8;

export const KINDS: Kind[] = [
  {
    id: "enrichment",
    name: "Enrichment",
    about: "Do cells of two labels lie side by side more often (orange) or less often (purple) than if labels were dealt out at random? z counts standard deviations over 1,000 shuffles.",
    reads: ["graph"],
    measure: async (spatial, source, settings, options) => enrichmentFound(await spatial.enrichment(source, settings.column, { graph: graphOf(settings), ...options })),
  },
  {
    id: "co-occurrence",
    name: "Co-occurrence",
    about: "Around cells of the chosen label: how much more often than on average a cell of each label lies within a distance. 1 is what chance gives.",
    reads: [],
    measure: async (spatial, source, { column, sections }, options) => coOccurrenceFound(await spatial.coOccurrence(source, column, { ...(sections && { sections }), ...options })),
  },
  {
    id: "ripley",
    name: "Ripley",
    about: "Are the cells of the chosen label clustered (above the grey band) or evenly spread (below it)? The band holds 95 % of 199 patterns strewn at random over the same outline, at each distance.",
    reads: ["function"],
    measure: async (spatial, source, { column, function: which, sections }, options) =>
      ripleyFound(await spatial.ripley(source, column, { function: which, ...(sections && { sections }), ...options }), which),
  },
  {
    id: "centrality",
    name: "Contacts and centrality",
    about: "How many neighbours of each label (column) the cells of each label (row) have in all, as shares of their row; and how central each label is in the graph.",
    reads: ["graph"],
    measure: async (spatial, source, settings, options) => centralityFound(await spatial.centrality(source, settings.column, { graph: graphOf(settings), ...options })),
  },
];

function graphOf({ graph, sections }: Settings): GraphOptions {
  return sections === "" ? graph : { ...graph, sections };
}

function enrichmentFound({ labels, z, counts, mean, deviation }: EnrichmentTable): Found {
  return {
    labels: [],
    draw: (style) => heatMap({ ...style, rows: labels, columns: labels, values: z, name: "z", theme: theme(), scale: "diverging" }),
    table: () => [
      ["label", "neighbour", "z", "count", "mean", "deviation"],
      ...pairs(labels).map(([row, column, at]) => [row, column, z[at] as number, counts[at] as number, mean[at] as number, deviation[at] as number]),
    ],
    note: () => "Row: the cell’s label. Column: its neighbour’s. A blank square: the count never varies.",
  };
}

function coOccurrenceFound({ labels, distances, ratio }: CoOccurrenceTable): Found {
  const steps = distances.length - 1;
  const x = distances.subarray(1);
  const of = (row: number, column: number): Float64Array => ratio.subarray((row * labels.length + column) * steps, (row * labels.length + column + 1) * steps);
  // The labels that differ most from chance around this one; the others are in the table.
  const shown = (label: number): number[] =>
    labels
      .map((_, at) => at)
      .sort((one, other) => reach(of(other, label)) - reach(of(one, label)))
      .slice(0, MOST_CURVES);
  return {
    labels,
    draw: (style, label) =>
      curves({
        ...style,
        curves: shown(label).map((at, place) => ({ name: labels[at] as string, colour: categoryColour(place, theme()), x, y: of(at, label) })),
        xName: "distance, in the units of the coordinates",
        yName: "ratio of probabilities",
        reference: 1,
      }),
    table: () => [
      ["around", "label", "distance", "ratio"],
      ...pairs(labels).flatMap(([row, column]) => {
        const values = of(labels.indexOf(row), labels.indexOf(column));
        return Array.from(values, (value, at) => [column, row, x[at] as number, value]);
      }),
    ],
    note: (label) => (labels.length > MOST_CURVES ? `The ${MOST_CURVES} labels that differ most from chance around ${labels[label] ?? ""}; all are in the table.` : ""),
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
      const { value, theoretical, low, high } = curve;
      return curves({
        ...style,
        curves: [
          { name: labels[label] as string, colour: categoryColour(0, theme()), x: distances, y: value },
          { name: "strewn at random", colour: style.ink, x: distances, y: theoretical },
        ],
        ...(low && high ? { envelope: { name: "95 % of 199 patterns", x: distances, low, high } } : {}),
        xName: "distance r, in the units of the coordinates",
        yName: name,
      });
    },
    table: () => [
      ["label", "distance", which, "theoretical", "low", "high", "p"],
      ...found.flatMap(({ label, value, theoretical, low, high, p }) =>
        Array.from(distances, (distance, at) => [labels[label] as string, distance, value[at] ?? NaN, theoretical[at] ?? NaN, low?.[at] ?? NaN, high?.[at] ?? NaN, p?.[at] ?? NaN]),
      ),
    ],
    note: (label) => {
      const test = found[label]?.globalP;
      const words = test === undefined ? "" : `Over all distances together: p = ${test.toPrecision(2)} (maximum absolute deviation). `;
      return `${words}Edge correction: ${edgeCorrection}. Tissue is hardly ever strewn at random, so a small p alone says little.`;
    },
  };
}

function centralityFound({ labels, degree, clustering, closeness, unreachable, interactions, assortativity }: CentralityTable): Found {
  const n = labels.length;
  const sums = labels.map((_, row) => interactions.subarray(row * n, (row + 1) * n).reduce((sum, value) => sum + value, 0));
  const shares = interactions.map((value, at) => value / (sums[Math.floor(at / n)] as number));
  return {
    labels: [],
    draw: (style) => heatMap({ ...style, rows: labels, columns: labels, values: shares, name: "share of contacts", theme: theme(), scale: "sequential" }),
    table: () => [
      ["label", "degree centrality", "average clustering", "closeness centrality", "unreachable cells", ...labels.map((name) => `contacts with ${name}`)],
      ...labels.map((name, row) => [name, degree[row] as number, clustering[row] as number, closeness[row] as number, unreachable[row] as number, ...interactions.subarray(row * n, (row + 1) * n)]),
    ],
    note: () => `Assortativity of the whole: ${assortativity.toFixed(3)} (1: like beside like only; 0: as by chance). The centralities are in the table.`,
  };
}

function pairs(labels: string[]): [string, string, number][] {
  return labels.flatMap((row, at) => labels.map((column, place): [string, string, number] => [row, column, at * labels.length + place]));
}

/** What the map can show: the reference alone, the translated cells on it, or a file's own section. */

import type { OpenedCells, Table, TranslationResult, Translator } from "resitu";
import { type Categories, type Colouring, type Layer, quantile, Spreader } from "../src/plots/index.js";
import { labelColumns } from "./labels.js";
import { count, percent } from "./text/format.js";
import { label } from "./text/words.js";

/** One way to colour a scene. `make` is asked only when it is chosen. */
export interface ColourChoice {
  id: string;
  name: string;
  make: (detail: string) => Promise<Colouring>;
  /** What can be chosen within it: genes, or columns of labels. */
  details?: { kind: "gene" | "column"; names: string[] };
}

export interface Scene {
  id: "reference" | "translated" | "own";
  title: string;
  /** One sentence under the title. */
  about: string;
  unit: "µm" | "";
  /** Where cells are drawn. */
  positions: Float32Array;
  /** The usual distance between cells, in the same unit, if they filled their section evenly. */
  spacing: number;
  nCells: number;
  colours: ColourChoice[];
  /** 0..1 a cell, when the scene has it. */
  confidence: Float32Array | null;
  /** Facts about one cell, for the line below the map. */
  describe: (point: number) => string;
}

export function referenceScene({ card, reference }: Translator): Scene {
  return {
    id: "reference",
    title: "The reference section",
    about: `${count(card.reference.nCells)} measured cells, ${card.reference.section}. ${card.reference.attribution}`,
    unit: "µm",
    positions: reference.positions,
    spacing: evenSpacing(reference.positions, reference.niche.length),
    nCells: reference.niche.length,
    colours: [
      named("niche", "Niche", { kind: "categories", title: "Niche", codes: reference.niche, names: card.niches.map(label) }),
      named("state", "Cell state", { kind: "categories", title: "Cell state", codes: reference.state, names: card.states.map(label) }),
    ],
    confidence: null,
    describe: (point) =>
      `Reference cell: ${nameOf(card.states, reference.state[point])}, in niche ${nameOf(card.niches, reference.niche[point])}.`,
  };
}

export function translatedScene(result: TranslationResult, cells: OpenedCells, translator: Translator): Scene {
  const { card } = translator;
  const columns = labelColumns(cells.summary);
  const spacing = evenSpacing(translator.reference.positions, result.nCells);
  const spreader = sideBySide(spacing);
  const positions = new Float32Array(result.positions.length);
  spreader.place(result.positions, positions);
  const shared = spreader.moved > 0 ? ` ${percent(spreader.moved / result.nCells)} of cells share their exact place with another; they are drawn side by side.` : "";
  const colours: ColourChoice[] = [
    named("niche", "Niche", { kind: "categories", title: "Niche", codes: result.niche, names: card.niches.map(label) }),
    named("state", "Cell state", { kind: "categories", title: "Predicted cell state", codes: result.state, names: card.states.map(label) }),
    {
      id: "gene",
      name: "Gene",
      details: { kind: "gene", names: result.expression.columns },
      make: (gene) => Promise.resolve(geneValues(result.expression, gene, "expected counts")),
    },
    named("confidence", "Confidence", { kind: "values", title: "Confidence", values: result.confidence, low: 0, high: 1, unit: "" }),
  ];
  if (columns.length > 0) colours.push(labelChoice(columns, (column) => result.labels(column)));
  return {
    id: "translated",
    title: "Your cells, on the reference section",
    about: `Reference cells lie faint underneath (${card.reference.section}).${shared}`,
    unit: "µm",
    positions,
    spacing,
    nCells: result.nCells,
    colours,
    confidence: result.confidence,
    describe: (point) => {
      const spread = result.spreadUm[point] as number;
      const confidence = result.confidence[point] as number;
      return (
        `${result.cellNames[point] ?? "Cell"}: ${nameOf(card.states, result.state[point])}, in niche ` +
        `${nameOf(card.niches, result.niche[point])}. Confidence ${confidence.toFixed(2)}; half of the probability lies within ${count(spread)} µm.`
      );
    },
  };
}

export function ownScene(cells: OpenedCells, positions: Float32Array, genes: string[]): Scene {
  const columns = labelColumns(cells.summary);
  const nCells = positions.length / 2;
  const colours: ColourChoice[] = [];
  if (columns.length > 0) colours.push(labelChoice(columns, (column) => cells.labels(column)));
  colours.push({ id: "gene", name: "Gene", details: { kind: "gene", names: genes }, make: async (gene) => geneValues(await cells.expression([gene]), gene, "") });
  colours.push(named("plain", "One colour", { kind: "plain", title: "Cells", count: nCells }));
  return {
    id: "own",
    title: "Your cells, in their own section",
    about: `Coordinates as the file gives them, from ${cells.summary.coordinates ?? "the file"}; their unit is the file’s own.`,
    unit: "",
    positions,
    spacing: evenSpacing(positions, nCells),
    nCells,
    colours,
    confidence: null,
    describe: (point) =>
      `Cell ${count(point + 1)} of ${count(nCells)}, at ${(positions[2 * point] as number).toFixed(1)}, ${(positions[2 * point + 1] as number).toFixed(1)}.`,
  };
}

/** How large dots are: a share of the usual distance, within what the eye can use. `faint` is for what lies underneath. */
export function layerOf({ positions, spacing, nCells }: Scene, colours: Uint32Array, faint: boolean): Layer {
  if (faint) return { positions, colours, radius: 0.25 * spacing, smallest: 0.6, largest: 3, opacity: 0.6 };
  const smallest = nCells < 4000 ? 2.2 : nCells < 50_000 ? 1.5 : 0.9;
  return { positions, colours, radius: 0.3 * spacing, smallest, largest: 5, opacity: 1 };
}

/** For cells with the very same place: close enough to be seen as one place, far enough to be seen as many. */
export function sideBySide(spacing: number): Spreader {
  return new Spreader(0.14 * spacing);
}

/** The share of cells whose confidence is under the threshold at which we speak of "unlike anything seen". */
export const UNFAMILIAR = 0.05;

export function unfamiliar(confidence: Float32Array): number {
  const known = confidence.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? NaN : known.filter((value) => value < UNFAMILIAR).length / known.length;
}

function named(id: string, name: string, colouring: Colouring): ColourChoice {
  return { id, name, make: () => Promise.resolve(colouring) };
}

function labelChoice(columns: string[], read: (column: string) => Promise<{ codes: Int32Array; levels: string[] }>): ColourChoice {
  return {
    id: "label",
    name: "The file’s labels",
    details: { kind: "column", names: columns },
    make: async (column): Promise<Categories> => {
      const { codes, levels } = await read(column);
      return { kind: "categories", title: label(column), codes, names: levels };
    },
  };
}

/** The ramp ends at the 99th percentile, so that one cell does not take all its colours. */
function geneValues({ columns, data, nRows }: Table, gene: string, unit: string): Colouring {
  const at = columns.indexOf(gene);
  const values = Float32Array.from({ length: nRows }, (_, row) => data[row * columns.length + at] ?? NaN);
  const top = quantile(values, 0.99);
  return { kind: "values", title: gene, values, low: 0, high: top > 0 ? top : 1, unit };
}

export function evenSpacing(positions: Float32Array, nCells: number): number {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < positions.length; at += 2) {
    const [x, y] = [positions[at] as number, positions[at + 1] as number];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  const area = (right - left) * (bottom - top);
  return area > 0 && nCells > 0 ? Math.sqrt(area / nCells) : 1;
}

function nameOf(names: readonly string[], code: number | undefined): string {
  return label(names[code ?? -1] ?? "unknown");
}

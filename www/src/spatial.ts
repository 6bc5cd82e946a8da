/** Neighbourhood statistics of opened or translated cells. */

import { clientError } from "./errors.js";
import type { CallExtras } from "./link.js";
import { coOccurrenceOptions, graphOption, ligrecOptions, permutationsOption, ripleyOptions, seedOption, wholeNumber } from "./options.js";
import { Section } from "./section.js";
import type { CallOptions, Measured, Spatial } from "./types.js";

const MOST_PAIRS = 10_000;

/** What the classes behind `Measured` have besides their public face. */
export interface HasSection {
  readonly section: Section;
}

function sectionOf(source: Measured): Section {
  const { section } = source as Partial<HasSection>;
  if (section instanceof Section) return section;
  throw clientError("options.invalid", "the source must come from this package");
}

const extrasOf = ({ signal, onProgress }: CallOptions): CallExtras => ({ signal, onProgress });

/** The label columns that a call reads: its own, and that of the sections. */
function columnsOf(options: { sections?: string } | undefined, ...columns: string[]): string[] {
  return options?.sections === undefined ? columns : [...columns, options.sections];
}

/** The same for every worker: the source knows its own. */
export const spatial: Spatial = {
  async autocorrelation(source, options = {}) {
    const params = {
      graph: graphOption(options.graph),
      permutations: permutationsOption(options.permutations),
      seed: seedOption(options.seed),
    };
    return sectionOf(source).measure("autocorrelation", params, columnsOf(options.graph), extrasOf(options));
  },

  async local(source, gene, options = {}) {
    const params = {
      gene: String(gene),
      graph: graphOption(options.graph),
      permutations: permutationsOption(options.permutations ?? 999),
      seed: seedOption(options.seed),
    };
    return sectionOf(source).measure("local", params, columnsOf(options.graph), extrasOf(options));
  },

  async bivariate(source, pairs, options = {}) {
    wholeNumber("the number of pairs", pairs.length, 1, MOST_PAIRS);
    const params = {
      x: pairs.map(([x]) => String(x)),
      y: pairs.map(([, y]) => String(y)),
      graph: graphOption(options.graph),
      permutations: permutationsOption(options.permutations),
      seed: seedOption(options.seed),
    };
    return sectionOf(source).measure("bivariate", params, columnsOf(options.graph), extrasOf(options));
  },

  async composition(source, column, options = {}) {
    const params = { column: String(column), graph: graphOption(options.graph) };
    return sectionOf(source).measure("composition", params, columnsOf(options.graph, params.column), extrasOf(options));
  },

  async enrichment(source, column, options = {}) {
    const params = {
      column: String(column),
      graph: graphOption(options.graph),
      permutations: permutationsOption(options.permutations ?? 1000),
      seed: seedOption(options.seed),
    };
    return sectionOf(source).measure("enrichment", params, columnsOf(options.graph, params.column), extrasOf(options));
  },

  async centrality(source, column, options = {}) {
    const params = { column: String(column), graph: graphOption(options.graph) };
    return sectionOf(source).measure("centrality", params, columnsOf(options.graph, params.column), extrasOf(options));
  },

  async coOccurrence(source, column, options = {}) {
    const params = { column: String(column), wanted: coOccurrenceOptions(options) };
    return sectionOf(source).measure("coOccurrence", params, columnsOf(options, params.column), extrasOf(options));
  },

  async ripley(source, column, options = {}) {
    const params = { column: String(column), wanted: ripleyOptions(options) };
    return sectionOf(source).measure("ripley", params, columnsOf(options, params.column), extrasOf(options));
  },

  async ligrec(source, column, pairs, options = {}) {
    const params = {
      column: String(column),
      graph: graphOption(options.graph),
      pairs: pairs instanceof Blob ? await pairs.text() : String(pairs),
      wanted: ligrecOptions(options),
    };
    return sectionOf(source).measure("ligrec", params, columnsOf(options.graph, params.column), extrasOf(options));
  },
};

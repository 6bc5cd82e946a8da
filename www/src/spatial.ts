/** Neighbourhood statistics of opened or translated cells. */

import { clientError } from "./errors.js";
import {
  aroundOption,
  coOccurrenceOptions,
  drawOption,
  graphOption,
  ligrecOptions,
  nicheOptions,
  permutationsOption,
  ripleyOptions,
  seedOption,
  wholeNumber,
} from "./options.js";
import { type Draws, Section } from "./section.js";
import type { CallExtras } from "./session.js";
import type { CallOptions, DrawOptions, Measured, Spatial } from "./types.js";

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

/** What a call draws, with a copy of the reference that stays the caller's. */
function drawsOf(options: DrawOptions & { seed?: number }): Draws | null {
  const params = drawOption(options, options.seed);
  if (!params) return null;
  const { nullFrom } = options;
  if (!nullFrom) return { params, reference: null };
  if (!nullFrom.reference || !nullFrom.card) throw clientError("options.invalid", "nullFrom must be a translator");
  const { positions, state } = nullFrom.reference;
  return { params, reference: { positions, states: state, names: nullFrom.card.states } };
}

/** The label columns that a call reads: its own, and that of the sections. */
function columnsOf(options: { sections?: string } | undefined, ...columns: string[]): string[] {
  return options?.sections === undefined ? columns : [...columns, options.sections];
}

function aroundColumns({ graph }: { graph?: { sections?: string } }, { column }: { column: string | null }): string[] {
  return columnsOf(graph, ...(column === null ? [] : [column]));
}

/** The same for every worker: the source knows its own. */
export const spatial: Spatial = {
  async autocorrelation(source, options = {}) {
    const params = {
      graph: graphOption(options.graph),
      permutations: permutationsOption(options.permutations),
      seed: seedOption(options.seed),
    };
    return sectionOf(source).measure("autocorrelation", params, columnsOf(options.graph), extrasOf(options), drawsOf(options));
  },

  async local(source, gene, options = {}) {
    const params = {
      gene: String(gene),
      graph: graphOption(options.graph),
      permutations: permutationsOption(options.permutations ?? 999),
      seed: seedOption(options.seed),
    };
    return sectionOf(source).measure("local", params, columnsOf(options.graph), extrasOf(options), drawsOf(options));
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
    return sectionOf(source).measure("bivariate", params, columnsOf(options.graph), extrasOf(options), drawsOf(options));
  },

  async composition(source, column, options = {}) {
    const params = { column: String(column), graph: graphOption(options.graph) };
    return sectionOf(source).measure("composition", params, columnsOf(options.graph, params.column), extrasOf(options), drawsOf(options));
  },

  async profiles(source, around, options = {}) {
    const params = { around: aroundOption(around), graph: graphOption(options.graph) };
    return sectionOf(source).measure("profiles", params, aroundColumns(options, params.around), extrasOf(options));
  },

  async niches(source, around, options = {}) {
    const params = { around: aroundOption(around), graph: graphOption(options.graph), wanted: nicheOptions(options) };
    return sectionOf(source).measure("niches", params, aroundColumns(options, params.around), extrasOf(options), drawsOf(options));
  },

  async enrichment(source, column, options = {}) {
    const params = {
      column: String(column),
      graph: graphOption(options.graph),
      permutations: permutationsOption(options.permutations ?? 1000),
      seed: seedOption(options.seed),
    };
    return sectionOf(source).measure("enrichment", params, columnsOf(options.graph, params.column), extrasOf(options), drawsOf(options));
  },

  async centrality(source, column, options = {}) {
    const params = { column: String(column), graph: graphOption(options.graph) };
    return sectionOf(source).measure("centrality", params, columnsOf(options.graph, params.column), extrasOf(options), drawsOf(options));
  },

  async coOccurrence(source, column, options = {}) {
    const params = { column: String(column), wanted: coOccurrenceOptions(options) };
    return sectionOf(source).measure("coOccurrence", params, columnsOf(options, params.column), extrasOf(options), drawsOf(options));
  },

  async ripley(source, column, options = {}) {
    const params = { column: String(column), wanted: ripleyOptions(options) };
    return sectionOf(source).measure("ripley", params, columnsOf(options, params.column), extrasOf(options), drawsOf(options));
  },

  async ligrec(source, column, pairs, options = {}) {
    if (options.draws !== undefined && options.between !== "neighbours") {
      throw clientError("options.invalid", 'draws go with between: "neighbours"; means over the cells of a label do not depend on places');
    }
    const params = {
      column: String(column),
      graph: graphOption(options.graph),
      pairs: pairs instanceof Blob ? await pairs.text() : String(pairs),
      wanted: ligrecOptions(options),
    };
    return sectionOf(source).measure("ligrec", params, columnsOf(options.graph, params.column), extrasOf(options), drawsOf(options));
  },
};

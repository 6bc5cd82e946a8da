/** Neighbourhood statistics of opened or translated cells. */

import { graphOption, heldObject, permutationsOption, seedOption } from "./options.js";
import type {
  AutocorrelationOptions,
  AutocorrelationRow,
  CompositionOptions,
  CompositionTable,
  OpenedCells,
  Spatial,
  TranslationResult,
} from "./types.js";

async function autocorrelation(
  source: OpenedCells | TranslationResult,
  options: AutocorrelationOptions = {},
): Promise<AutocorrelationRow[]> {
  const { signal, onProgress } = options;
  const held = heldObject(source, "the source");
  const params = {
    handle: held.handle,
    graph: graphOption(options.graph),
    permutations: permutationsOption(options.permutations),
    seed: seedOption(options.seed),
  };
  return held.session.call("autocorrelation", params, { signal, onProgress });
}

async function composition(
  source: OpenedCells | TranslationResult,
  column: string,
  options: CompositionOptions = {},
): Promise<CompositionTable> {
  const { signal, onProgress } = options;
  const held = heldObject(source, "the source");
  const params = { handle: held.handle, column: String(column), graph: graphOption(options.graph) };
  return held.session.call("composition", params, { signal, onProgress });
}

/** The same for every worker: the source knows its own. */
export const spatial: Spatial = { autocorrelation, composition };

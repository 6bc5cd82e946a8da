/** One worker and the functions that use it. */

import { Cells } from "./cells.js";
import { Link } from "./link.js";
import { seedOption, wholeNumber } from "./options.js";
import { spatial } from "./spatial.js";
import { LoadedTranslator } from "./translator.js";
import type { Resitu, ResituOptions } from "./types.js";

const MOST_SIMULATED_CELLS = 100_000;

/** Makes an instance with a worker of its own, for pages that need their own addresses or want work side by side. */
export function createResitu(options: ResituOptions = {}): Resitu {
  const link = new Link(options);
  return {
    openCells: (source, callOptions) => Cells.open(link, source, callOptions),
    loadTranslator: (source, loadOptions) => LoadedTranslator.load(link, source, loadOptions),
    async simulateExample({ cells = 500, seed, signal, onProgress } = {}) {
      const params = { cells: wholeNumber("cells", cells, 1, MOST_SIMULATED_CELLS), seed: seedOption(seed) };
      const session = await link.session(signal);
      const bytes = await session.call("simulate", params, { signal, onProgress });
      return new File([bytes], `simulated-${cells}-cells.h5ad`, { type: "application/x-hdf5" });
    },
    spatial,
    dispose: () => link.stop(),
    [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: () => link.stop(),
  } as Resitu;
}

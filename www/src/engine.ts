/** What each method does, in terms of the Rust side. Holds the objects that the page has handles of. */

import { WasmDataset, WasmResult, WasmSection, WasmTranslator, simulateExample } from "../wasm/resitu.js";
import { clientError } from "./errors.js";
import type { Call, DeviceState, Handle, MethodName, Params, Result } from "./protocol.js";
import { loadOn } from "./device.js";
import { runExport } from "./export.js";
import { afterLoss, runTranslation } from "./translation.js";
import type { Running } from "./running.js";

type Held = WasmDataset | WasmTranslator | WasmResult | WasmSection;

/** A result, and the buffers in it that are handed over instead of copied. */
type Answer<T> = [value: T, transfer?: Transferable[]];

type Handlers = { [M in MethodName]: (params: Params<M>, running: Running) => Promise<Answer<Result<M>>> | Answer<Result<M>> };

/** A name that stands twice means its first column. */
function columnsNamed(names: string[], wanted: string[]): Uint32Array {
  const places = wanted.map((name) => names.indexOf(name));
  if (places.includes(-1)) throw clientError("options.invalid", "a gene is not in the matrix in use");
  return Uint32Array.from(places);
}

export class Engine {
  #held = new Map<Handle, Held>();
  #next: Handle = 1;
  #devices = new WeakMap<WasmTranslator, DeviceState>();

  /** Runs one call. Rejects with a `ResituError`, an error of the Rust side with the same fields, or a trap. */
  run({ method, params }: Call, running: Running): Promise<Answer<Result<MethodName>>> {
    // The pair is tied together in `Call`, which TypeScript cannot follow through an indexed access.
    const handler = this.#handlers[method] as (params: unknown, running: Running) => Promise<Answer<Result<MethodName>>>;
    return handler(params, running);
  }

  #handlers: Handlers = {
    open: async ({ files }, running) => {
      running.progress("opening", 0, 1);
      const dataset = WasmDataset.open(files.map(({ path }) => path), files.map(({ file }) => file));
      try {
        await running.pause();
        const summary = dataset.summary();
        return [{ handle: this.#keep(dataset), summary }];
      } catch (error) {
        dataset.free();
        throw error;
      }
    },
    useMatrix: ({ cells, name }) => {
      const dataset = this.#dataset(cells);
      dataset.useMatrix(name);
      return [dataset.summary()];
    },
    genes: ({ cells, table, species }) => [this.#dataset(cells).geneSummary(new Uint8Array(table), species ?? undefined)],
    useOrthologs: ({ cells, table, to }) => {
      const dataset = this.#dataset(cells);
      dataset.useOrthologs(new Uint8Array(table), to);
      return [dataset.summary()];
    },
    positions: ({ cells }) => {
      const positions = this.#dataset(cells).positions() ?? null;
      return [positions, positions ? [positions.buffer] : []];
    },
    labels: ({ handle, column }) => {
      const labels = this.#cells(handle).labels(column);
      return [labels, [labels.codes.buffer]];
    },
    likelyPositions: ({ result }) => {
      const likely = this.#result(result).likelyPositions();
      return [likely, [likely.buffer]];
    },
    geneNames: ({ cells }) => [this.#dataset(cells).geneNames()],
    expression: async ({ cells, genes }, running) => {
      const dataset = this.#dataset(cells);
      const nRows = dataset.nCells();
      const columns = columnsNamed(dataset.geneNames(), genes);
      const data = new Float32Array(nRows * genes.length);
      for (let start = 0; start < nRows; ) {
        const end = dataset.expressionEnd(genes.length, start);
        data.set(dataset.expression(columns, start, end), start * genes.length);
        start = end;
        running.progress("reading cells", end, nRows);
        await running.pause();
      }
      return [{ columns: genes, data, nRows }, [data.buffer]];
    },
    loadTranslator: async ({ bytes, device }, running) => {
      const { translator, state } = await loadOn(new Uint8Array(bytes), device, running);
      this.#devices.set(translator, state);
      const reference = translator.reference();
      const value = { handle: this.#keep(translator), card: translator.card(), reference, ...state };
      return [value, [reference.positions.buffer, reference.state.buffer, reference.niche.buffer]];
    },
    check: async ({ translator, cells }) => [
      await this.#translator(translator).check(this.#dataset(cells)),
    ],
    translate: async (params, running) => {
      const translator = this.#translator(params.translator);
      const { result, lost } = await runTranslation(translator, this.#dataset(params.cells), params, running);
      const state = this.#deviceOf(translator, lost);
      const data = result.data();
      const arrays = [data.expression.data, data.composition.data, data.niche, data.state, data.positions, data.spreadUm, data.confidence];
      return [{ handle: this.#keep(result), data, ...state }, arrays.map(({ buffer }) => buffer)];
    },
    embed: async ({ translator, cells, start, count }) => {
      const found = await this.#translator(translator).embed(this.#dataset(cells), start, count);
      return [found, [found.hidden.buffer, ...found.tokens.map(({ buffer }) => buffer)]];
    },
    exportResult: async ({ result, format, file }, running) => [await runExport(this.#result(result), format, file, running)],
    openSection: ({ source }, running) => {
      running.progress("opening", 0, 1);
      const section =
        "files" in source
          ? WasmSection.open(source.files.map(({ path }) => path), source.files.map(({ file }) => file))
          : WasmSection.placed(source.positions, source.expression, source.genes);
      return [this.#keep(section)];
    },
    sectionMatrix: ({ section, matrix }) => {
      if (matrix !== "") this.#section(section).useMatrix(matrix);
      return [null];
    },
    setLabels: ({ section, column, labels }) => {
      this.#section(section).setLabels(column, labels.codes, labels.levels);
      return [null];
    },
    setLikelyPositions: ({ section, likely }) => {
      this.#section(section).setLikelyPositions(likely);
      return [null];
    },
    setReference: ({ section, reference: { positions, states, names } }) => {
      this.#section(section).setReference(positions, states, names);
      return [null];
    },
    autocorrelation: ({ section, graph, permutations, seed, draws }, { progress }) => [
      this.#section(section).autocorrelation(graph, permutations, seed, draws, progress),
    ],
    local: ({ section, gene, graph, permutations, seed, draws }, { progress }) => [
      this.#section(section).local(gene, graph, permutations, seed, draws, progress),
    ],
    bivariate: ({ section, x, y, graph, permutations, seed, draws }, { progress }) => [
      this.#section(section).bivariate(x, y, graph, permutations, seed, draws, progress),
    ],
    composition: ({ section, column, graph, draws }, { progress }) => [this.#section(section).composition(column, graph, draws, progress)],
    profiles: ({ section, around, graph }, { progress }) => {
      const table = this.#section(section).profiles(around, graph, progress);
      return [table, [table.data.buffer]];
    },
    niches: ({ section, around, graph, wanted, draws }, { progress }) => [this.#section(section).niches(around, graph, wanted, draws, progress)],
    enrichment: ({ section, column, graph, permutations, seed, draws }, { progress }) => [
      this.#section(section).enrichment(column, graph, permutations, seed, draws, progress),
    ],
    centrality: ({ section, column, graph, draws }, { progress }) => [this.#section(section).centrality(column, graph, draws, progress)],
    coOccurrence: ({ section, column, wanted, draws }, { progress }) => [this.#section(section).coOccurrence(column, wanted, draws, progress)],
    ripley: ({ section, column, wanted, draws }, { progress }) => [this.#section(section).ripley(column, wanted, draws, progress)],
    ligrec: ({ section, column, graph, pairs, wanted, draws }, { progress }) => [
      this.#section(section).ligrec(column, graph, pairs, wanted, draws, progress),
    ],
    simulate: ({ cells, seed }) => {
      const bytes = simulateExample(cells, seed);
      return [bytes.buffer, [bytes.buffer]];
    },
    dispose: ({ handle }) => {
      this.#held.get(handle)?.free();
      this.#held.delete(handle);
      return [null];
    },
  };

  #deviceOf(translator: WasmTranslator, lost: boolean): DeviceState {
    const before = this.#devices.get(translator) ?? { device: "cpu", notes: [] };
    const now = lost ? afterLoss(before) : before;
    this.#devices.set(translator, now);
    return now;
  }

  #keep(object: Held): Handle {
    const handle = this.#next++;
    this.#held.set(handle, object);
    return handle;
  }

  #dataset(handle: Handle): WasmDataset {
    return this.#get(handle, (object) => object instanceof WasmDataset);
  }

  #translator(handle: Handle): WasmTranslator {
    return this.#get(handle, (object) => object instanceof WasmTranslator);
  }

  #result(handle: Handle): WasmResult {
    return this.#get(handle, (object) => object instanceof WasmResult);
  }

  #section(handle: Handle): WasmSection {
    return this.#get(handle, (object) => object instanceof WasmSection);
  }

  /** Cells with labels: of a file, or translated. */
  #cells(handle: Handle): WasmDataset | WasmResult {
    return this.#get(handle, (object) => object instanceof WasmDataset || object instanceof WasmResult);
  }

  #get<T extends Held>(handle: Handle, is: (object: Held) => object is Held & T): T {
    const object = this.#held.get(handle);
    if (object === undefined || !is(object)) throw clientError("handle.disposed");
    return object;
  }
}

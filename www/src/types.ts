/// <reference lib="esnext.disposable" preserve="true" />
/** The public types of `resitu`: what goes in, what comes out, and how failures look. */

import type { Spatial } from "./spatial-types.js";

export type * from "./spatial-types.js";

/** One file: a local one, bytes, or an address to fetch. A `FileList` must hold one file. */
export type FileSource = File | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer> | FileList | URL | string;

/** One of several files that belong together. `path` is relative to the folder that was chosen, with `/` between its parts. */
export interface PathedFile {
  path: string;
  file: Blob;
}

/**
 * Cells: one file, an archive, or the files of one data set together, such as a 10x folder or a Zarr store.
 * For a folder that was dropped see `droppedFiles`; `<input type="file" webkitdirectory>` gives a `FileList` with paths.
 */
export type CellsSource = FileSource | readonly (File | PathedFile)[] | FileSystemDirectoryHandle;

/** Where the pieces of the package come from; all have defaults that bundlers understand. */
export interface ResituOptions {
  /** The address of `resitu_bg.wasm`, or the module already compiled. Default: beside the package, found by the bundler. */
  wasmUrl?: string | URL | WebAssembly.Module;
  /** The address of the package's `dist/worker.js` with its imports. Default: beside the package, found by the bundler. */
  workerUrl?: string | URL;
  /** Makes the worker, for setups that need to start it themselves: its script has to import `resitu/worker`. */
  worker?: () => Worker;
}

/** Where the arithmetic runs. `auto` times a short trial of both and takes the faster. */
export type DeviceChoice = "auto" | "cpu" | "webgpu";
export type DeviceUsed = "cpu" | "webgpu";

/** How far long work has come. `done` and `total` count cells unless `stage` says otherwise. */
export interface Progress {
  stage: string;
  done: number;
  total: number;
}

/** Every long call takes these. Aborting rejects with code `job.cancelled`. */
export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** What the values of a matrix look like, told from a sample of them. */
export type ValueKind = "counts" | "normalised" | "log-normalised" | "scaled" | "unknown";

/** What a file holds, said before its values are used. */
export interface CellsSummary {
  format: string; // "h5ad"
  nCells: number;
  nGenes: number;
  /** The matrix in use: "X", "raw/X" or "layers/NAME"; and the others on offer. */
  matrix: string;
  matrices: { name: string; valueKind: ValueKind }[];
  valueKind: ValueKind;
  /** The `var` column (or index) the gene names were taken from, and the first names, for the person to recognise. */
  geneNamesFrom: string;
  /** Annotation columns of the cells that can serve as labels (categorical or text, at most 200 levels). */
  labels: { name: string; levels: number }[];
  /** "obsm/spatial", … when the file has coordinates; else null. Then the neighbourhood metrics can run directly. */
  coordinates: string | null;
  /** Whether the file says where else its cells may be, as translated ones do: then `spatial` can draw intervals. */
  likelyPositions: boolean;
  /** What is odd about the cells, each by a rule (docs/values.md). */
  quality: Quality;
  /** Sentences for people about everything that was ambiguous or left out. */
  notes: string[];
}

/** Counts of oddities. Those of values are of a sample of `sampledCells` cells, the others of the whole file. */
export interface Quality {
  sampledCells: number;
  nanValues: number;
  infiniteValues: number;
  negativeValues: number;
  /** Cells, and genes, without any value but zero. */
  emptyCells: number;
  zeroGenes: number;
  /** Cells, and genes, beyond the first of each name. */
  duplicateCells: number;
  duplicateGenes: number;
  /** Cells of which a coordinate is not finite. */
  missingPositions: number;
  /** A matrix of raw counts, where the one in use does not look like counts. */
  instead: string | null;
}

/** The species whose genes are known. */
export type Species = "human" | "mouse";

/** What the genes of a file are, without any translator. Each gene is matched, ambiguous or unknown. */
export interface GeneSummary {
  /** The `var` column that names the genes best. */
  column: string;
  /** null if the names do not tell. */
  species: Species | null;
  /** How the species was told: a sentence. */
  speciesReason: string;
  total: number;
  matched: number;
  ambiguous: number;
  unknown: number;
  /** At most ten, for the person to recognise. They are the user's data: show them, do not log them. */
  firstUnknown: string[];
  /** Matched by another spelling, an alias or a previous symbol; by the name in another column; named by another row too. */
  renamed: number;
  fromOtherColumns: number;
  duplicates: number;
  /** Matched genes with a one-to-one ortholog in the other species. */
  withOrtholog: number;
  /** Share (0..1) of the counts that fall on matched genes, in a sample of `sampledCells`; null if they have none. */
  countsMatched: number | null;
  sampledCells: number;
}

export interface GeneTableOptions extends CallOptions {
  /** The table of genes. Default: the one of the package (`resitu/genes`, 0.7 MB), fetched when it is needed. */
  table?: FileSource;
}

export interface GeneSummaryOptions extends GeneTableOptions {
  /** Overrules the species that the names tell. */
  species?: Species;
}

/** Rows of numbers with names. `data` is row-major: `data[row * columns.length + column]`. */
export interface Table {
  columns: string[];
  data: Float32Array;
  nRows: number;
}

export interface GeneReport {
  matched: number;
  total: number; // genes in the user's file
  /** Genes of the translator's vocabulary found, of how many; and share of the counts that matched (0..1). */
  vocabularyMatched: number;
  vocabularyTotal: number;
  countsMatched: number;
  /** Panel genes that the file lacks (names). */
  panelMissing: string[];
  renamed: number;
  ambiguous: number;
  unknown: number;
  /** At most ten, for the person to recognise. They are the user's data: show them, do not log them. */
  firstUnknown: string[];
  /** The `var` column that the names were taken from. */
  column: string;
}

/** What will happen, before any work. */
export interface CheckReport {
  cells: number;
  genes: GeneReport;
  valueKind: ValueKind;
  device: DeviceUsed;
  /** Seconds, from a short trial on this device with cells of this file. */
  estimatedSeconds: number;
  /** Peak extra memory in bytes. */
  estimatedBytes: number;
  /** Doubts that do not forbid the work: low overlap, other tissue, few counts. Sentences for people. */
  warnings: string[];
}

/** What a `.resitu` file says of itself. */
export interface TranslatorCard {
  name: string;
  version: string;
  sha256: string;
  bytes: number;
  species: string;
  tissue: string;
  directions: string[];
  panel: string[];
  states: string[];
  /** Names of the niches (clusters of neighbour composition). */
  niches: string[];
  parameters: number;
  /** Markdown of MODEL_CARD.md. */
  modelCard: string;
  /** Training data: source, licence and address. */
  sources: { name: string; licence: string; url: string }[];
  reference: { section: string; nCells: number; attribution: string };
}

/** A reference section: where translated cells are put. Positions in µm, `x0 y0 x1 y1 …`. */
export interface ReferenceMap {
  positions: Float32Array;
  state: Uint8Array; // index into card.states
  niche: Uint8Array; // index into card.niches
}

export interface Provenance {
  resitu: string;
  translator: string; // SHA-256
  /** `webgpu + cpu` if the GPU device was lost on the way. */
  device: DeviceUsed | "webgpu + cpu";
  seed: number;
  genesMatched: number;
  countsMatched: number;
}

/** Some of the results, as they arrive: one entry a row. Rows come in the order of their length, each once. */
export interface PartialResult {
  /** The cells, as rows of the result. */
  rows: Uint32Array;
  /** `x0 y0 x1 y1 …` in µm, for these rows. */
  positions: Float32Array;
  niche: Uint8Array;
  confidence: Float32Array;
}

/** h5ad opens in scanpy and squidpy; csv is one table of cells; zip holds both and `methods.md`, a paragraph for a paper. */
export type ResultFormat = "h5ad" | "csv" | "zip";

/** Translated cells, one row a cell, in the order of the file. */
export interface TranslationResult extends Held {
  readonly nCells: number;
  /** Names of the cells, from the file. */
  readonly cellNames: string[];
  /** Expected counts on the ST platform (cells × panel genes). */
  readonly expression: Table;
  /** Neighbour composition (cells × states); rows sum to 1. */
  readonly composition: Table;
  /** Most likely niche, index into the card's `niches`; and most likely state of the cell itself. */
  readonly niche: Uint8Array;
  readonly state: Uint8Array;
  /** Position on the reference section in µm, `x0 y0 x1 y1 …`, and the radius in µm that holds half of the probability. */
  readonly positions: Float32Array;
  readonly spreadUm: Float32Array;
  /** 0..1: share of validation cells that lie at least as far from the reference as this cell. Near 0 = out of distribution. */
  readonly confidence: Float32Array;
  /** Cells without any count of a known gene: reported, their rows are NaN (niche and state 255). */
  readonly emptyCells: number;
  readonly provenance: Provenance;
  /** Equally likely positions of each cell, µm on the reference section: cells × 32 × 2. What `spatial` draws intervals from. */
  likelyPositions(): Promise<Float32Array>;
  /** The file's own labels for these cells, by column name (see CellsSummary.labels). */
  labels(column: string): Promise<{ codes: Int32Array; levels: string[] }>;
  /** Makes a file of everything. `onProgress` counts cells written; a zip takes each twice. */
  toBlob(format: ResultFormat, options?: CallOptions): Promise<Blob>;
  /**
   * Writes the file to where the person chose, by `showSaveFilePicker()` where the browser has it, without holding it in
   * memory; what stood there is replaced when the file is complete, and stays after an abort. Any other `WritableStream`
   * gets the bytes in order, and is aborted when this is.
   */
  save(target: FileSystemFileHandle | WritableStream<Uint8Array<ArrayBuffer>>, format: ResultFormat, options?: CallOptions): Promise<void>;
}

/** Something whose memory lives in the worker. */
export interface Held extends Disposable {
  /** Frees the memory in the worker. The same as `using` or `[Symbol.dispose]()`; later calls reject with `handle.disposed`. */
  dispose(): void;
}

/** Opened cells. Values stay in the file until they are needed. */
export interface OpenedCells extends Held {
  readonly summary: CellsSummary;
  /** Use another matrix of the file, as listed in `summary.matrices`. */
  useMatrix(name: string): Promise<CellsSummary>;
  /** Positions in the file's own units, when it has any. */
  positions(): Promise<Float32Array | null>;
  /** Names of the genes of the matrix in use, in its order. */
  geneNames(): Promise<string[]>;
  /** Values of some genes (1 to 1,000, as named by the matrix in use) in every cell: one pass over the file. */
  expression(genes: readonly string[], options?: CallOptions): Promise<Table>;
  labels(column: string): Promise<{ codes: Int32Array; levels: string[] }>;
  /** What the genes are: species, and how many of them the table of genes knows. Needs no translator. */
  genes(options?: GeneSummaryOptions): Promise<GeneSummary>;
  /**
   * Lets a mouse file be matched to a human translator, or the reverse, by one-to-one orthologs. It is never done unasked: a
   * translator refuses the other species with `genes.wrong-species`. Names in results stay the file's own. `useMatrix` undoes it.
   */
  useOrthologs(to: Species, options?: GeneTableOptions): Promise<CellsSummary>;
}

export interface LoadOptions extends CallOptions {
  /** Default `auto`. With `webgpu`, a browser without it rejects with `device.unavailable`. */
  device?: DeviceChoice;
}

export interface TranslateOptions extends CallOptions {
  direction?: "sc-to-st";
  seed?: number;
  /** Called with some of the results as they are computed. */
  onPartial?: (part: PartialResult) => void;
}

export interface EmbedOptions extends CallOptions {
  /** The cells `start .. start + count` of the file. Default: the first 64. At most 4,096 at once. */
  start?: number;
  count?: number;
}

/** What the network reads of cells, and makes of them before any head. */
export interface EmbeddedCells {
  /** One list a cell: rank-value tokens, the highest rank first. */
  tokens: Uint32Array[];
  /** Pooled hidden states, row-major: `hidden[cell * width + dimension]`. NaN for a cell without tokens. */
  hidden: Float32Array;
  width: number;
}

export interface Translator extends Held {
  readonly card: TranslatorCard;
  /** May become `cpu` during a translation, if the GPU device is lost; the reason is then in `deviceNotes`. */
  readonly device: DeviceUsed;
  /** Sentences about how the device was chosen: trial times, why WebGPU was not used. */
  readonly deviceNotes: string[];
  readonly reference: ReferenceMap;
  check(cells: OpenedCells, options?: CallOptions): Promise<CheckReport>;
  translate(cells: OpenedCells, options?: TranslateOptions): Promise<TranslationResult>;
  /** Tokens and hidden states of some cells, for analyses of your own. */
  embed(cells: OpenedCells, options?: EmbedOptions): Promise<EmbeddedCells>;
}

/** Every failure is one of these. `message` is a sentence for people, `hint` says what to do; neither holds user data. */
export interface ResituErrorShape {
  code: string;
  message: string;
  hint: string;
}

/** Everything the package does, on one worker of its own. `createResitu()` makes one; the package's functions use a shared one. */
export interface Resitu extends Disposable {
  /** Opens local files by slices, never whole in memory; an address is fetched first. */
  openCells(source: CellsSource, options?: CallOptions): Promise<OpenedCells>;
  /** Loads a `.resitu` bundle. */
  loadTranslator(source: FileSource, options?: LoadOptions): Promise<Translator>;
  /** A small simulated h5ad file, plainly named so, to try things with. */
  simulateExample(options?: SimulateOptions): Promise<File>;
  readonly spatial: Spatial;
  /** Stops the worker and frees everything; later calls start a new one. */
  dispose(): void;
}

export interface SimulateOptions extends CallOptions {
  /** Default 500. */
  cells?: number;
  /** Default 0. */
  seed?: number;
}
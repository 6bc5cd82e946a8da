/// <reference lib="esnext.disposable" preserve="true" />
/** The public types of `resitu`: what goes in, what comes out, and how failures look. */

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

/** An enrichment test of every pair of labels: row = the cell's label, column = its neighbour's. */
export interface EnrichmentTable {
  labels: string[];
  /** `(counts − mean) / deviation`, row-major, labels × labels; NaN where the permuted counts never vary. */
  z: Float64Array;
  /** Directed edges counted. */
  counts: Float64Array;
  /** Over the permutations: mean and population standard deviation of the counts. */
  mean: Float64Array;
  deviation: Float64Array;
}

export interface EnrichmentOptions extends CallOptions {
  graph?: GraphOptions;
  /** Default 1,000. Labels are shuffled within each section. */
  permutations?: number;
  seed?: number;
}

/** Who is whose neighbour. */
export interface GraphOptions {
  /**
   * - `knn`: the `k` nearest other cells;
   * - `radius`: all within `radius`;
   * - `delaunay`: those that share an edge of the triangulation; prune its long edges by `maxLength` or `percentile`;
   * - `grid`: spots on a lattice: `k` around each (6 for Visium's hexagons, 4 or 8 for squares), in `rings` steps.
   */
  kind: "knn" | "radius" | "delaunay" | "grid";
  /** For knn and grid. Default 6. */
  k?: number;
  /** For radius: in the units of the coordinates (µm for translated cells). */
  radius?: number;
  /** For grid. Default 1. */
  rings?: number;
  /** Leave out edges longer than this, in the units of the coordinates. Not for grid. */
  maxLength?: number;
  /** Leave out edges longer than this percentile (0 to 100) of the lengths in their section. Not for grid. */
  percentile?: number;
  /** The label column that tells sections apart: cells of different sections are never neighbours. */
  sections?: string;
}

export interface AutocorrelationOptions extends CallOptions {
  graph?: GraphOptions;
  /** 0 = analytic p-values alone. Default 0. */
  permutations?: number;
  seed?: number;
}

/** One gene's Moran's I and Geary's C. NaN where a gene is constant. */
export interface AutocorrelationRow {
  gene: string;
  moranI: number;
  moranP: number; // two-sided, randomisation-free normal approximation; see docs
  moranQ: number; // Benjamini–Hochberg
  gearyC: number;
  gearyP: number;
  gearyQ: number;
  /** With permutations only. */
  moranPSim?: number;
  gearyPSim?: number;
}

export interface LocalOptions extends CallOptions {
  graph?: GraphOptions;
  /** Conditional permutations. Default 999; 0 = analytic p-values. */
  permutations?: number;
  seed?: number;
}

/** One number a cell; NaN for cells without position or neighbour. */
export interface LocalScores {
  value: Float64Array;
  z: Float64Array;
  /** By permutation where there are permutations, else analytic. */
  p: Float64Array;
  /** Benjamini–Hochberg over the cells. */
  q: Float64Array;
}

/** Where one gene clusters. */
export interface LocalTable {
  gene: string;
  /** Local Moran's I (LISA). */
  moran: LocalScores;
  /** Own side of the mean, then the neighbours': 1 high–high, 2 low–high, 3 low–low, 4 high–low; 0 without neighbours. */
  quadrant: Uint8Array;
  /** Getis–Ord G*: high z is a hot spot, low z a cold spot. */
  getisOrd: LocalScores;
}

/** Does gene `y` around a cell go with gene `x` in it? */
export interface BivariateRow {
  x: string;
  y: string;
  /** Bivariate Moran's I: `x` of the cell with the mean of `y` around it. */
  moranI: number;
  moranP: number;
  moranQ: number;
  /** Lee's L: both smoothed. It has a p-value with permutations only. */
  leeL: number;
  moranPSim?: number;
  leePSim?: number;
}

/** Label-by-label composition: of a cell with label `row`, the share of its neighbours that have label `column` (0..1). */
export interface CompositionTable {
  labels: string[];
  /** Row-major, labels × labels; a label whose cells have no neighbours has a row of NaN. */
  shares: Float64Array;
  /** Cells of each label. */
  counts: Uint32Array;
}

export interface CompositionOptions extends CallOptions {
  graph?: GraphOptions;
}

/** How the cells of each label lie in the graph; one number a label, NaN for a label without cells. */
export interface CentralityTable {
  labels: string[];
  /** Share of the cells outside the label that have a neighbour in it. */
  degree: Float64Array;
  /** Mean share of pairs of a cell's neighbours that are neighbours themselves. */
  clustering: Float64Array;
  /** Cells outside the label, divided by the sum of their distances to it in steps. */
  closeness: Float64Array;
  /** Cells outside the label from which no path leads to it: where many, do not read `closeness`. */
  unreachable: Uint32Array;
  /** Directed edges from label (row) to neighbour's label (column), row-major. */
  interactions: Float64Array;
  /** 1: like neighbours like only; 0: as by chance; below 0: like avoids like. */
  assortativity: number;
}

export interface CoOccurrenceOptions extends CallOptions {
  /** The label column that tells sections apart. */
  sections?: string;
  /** Number of evenly spaced distances that squidpy would choose. Default 50. */
  steps?: number;
  /** These distances instead, ascending, in the units of the coordinates. */
  distances?: readonly number[];
}

/** How much more often cells of one label lie within a distance of cells of another than of any cell. */
export interface CoOccurrenceTable {
  labels: string[];
  /** In the units of the coordinates; value `r` of `ratio` is for `distances[r + 1]`. */
  distances: Float64Array;
  /** Labels × labels × (distances − 1), row-major; squidpy's `occ`. 1 is what chance gives. */
  ratio: Float64Array;
}

/** `g` is the pair correlation function. */
export type RipleyFunction = "F" | "G" | "K" | "L" | "g";
export type EdgeCorrection = "none" | "border" | "kaplan-meier" | "isotropic" | "translation";

export interface RipleyOptions extends CallOptions {
  sections?: string;
  /** Default L. */
  function?: RipleyFunction;
  /** Default: kaplan-meier for F and G, isotropic for K, L and g. `none` is squidpy's. */
  edgeCorrection?: EdgeCorrection;
  /** Against points strewn uniformly (default), or against the labels dealt out anew to the cells. */
  null?: "uniform" | "labels";
  /** In the units of the coordinates. Default: spatstat's rule. */
  maxDistance?: number;
  /** Default 50. */
  steps?: number;
  /** Default 199; 0 for no test. */
  simulations?: number;
  seed?: number;
}

/** One curve a label, over `distances`. */
export interface RipleyTable {
  labels: string[];
  distances: Float64Array;
  curves: RipleyCurve[];
  edgeCorrection: EdgeCorrection;
  /** Of the windows of all sections, in squared units of the coordinates. */
  area: number;
}

export interface RipleyCurve {
  /** Index into `labels`. */
  label: number;
  value: Float64Array;
  /** What independent uniform points give. */
  theoretical: Float64Array;
  /** With simulations: their mean, and the pointwise 95 % envelope. */
  mean?: Float64Array;
  low?: Float64Array;
  high?: Float64Array;
  /** Pointwise, two-sided. */
  p?: Float64Array;
  /** Of the whole curve: the maximum absolute deviation test. */
  globalP?: number;
}

export interface LigrecOptions extends CallOptions {
  /** `labels` (default): mean over all cells of each label, as CellPhoneDB. `neighbours`: over pairs of neighbours. */
  between?: "labels" | "neighbours";
  graph?: GraphOptions;
  /** A gene must be expressed in this share of the cells of its label. Default 0.01. */
  threshold?: number;
  /** Default 1,000. */
  permutations?: number;
  seed?: number;
}

/** Arrays are pairs × labels × labels, row-major: the pair, the label with the ligand, the label with the receptor. */
export interface LigrecTable {
  labels: string[];
  /** The pairs whose genes are measured; subunits of complexes are joined by `_`. */
  pairs: { ligand: string; receptor: string }[];
  means: Float64Array;
  /** NaN where not tested. */
  p: Float64Array;
  /** Benjamini–Hochberg over all that was tested. */
  q: Float64Array;
  notMeasured: number;
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

/**
 * Cells with positions. A translated cell's label columns are those of its file and, where the file has no such column,
 * `state` and `niche`.
 */
export type Measured = OpenedCells | TranslationResult;

/**
 * Neighbourhood statistics; see `spatial` of the package. None needs a translator. Each call runs in a worker of its own,
 * which aborting ends at once.
 */
export interface Spatial {
  /** Moran's I and Geary's C of every gene: of a file with coordinates, or of translated cells on the reference section. */
  autocorrelation(source: Measured, options?: AutocorrelationOptions): Promise<AutocorrelationRow[]>;
  /** Where one gene clusters: local Moran's I and Getis–Ord G*, cell by cell. */
  local(source: Measured, gene: string, options?: LocalOptions): Promise<LocalTable>;
  /** Which genes go together in space: bivariate Moran's I and Lee's L of pairs of genes, at most 10,000. */
  bivariate(source: Measured, pairs: readonly (readonly [string, string])[], options?: AutocorrelationOptions): Promise<BivariateRow[]>;
  /** Who neighbours whom, by a label column of the file. */
  composition(source: Measured, column: string, options?: CompositionOptions): Promise<CompositionTable>;
  /** Do cells of two labels lie side by side more often than if labels were dealt out at random? */
  enrichment(source: Measured, column: string, options?: EnrichmentOptions): Promise<EnrichmentTable>;
  /** How the cells of each label lie in the graph, and which labels touch. */
  centrality(source: Measured, column: string, options?: CompositionOptions): Promise<CentralityTable>;
  /** Which labels lie near which, by distance. */
  coOccurrence(source: Measured, column: string, options?: CoOccurrenceOptions): Promise<CoOccurrenceTable>;
  /** Are the cells of each label clustered or evenly spread, by distance? */
  ripley(source: Measured, column: string, options?: RipleyOptions): Promise<RipleyTable>;
  /**
   * Do labels express the two halves of ligand–receptor pairs more than shuffled labels would? `pairs` is a table of text
   * (CSV or TSV) with the columns `ligand` and `receptor`.
   */
  ligrec(source: Measured, column: string, pairs: string | Blob, options?: LigrecOptions): Promise<LigrecTable>;
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

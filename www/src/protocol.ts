/** What the page and the worker say to each other: one entry a method, and the envelopes around them. */

import type {
  AutocorrelationRow,
  BivariateRow,
  CellsSummary,
  CentralityTable,
  CheckReport,
  CoOccurrenceTable,
  CompositionTable,
  DeviceChoice,
  DeviceUsed,
  EdgeCorrection,
  EmbeddedCells,
  EnrichmentTable,
  GraphOptions,
  LigrecTable,
  GeneSummary,
  LocalTable,
  NicheTable,
  PartialResult,
  PathedFile,
  ProfileTable,
  Progress,
  Provenance,
  ReferenceMap,
  ResituErrorShape,
  ResultFormat,
  RipleyFunction,
  RipleyTable,
  Species,
  Table,
  TranslatorCard,
} from "./types.js";

/** Names an object that lives in the worker. */
export type Handle = number;

/** The label column of some cells: `levels[codes[cell]]`, −1 where missing. */
export interface Labels {
  codes: Int32Array;
  levels: string[];
}

/** The graph of a statistic, with every field given; `sections` names the label column that tells sections apart. */
export interface GraphParams {
  kind: GraphOptions["kind"];
  k: number;
  radius: number;
  rings: number;
  maxLength: number | null;
  percentile: number | null;
  sections: string | null;
}

export interface CoOccurrenceParams {
  sections: string | null;
  steps: number;
  distances: number[] | null;
}

export interface RipleyParams {
  sections: string | null;
  function: RipleyFunction;
  edgeCorrection: EdgeCorrection | null;
  null: "uniform" | "labels";
  maxDistance: number | null;
  steps: number;
  simulations: number;
  seed: number;
}

export interface LigrecParams {
  between: "labels" | "neighbours";
  threshold: number;
  permutations: number;
  seed: number;
}

/** Intervals from draws of the positions; `null` also draws places by label, from the reference that was set. */
export interface DrawParams {
  draws: number;
  level: number;
  seed: number;
  null: boolean;
}

/** What is around a cell: one of both is given. */
export interface ProfileParams {
  column: string | null;
  genes: string[] | null;
  withSelf: boolean;
}

export interface NicheParams {
  count: number;
  starts: number;
  raw: boolean;
  seed: number;
}

/** Reference cells: positions `x0 y0 x1 y1 …`, and their states, an index into `names`. */
export interface ReferenceCells {
  positions: Float32Array;
  states: Uint8Array;
  names: string[];
}

/** What a worker for statistics opens: files, or the places and profiles of translated cells. */
export type SectionSource =
  | { files: PathedFile[] }
  | { positions: Float32Array; expression: Float32Array; genes: string[] };

/** Everything of a translation that the page shows; the worker keeps its own copy for files and statistics. */
export interface TranslationData {
  cellNames: string[];
  expression: Table;
  composition: Table;
  niche: Uint8Array;
  state: Uint8Array;
  positions: Float32Array;
  spreadUm: Float32Array;
  confidence: Float32Array;
  emptyCells: number;
  provenance: Provenance;
}

/** What one step of writing a file made: bytes to append, then patches that replace what was appended before. */
export interface ExportStep {
  bytes: Uint8Array<ArrayBuffer>;
  patches: { offset: number; bytes: Uint8Array<ArrayBuffer> }[];
  done: number;
  total: number;
  finished: boolean;
}

/** How a translator runs now. */
export interface DeviceState {
  device: DeviceUsed;
  notes: string[];
}

/** What the page can ask for. Results with a `handle` leave an object in the worker until `dispose`. */
export interface Methods {
  open: { params: { files: PathedFile[] }; result: { handle: Handle; summary: CellsSummary } };
  useMatrix: { params: { cells: Handle; name: string }; result: CellsSummary };
  genes: { params: { cells: Handle; table: ArrayBuffer; species: Species | null }; result: GeneSummary };
  useOrthologs: { params: { cells: Handle; table: ArrayBuffer; to: Species }; result: CellsSummary };
  positions: { params: { cells: Handle }; result: Float32Array | null };
  labels: { params: { handle: Handle; column: string }; result: Labels };
  likelyPositions: { params: { result: Handle }; result: Float32Array };
  geneNames: { params: { cells: Handle }; result: string[] };
  expression: { params: { cells: Handle; genes: string[] }; result: Table };
  loadTranslator: {
    params: { bytes: ArrayBuffer; device: DeviceChoice };
    result: { handle: Handle; card: TranslatorCard; reference: ReferenceMap } & DeviceState;
  };
  check: { params: { translator: Handle; cells: Handle }; result: CheckReport };
  translate: {
    params: { translator: Handle; cells: Handle; direction: "sc-to-st"; seed: number; partial: boolean };
    result: { handle: Handle; data: TranslationData } & DeviceState;
  };
  embed: { params: { translator: Handle; cells: Handle; start: number; count: number }; result: EmbeddedCells };
  /** Without a file to write to, the answer is the file. */
  exportResult: { params: { result: Handle; format: ResultFormat; file: FileSystemFileHandle | null }; result: Blob | null };
  openSection: { params: { source: SectionSource }; result: Handle };
  sectionMatrix: { params: { section: Handle; matrix: string }; result: null };
  setLabels: { params: { section: Handle; column: string; labels: Labels }; result: null };
  setLikelyPositions: { params: { section: Handle; likely: Float32Array }; result: null };
  setReference: { params: { section: Handle; reference: ReferenceCells }; result: null };
  autocorrelation: {
    params: { section: Handle; graph: GraphParams; permutations: number; seed: number; draws: DrawParams | null };
    result: AutocorrelationRow[];
  };
  local: {
    params: { section: Handle; gene: string; graph: GraphParams; permutations: number; seed: number; draws: DrawParams | null };
    result: LocalTable;
  };
  bivariate: {
    params: { section: Handle; x: string[]; y: string[]; graph: GraphParams; permutations: number; seed: number; draws: DrawParams | null };
    result: BivariateRow[];
  };
  composition: { params: { section: Handle; column: string; graph: GraphParams; draws: DrawParams | null }; result: CompositionTable };
  profiles: { params: { section: Handle; around: ProfileParams; graph: GraphParams; draws: null }; result: ProfileTable };
  niches: {
    params: { section: Handle; around: ProfileParams; graph: GraphParams; wanted: NicheParams; draws: DrawParams | null };
    result: NicheTable;
  };
  enrichment: {
    params: { section: Handle; column: string; graph: GraphParams; permutations: number; seed: number; draws: DrawParams | null };
    result: EnrichmentTable;
  };
  centrality: { params: { section: Handle; column: string; graph: GraphParams; draws: DrawParams | null }; result: CentralityTable };
  coOccurrence: {
    params: { section: Handle; column: string; wanted: CoOccurrenceParams; draws: DrawParams | null };
    result: CoOccurrenceTable;
  };
  ripley: { params: { section: Handle; column: string; wanted: RipleyParams; draws: DrawParams | null }; result: RipleyTable };
  ligrec: {
    params: { section: Handle; column: string; graph: GraphParams; pairs: string; wanted: LigrecParams; draws: DrawParams | null };
    result: LigrecTable;
  };
  simulate: { params: { cells: number; seed: number }; result: ArrayBuffer };
  dispose: { params: { handle: Handle }; result: null };
}

export type MethodName = keyof Methods;
/** The statistics: each runs in a worker of its own. */
export type MeasureName =
  | "autocorrelation"
  | "local"
  | "bivariate"
  | "composition"
  | "profiles"
  | "niches"
  | "enrichment"
  | "centrality"
  | "coOccurrence"
  | "ripley"
  | "ligrec";
export type Params<M extends MethodName> = Methods[M]["params"];
export type Result<M extends MethodName> = Methods[M]["result"];

/** One call, with its method and parameters still tied together. */
export type Call = { [M in MethodName]: { method: M; params: Params<M> } }[MethodName];

/** From the page. The first message is `start`; every `call` is answered once by `done`, `failed` or `stopped`. */
export type ToWorker =
  | { type: "start"; module: WebAssembly.Module }
  | ({ type: "call"; id: number } & Call)
  | { type: "cancel"; id: number };

/** From the worker. */
export type ToPage =
  | { type: "done"; id: number; value: Result<MethodName> }
  | { type: "failed"; id: number; error: ResituErrorShape }
  | { type: "progress"; id: number; progress: Progress }
  | { type: "partial"; id: number; part: PartialResult }
  /** The worker cannot go on: no further message follows. `id` is the call at fault, if one was running. */
  | { type: "stopped"; id: number | null; error: ResituErrorShape };

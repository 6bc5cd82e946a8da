/** The public types of the statistics: what `spatial` takes and answers. */

import type { CallOptions, OpenedCells, Table, TranslationResult, Translator } from "./types.js";

/**
 * Intervals, for cells whose positions are a distribution: those of a translation, or of an h5ad that one was saved as
 * (`summary.likelyPositions`). Without `draws` there are none; cells of one position each reject with
 * `spatial.no-likely-positions`.
 */
export interface DrawOptions {
  /** How many draws of where the cells may be, from 2 to 10,000. 200 are plenty; each costs as much as the statistic. */
  draws?: number;
  /** Share of the draws that an interval holds. Default 0.95. */
  level?: number;
  /**
   * Also what the labels alone would give: every cell at the place of a random reference cell of its state. The translator
   * that made the cells.
   */
  nullFrom?: Translator;
}

/** Numbers over draws of the positions, one entry for each number of the statistic and in its order. */
export interface Interval extends DrawnNumbers {
  /** With `nullFrom`: the same over places that the labels alone give. */
  null?: DrawnNumbers;
}

export interface DrawnNumbers {
  /** Over the draws in which the number exists; NaN if it never does. */
  mean: Float64Array;
  /** Population standard deviation. */
  deviation: Float64Array;
  /** Quantiles: with a level of 0.95, 2.5 % and 97.5 %. */
  low: Float64Array;
  high: Float64Array;
  /** Draws in which the number does not exist. */
  undefined: Uint32Array;
}

/** The same of one number. */
export interface NumberInterval extends DrawnNumber {
  null?: DrawnNumber;
}

export interface DrawnNumber {
  mean: number;
  deviation: number;
  low: number;
  high: number;
  undefined: number;
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
  /** With draws. Here z is against all shuffles, in closed form. */
  intervals?: { z: Interval; counts: Interval };
}

export interface EnrichmentOptions extends CallOptions, DrawOptions {
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

export interface AutocorrelationOptions extends CallOptions, DrawOptions {
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
  /** With draws. */
  moranInterval?: NumberInterval;
  gearyInterval?: NumberInterval;
}

export interface LocalOptions extends CallOptions, DrawOptions {
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
  /** With draws, one entry a cell: of local Moran's I, and of the z of G*. */
  intervals?: { moran: Interval; getisOrdZ: Interval };
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
  /** With draws. */
  moranInterval?: NumberInterval;
  leeInterval?: NumberInterval;
}

/** Label-by-label composition: of a cell with label `row`, the share of its neighbours that have label `column` (0..1). */
export interface CompositionTable {
  labels: string[];
  /** Row-major, labels × labels; a label whose cells have no neighbours has a row of NaN. */
  shares: Float64Array;
  /** Cells of each label. */
  counts: Uint32Array;
  /** With draws. */
  intervals?: { shares: Interval };
}

export interface CompositionOptions extends CallOptions, DrawOptions {
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
  /** With draws. */
  intervals?: { degree: Interval; clustering: Interval; closeness: Interval; interactions: Interval; assortativity: NumberInterval };
}

export interface CoOccurrenceOptions extends CallOptions, DrawOptions {
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
  /** With draws: at the same distances. */
  intervals?: { ratio: Interval };
}

/** `g` is the pair correlation function. */
export type RipleyFunction = "F" | "G" | "K" | "L" | "g";

export type EdgeCorrection = "none" | "border" | "kaplan-meier" | "isotropic" | "translation";

export interface RipleyOptions extends CallOptions, DrawOptions {
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
  /** With draws: of `value`. */
  interval?: Interval;
}

export interface LigrecOptions extends CallOptions, DrawOptions {
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
  /** With draws, which go with `between: "neighbours"` alone: means over the cells of a label do not depend on places. */
  intervals?: { means: Interval };
}

/** What is around a cell: the labels of a column, or the expression of some genes (at most 1,000). */
export type Around = string | { genes: readonly string[]; withSelf?: boolean };

export interface ProfileOptions extends CallOptions {
  graph?: GraphOptions;
}

/**
 * What lies around each cell of the file, one row a cell: shares of labels, or the weighted mean of the neighbours'
 * expression (with `withSelf` also of the cell's own). NaN for cells without position, values or neighbour.
 */
export type ProfileTable = Table;

export interface NicheOptions extends CallOptions, DrawOptions {
  graph?: GraphOptions;
  /** Number of niches. Default 8. */
  count?: number;
  /** Starts of k-means, of which the best counts. Default 5. */
  starts?: number;
  /** Cluster the profiles as they are, instead of each column by its standard deviation as squidpy does. */
  raw?: boolean;
  seed?: number;
}

/** Clusters of what lies around the cells, the largest first. */
export interface NicheTable {
  /** What the profiles are of: labels, or genes. */
  columns: string[];
  /** One a cell of the file; −1 without a profile. */
  codes: Int32Array;
  /** Cells of each niche. Fewer niches than asked for where profiles repeat. */
  sizes: Uint32Array;
  /** Mean profile of each niche, row-major, niches × columns. */
  means: Float64Array;
  /** From −1 to 1: how well the niches stand apart, of at most 2,000 cells. */
  silhouette: number;
  /** Agreement (adjusted Rand index) of every other start with the best: near 0, the niches are the start's. */
  stability: Float64Array;
  inertia: number;
  converged: boolean;
  /**
   * With draws. The niches stay; each draw counts every cell among the nearest. `shares`: of the cells in each niche; `stays`,
   * one a cell: its `mean` is the share of draws that keep the cell in its niche.
   */
  intervals?: { shares: Interval; means: Interval; stays: Interval };
}

/**
 * Cells with positions. A translated cell's label columns are those of its file and, where the file has no such column,
 * `state` and `niche`.
 */
export type Measured = OpenedCells | TranslationResult;

/**
 * Neighbourhood statistics; see `spatial` of the package. None needs a translator. Each call runs in a worker of its own,
 * which aborting ends at once.
 *
 * Cells without a position are left out of everything, and those without a finite value of any gene out of the statistics of
 * genes, as if they were not there; results by cell are NaN for them.
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
  /** Kinds of neighbourhood: clusters of what lies around each cell, by labels or by the expression of genes. */
  niches(source: Measured, around: Around, options?: NicheOptions): Promise<NicheTable>;
  /** What lies around each cell, to be clustered or trained on elsewhere. Normalise expression first: on counts, large cells decide. */
  profiles(source: Measured, around: Around, options?: ProfileOptions): Promise<ProfileTable>;
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

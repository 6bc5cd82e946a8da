/** Checks what callers pass before it reaches the worker: JavaScript callers have no compiler to do it. */

import { clientError } from "./errors.js";
import { HeldObject } from "./held.js";
import type { CoOccurrenceParams, DrawParams, GraphParams, LigrecParams, NicheParams, ProfileParams, RipleyParams } from "./protocol.js";
import type { Around, CoOccurrenceOptions, DeviceChoice, DrawOptions, GraphOptions, LigrecOptions, NicheOptions, RipleyOptions, Species } from "./types.js";

const SEED_LIMIT = 2 ** 32;
const PERMUTATIONS_LIMIT = 100_000;
const DRAWS_LIMIT = 10_000;
const GENES_LIMIT = 1000;

export function seedOption(seed = 0): number {
  return wholeNumber("seed", seed, 0, SEED_LIMIT - 1);
}

export function permutationsOption(permutations = 0): number {
  return wholeNumber("permutations", permutations, 0, PERMUTATIONS_LIMIT);
}

export function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw clientError("options.invalid", `${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}

export function deviceOption(device: DeviceChoice = "auto"): DeviceChoice {
  if (device === "auto" || device === "cpu" || device === "webgpu") return device;
  throw clientError("options.invalid", "device must be auto, cpu or webgpu");
}

export function speciesOption(name: string, species: Species): Species {
  if (species === "human" || species === "mouse") return species;
  throw clientError("options.invalid", `${name} must be human or mouse`);
}

/** The graph with every field given: 6 nearest neighbours unless said otherwise. */
export function graphOption(graph: GraphOptions = { kind: "knn" }): GraphParams {
  const { kind } = graph;
  oneOf("graph.kind", kind, ["knn", "radius", "delaunay", "grid"]);
  if (kind === "radius" && graph.radius === undefined) throw clientError("options.invalid", "graph.radius is missing");
  const maxLength = positive("graph.maxLength", graph.maxLength);
  const percentile = within("graph.percentile", graph.percentile, 0, 100);
  if (kind === "grid" && (maxLength !== null || percentile !== null)) {
    throw clientError("options.invalid", "the edges of a grid cannot be chosen by length");
  }
  return {
    kind,
    k: wholeNumber("graph.k", graph.k ?? 6, 1, 1000),
    radius: positive("graph.radius", graph.radius) ?? 0,
    rings: wholeNumber("graph.rings", graph.rings ?? 1, 1, 100),
    maxLength,
    percentile,
    sections: textOption("graph.sections", graph.sections),
  };
}

export function coOccurrenceOptions({ sections, steps = 50, distances }: CoOccurrenceOptions): CoOccurrenceParams {
  const ascending = distances === undefined || [...distances].every((one, at, all) => Number.isFinite(one) && one >= 0 && (at === 0 || one > (all[at - 1] as number)));
  if (!ascending) throw clientError("options.invalid", "distances must be finite and ascend");
  return {
    sections: textOption("sections", sections),
    steps: wholeNumber("steps", steps, 2, 10_000),
    distances: distances === undefined ? null : [...distances],
  };
}

export function ripleyOptions(options: RipleyOptions): RipleyParams {
  const { function: which = "L", edgeCorrection, null: nullHypothesis = "uniform" } = options;
  oneOf("function", which, ["F", "G", "K", "L", "g"]);
  oneOf("null", nullHypothesis, ["uniform", "labels"]);
  if (edgeCorrection !== undefined) oneOf("edgeCorrection", edgeCorrection, ["none", "border", "kaplan-meier", "isotropic", "translation"]);
  return {
    sections: textOption("sections", options.sections),
    function: which,
    edgeCorrection: edgeCorrection ?? null,
    null: nullHypothesis,
    maxDistance: positive("maxDistance", options.maxDistance),
    steps: wholeNumber("steps", options.steps ?? 50, 2, 10_000),
    simulations: wholeNumber("simulations", options.simulations ?? 199, 0, PERMUTATIONS_LIMIT),
    seed: seedOption(options.seed),
  };
}

export function ligrecOptions(options: LigrecOptions): LigrecParams {
  const { between = "labels" } = options;
  oneOf("between", between, ["labels", "neighbours"]);
  return {
    between,
    threshold: within("threshold", options.threshold ?? 0.01, 0, 1) ?? 0,
    permutations: permutationsOption(options.permutations ?? 1000),
    seed: seedOption(options.seed),
  };
}

/** `null` without draws. */
export function drawOption({ draws, level = 0.95, nullFrom }: DrawOptions, seed?: number): DrawParams | null {
  if (draws === undefined) {
    if (nullFrom !== undefined) throw clientError("options.invalid", "nullFrom goes with draws");
    return null;
  }
  if (!(level > 0 && level < 1)) throw clientError("options.invalid", "level must lie between 0 and 1");
  return { draws: wholeNumber("draws", draws, 2, DRAWS_LIMIT), level, seed: seedOption(seed), null: nullFrom !== undefined };
}

export function aroundOption(around: Around): ProfileParams {
  if (typeof around === "string") return { column: around, genes: null, withSelf: false };
  const genes = [...(around?.genes ?? [])].map(String);
  wholeNumber("the number of genes", genes.length, 1, GENES_LIMIT);
  return { column: null, genes, withSelf: around.withSelf === true };
}

export function nicheOptions({ count = 8, starts = 5, raw = false, seed }: NicheOptions): NicheParams {
  return {
    count: wholeNumber("count", count, 1, 1000),
    starts: wholeNumber("starts", starts, 1, 1000),
    raw: raw === true,
    seed: seedOption(seed),
  };
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw clientError("options.invalid", `${name} must be one of ${allowed.join(", ")}`);
}

function textOption(name: string, value: string | undefined): string | null {
  if (value !== undefined && typeof value !== "string") throw clientError("options.invalid", `${name} must be text`);
  return value ?? null;
}

function positive(name: string, value: number | undefined): number | null {
  if (value === undefined) return null;
  if (!Number.isFinite(value) || value <= 0) throw clientError("options.invalid", `${name} must be a number above 0`);
  return value;
}

function within(name: string, value: number | undefined, least: number, most: number): number | null {
  if (value === undefined) return null;
  if (!(value >= least && value <= most)) throw clientError("options.invalid", `${name} must lie between ${least} and ${most}`);
  return value;
}

/** The object behind a handle interface: only those that this package made can be passed back to it. */
export function heldObject(value: unknown, what: string): HeldObject {
  if (value instanceof HeldObject) return value;
  throw clientError("options.invalid", `${what} must come from this package`);
}

/** Both must live in one worker to meet. A worker that has ended says so itself when it is called. */
export function sameSession(a: HeldObject, b: HeldObject): void {
  if (a.session !== b.session && !a.session.ended && !b.session.ended) throw clientError("handle.foreign");
}

/** Checks what callers pass before it reaches the worker: JavaScript callers have no compiler to do it. */

import { clientError } from "./errors.js";
import { HeldObject } from "./held.js";
import type { GraphParams } from "./protocol.js";
import type { DeviceChoice, GraphOptions } from "./types.js";

const SEED_LIMIT = 2 ** 32;
const PERMUTATIONS_LIMIT = 100_000;

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

/** The graph with every field given: 6 nearest neighbours unless said otherwise. */
export function graphOption(graph: GraphOptions = { kind: "knn" }): GraphParams {
  const { sections = null } = graph;
  if (sections !== null && typeof sections !== "string") throw clientError("options.invalid", "graph.sections must be text");
  if (graph.kind === "knn") return { kind: "knn", k: wholeNumber("k", graph.k ?? 6, 1, 1000), radius: 0, sections };
  if (graph.kind === "radius") {
    const { radius } = graph;
    if (radius === undefined || !Number.isFinite(radius) || radius <= 0) {
      throw clientError("options.invalid", "radius must be a number above 0");
    }
    return { kind: "radius", k: 0, radius, sections };
  }
  throw clientError("options.invalid", "graph.kind must be knn or radius");
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

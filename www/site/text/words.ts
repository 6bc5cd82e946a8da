/** The library's short terms in words for people. */

import type { Progress, Provenance, ValueKind } from "resitu";
import { bytes, count } from "./format.js";

const VALUE_KINDS: Record<ValueKind, string> = {
  counts: "raw counts",
  normalised: "normalised values",
  "log-normalised": "log-normalised values",
  scaled: "scaled values",
  unknown: "values of an unclear kind",
};

export function valueKind(kind: ValueKind): string {
  return VALUE_KINDS[kind];
}

export function device(used: Provenance["device"]): string {
  if (used === "webgpu + cpu") return "this computer’s graphics chip (WebGPU), and its processor (CPU) after that was lost";
  return used === "cpu" ? "this computer’s processor (CPU)" : "this computer’s graphics chip (WebGPU)";
}

/** `stage` says what is counted when that is not cells: "downloading (bytes)". */
export function progress({ stage, done, total }: Progress): string {
  const [, name = stage, unit] = /^(.*?)(?: \((\w+)\))?$/.exec(stage) ?? [];
  const words = name.charAt(0).toUpperCase() + name.slice(1);
  if (total <= 1) return `${words}…`;
  return unit === "bytes" ? `${words}: ${bytes(done)} of ${bytes(total)}` : `${words}: ${count(done)} of ${count(total)}`;
}

/** An annotation column or a state as a heading: `cell_type` → `cell type`. */
export function label(name: string): string {
  return name.replaceAll("_", " ");
}

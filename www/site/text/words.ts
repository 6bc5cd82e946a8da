/** The library's short terms in words for people. */

import type { DeviceUsed, Progress, ValueKind } from "resitu";
import { count } from "./format.js";

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

export function device(used: DeviceUsed): string {
  return used === "cpu" ? "this computer’s processor (CPU)" : "this computer’s graphics chip (WebGPU)";
}

/** `stage` is a key of the library; unknown ones are shown with dashes opened. */
export function progress({ stage, done, total }: Progress): string {
  const words = stage.replaceAll(/[-_.]/g, " ");
  const start = words.charAt(0).toUpperCase() + words.slice(1);
  return total > 1 ? `${start}: ${count(done)} of ${count(total)}` : `${start}…`;
}

/** An annotation column or a state as a heading: `cell_type` → `cell type`. */
export function label(name: string): string {
  return name.replaceAll("_", " ");
}

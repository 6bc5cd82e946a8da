/** Options are refused before they reach the worker, and defaults are filled in. */

import { describe, expect, it } from "vitest";
import { aroundOption, coOccurrenceOptions, deviceOption, drawOption, graphOption, nicheOptions, permutationsOption, ripleyOptions, seedOption, speciesOption } from "./options.js";

const invalid = expect.objectContaining({ code: "options.invalid" });

describe("options", () => {
  it("default to six neighbours, no permutations, seed 0 and a device chosen by trial", () => {
    expect(graphOption()).toEqual({ kind: "knn", k: 6, radius: 0, rings: 1, maxLength: null, percentile: null, sections: null });
    expect([permutationsOption(), seedOption(), deviceOption()]).toEqual([0, 0, "auto"]);
  });

  it("draw nothing unless asked to, and by the seed of the call", () => {
    expect(drawOption({})).toBeNull();
    expect(drawOption({ draws: 50 }, 3)).toEqual({ draws: 50, level: 0.95, seed: 3, null: false });
  });

  it.each([
    ["k of 0", () => graphOption({ kind: "knn", k: 0 })],
    ["a radius of NaN", () => graphOption({ kind: "radius", radius: Number.NaN })],
    ["no radius", () => graphOption({ kind: "radius" })],
    ["another graph", () => graphOption({ kind: "voronoi" } as never)],
    ["a grid pruned by length", () => graphOption({ kind: "grid", maxLength: 3 })],
    ["distances that fall", () => coOccurrenceOptions({ distances: [5, 3] })],
    ["an unknown edge correction", () => ripleyOptions({ edgeCorrection: "magic" } as never)],
    ["a single draw", () => drawOption({ draws: 1 })],
    ["a level of 1", () => drawOption({ draws: 20, level: 1 })],
    ["a null without draws", () => drawOption({ nullFrom: {} as never })],
    ["niches around no gene", () => aroundOption({ genes: [] })],
    ["no niche", () => nicheOptions({ count: 0 })],
    ["half a permutation", () => permutationsOption(0.5)],
    ["a negative seed", () => seedOption(-1)],
    ["a seed beyond 32 bits", () => seedOption(2 ** 32)],
    ["another species", () => speciesOption("to", "rat" as never)],
    ["another device", () => deviceOption("cuda" as never)],
  ])("refuse %s", (_, make) => {
    expect(make).toThrow(invalid);
  });
});

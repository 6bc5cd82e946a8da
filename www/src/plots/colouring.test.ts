/** Legends count right, group what cannot be told apart, and never drop a cell. */

import { describe, expect, it } from "vitest";
import { categoryColours, drawingOrder, legendOf, paint, quantile } from "./colouring.js";
import { MOST_CATEGORIES, packColour, rampColour } from "./palette.js";
import { niceLength } from "./scale-bar.js";

describe("legendOf", () => {
  it("counts, keeps the order of the names and leaves out what does not occur", () => {
    const entries = legendOf({ kind: "categories", title: "", codes: [2, 0, 2], names: ["a", "b", "c"] }, "light");
    expect(entries.map(({ name, count }) => [name, count])).toEqual([["a", 1], ["c", 2]]);
  });

  it("keeps a name's colour whatever else occurs", () => {
    const names = ["a", "b", "c"];
    const some = legendOf({ kind: "categories", title: "", codes: [2], names }, "light");
    const all = legendOf({ kind: "categories", title: "", codes: [0, 1, 2], names }, "light");
    expect(some[0]?.colour).toBe(all[2]?.colour);
  });

  it("groups the smallest of many under one colour and loses no cell", () => {
    const names = Array.from({ length: 30 }, (_, at) => `level ${at}`);
    const codes = names.flatMap((_, at) => new Array<number>(at + 1).fill(at));
    const entries = legendOf({ kind: "categories", title: "", codes, names }, "dark");
    expect(entries).toHaveLength(MOST_CATEGORIES);
    expect(entries.reduce((sum, entry) => sum + entry.count, 0)).toBe(codes.length);
    expect(entries.at(-1)?.codes).toHaveLength(30 - (MOST_CATEGORIES - 1));
    expect(new Set(entries.map((entry) => entry.colour)).size).toBe(MOST_CATEGORIES);
  });

  it("gives a label the colour it has elsewhere, from its count alone", () => {
    const names = Array.from({ length: 20 }, (_, at) => `level ${at}`);
    const codes = names.flatMap((_, at) => new Array<number>(20 - at).fill(at));
    const colours = categoryColours(names.map((_, at) => 20 - at), "light");
    for (const entry of legendOf({ kind: "categories", title: "", codes, names }, "light")) {
      if (entry.codes.length === 1) expect(colours.get(entry.codes[0] as number)).toBe(entry.colour);
    }
  });

  it("says how many have no category: -1 of labels, 255 of empty cells", () => {
    const entries = legendOf({ kind: "categories", title: "", codes: [0, -1, 255], names: ["a"] }, "light");
    expect(entries.at(-1)).toMatchObject({ name: "none given", count: 2, codes: [-1] });
  });
});

describe("values", () => {
  it("paints the ends of the ramp, clips beyond them, and keeps NaN apart", () => {
    const values = Float32Array.of(-1, 0, 2, 9, NaN);
    const [below, low, high, above, missing] = paint({ kind: "values", title: "", values, low: 0, high: 2, unit: "" }, "light");
    expect([below, low]).toEqual([packColour(rampColour(0, "light")), packColour(rampColour(0, "light"))]);
    expect([high, above]).toEqual([packColour(rampColour(1, "light")), packColour(rampColour(1, "light"))]);
    expect([low, high]).not.toContain(missing);
  });

  it("draws high values last and NaN first", () => {
    const values = Float32Array.of(3, NaN, 1, 2);
    expect([...drawingOrder({ kind: "values", title: "", values, low: 0, high: 3, unit: "" })]).toEqual([1, 2, 3, 0]);
  });

  it("shuffles categories the same way every time, each point once", () => {
    const order = drawingOrder({ kind: "plain", title: "", count: 500 });
    expect(order).toEqual(drawingOrder({ kind: "plain", title: "", count: 500 }));
    expect(new Set(order).size).toBe(500);
  });

  it("takes quantiles of what is finite", () => {
    expect(quantile(Float32Array.of(4, NaN, 1, 3, 2), 0.5)).toBe(3);
    expect(quantile(Float32Array.of(NaN), 0.5)).toBeNaN();
  });
});

it("makes round scale bars", () => {
  expect(niceLength(730, "µm")).toEqual({ length: 500, label: "500 µm" });
  expect(niceLength(2400, "µm")).toEqual({ length: 2000, label: "2 mm" });
  expect(niceLength(0.034, "µm").label).toBe("0.02 µm");
});

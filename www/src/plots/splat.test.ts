/** The rasteriser draws what it is given, where it belongs, and nothing else. */

import { describe, expect, it } from "vitest";
import { packColour } from "./palette.js";
import { makeStamp, Pixels, splat } from "./splat.js";

const WHITE = packColour("#ffffff");
const RED = packColour("#ff0000");
const BLUE = packColour("#0000ff");
const view = { scale: 1, shiftX: 0, shiftY: 0 };
const pixel = (pixels: Pixels, x: number, y: number): number | undefined => pixels.data[(y + pixels.margin) * pixels.stride + x + pixels.margin];

function drawn(positions: number[], colours: number[], more: object = {}): { pixels: Pixels; count: number } {
  const pixels = new Pixels(20, 10, 6);
  pixels.fill(WHITE);
  const points = { positions: Float32Array.from(positions), colours: Uint32Array.from(colours), ...more };
  return { pixels, count: splat(pixels, points, view, makeStamp(2)) };
}

describe("splat", () => {
  it("paints a disc around the point and leaves the rest alone", () => {
    const { pixels, count } = drawn([5, 5], [RED]);
    expect(count).toBe(1);
    expect(pixel(pixels, 5, 5)).toBe(RED);
    expect(pixel(pixels, 6, 5)).toBe(RED);
    expect(pixel(pixels, 9, 5)).toBe(WHITE);
  });

  it("leaves out NaN and what lies outside, and may touch every edge", () => {
    expect(drawn([NaN, 5, 25, 5, -1, 5], [RED, RED, RED]).count).toBe(0);
    expect(drawn([0, 0, 19.9, 9.9], [RED, RED]).count).toBe(2);
  });

  it("draws in the order asked for, last on top", () => {
    const both = [5, 5, 5, 5];
    expect(pixel(drawn(both, [RED, BLUE]).pixels, 5, 5)).toBe(BLUE);
    expect(pixel(drawn(both, [RED, BLUE], { order: Uint32Array.of(1, 0) }).pixels, 5, 5)).toBe(RED);
  });

  it("hides points that are not visible", () => {
    const { pixels, count } = drawn([5, 5], [RED], { visible: Uint8Array.of(0) });
    expect(count).toBe(0);
    expect(pixel(pixels, 5, 5)).toBe(WHITE);
  });

  it("mixes at half opacity and stays opaque", () => {
    const pixels = new Pixels(4, 4, 4);
    pixels.fill(packColour("#000000"));
    splat(pixels, { positions: Float32Array.of(2, 2), colours: Uint32Array.of(WHITE) }, view, makeStamp(1, 0.5));
    const mixed = pixel(pixels, 2, 2) as number;
    expect(mixed >>> 24).toBe(255);
    for (const shift of [0, 8, 16]) expect(Math.abs(((mixed >> shift) & 255) - 127)).toBeLessThan(3);
  });
});

/** The colours can be told apart, also by people with the common kinds of colour-blindness. */

import { describe, expect, it } from "vitest";
import { categoryColour, MOST_CATEGORIES, packColour, rampColour, type Theme } from "./palette.js";

type Triple = [number, number, number];
type Matrix = [Triple, Triple, Triple];

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const VISIONS: Record<string, Matrix> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const TO_LMS: Matrix = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]];
const TO_LAB: Matrix = [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]];

const times = (matrix: Matrix, [x, y, z]: Triple): Triple => matrix.map((row) => row[0] * x + row[1] * y + row[2] * z) as Triple;

function oklab(pixel: number, vision: Matrix): Triple {
  const linear = [0, 8, 16].map((shift) => {
    const share = ((pixel >> shift) & 255) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Triple;
  const seen = times(vision, linear).map((channel) => Math.min(1, Math.max(0, channel))) as Triple;
  return times(TO_LAB, times(TO_LMS, seen).map(Math.cbrt) as Triple);
}

const distance = (one: Triple, other: Triple): number => Math.hypot(...one.map((value, at) => value - (other[at] as number)));

function closest(colours: string[], vision: Matrix): number {
  const seen = colours.map((colour) => oklab(packColour(colour), vision));
  return Math.min(...seen.flatMap((one, at) => seen.slice(at + 1).map((other) => distance(one, other))));
}

describe.each<Theme>(["light", "dark"])("on the %s theme", (theme) => {
  const colours = Array.from({ length: MOST_CATEGORIES }, (_, at) => categoryColour(at, theme));

  it.each(Object.entries(VISIONS))("with %s vision", (_, vision) => {
    expect(closest(colours.slice(0, 8), vision)).toBeGreaterThan(0.11);
    expect(closest(colours, vision)).toBeGreaterThan(0.07);
  });

  it("has a ramp that goes one way in lightness, for every vision", () => {
    for (const vision of Object.values(VISIONS)) {
      const light = Array.from({ length: 21 }, (_, step) => oklab(packColour(rampColour(step / 20, theme)), vision)[0]);
      const steps = light.slice(1).map((value, at) => (value - (light[at] as number)) * (theme === "light" ? -1 : 1));
      expect(Math.min(...steps)).toBeGreaterThan(0);
    }
  });
});

/** Points on one place become as many places, near it; all others stay where they are. */

import { expect, it } from "vitest";
import { Spreader } from "./spread.js";

it("leaves single points alone and spreads coincident ones evenly", () => {
  const positions = Float32Array.from([10, 20, ...Array.from({ length: 100 }, () => [5, 5]).flat(), NaN, NaN]);
  const target = new Float32Array(positions.length);
  const spreader = new Spreader(2);
  spreader.place(positions, target);
  expect([...target.slice(0, 4)]).toEqual([10, 20, 5, 5]);
  expect(spreader.moved).toBe(99);
  expect(target.at(-1)).toBeNaN();
  const points = Array.from({ length: 100 }, (_, at) => [target[2 + 2 * at], target[3 + 2 * at]] as [number, number]);
  const distance = ([a, b]: [number, number], [c, d]: [number, number]): number => Math.hypot(a - c, b - d);
  const nearest = points.map((one, at) => Math.min(...points.filter((_, other) => other !== at).map((other) => distance(one, other))));
  expect(Math.min(...nearest)).toBeGreaterThan(2);
  expect(Math.max(...points.map((point) => distance(point, [5, 5])))).toBeLessThan(2 * 10);
});

it("goes on counting from one part to the next", () => {
  const spreader = new Spreader(1);
  const target = new Float32Array(4);
  spreader.place(Float32Array.of(3, 3), target, 0);
  spreader.place(Float32Array.of(3, 3), target, 1);
  expect([...target.slice(0, 2)]).toEqual([3, 3]);
  expect([...target.slice(2)]).not.toEqual([3, 3]);
});

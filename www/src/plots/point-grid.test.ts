/** The grid finds the same nearest point as looking at all of them. */

import { expect, it } from "vitest";
import { bounds, PointGrid } from "./point-grid.js";

function cloud(count: number, stretch: number): Float32Array {
  let state = 7;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Float32Array.from({ length: 2 * count }, (_, at) => next() * (at % 2 ? 1 : stretch));
}

function slow(positions: Float32Array, x: number, y: number, reach: number): number {
  let [best, least] = [-1, reach * reach];
  for (let point = 0; point < positions.length / 2; point++) {
    const square = ((positions[2 * point] as number) - x) ** 2 + ((positions[2 * point + 1] as number) - y) ** 2;
    if (square < least) [best, least] = [point, square];
  }
  return best;
}

it.each([1, 50, 10_000])("agrees with the slow way on a cloud stretched by %d", (stretch) => {
  const positions = cloud(600, stretch);
  const grid = new PointGrid(positions);
  for (let step = 0; step < 200; step++) {
    const [x, y] = [(step / 200) * stretch, (step * 0.37) % 1];
    expect(grid.nearest(x, y, 0.2 * stretch)).toBe(slow(positions, x, y, 0.2 * stretch));
  }
});

it("leaves out NaN and what is not accepted, and says -1 when nothing is near", () => {
  const grid = new PointGrid(Float32Array.of(NaN, 0, 0, 0, 1, 0));
  expect(grid.nearest(0.1, 0, 5)).toBe(1);
  expect(grid.nearest(0.1, 0, 5, (point) => point !== 1)).toBe(2);
  expect(grid.nearest(50, 50, 5)).toBe(-1);
});

it("has a box even for no points, or one", () => {
  expect(bounds(new Float32Array())).toEqual({ left: 0, top: 0, right: 1, bottom: 1 });
  expect(new PointGrid(Float32Array.of(3, 4)).nearest(3, 4, 1)).toBe(0);
});

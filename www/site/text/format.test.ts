/** Numbers for people: honest at the ends. */

import { expect, it } from "vitest";
import { bytes, duration, percent, probability, statistic } from "./format.js";

it("never rounds a share to all or nothing", () => {
  expect([0, 0.0004, 0.0231, 0.5, 0.9995, 1].map(percent)).toEqual(["0 %", "under 0.1 %", "2.3 %", "50 %", "over 99.9 %", "100 %"]);
  expect(percent(NaN)).toBe("unknown");
});

it("says times and sizes roughly", () => {
  expect([0.2, 7.2, 33, 100, 7200].map(duration)).toEqual(["about a second", "about 8 seconds", "about 40 seconds", "about 2 minutes", "about 2.0 hours"]);
  expect([500, 4_300_000, 184e6, 2.44e9].map(bytes)).toEqual(["1 kB", "4.3 MB", "184 MB", "2.4 GB"]);
});

it("shows small p-values as powers and absent ones as a dash", () => {
  expect([0, 3.2e-7, 0.04321, NaN, undefined].map(probability)).toEqual(["< 1e−300", "3.2e−7", "0.043", "–", "–"]);
  expect([-0.01234, NaN].map(statistic)).toEqual(["−0.012", "–"]);
});

/** Stages of the library as sentences. */

import { expect, it } from "vitest";
import { progress } from "./words.js";

it("counts cells, or bytes where the stage says so, or nothing", () => {
  expect(progress({ stage: "translating", done: 1200, total: 2400 })).toBe("Translating: 1,200 of 2,400");
  expect(progress({ stage: "downloading (bytes)", done: 1.2e6, total: 4.3e6 })).toBe("Downloading: 1.2 MB of 4.3 MB");
  expect(progress({ stage: "opening", done: 0, total: 1 })).toBe("Opening…");
});

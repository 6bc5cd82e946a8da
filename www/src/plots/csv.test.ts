/** What leaves the page as CSV comes back as it was. */

import { expect, it } from "vitest";
import { csvOf } from "./csv.js";

it("quotes where it must, keeps every digit, leaves NaN empty and defuses formulas", () => {
  const text = csvOf([
    ["a,b", 'say "x"', 0.1 + 0.2],
    ["=1+1", "-1.5", NaN],
  ]);
  expect(text).toBe('"a,b","say ""x""",0.30000000000000004\n\'=1+1,-1.5,\n');
});

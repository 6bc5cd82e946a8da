/** The column that most likely says what a cell is comes first. */

import { expect, it } from "vitest";
import { labelColumns, sectionColumn } from "./labels.js";

it("prefers cell types with few levels and leaves out columns that say nothing", () => {
  const labels = [
    { name: "Sample", levels: 1 },
    { name: "donor", levels: 3 },
    { name: "celltype_subset", levels: 41 },
    { name: "celltype_major", levels: 9 },
  ];
  expect(labelColumns({ labels })).toEqual(["celltype_major", "celltype_subset", "donor"]);
  expect(labels[0]?.name, "the summary itself stays as it was").toBe("Sample");
});

it("knows the usual names of sections, if there are several", () => {
  const found = (...names: string[]): string => sectionColumn({ labels: names.map((name) => ({ name, levels: name === "slice" ? 1 : 3 })) });
  expect(found("cell_type", "sample_id")).toBe("sample_id");
  expect(found("Section")).toBe("Section");
  expect(found("slice", "sampled", "region")).toBe("");
});

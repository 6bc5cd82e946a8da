import type { PictureStyle } from "../../src/plots/index.js";

/** A statistic that was computed: pictures of it, and its numbers. */
export interface Found {
  /** What is picked to be drawn, and among which labels or pictures; empty where all is in one picture. */
  labels: string[];
  pick?: "Around" | "Picture";
  draw: (style: PictureStyle, label: number) => SVGSVGElement;
  /** Lines of a table, the first one the headings. */
  table: () => (string | number)[][];
  /** A sentence below the picture. */
  note: (label: number) => string;
  /** A second table to be saved, of the cells. */
  cells?: () => (string | number)[][];
}

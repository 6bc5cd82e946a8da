/** Which niches the cells of each label fall into, or which neighbours they have: stacked bars, and the same as a table. */

import type { OpenedCells, TranslationResult, TranslatorCard } from "resitu";
import { type BarRow, type BarSeries, categoryColour, MOST_CATEGORIES, stackedBars, svgBlob, svgToPng } from "../../src/plots/index.js";
import { byId, choices, h, save, swatch } from "../dom.js";
import { asFailure } from "../failure.js";
import { labelColumns } from "../labels.js";
import { percent } from "../text/format.js";
import { label } from "../text/words.js";
import { onThemeChange, theme, token } from "../theme.js";

type Kind = "niches" | "neighbours";
const STATE = "\u0000state";
const FIRST_ROWS = 12;

export class CompositionView {
  private readonly root = byId("composition");
  private readonly body = h("div", { class: "bars" });
  private readonly key = h("ul", { class: "legend-row" });
  private readonly table = h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of shares" });
  private readonly more = h("button", { type: "button", class: "link", onclick: () => this.expand() }, "");
  private rows: BarRow[] = [];
  private series: BarSeries[] = [];
  private everything = false;
  private kind: Kind = "niches";
  private column = STATE;
  private source: { result: TranslationResult; cells: OpenedCells; card: TranslatorCard } | null = null;
  private width = 0;

  constructor() {
    onThemeChange(() => void this.compute());
    new ResizeObserver(() => {
      const width = Math.floor(this.body.clientWidth);
      if (width > 0 && width !== this.width) this.draw();
    }).observe(this.body);
  }

  show(result: TranslationResult, cells: OpenedCells, card: TranslatorCard): void {
    this.source = { result, cells, card };
    const columns = labelColumns(cells.summary);
    this.column = columns[0] ?? STATE;
    this.everything = false;
    const select = h(
      "select",
      {
        onchange: () => {
          this.column = select.value;
          void this.compute();
        },
      },
      ...columns.map((name) => h("option", { value: name, selected: name === this.column }, name)),
      h("option", { value: STATE, selected: this.column === STATE }, "predicted cell state"),
    );
    this.root.replaceChildren(
      h("h2", { id: "composition-title" }, "Niches of each group"),
      h("p", { class: "quiet" }, "Niches are kinds of neighbourhood, found in the reference section by who lives next to whom."),
      h(
        "div",
        { class: "row" },
        h("label", { class: "field" }, h("span", {}, "Groups"), select),
        choices<Kind>(
          "Show",
          "composition-kind",
          [
            { value: "niches", text: "Niches", hint: "Share of the group’s cells in each niche" },
            { value: "neighbours", text: "Neighbours", hint: "Mean share of each cell state among the 20 nearest neighbours" },
          ],
          this.kind,
          (kind) => {
            this.kind = kind;
            void this.compute();
          },
        ),
      ),
      this.body,
      this.more,
      this.key,
      h("details", {}, h("summary", {}, "The same as a table"), this.table),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", onclick: () => void this.save("svg") }, "Bars as SVG"),
        h("button", { type: "button", onclick: () => void this.save("png") }, "Bars as PNG"),
      ),
    );
    this.root.hidden = false;
    void this.compute();
  }

  hide(): void {
    this.source = null;
    this.root.hidden = true;
  }

  private async compute(): Promise<void> {
    const { source, column, kind } = this;
    if (!source) return;
    const overtaken = (): boolean => source !== this.source || column !== this.column || kind !== this.kind;
    const { result, card } = source;
    try {
      const groups = column === STATE ? { codes: Int32Array.from(result.state), levels: card.states.map(label) } : await result.labels(column);
      if (overtaken()) return;
      const niches = kind === "niches";
      const names = niches ? card.niches : result.composition.columns;
      this.series = names.map((name, at) => ({
        name: label(name),
        colour: at < MOST_CATEGORIES ? categoryColour(at, theme()) : token("--faint-dot"),
      }));
      this.rows = shares(groups, names.length, result, niches);
      this.draw();
    } catch (cause) {
      const { message, hint, code } = asFailure(cause);
      if (!overtaken()) this.body.replaceChildren(h("p", {}, h("strong", {}, message), ` ${hint} `, h("code", {}, code)));
    }
  }

  private expand(): void {
    this.everything = !this.everything;
    this.draw();
  }

  private draw(): void {
    if (!this.source) return;
    const { rows, series } = this;
    const shown = this.everything ? rows : rows.slice(0, FIRST_ROWS);
    this.width = Math.floor(this.body.clientWidth);
    if (this.width === 0) return;
    this.body.replaceChildren(
      stackedBars(shown, series, {
        width: this.width,
        ink: token("--ink"),
        quiet: token("--quiet"),
        paper: token("--surface"),
        title: `${this.kind === "niches" ? "Niches" : "Neighbours"} of ${shown.length} groups, as shares`,
      }),
    );
    this.more.hidden = rows.length <= FIRST_ROWS;
    this.more.textContent = this.everything ? "Show the largest only" : `Show all ${rows.length} groups`;
    this.key.replaceChildren(...series.map((one) => h("li", {}, h("span", { class: "chip" }, swatch(one.colour), one.name))));
    this.table.replaceChildren(asTable(rows, series));
  }

  private async save(format: "svg" | "png"): Promise<void> {
    const svg = this.body.querySelector("svg");
    if (svg) save(format === "svg" ? svgBlob(svg) : await svgToPng(svg), `resitu-${this.kind}.${format}`);
  }
}

/** One row a group, largest first. Empty cells (niche 255, NaN composition) and cells without a label are not counted. */
function shares(groups: { codes: Int32Array; levels: string[] }, width: number, result: TranslationResult, niches: boolean): BarRow[] {
  const sums = groups.levels.map(() => new Float64Array(width));
  const counts = new Float64Array(groups.levels.length);
  for (let cell = 0; cell < result.nCells; cell++) {
    const row = sums[groups.codes[cell] as number];
    const niche = result.niche[cell] as number;
    if (!row || niche >= 255) continue;
    counts[groups.codes[cell] as number] = (counts[groups.codes[cell] as number] as number) + 1;
    if (niches) row[niche] = (row[niche] as number) + 1;
    else for (let at = 0; at < width; at++) row[at] = (row[at] as number) + (result.composition.data[cell * width + at] as number);
  }
  return groups.levels
    .map((name, at) => {
      const count = counts[at] as number;
      return { name, count, shares: Array.from(sums[at] as Float64Array, (sum) => sum / count) };
    })
    .filter((row) => row.count > 0)
    .sort((one, other) => other.count - one.count);
}

function asTable(rows: BarRow[], series: BarSeries[]): HTMLTableElement {
  return h(
    "table",
    {},
    h("caption", { class: "sr-only" }, "Shares by group"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Group"), h("th", { scope: "col" }, "Cells"), ...series.map((one) => h("th", { scope: "col" }, one.name)))),
    h(
      "tbody",
      {},
      ...rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.name), h("td", {}, String(row.count)), ...row.shares.map((share) => h("td", {}, percent(share))))),
    ),
  );
}

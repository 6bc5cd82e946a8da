/** Who neighbours whom in a file's own section: for each label, the labels of its neighbours. */

import type { OpenedCells, Spatial } from "resitu";
import { categoryColours, stackedBars, svgBlob } from "../../src/plots/index.js";
import { asFailure } from "../failure.js";
import { byId, h, save, swatch } from "../dom.js";
import { labelColumns, sectionColumn } from "../labels.js";
import { percent } from "../text/format.js";
import { onThemeChange, theme, token } from "../theme.js";

type Composition = Awaited<ReturnType<Spatial["composition"]>>;

export class NeighboursView {
  private readonly root = byId("neighbours");
  private readonly body = h("div", { class: "bars" });
  private readonly key = h("ul", { class: "legend-row" });
  private readonly table = h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of shares" });
  private found: Composition | null = null;
  private asked = 0;
  private width = 0;

  constructor() {
    onThemeChange(() => this.draw());
    new ResizeObserver(() => {
      if (Math.floor(this.body.clientWidth) !== this.width) this.draw();
    }).observe(this.body);
  }

  /** Hidden when the file has no labels: without them there is nothing to say. */
  show(cells: OpenedCells, spatial: Pick<Spatial, "composition">): void {
    const columns = labelColumns(cells.summary);
    this.root.hidden = columns.length === 0;
    if (columns.length === 0) return;
    const read = (column: string): void => void this.read(cells, spatial, column);
    const select = h("select", { onchange: () => read(select.value) }, ...columns.map((name) => h("option", { value: name }, name)));
    this.root.replaceChildren(
      h("h2", { id: "neighbours-title" }, "Who neighbours whom"),
      h("p", { class: "quiet" }, "For the cells of each label, the labels of their six nearest neighbours."),
      h("div", { class: "row" }, h("label", { class: "field" }, h("span", {}, "Labels"), select)),
      this.body,
      this.key,
      h("details", {}, h("summary", {}, "The same as a table"), this.table),
      h("div", { class: "actions" }, h("button", { type: "button", onclick: () => this.save() }, "Bars as SVG")),
    );
    read(columns[0] as string);
  }

  hide(): void {
    this.asked++;
    this.root.hidden = true;
  }

  private async read(cells: OpenedCells, spatial: Pick<Spatial, "composition">, column: string): Promise<void> {
    const mine = ++this.asked;
    this.found = null;
    this.body.replaceChildren(h("p", { class: "quiet" }, "Counting neighbours…"));
    this.key.replaceChildren();
    this.table.replaceChildren();
    try {
      const sections = sectionColumn(cells.summary);
      const found = await spatial.composition(cells, column, { graph: { kind: "knn", k: 6, ...(sections && { sections }) } });
      if (mine !== this.asked) return;
      this.found = found;
      this.draw();
    } catch (cause) {
      if (mine !== this.asked) return;
      const { message, hint, code } = asFailure(cause);
      this.body.replaceChildren(h("p", {}, h("strong", {}, message), ` ${hint} `, h("code", {}, code)));
    }
  }

  /** The twelve largest labels have a colour; the neighbours of all others share one. */
  private draw(): void {
    const { found } = this;
    this.width = Math.floor(this.body.clientWidth);
    if (!found || this.width === 0) return;
    const n = found.labels.length;
    const order = found.labels.map((_, at) => at).sort((one, other) => (found.counts[other] as number) - (found.counts[one] as number) || one - other);
    // As on the map, where the same labels have the same colours.
    const colours = categoryColours(found.counts, theme());
    const own = order.filter((code) => colours.has(code));
    const rest = order.filter((code) => !colours.has(code));
    const share = (row: number, column: number): number => found.shares[row * n + column] as number;
    const series = own.map((code) => ({ name: found.labels[code] as string, colour: colours.get(code) as string }));
    if (rest.length > 0) series.push({ name: `${rest.length} smaller groups`, colour: token("--faint-dot") });
    const rows = own.map((code) => ({
      name: found.labels[code] as string,
      count: found.counts[code] as number,
      shares: [...own.map((other) => share(code, other)), ...(rest.length > 0 ? [rest.reduce((sum, other) => sum + share(code, other), 0)] : [])],
    }));
    this.body.replaceChildren(
      stackedBars(rows, series, { width: this.width, ink: token("--ink"), quiet: token("--quiet"), paper: token("--surface"), title: "Labels of the neighbours of each label, as shares" }),
    );
    this.key.replaceChildren(...series.map((one) => h("li", {}, h("span", { class: "chip" }, swatch(one.colour), one.name))));
    this.table.replaceChildren(
      h(
        "table",
        {},
        h("caption", { class: "sr-only" }, "Share of neighbours by label"),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Cells of"), ...found.labels.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, ...order.map((row) => h("tr", {}, h("th", { scope: "row" }, found.labels[row] as string), ...found.labels.map((_, column) => h("td", {}, percent(share(row, column))))))),
      ),
    );
  }

  private save(): void {
    const svg = this.body.querySelector("svg");
    if (svg) save(svgBlob(svg), "resitu-neighbours.svg");
  }
}

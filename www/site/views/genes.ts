/** Moran's I and Geary's C of every gene: a table that sorts, filters, colours the map and can be saved. */

import type { AutocorrelationRow, Progress, ResituErrorShape } from "resitu";
import { SortableTable, sparkbar, type TableColumn } from "../../src/plots/index.js";
import { byId, h, save } from "../dom.js";
import { count, probability, statistic } from "../text/format.js";
import { progress as words } from "../text/words.js";
import { onThemeChange, token } from "../theme.js";

export interface Measurement {
  k: number;
  permutations: number;
}

export interface GenesActions {
  onMeasure: (settings: Measurement) => void;
  onGene: (gene: string) => void;
  gene: () => string | null;
}

export class GenesView {
  private readonly root = byId("genes");
  private readonly place = h("div", { class: "stack" });
  private readonly note = h("p", { class: "quiet" });
  private readonly status = h("p", { class: "quiet genes-status", role: "status" });
  private readonly stage = h("span");
  private table: SortableTable<AutocorrelationRow> | null = null;

  constructor(private readonly actions: GenesActions) {
    // The bars take their colour when they are drawn.
    onThemeChange(() => this.table?.render());
  }

  /** `translated` cells were placed by the model, others were measured in place: the words differ. */
  open(translated: boolean, sections = ""): void {
    this.table = null;
    this.place.replaceChildren();
    const neighbours = h("input", { type: "number", min: 1, max: 100, value: 6, required: true });
    const permutations = h("select", {}, ...[0, 199, 999].map((many) => h("option", { value: many }, many === 0 ? "none" : String(many))));
    const form = h(
      "form",
      {
        class: "row",
        onsubmit: (event) => {
          event.preventDefault();
          this.actions.onMeasure({ k: Number(neighbours.value), permutations: Number(permutations.value) });
        },
      },
      h("label", { class: "field short" }, h("span", {}, "Neighbours"), neighbours),
      h("label", { class: "field short" }, h("span", {}, "Permutations"), permutations),
      h("button", { type: "submit" }, "Measure again"),
    );
    this.note.textContent = translated
      ? "For translated cells these numbers describe where the model puts them. Genes that the model uses to place cells look patterned for that reason alone, so a small q-value is not evidence of a pattern in the patient’s tissue."
      : sections === ""
        ? "Measured on the file’s own coordinates. All cells form one graph: if the file holds several sections side by side, neighbours across their borders count too."
        : `Measured on the file’s own coordinates, with neighbours within each ${sections} only.`;
    this.root.replaceChildren(
      h("h2", { id: "genes-title" }, translated ? "Spatial pattern of each gene, as translated" : "Spatial pattern of each gene"),
      h("p", { class: "quiet" }, "Moran’s I near 1 and Geary’s C near 0: neighbours are alike. I near 0 and C near 1: no pattern. q is the p-value after Benjamini–Hochberg over all genes."),
      this.note,
      form,
      this.status,
      this.place,
    );
    this.root.hidden = false;
  }

  hide(): void {
    this.root.hidden = true;
  }

  busy(stop: () => void): void {
    this.stage.textContent = "Measuring…";
    this.status.replaceChildren(this.stage, " ", h("button", { type: "button", class: "link", onclick: stop }, "Stop"));
  }

  progress(progress: Progress): void {
    this.stage.textContent = words(progress);
  }

  failed({ message, hint, code }: ResituErrorShape): void {
    this.status.replaceChildren(h("strong", {}, message), ` ${hint} `, h("code", {}, code));
  }

  show(rows: AutocorrelationRow[]): void {
    const permuted = rows.some((row) => row.moranPSim !== undefined);
    const constant = rows.filter((row) => Number.isNaN(row.moranI)).length;
    this.status.textContent = `${count(rows.length)} genes measured${constant > 0 ? `; ${count(constant)} without any variation have no value` : ""}.`;
    this.table = new SortableTable<AutocorrelationRow>({
      caption: "Spatial autocorrelation by gene",
      columns: [...COLUMNS, ...(permuted ? PERMUTED : [])],
      rows,
      sortedBy: 1,
      onChoose: (row) => this.actions.onGene(row.gene),
      chosen: (row) => row.gene === this.actions.gene(),
    });
    this.table.table.classList.add("numbers");
    this.table.more.classList.add("link");
    const found = h("span", { class: "field-note", role: "status" });
    const filter = h("input", {
      type: "search",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => {
        const kept = this.table?.filter(filter.value) ?? 0;
        found.textContent = filter.value ? `${count(kept)} of ${count(rows.length)}` : "";
      },
    });
    this.place.replaceChildren(
      h(
        "div",
        { class: "row" },
        h("label", { class: "field" }, h("span", {}, "Find a gene"), filter, found),
        h("button", { type: "button", onclick: () => this.save() }, "Table as CSV"),
      ),
      h("p", { class: "quiet" }, "Press a gene to colour the map by it."),
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Genes" }, this.table.table),
      this.table.more,
    );
  }

  /** The map changed its gene: the pressed button follows. */
  refresh(): void {
    this.table?.render();
  }

  private save(): void {
    if (this.table) save(new Blob([this.table.toCsv()], { type: "text/csv" }), "resitu-autocorrelation.csv");
  }
}

const COLUMNS: TableColumn<AutocorrelationRow>[] = [
  { heading: "Gene", value: (row) => row.gene, text: (row) => row.gene },
  { heading: "Moran’s I", hint: "1: neighbours alike, 0: no pattern, below 0: neighbours differ", value: (row) => row.moranI, text: (row) => statistic(row.moranI), picture: (row) => sparkbar(row.moranI, [-0.25, 1], token("--accent")), first: "descending" },
  { heading: "q (Moran)", hint: "Two-sided, normal approximation, after Benjamini–Hochberg", value: (row) => row.moranQ, text: (row) => probability(row.moranQ) },
  { heading: "Geary’s C", hint: "0: neighbours alike, 1: no pattern, above 1: neighbours differ", value: (row) => row.gearyC, text: (row) => statistic(row.gearyC), picture: (row) => sparkbar(1 - row.gearyC, [-0.25, 1], token("--accent")) },
  { heading: "q (Geary)", hint: "Two-sided, normal approximation, after Benjamini–Hochberg", value: (row) => row.gearyQ, text: (row) => probability(row.gearyQ) },
];

const PERMUTED: TableColumn<AutocorrelationRow>[] = [
  { heading: "p perm. (Moran)", hint: "From permutations, not corrected for the number of genes", value: (row) => row.moranPSim ?? NaN, text: (row) => probability(row.moranPSim) },
  { heading: "p perm. (Geary)", hint: "From permutations, not corrected for the number of genes", value: (row) => row.gearyPSim ?? NaN, text: (row) => probability(row.gearyPSim) },
];

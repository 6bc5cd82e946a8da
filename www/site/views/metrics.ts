/** The metrics panel: one statistic of a label column at a time, as a picture, a table and files. */

import type { Measured, Progress, RipleyFunction, Spatial, Translator } from "resitu";
import { csvOf, svgBlob, svgToPng } from "../../src/plots/index.js";
import { byId, choices, h, save } from "../dom.js";
import { asFailure, isCancelled } from "../failure.js";
import { DRAWS } from "../metrics/doubt.js";
import type { Found } from "../metrics/found.js";
import { KINDS, type Kind } from "../metrics/kinds.js";
import { progress as words } from "../text/words.js";
import { onThemeChange, token } from "../theme.js";

const GRAPHS = {
  knn: { name: "6 nearest neighbours", graph: { kind: "knn", k: 6 } },
  delaunay: { name: "Delaunay triangulation", graph: { kind: "delaunay", percentile: 99 } },
  hexagons: { name: "Visium’s hexagons", graph: { kind: "grid", k: 6 } },
} as const;
const FUNCTIONS: { value: RipleyFunction; name: string }[] = [
  { value: "L", name: "L: pairs within a distance" },
  { value: "g", name: "g: pairs at a distance" },
  { value: "F", name: "F: empty space" },
  { value: "G", name: "G: nearest neighbour" },
];
const COUNTS = [3, 4, 5, 6, 8, 10, 12];
const TABLE_LINES = 200;

/** What is known about the cells besides their columns. */
export interface About {
  /** Whether the cells are translated here; then they all lie on one reference section. */
  translated: boolean;
  /** The column that seems to tell sections apart; "" for none. */
  sections: string;
  /** Cells that no statistic counts: without position or values. */
  leftOut: number;
  /** Whether there are draws of where the cells may be. */
  doubtful: boolean;
  /** The translator that put them there, whose reference cells stand for what labels alone give. */
  translator: Translator | null;
}

export class MetricsView {
  private readonly root = byId("metrics");
  private readonly controls = h("div", { class: "row" });
  private readonly about = h("p", { class: "quiet" });
  private readonly status = h("p", { class: "quiet", role: "status" });
  private readonly body = h("div", { class: "bars" });
  private readonly note = h("p", { class: "quiet" });
  private readonly table = h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "The numbers" });
  private readonly actions = h("div", { class: "actions" });
  private source: Measured | null = null;
  private spatial: Spatial | null = null;
  private columns: string[] = [];
  private kind: Kind = KINDS[0] as Kind;
  private settings = { column: "", graph: "knn" as keyof typeof GRAPHS, function: "L" as RipleyFunction, sections: "", count: 8, draws: 0 };
  private found: Found | null = null;
  private label = 0;
  private known: About = { translated: false, sections: "", leftOut: 0, doubtful: false, translator: null };
  private work = new AbortController();
  private width = 0;

  constructor() {
    onThemeChange(() => this.draw());
    new ResizeObserver(() => {
      if (Math.floor(this.body.clientWidth) !== this.width) this.draw();
    }).observe(this.body);
  }

  /** Hidden without label columns. Nothing is computed until the person asks. */
  show(source: Measured, spatial: Spatial, columns: string[], known: About): void {
    this.hide();
    if (columns.length === 0) return;
    [this.source, this.spatial, this.columns] = [source, spatial, columns];
    this.known = known;
    const { translated, leftOut } = known;
    this.settings.sections = known.sections;
    this.settings.draws = 0;
    this.settings.column = columns[0] as string;
    this.found = null;
    this.root.replaceChildren(
      h("h2", { id: "metrics-title" }, "Labels in space"),
      ...(translated ? [h("p", { class: "quiet" }, "Of translated cells: these numbers describe where the model puts them.")] : []),
      ...(leftOut > 0 ? [h("p", { class: "quiet" }, leftOut === 1 ? "One cell without a position is left out." : `${leftOut} cells without a position are left out.`)] : []),
      choices("Statistic", "metric", KINDS.map(({ id, name }) => ({ value: id, text: name })), this.kind.id, (id) => this.choose(id)),
      this.about,
      this.controls,
      this.status,
      this.body,
      this.note,
      this.actions,
      h("details", {}, h("summary", {}, "The numbers"), this.table),
    );
    this.root.hidden = false;
    this.clear();
  }

  hide(): void {
    this.work.abort();
    this.root.hidden = true;
  }

  private choose(id: string): void {
    this.kind = KINDS.find((kind) => kind.id === id) ?? this.kind;
    this.clear();
  }

  /** What was computed belongs to other settings. */
  private clear(): void {
    this.work.abort();
    this.found = null;
    this.label = 0;
    this.about.textContent = this.kind.about;
    this.status.replaceChildren();
    this.note.textContent = "";
    for (const part of [this.body, this.table, this.actions]) part.replaceChildren();
    this.drawControls();
  }

  private drawControls(): void {
    const { settings, kind } = this;
    const select = <T extends string>(name: string, options: { value: T; name: string }[], value: T, set: (value: T) => void): HTMLLabelElement => {
      const box = h(
        "select",
        {
          onchange: () => {
            set(box.value as T);
          },
        },
        ...options.map((option) => h("option", { value: option.value, selected: option.value === value }, option.name)),
      );
      return h("label", { class: "field" }, h("span", {}, name), box);
    };
    const change = (): void => this.clear();
    this.controls.replaceChildren(
      select("Labels", this.columns.map((name) => ({ value: name, name })), settings.column, (column) => ((settings.column = column), change())),
      ...(kind.reads.includes("graph")
        ? [select("Neighbours", Object.entries(GRAPHS).map(([value, { name }]) => ({ value: value as keyof typeof GRAPHS, name })), settings.graph, (graph) => ((settings.graph = graph), change()))]
        : []),
      ...(kind.reads.includes("function") ? [select("Function", FUNCTIONS, settings.function, (which) => ((settings.function = which), change()))] : []),
      // Translated cells all lie on one reference section.
      ...(kind.reads.includes("count") ? [select("Niches", COUNTS.map((count) => ({ value: String(count), name: String(count) })), String(settings.count), (count) => ((settings.count = Number(count)), change()))] : []),
      ...(this.known.doubtful
        ? [
            select(
              "Intervals",
              [{ value: "0", name: "none" }, { value: String(DRAWS), name: `from ${DRAWS} draws` }],
              String(settings.draws),
              (draws) => ((settings.draws = Number(draws)), change()),
            ),
          ]
        : []),
      ...(!this.known.translated
        ? [select("Sections", [{ value: "", name: "one section" }, ...this.columns.map((name) => ({ value: name, name: `by ${name}` }))], settings.sections, (sections) => ((settings.sections = sections), change()))]
        : []),
      ...(this.found && this.found.labels.length > 0
        ? [select(this.found.pick ?? "Around", this.found.labels.map((name, at) => ({ value: String(at), name })), String(this.label), (label) => ((this.label = Number(label)), this.draw()))]
        : []),
      ...(this.found ? [] : [h("button", { type: "button", class: "primary", onclick: () => void this.measure() }, "Compute")]),
    );
  }

  private async measure(): Promise<void> {
    const { source, spatial, kind } = this;
    if (!source || !spatial) return;
    this.work.abort();
    const { signal } = (this.work = new AbortController());
    const stage = h("span", {}, "Computing…");
    this.status.replaceChildren(stage, " ", h("button", { type: "button", class: "link", onclick: () => this.work.abort() }, "Stop"));
    const { draws, graph } = this.settings;
    const { translator } = this.known;
    const doubt = draws > 0 ? { draws, ...(translator && { nullFrom: translator }) } : {};
    const settings = { ...this.settings, graph: GRAPHS[graph].graph, draws: doubt };
    const onProgress = (progress: Progress): void => void (stage.textContent = words(progress));
    try {
      const found = await kind.measure(spatial, source, settings, { signal, onProgress });
      if (signal.aborted) return;
      this.found = found;
      this.status.replaceChildren();
      this.drawControls();
      this.draw();
    } catch (cause) {
      if (this.work.signal !== signal) return;
      if (isCancelled(cause)) return this.status.replaceChildren("Stopped.");
      const { message, hint, code } = asFailure(cause);
      this.status.replaceChildren(h("strong", {}, message), ` ${hint} `, h("code", {}, code));
    }
  }

  private draw(): void {
    const { found } = this;
    this.width = Math.floor(this.body.clientWidth);
    if (!found || this.width === 0) return;
    const title = `${this.kind.name} of ${this.settings.column}${found.labels.length > 0 ? `, ${found.labels[this.label] ?? ""}` : ""}`;
    const style = { width: this.width, ink: token("--ink"), quiet: token("--quiet"), paper: token("--surface"), title };
    const svg = found.draw(style, this.label);
    this.body.replaceChildren(svg);
    this.note.textContent = found.note(this.label);
    const lines = found.table();
    const name = `resitu-${this.kind.id}`;
    this.actions.replaceChildren(
      h("button", { type: "button", onclick: () => save(svgBlob(svg), `${name}.svg`) }, "Picture as SVG"),
      h("button", { type: "button", onclick: () => void svgToPng(svg).then((png) => save(png, `${name}.png`)) }, "Picture as PNG"),
      h("button", { type: "button", onclick: () => save(new Blob([csvOf(lines)], { type: "text/csv" }), `${name}.csv`) }, "Table as CSV"),
      ...(found.cells ? [h("button", { type: "button", onclick: () => save(new Blob([csvOf(found.cells?.() ?? [])], { type: "text/csv" }), `${name}-cells.csv`) }, "Cells as CSV")] : []),
    );
    const [heading = [], ...rows] = lines;
    this.table.replaceChildren(
      h(
        "table",
        { class: "numbers" },
        h("caption", { class: "sr-only" }, title),
        h("thead", {}, h("tr", {}, ...heading.map((text) => h("th", { scope: "col" }, String(text))))),
        h("tbody", {}, ...rows.slice(0, TABLE_LINES).map((row) => h("tr", {}, ...row.map((value) => h("td", {}, typeof value === "number" ? shortly(value) : value))))),
      ),
      ...(rows.length > TABLE_LINES ? [h("p", { class: "quiet" }, `The first ${TABLE_LINES} of ${rows.length} lines; all are in the CSV.`)] : []),
    );
  }
}

function shortly(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "–";
}

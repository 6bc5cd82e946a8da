/** The map with its title, ways to colour it, legend, and the line that tells about one cell. */

import type { PartialResult } from "resitu";
import { bounds, type Colouring, drawingOrder, type Layer, legendOf, type LegendEntry, paint, ScatterMap, type Theme } from "../../src/plots/index.js";
import { packColour } from "../../src/plots/palette.js";
import { announce } from "../announce.js";
import { byId, choices, h } from "../dom.js";
import { asFailure } from "../failure.js";
import { type ColourChoice, evenSpacing, layerOf, type Scene, sideBySide } from "../scene.js";
import { onThemeChange, theme, token } from "../theme.js";
import { geneBox } from "./gene-box.js";
import { legend } from "./legend.js";

const IDLE = "Point at a cell, or focus the map and press Enter for the cell in the middle.";

export class MapPanel {
  private readonly title = h("h2", { id: "map-title" }, "The reference section");
  private readonly about = h("p", { class: "quiet" }, "Loading…");
  private readonly controls = h("div", { class: "map-controls" });
  private readonly legendBox = h("div", { class: "legend" });
  private readonly readout = h("p", { class: "readout", id: "map-readout" }, "");
  private readonly frame = h("div", { class: "map-frame" });
  private readonly map: ScatterMap;

  private reference: Scene | null = null;
  private scene: Scene | null = null;
  private front: Layer | null = null;
  private colouring: Colouring | null = null;
  private painted: Uint32Array | null = null;
  private choice = "";
  private detail: Record<string, string> = {};
  private hidden = new Set<number>();
  private least = 0;
  private underlay = true;
  private asked = 0;

  constructor() {
    this.map = new ScatterMap(this.frame, {
      label: "Map of cells",
      unit: "µm",
      onPick: (point, spoken) => this.tell(point, spoken),
    });
    const button = (text: string, name: string, act: () => void): HTMLButtonElement =>
      h("button", { type: "button", class: "map-button", "aria-label": name, title: name, onclick: act }, text);
    this.frame.append(
      h(
        "div",
        { class: "map-buttons" },
        button("+", "Zoom in", () => this.map.zoomBy(1.6)),
        button("−", "Zoom out", () => this.map.zoomBy(1 / 1.6)),
        button("⤢", "Show the whole section", () => this.map.home()),
      ),
    );
    this.map.canvas.setAttribute("aria-describedby", "map-keys map-readout");
    byId("map").append(
      h("div", { class: "map-head" }, this.title, this.about),
      this.controls,
      this.frame,
      this.readout,
      this.legendBox,
      h("p", { class: "quiet keys", id: "map-keys" }, "Drag to move; Ctrl or ⌘ and wheel to zoom; two fingers on a touch screen. With the map focused: arrows, +, −, 0."),
    );
    onThemeChange(() => this.repaint());
    this.applyTheme();
  }

  /** The reference of a translator that has just been loaded; shown unless the map is in use for something else. */
  setReference(scene: Scene): void {
    this.reference = scene;
    if (!this.scene || this.scene.id === "reference") this.showScene(scene);
  }

  /** The reference alone, in full colour. */
  showReference(): void {
    if (this.reference) this.showScene(this.reference);
  }

  /** What the map's colours mean now. */
  shown(): Colouring | null {
    return this.colouring;
  }

  showScene(scene: Scene): void {
    this.scene = scene;
    this.hidden.clear();
    this.least = 0;
    this.title.textContent = scene.title;
    this.about.textContent = scene.about;
    this.readout.textContent = IDLE;
    this.map.name(`${scene.title}, ${scene.nCells} cells`);
    this.map.setUnit(scene.unit);
    // At once: while the new colours are read, nothing of the last file may stand under this title.
    this.front = this.colouring = this.painted = null;
    this.legendBox.replaceChildren();
    this.map.show(null, null);
    if (!scene.colours.some((choice) => choice.id === this.choice)) this.choice = scene.colours[0]?.id ?? "";
    this.drawControls();
    void this.recolour(true);
  }

  /** Points of a running job: they appear on the faint reference as they come. */
  begin(nCells: number, niches: readonly string[]): (part: PartialResult) => void {
    const positions = new Float32Array(2 * nCells).fill(NaN);
    const spacing = this.reference ? evenSpacing(this.reference.positions, nCells) : 1;
    const spreader = sideBySide(spacing);
    const codes = new Uint8Array(nCells).fill(255);
    const colouring: Colouring = { kind: "categories", title: "Niche", codes, names: niches };
    const scene: Scene = {
      id: "translated",
      title: "Your cells are arriving",
      about: "Each dot is a cell, coloured by its niche, on the faint reference section.",
      unit: "µm",
      positions,
      spacing,
      nCells,
      colours: [],
      confidence: null,
      describe: () => IDLE,
    };
    this.scene = scene;
    this.hidden.clear();
    this.least = 0;
    this.colouring = colouring;
    this.title.textContent = scene.title;
    this.about.textContent = scene.about;
    this.readout.textContent = "";
    this.controls.replaceChildren();
    const colours = new Uint32Array(nCells);
    this.front = layerOf(scene, colours, false);
    const every: LegendEntry[] = legendOf({ ...colouring, codes: Uint8Array.from(niches, (_, at) => at) }, theme());
    const pixels = new Map(every.flatMap((entry) => entry.codes.map((code) => [code, packColour(entry.colour)] as const)));
    this.legendBox.replaceChildren(legend(colouring, every.map((entry) => ({ ...entry, count: 0 })), theme(), new Set(), null));
    this.drawLayers(this.reference?.positions);
    return (part) => {
      if (this.scene !== scene) return;
      part.rows.forEach((row, at) => {
        spreader.place(part.positions.subarray(2 * at, 2 * at + 2), positions, row);
        codes[row] = part.niche[at] as number;
        colours[row] = pixels.get(codes[row]) ?? packColour(token("--quiet"));
      });
      this.map.refresh(true);
    };
  }

  /** Colours the map by a gene, as if it had been chosen in the box; false when the scene has no such gene. */
  showGene(gene: string): boolean {
    const choice = this.scene?.colours.find((one) => one.details?.kind === "gene");
    if (!choice?.details?.names.includes(gene)) return false;
    this.choice = choice.id;
    this.detail[choice.id] = gene;
    this.drawControls();
    void this.recolour(false);
    return true;
  }

  /** The gene that colours the map now, if any. */
  gene(): string | null {
    return this.choice === "gene" ? (this.detail["gene"] ?? null) : null;
  }

  picture(format: "png" | "svg", note: string): Promise<Blob> {
    return this.map.picture(format, note, this.colouring ? legendLines(this.colouring, theme()) : []);
  }

  private drawControls(): void {
    const { scene } = this;
    if (!scene) return;
    const parts: Node[] = [];
    if (scene.colours.length > 1) {
      parts.push(
        choices(
          "Colour by",
          "colour-by",
          scene.colours.map(({ id, name }) => ({ value: id, text: name })),
          this.choice,
          (id) => {
            this.choice = id;
            this.hidden.clear();
            this.drawDetail();
            void this.recolour(false);
          },
        ),
      );
    }
    parts.push(h("div", { class: "map-detail" }));
    if (scene.id === "translated") parts.push(this.referenceToggle());
    if (scene.confidence) parts.push(this.confidenceSlider());
    this.controls.replaceChildren(...parts);
    this.drawDetail();
  }

  /** Second choice: which gene, which column of labels. */
  private drawDetail(): void {
    const place = this.controls.querySelector(".map-detail");
    const choice = this.current();
    if (!place || !choice?.details) return void place?.replaceChildren();
    const { kind, names } = choice.details;
    const chosen = this.chosenDetail(choice);
    const change = (name: string): void => {
      this.detail[choice.id] = name;
      this.hidden.clear();
      void this.recolour(false);
    };
    if (kind === "gene") place.replaceChildren(geneBox(names, chosen, change));
    else if (names.length > 1) {
      const select = h("select", { onchange: () => change(select.value) }, ...names.map((name) => h("option", { value: name, selected: name === chosen }, name)));
      place.replaceChildren(h("label", { class: "field" }, h("span", {}, "Column"), select));
    } else place.replaceChildren();
  }

  private referenceToggle(): HTMLElement {
    const box = h("input", { type: "checkbox", checked: this.underlay, onchange: () => {
      this.underlay = box.checked;
      this.drawLayers();
    } });
    return h("label", { class: "tick" }, box, h("span", {}, "Reference cells"));
  }

  private confidenceSlider(): HTMLElement {
    const said = h("output", {}, "0.00");
    const slider = h("input", { type: "range", min: 0, max: 0.95, step: 0.01, value: 0, oninput: () => {
      this.least = Number(slider.value);
      said.textContent = this.least.toFixed(2);
      this.applyVisibility();
    } });
    return h("label", { class: "field slider" }, h("span", {}, "Hide cells below confidence ", said), slider);
  }

  private current(): ColourChoice | undefined {
    return this.scene?.colours.find((choice) => choice.id === this.choice);
  }

  /** What was chosen before, if this scene has it too: another file has other columns. */
  private chosenDetail(choice: ColourChoice): string {
    const names = choice.details?.names ?? [];
    const before = this.detail[choice.id];
    return (this.detail[choice.id] = before !== undefined && names.includes(before) ? before : (names[0] ?? ""));
  }

  private async recolour(fit: boolean): Promise<void> {
    const choice = this.current();
    const { scene } = this;
    if (!choice || !scene) return;
    const asked = ++this.asked;
    // A later choice may overtake this one while its labels are read.
    const overtaken = (): boolean => asked !== this.asked || scene !== this.scene;
    try {
      const colouring = await choice.make(this.chosenDetail(choice));
      if (!overtaken()) this.apply(scene, colouring, fit);
    } catch (cause) {
      const { message, hint, code } = asFailure(cause);
      if (!overtaken()) this.readout.textContent = `${message} ${hint} (${code})`;
    }
  }

  private apply(scene: Scene, colouring: Colouring, fit: boolean): void {
    this.colouring = colouring;
    this.painted = paint(colouring, theme());
    const layer = layerOf(scene, this.painted, false);
    layer.order = drawingOrder(colouring);
    this.front = layer;
    this.drawLegend();
    this.applyVisibility();
    this.drawLayers(fit ? (scene.id === "own" ? scene.positions : this.reference?.positions) : undefined);
    if (!fit) announce(`Map coloured by ${colouring.title}.`);
    document.dispatchEvent(new CustomEvent("resitu-map-coloured"));
  }

  private drawLayers(fit?: Float32Array): void {
    const { reference, scene } = this;
    const under = reference && scene?.id === "translated" && this.underlay;
    const back = under ? layerOf(reference, new Uint32Array(reference.nCells).fill(packColour(token("--faint-dot"))), true) : null;
    if (fit) {
      const box = bounds(fit);
      const shape = (box.right - box.left) / Math.max(box.bottom - box.top, Number.MIN_VALUE);
      this.frame.style.setProperty("--shape", Math.min(2.4, Math.max(0.8, shape)).toFixed(3));
    }
    this.map.show(back, this.front, fit);
  }

  private drawLegend(): void {
    const { colouring } = this;
    if (!colouring) return;
    const entries = colouring.kind === "categories" ? legendOf(colouring, theme()) : [];
    this.legendBox.replaceChildren(
      legend(colouring, entries, theme(), this.hidden, {
        toggle: (codes, shown) => {
          for (const code of codes) shown ? this.hidden.delete(code) : this.hidden.add(code);
          this.drawLegend();
          this.applyVisibility();
        },
        highlight: (codes) => this.highlight(codes),
      }),
    );
  }

  /** One group in colour and on top, all others faint: groups can be told apart even when their colours cannot. */
  private highlight(codes: number[] | null): void {
    const { colouring, front, painted } = this;
    if (!front || !painted || colouring?.kind !== "categories") return;
    const order = drawingOrder(colouring);
    if (codes === null) Object.assign(front, { colours: painted, order });
    else {
      const known = colouring.names.length;
      const chosen = new Set(codes);
      const stands = (point: number): boolean => {
        const code = colouring.codes[point] as number;
        return chosen.has(code >= 0 && code < known ? code : -1);
      };
      const faint = packColour(token("--faint-dot"));
      front.colours = painted.map((colour, point) => (stands(point) ? colour : faint));
      front.order = Uint32Array.from([...order.filter((point) => !stands(point)), ...order.filter(stands)]);
    }
    this.map.refresh();
  }

  private applyVisibility(): void {
    const { colouring, front, scene, hidden, least } = this;
    if (!colouring || !front || !scene) return;
    if (hidden.size === 0 && least === 0) delete front.visible;
    else {
      const known = colouring.kind === "categories" ? colouring.names.length : 0;
      front.visible = Uint8Array.from({ length: scene.nCells }, (_, point) => {
        const sure = least === 0 || (scene.confidence?.[point] ?? 1) >= least;
        if (colouring.kind !== "categories") return Number(sure);
        const code = colouring.codes[point] as number;
        return Number(sure && !hidden.has(code >= 0 && code < known ? code : -1));
      });
    }
    this.map.refresh();
  }

  private tell(point: number, spoken: boolean): void {
    const words = point >= 0 && this.scene ? this.scene.describe(point) : IDLE;
    this.readout.textContent = words;
    if (spoken) announce(words);
  }

  private applyTheme(): void {
    this.map.colours(token("--ink"), token("--map"));
  }

  private repaint(): void {
    this.applyTheme();
    void this.recolour(false);
  }
}

function legendLines(colouring: Colouring, shade: Theme): { name: string; colour: string }[] {
  return colouring.kind === "categories" ? legendOf(colouring, shade).map(({ name, colour }) => ({ name, colour })) : [];
}

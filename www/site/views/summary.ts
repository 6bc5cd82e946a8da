/** The result in a few facts, with the downloads and the way back. */

import type { ReferenceMap, ResultFormat, TranslationResult } from "resitu";
import { bounds, type Colouring, quantile } from "../../src/plots/index.js";
import { byId, h } from "../dom.js";
import { UNFAMILIAR, unfamiliar } from "../scene.js";
import { count, counted, percent } from "../text/format.js";
import { device } from "../text/words.js";

export interface SummaryActions {
  /** Makes and saves a file; the button shows that it is busy meanwhile. */
  onSave: (what: Saved) => Promise<void>;
  /** Other things to do with the same cells. */
  others: { text: string; act: () => void }[];
  onAgain: () => void;
}

export type Saved = ResultFormat | "png" | "svg";

export class SummaryView {
  private readonly root = byId("summary");

  showTranslated(result: TranslationResult, reference: ReferenceMap, seconds: number, simulated: boolean, actions: SummaryActions): void {
    const { provenance } = result;
    const strange = unfamiliar(result.confidence);
    const spread = quantile(result.spreadUm, 0.5);
    this.fill(
      `${counted(result.nCells - result.emptyCells, "cell")} re-situated`,
      simulated,
      caution(strange, spread, reference),
      [
        ["Unfamiliar", `${percent(strange)} of cells`, `confidence under ${UNFAMILIAR}: unlike what the translator was trained on. Do not trust their places.`],
        ["Precision", `${count(spread)} µm`, `the median radius that holds half of a cell’s probability; the whole section is ${sizeOf(reference)}`],
        ...(result.emptyCells > 0 ? [["Left out", counted(result.emptyCells, "cell"), "without a single count of a known gene"] as const] : []),
        ["Genes matched", count(provenance.genesMatched), `${percent(provenance.countsMatched)} of all counts`],
        ["Computed", `in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} seconds`, `on ${device(provenance.device)}`],
      ],
      [
        this.saver("Download .h5ad", "h5ad", actions, true),
        this.saver("Download .csv", "csv", actions),
        this.saver("Download .zip with a methods text", "zip", actions),
        ...this.pictureSavers(actions),
      ],
      h(
        "details",
        {},
        h("summary", {}, "To repeat this result"),
        h("p", {}, `resitu ${provenance.resitu}, seed ${provenance.seed}, translator SHA-256 `, h("code", { class: "hash" }, provenance.translator), ". The downloads carry the same."),
      ),
      actions,
    );
  }

  showMeasured(nCells: number, coordinates: string, simulated: boolean, actions: SummaryActions): void {
    this.fill(
      `${counted(nCells, "cell")} measured in place`,
      simulated,
      null,
      [["Coordinates", coordinates, "as the file gives them"]],
      this.pictureSavers(actions),
      null,
      actions,
    );
  }

  /** Emptied too: nothing of a file stays in the page once it is put away. */
  hide(): void {
    this.root.hidden = true;
    this.root.replaceChildren();
  }

  private fill(
    title: string,
    simulated: boolean,
    warning: HTMLElement | null,
    facts: (readonly [string, string, string])[],
    savers: HTMLElement[],
    more: HTMLElement | null,
    actions: SummaryActions,
  ): void {
    const heading = h("h2", { id: "summary-title", tabindex: -1 }, title);
    this.root.replaceChildren(
      heading,
      ...(simulated ? [h("p", { class: "file" }, h("span", { class: "badge" }, "simulated"), " These are not measured cells.")] : []),
      ...(warning ? [warning] : []),
      h("dl", { class: "facts" }, ...facts.map(([name, value, note]) => h("div", { class: "fact" }, h("dt", {}, name), h("dd", {}, value, h("span", { class: "fact-note" }, note))))),
      h("div", { class: "actions" }, ...savers),
      ...(more ? [more] : []),
      h(
        "div",
        { class: "actions" },
        ...actions.others.map(({ text, act }) => h("button", { type: "button", onclick: act }, text)),
        h("button", { type: "button", class: "link", onclick: actions.onAgain }, "Start again with other cells"),
      ),
    );
    this.root.hidden = false;
    heading.focus();
  }

  private pictureSavers(actions: SummaryActions): HTMLElement[] {
    return [this.saver("Map as PNG", "png", actions), this.saver("Map as SVG", "svg", actions)];
  }

  private saver(text: string, what: Saved, actions: SummaryActions, primary = false): HTMLButtonElement {
    const button = h("button", { type: "button", class: primary ? "primary" : "" }, text);
    button.addEventListener("click", () => {
      button.disabled = true;
      void actions.onSave(what).finally(() => (button.disabled = false));
    });
    return button;
  }
}

/** From these on, the map invites more trust than it deserves, and the page says so before anything else. */
const MANY_UNFAMILIAR = 0.1;
const ROUGH_SHARE = 0.2; // of the section's diagonal

function caution(strange: number, spread: number, { positions }: ReferenceMap): HTMLElement | null {
  const { left, top, right, bottom } = bounds(positions);
  const words = [
    strange > MANY_UNFAMILIAR && `${percent(strange)} of cells are unlike what the translator was trained on.`,
    spread > ROUGH_SHARE * Math.hypot(right - left, bottom - top) && "Places are rough: look at groups of cells, not at single ones.",
  ].filter((sentence) => sentence !== false);
  if (words.length === 0) return null;
  return h("div", { class: "verdict doubt" }, h("strong", {}, "Read with care"), ...words.map((sentence) => h("span", {}, sentence)));
}

function sizeOf({ positions }: ReferenceMap): string {
  const { left, top, right, bottom } = bounds(positions);
  return `${count(right - left)} × ${count(bottom - top)} µm`;
}

/** One line for a saved picture: what it shows, by which colours, made how. */
export function pictureNote(title: string, colouring: Colouring | null, simulated: boolean, attribution: string): string {
  const colours =
    colouring?.kind === "values"
      ? ` Colour: ${colouring.title}, ${colouring.low}–${colouring.high.toPrecision(2)} ${colouring.unit}.`
      : colouring
        ? ` Colour: ${colouring.title}.`
        : "";
  return `${simulated ? "SIMULATED CELLS. " : ""}${title}.${colours} resitu; research use only. ${attribution}`;
}

/** The check before any work: what the file holds, whether it fits the translator, what it will cost. */

import type { CellsSummary, CheckReport, DeviceChoice, ResituErrorShape } from "resitu";
import { byId, choices, h } from "../dom.js";
import { bytes, count, counted, duration, percent } from "../text/format.js";
import { device, valueKind } from "../text/words.js";

export interface CheckActions {
  onMatrix: (name: string) => void;
  onDevice: (choice: DeviceChoice) => void;
  /** The file is of another species: match its genes by their orthologs. */
  onOrthologs: () => void;
  onTranslate: () => void;
  onMeasure: () => void;
  onBack: () => void;
}

export interface OpenedFile {
  summary: CellsSummary;
  name: string;
  simulated: boolean;
  choice: DeviceChoice;
}

export class CheckView {
  private readonly root = byId("check");
  private readonly verdict = h("div", { class: "verdict", role: "status" });
  private readonly facts = h("dl", { class: "facts" });
  private readonly doubts = h("div");
  private readonly moreFacts = h("dl", { class: "facts" });
  private readonly more = h("details", {}, h("summary", {}, "More about the file and the match"), this.moreFacts);
  private readonly translate = h("button", { type: "button", class: "primary", onclick: () => this.actions.onTranslate() }, "Translate");
  private summary: CellsSummary | null = null;

  constructor(private readonly actions: CheckActions) {}

  open({ summary, name, simulated, choice }: OpenedFile): void {
    this.summary = summary;
    const title = h("h2", { id: "check-title", tabindex: -1 }, "Check");
    const file = simulated ? h("p", { class: "file" }, h("span", { class: "badge" }, "simulated"), " Example cells, made on this computer") : h("p", { class: "file" }, name);
    this.root.replaceChildren(
      title,
      file,
      this.verdict,
      this.doubts,
      this.facts,
      ...(summary.matrices.length > 1 ? [this.matrixChoice(summary)] : []),
      this.deviceChoice(choice),
      h(
        "div",
        { class: "actions" },
        this.translate,
        summary.coordinates !== null && h("button", { type: "button", onclick: () => this.actions.onMeasure() }, "Measure its own section"),
        h("button", { type: "button", class: "link", onclick: () => this.actions.onBack() }, "Choose other cells"),
      ),
      this.more,
    );
    this.root.hidden = false;
    this.checking();
    title.focus();
  }

  /** Whether the last check found that the cells can be translated. */
  allows(): boolean {
    return !this.translate.disabled;
  }

  hide(): void {
    this.root.hidden = true;
  }

  /** The file is known, the report is on its way. */
  checking(summary: CellsSummary | null = this.summary): void {
    this.summary = summary;
    this.say("wait", "Checking against the translator…", "A few cells are tried, to tell how long all will take.");
    this.translate.disabled = true;
    this.doubts.replaceChildren();
    if (!summary) return;
    this.facts.replaceChildren(...fileFacts(summary));
    this.moreFacts.replaceChildren(...otherFacts(summary));
  }

  report(report: CheckReport, deviceNotes: string[]): void {
    const { summary } = this;
    if (!summary) return;
    const doubts = [...report.warnings, ...summary.notes];
    if (report.warnings.length === 0) this.say("good", "Ready to translate", "Nothing has been computed yet.");
    else this.say("doubt", "Can be translated, with care", `Please read ${doubts.length === 1 ? "the remark" : "the remarks"} below first.`);
    this.facts.replaceChildren(...fileFacts(summary), matchFact(report), ...costFacts(report));
    this.moreFacts.replaceChildren(...otherFacts(summary), ...otherMatchFacts(report, deviceNotes));
    this.doubts.replaceChildren(...remarks(doubts));
    this.translate.disabled = false;
  }

  refused(failure: ResituErrorShape): void {
    const { summary } = this;
    this.say("bad", failure.message, failure.hint, failure.code);
    this.translate.disabled = true;
    this.doubts.replaceChildren(...(failure.code === "genes.wrong-species" ? [this.orthologsOffer()] : []), ...remarks(summary?.notes ?? []));
  }

  /** Never done unasked: genes without a one-to-one ortholog are left out, and the translator was made for another species. */
  private orthologsOffer(): HTMLElement {
    const act = h("button", { type: "button", onclick: () => this.actions.onOrthologs() }, "Match by one-to-one orthologs");
    return h("div", { class: "actions" }, act);
  }

  private say(kind: "wait" | "good" | "doubt" | "bad", words: string, more: string, code?: string): void {
    this.verdict.className = `verdict ${kind}`;
    this.verdict.replaceChildren(h("strong", {}, words), h("span", {}, more), ...(code ? [h("code", {}, code)] : []));
  }

  private matrixChoice(summary: CellsSummary): HTMLElement {
    const select = h(
      "select",
      { onchange: () => this.actions.onMatrix(select.value) },
      ...summary.matrices.map((matrix) =>
        h("option", { value: matrix.name, selected: matrix.name === summary.matrix }, `${matrix.name} (${valueKind(matrix.valueKind)})`),
      ),
    );
    return h("label", { class: "field" }, h("span", {}, "Values to use"), select);
  }

  private deviceChoice(choice: DeviceChoice): HTMLElement {
    const offered = "gpu" in navigator;
    return choices<DeviceChoice>(
      "Compute on",
      "device",
      [
        { value: "auto", text: "Automatic", hint: "Tries both for a moment and takes the faster" },
        { value: "cpu", text: "CPU" },
        { value: "webgpu", text: "WebGPU", disabled: !offered, hint: offered ? "The graphics chip" : "This browser does not offer WebGPU" },
      ],
      choice,
      (value) => this.actions.onDevice(value),
    );
  }
}

function fact(name: string, value: Node | string, note?: Node | string): HTMLElement {
  return h("div", { class: "fact" }, h("dt", {}, name), h("dd", {}, value, note ? h("span", { class: "fact-note" }, note) : null));
}

/** What everyone looks at. */
function fileFacts(summary: CellsSummary): HTMLElement[] {
  return [
    fact("Cells", count(summary.nCells)),
    fact("Genes", count(summary.nGenes)),
    fact("Values", valueKind(summary.valueKind), `from ${summary.matrix}`),
    ...(summary.coordinates === null ? [] : [fact("Coordinates", summary.coordinates, "a spatial file: its own neighbourhoods can be measured")]),
  ];
}

function matchFact({ genes }: CheckReport): HTMLElement {
  const meter = h("meter", { min: 0, max: 1, low: 0.5, high: 0.8, optimum: 1, value: genes.countsMatched, "aria-label": "Share of all counts in matched genes" });
  return fact("Matched", `${count(genes.matched)} genes`, h("span", {}, meter, ` ${percent(genes.countsMatched)} of all counts`));
}

function costFacts(report: CheckReport): HTMLElement[] {
  return [
    fact("Time", duration(report.estimatedSeconds), `on ${device(report.device)}`),
    fact("Memory", `about ${bytes(report.estimatedBytes)}`, "on top of what the page uses now"),
  ];
}

/** What explains the rest, for those who ask. */
function otherFacts(summary: CellsSummary): HTMLElement[] {
  const labels = summary.labels.map((column) => `${column.name} (${column.levels})`).join(", ");
  return [fact("Gene names", `from ${summary.geneNamesFrom}`), fact("Labels", labels || "none"), qualityFact(summary)];
}

/** The oddities of the file by count; those worth a remark are in the summary's notes too. */
function qualityFact({ quality, nCells }: CellsSummary): HTMLElement {
  const { sampledCells, nanValues, infiniteValues, negativeValues, emptyCells, zeroGenes, duplicateCells, duplicateGenes, missingPositions } = quality;
  const odd = [
    [nanValues, "NaN"],
    [infiniteValues, "infinite"],
    [negativeValues, "negative"],
  ] as const;
  const names = [
    duplicateCells > 0 && counted(duplicateCells, "cell name again", "cell names again"),
    duplicateGenes > 0 && counted(duplicateGenes, "gene name again", "gene names again"),
    missingPositions > 0 && counted(missingPositions, "cell without a position", "cells without a position"),
  ].filter((text) => text !== false);
  const values = [
    counted(emptyCells, "empty cell"),
    `${counted(zeroGenes, "gene")} without a count`,
    ...odd.filter(([n]) => n > 0).map(([n, kind]) => `${count(n)} ${kind}`),
    ...names,
  ];
  return fact("Looked at", sampledCells < nCells ? `a sample of ${counted(sampledCells, "cell")}` : "all cells", values.join(", "));
}

function otherMatchFacts({ genes }: CheckReport, deviceNotes: string[]): HTMLElement[] {
  const missing = genes.panelMissing;
  const changed = [genes.renamed > 0 && `${counted(genes.renamed, "older name")} updated`, genes.ambiguous > 0 && `${counted(genes.ambiguous, "ambiguous name")} left out`].filter(Boolean);
  return [
    fact("Vocabulary", `${count(genes.vocabularyMatched)} of the translator’s ${count(genes.vocabularyTotal)} genes are in the file`),
    ...(changed.length > 0 ? [fact("Changed", changed.join(", "))] : []),
    ...(genes.unknown > 0 ? [fact("Unknown", `${counted(genes.unknown, "gene")} by ${genes.column}`, `${genes.firstUnknown.join(", ")}${genes.unknown > genes.firstUnknown.length ? " …" : ""}`)] : []),
    ...(missing.length > 0 ? [fact("Predicted", `${counted(missing.length, "panel gene")} absent from the file`, missing.join(", "))] : []),
    ...(deviceNotes.length > 0 ? [fact("Device", deviceNotes.join(" "))] : []),
  ];
}

function remarks(sentences: string[]): HTMLElement[] {
  return sentences.length === 0 ? [] : [h("ul", { class: "remarks", "aria-label": "Remarks" }, ...sentences.map((sentence) => h("li", {}, sentence)))];
}

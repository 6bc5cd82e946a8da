/** What the page says of the translator: facts, public data, model card, and whether the page is ready to go offline. */

import type { ResituErrorShape, Translator, TranslatorCard } from "resitu";
import { byId, h } from "../dom.js";
import { bytes, count } from "../text/format.js";
import { markdown, outside } from "../text/markdown.js";
import { label } from "../text/words.js";

export function showReady({ card }: Translator): void {
  const ready = byId("ready");
  ready.className = "ready yes";
  ready.replaceChildren(`Ready: the translator (${bytes(card.bytes)}) is loaded. You may disconnect from the network now.`);
}

export function showLoading(words: string): void {
  const ready = byId("ready");
  ready.className = "ready";
  ready.textContent = words;
}

export function showNotReady(failure: ResituErrorShape, again: () => void): void {
  const ready = byId("ready");
  ready.className = "ready no";
  for (const place of [byId("card-facts"), byId("sources")]) place.replaceChildren(h("p", { class: "quiet" }, "Not known: the translator could not be loaded."));
  ready.replaceChildren(
    `The translator could not be loaded. ${failure.message} ${failure.hint} (`,
    h("code", {}, failure.code),
    ") ",
    h("button", { type: "button", class: "link", onclick: again }, "Try again"),
  );
}

export function showCard(card: TranslatorCard): void {
  byId("card-facts").replaceChildren(
    h(
      "dl",
      { class: "facts" },
      ...facts(card).map(([name, value]) => h("div", { class: "fact" }, h("dt", {}, name), h("dd", {}, value))),
    ),
  );
  byId("sources").replaceChildren(
    h("p", {}, card.reference.attribution),
    h(
      "ul",
      { class: "sources" },
      ...card.sources.map((source) => h("li", {}, outside(source.url, source.name), h("span", { class: "quiet" }, ` ${source.licence}`))),
    ),
  );
  byId("model-card-text").replaceChildren(markdown(card.modelCard));
  byId("model-card").hidden = false;
}

function facts(card: TranslatorCard): [string, string][] {
  return [
    ["Name", `${card.name} ${card.version}`],
    ["For", `${label(card.species)}, ${label(card.tissue)}`],
    ["Parameters", count(card.parameters)],
    ["Panel", `${count(card.panel.length)} genes`],
    ["Knows", `${card.states.length} cell states, ${card.niches.length} niches`],
    ["Reference", `${card.reference.section}, ${count(card.reference.nCells)} cells`],
    ["SHA-256", card.sha256],
  ];
}

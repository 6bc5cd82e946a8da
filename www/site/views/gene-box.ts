/** A search box for one gene of a known list, with the browser's own suggestions. */

import { h } from "../dom.js";

let made = 0;

/** Calls `onGene` when the text is one of `genes`, whatever the case. */
export function geneBox(genes: string[], chosen: string, onGene: (gene: string) => void): HTMLElement {
  const list = `genes-${++made}`;
  const byName = new Map(genes.map((gene) => [gene.toUpperCase(), gene]));
  const note = h("span", { class: "field-note", id: `${list}-note` }, "");
  let last = chosen;
  const look = (final: boolean): void => {
    const gene = byName.get(box.value.trim().toUpperCase());
    box.setAttribute("aria-invalid", String(final && !gene));
    note.textContent = final && !gene ? "Not in the panel." : "";
    if (gene && gene !== last) {
      last = gene;
      onGene(gene);
    }
  };
  const box = h("input", {
    type: "search",
    list,
    value: chosen,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": `${list}-note`,
    oninput: () => look(false),
    onchange: () => look(true),
    onfocus: () => box.select(),
  });
  return h(
    "label",
    { class: "field" },
    h("span", {}, `Gene (${genes.length} in the panel)`),
    box,
    h("datalist", { id: list }, ...genes.slice().sort().map((gene) => h("option", { value: gene }))),
    note,
  );
}

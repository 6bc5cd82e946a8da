/** What the colours mean: buttons that show and hide categories, or a ramp with its ends. */

import { type Colouring, type LegendEntry, rampColour, type Theme } from "../../src/plots/index.js";
import { h, swatch } from "../dom.js";
import { count } from "../text/format.js";

export interface LegendActions {
  toggle: (codes: number[], shown: boolean) => void;
  /** Pointed at, or focused: these codes are to stand out; null when none is any more. */
  highlight: (codes: number[] | null) => void;
}

/** Without `actions` the legend only explains. */
export function legend(
  colouring: Colouring,
  entries: LegendEntry[],
  theme: Theme,
  hidden: ReadonlySet<number>,
  actions: LegendActions | null,
): HTMLElement {
  if (colouring.kind === "values") return ramp(colouring.title, colouring.low, colouring.high, colouring.unit, theme);
  if (colouring.kind === "plain") return h("div");
  const isHidden = (entry: LegendEntry): boolean => entry.codes.every((code) => hidden.has(code));
  const row = h(
    "ul",
    { class: "legend-row", "aria-label": colouring.title },
    ...entries.map((entry) => h("li", {}, actions ? chip(entry, !isHidden(entry), actions) : h("span", { class: "chip" }, swatch(entry.colour), entry.name))),
  );
  if (!actions || entries.length < 2) return row;
  const { toggle } = actions;
  const all = entries.flatMap((entry) => entry.codes);
  return h(
    "div",
    {},
    row,
    h(
      "p",
      { class: "legend-all" },
      h("button", { type: "button", class: "link", onclick: () => toggle(all, true), disabled: hidden.size === 0 }, "Show all"),
      h("button", { type: "button", class: "link", onclick: () => toggle(all, false), disabled: entries.every(isHidden) }, "Hide all"),
    ),
  );
}

function chip(entry: LegendEntry, shown: boolean, { toggle, highlight }: LegendActions): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: "chip",
      "aria-pressed": String(shown),
      "data-code": String(entry.codes[0]),
      onpointerenter: () => highlight(entry.codes),
      onpointerleave: () => highlight(null),
      onfocus: () => highlight(entry.codes),
      onblur: () => highlight(null),
      onclick: () => {
        toggle(entry.codes, !shown);
        // The legend is drawn anew; whoever uses the keyboard must not be thrown back to the top of the page.
        document.querySelector<HTMLElement>(`.legend [data-code="${entry.codes[0]}"]`)?.focus();
      },
    },
    swatch(entry.colour),
    h("span", {}, entry.name),
    h("span", { class: "chip-count" }, count(entry.count)),
  );
}

function ramp(title: string, low: number, high: number, unit: string, theme: Theme): HTMLElement {
  const canvas = h("canvas", { class: "ramp", width: 256, height: 1, role: "img", "aria-label": `Colour scale of ${title}, from ${low} to ${high.toPrecision(2)} ${unit}` });
  const context = canvas.getContext("2d");
  for (let step = 0; context && step < 256; step++) {
    context.fillStyle = rampColour(step / 255, theme);
    context.fillRect(step, 0, 1, 1);
  }
  const end = unit ? `≥ ${high.toPrecision(2)} ${unit} (99th percentile)` : high.toPrecision(2).replace(/\.0+$/, "");
  return h("div", { class: "ramp-box" }, h("span", { class: "ramp-title" }, title), h("span", {}, String(low)), canvas, h("span", {}, end));
}

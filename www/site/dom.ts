/** Makes elements without a framework and without HTML strings: what comes from a file can never become markup. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined | ((event: Event) => void)>;

/** `h("button", { type: "button", onclick: go }, "Go")`. `true` sets an empty attribute; `false` and `undefined` none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.replace(/^on/, ""), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return made;
}

/** An element that `index.html` promises. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page lacks its element “${id}”.`);
  return found as T;
}

/** A square of colour for legends: SVG, so that the colour is an attribute and needs no inline style. */
export function swatch(colour: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("aria-hidden", "true");
  const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  for (const name of ["cx", "cy"]) dot.setAttribute(name, "6");
  dot.setAttribute("r", "5.5");
  dot.setAttribute("fill", colour);
  svg.append(dot);
  return svg;
}

/** Choices that exclude each other, as real radio buttons that look like one control. */
export function choices<T extends string>(
  legend: string,
  name: string,
  options: { value: T; text: string; disabled?: boolean; hint?: string }[],
  value: T,
  onChange: (value: T) => void,
): HTMLFieldSetElement {
  return h(
    "fieldset",
    { class: "choices" },
    h("legend", {}, legend),
    h(
      "div",
      { class: "choices-row" },
      ...options.map((option) =>
        h(
          "label",
          { title: option.hint },
          h("input", {
            type: "radio",
            name,
            value: option.value,
            checked: option.value === value,
            disabled: option.disabled ?? false,
            onchange: () => onChange(option.value),
          }),
          h("span", {}, option.text),
        ),
      ),
    ),
  );
}

/** Saves bytes under a name through the browser's own download. */
export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: name });
  link.click();
  // The browser reads the address after this task; a minute is ample and still frees the memory.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Shows the model card: the few forms of Markdown it uses, made into elements (never into an HTML string). */

import { h } from "../dom.js";

/** Headings become `h4` to `h6`, below the page's own. Unknown forms stay as plain text. */
export function markdown(source: string): DocumentFragment {
  const result = document.createDocumentFragment();
  const lines = source.replaceAll("\r\n", "\n").split("\n");
  let at = 0;
  const take = (belongs: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && belongs(lines[at] as string)) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] as string;
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (line.trim() === "") at++;
    else if (heading) {
      at++;
      const level = Math.min(6, 3 + (heading[1] as string).length) as 4 | 5 | 6;
      result.append(h(`h${level}`, {}, ...inline(heading[2] as string)));
    } else if (line.startsWith("```")) {
      at++;
      const code = take((next) => !next.startsWith("```"));
      at++;
      result.append(h("pre", { tabindex: 0 }, h("code", {}, code.join("\n"))));
    } else if (line.startsWith("|")) {
      result.append(table(take((next) => next.startsWith("|"))));
    } else if (/^([-*]|\d+\.)\s/.test(line)) {
      result.append(list(take((next) => /^([-*]|\d+\.)\s/.test(next) || /^\s+\S/.test(next))));
    } else {
      const text = take((next) => next.trim() !== "" && !/^(#{1,6}\s|```|\||[-*]\s)/.test(next));
      result.append(h("p", {}, ...inline((text.length > 0 ? text : [lines[at++] as string]).join(" "))));
    }
  }
  return result;
}

function list(lines: string[]): HTMLElement {
  const items: string[] = [];
  for (const line of lines) {
    const start = /^([-*]|\d+\.)\s+(.*)$/.exec(line);
    if (start) items.push(start[2] as string);
    else items[items.length - 1] = `${items.at(-1) ?? ""} ${line.trim()}`;
  }
  return h(/^\d/.test(lines[0] ?? "") ? "ol" : "ul", {}, ...items.map((item) => h("li", {}, ...inline(item))));
}

function table(lines: string[]): HTMLElement {
  const cells = lines.map((line) => line.replace(/^\||\|\s*$/g, "").split("|").map((cell) => cell.trim()));
  const [head = [], ...rest] = cells.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell)));
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...head.map((cell) => h("th", { scope: "col" }, ...inline(cell))))),
      h("tbody", {}, ...rest.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, ...inline(cell)))))),
    ),
  );
}

const SPANS = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*]+\*)|\[([^\]]+)\]\((https:\/\/[^)\s]+)\)|<(https:\/\/[^>\s]+)>/g;

function inline(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(SPANS)) {
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    const [, code, strong, em, words, address, bare] = match;
    if (code) parts.push(h("code", {}, code.slice(1, -1)));
    else if (strong) parts.push(h("strong", {}, strong.slice(2, -2)));
    else if (em) parts.push(h("em", {}, em.slice(1, -1)));
    else parts.push(outside(address ?? bare ?? "", words ?? bare ?? ""));
  }
  parts.push(text.slice(from));
  return parts;
}

/** A link that leaves this site: only https, and it tells the other side nothing about this page. */
export function outside(address: string, words: string): Node {
  if (!address.startsWith("https://")) return document.createTextNode(words);
  return h("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, words);
}

/** A table that sorts by its headings, filters by its first column and grows in steps; plain table semantics throughout. */

import { csvOf } from "./csv.js";

export interface TableColumn<Row> {
  heading: string;
  /** A sentence for the heading's tooltip. */
  hint?: string;
  value: (row: Row) => number | string;
  text: (row: Row) => string;
  /** A small picture behind the text. */
  picture?: (row: Row) => SVGSVGElement;
  /** Which way the first press on the heading sorts. */
  first?: "ascending" | "descending";
}

export interface TableOptions<Row> {
  caption: string;
  columns: TableColumn<Row>[];
  rows: Row[];
  /** Column to start with. */
  sortedBy: number;
  /** When given, the first column holds buttons. */
  onChoose?: (row: Row) => void;
  chosen?: (row: Row) => boolean;
  /** How many rows more each time. */
  step?: number;
}

export class SortableTable<Row> {
  readonly table = document.createElement("table");
  readonly more = document.createElement("button");
  private readonly body = document.createElement("tbody");
  private readonly headings: HTMLTableCellElement[] = [];
  private sortedBy: number;
  private descending: boolean;
  private words = "";
  private shown: number;

  constructor(private readonly options: TableOptions<Row>) {
    this.sortedBy = options.sortedBy;
    this.descending = options.columns[options.sortedBy]?.first === "descending";
    this.shown = options.step ?? 50;
    const caption = this.table.createCaption();
    caption.textContent = options.caption;
    const head = this.table.createTHead().insertRow();
    options.columns.forEach((column, at) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = column.heading;
      if (column.hint) button.title = column.hint;
      button.addEventListener("click", () => this.sort(at));
      cell.append(button);
      head.append(cell);
      this.headings.push(cell);
    });
    this.table.append(this.body);
    this.more.type = "button";
    this.more.addEventListener("click", () => {
      this.shown += options.step ?? 50;
      this.render();
    });
    this.render();
  }

  /** Keeps rows whose first column contains `words`, whatever the case. Returns how many there are. */
  filter(words: string): number {
    this.words = words.trim().toLowerCase();
    this.shown = this.options.step ?? 50;
    return this.render();
  }

  /** All rows in their present order, filtered or not, as comma-separated values with full precision. */
  toCsv(): string {
    const { columns } = this.options;
    return csvOf([columns.map(({ heading }) => heading), ...this.sorted(this.options.rows).map((row) => columns.map((column) => column.value(row)))]);
  }

  private sort(at: number): void {
    const column = this.options.columns[at];
    this.descending = at === this.sortedBy ? !this.descending : column?.first === "descending";
    this.sortedBy = at;
    this.render();
  }

  /** NaN and ties come in a stable order: NaN last whichever way, ties as the rows were given. */
  private sorted(rows: Row[]): Row[] {
    const value = this.options.columns[this.sortedBy]?.value ?? (() => 0);
    const turn = this.descending ? -1 : 1;
    return rows.slice().sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      if (typeof a === "string" || typeof b === "string") return turn * String(a).localeCompare(String(b));
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return turn * (a - b);
    });
  }

  render(): number {
    const { columns, rows, onChoose, chosen } = this.options;
    this.headings.forEach((cell, at) => {
      if (at === this.sortedBy) cell.ariaSort = this.descending ? "descending" : "ascending";
      else cell.removeAttribute("aria-sort");
    });
    const first = columns[0];
    const kept = rows.filter((row) => !this.words || String(first?.value(row)).toLowerCase().includes(this.words));
    const lines = this.sorted(kept).slice(0, this.shown).map((row) => {
      const line = document.createElement("tr");
      columns.forEach((column, at) => {
        const cell = document.createElement(at === 0 ? "th" : "td");
        if (at === 0) cell.scope = "row";
        if (at === 0 && onChoose) {
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = column.text(row);
          button.setAttribute("aria-pressed", String(chosen?.(row) ?? false));
          button.addEventListener("click", () => onChoose(row));
          cell.append(button);
        } else cell.textContent = column.text(row);
        if (column.picture) cell.append(" ", column.picture(row));
        line.append(cell);
      });
      return line;
    });
    this.body.replaceChildren(...lines);
    const rest = kept.length - lines.length;
    this.more.hidden = rest <= 0;
    this.more.textContent = `Show ${Math.min(rest, this.options.step ?? 50)} more of ${rest}`;
    return kept.length;
  }
}

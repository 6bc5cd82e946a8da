"""Writes rows of a table into a section of a page: `python scripts/bench/page.py PAGE SECTION < JSON`.

JSON: `header` (list), `rows` (lists of cells), `keys` (how many leading cells name a row), `below` (a sentence). A section
lies between `<!-- SECTION: … -->` and `<!-- end of SECTION -->`. A row that is there already is replaced where it stands,
a new one comes last, the others stay: so files that do not fit on the disk together are measured one after the other.
"""

import json
import re
import sys
from pathlib import Path


def line(cells):
    return f"| {' | '.join(cells)} |"


def note(page, section, header, rows, keys, below):
    """Puts the rows into the section of the file `page`."""
    text = page.read_text()
    place = re.search(rf"(<!-- {section}: [^\n]*-->\n)(.*?)(\n<!-- end of {section} -->)", text, re.DOTALL)
    if place is None:
        raise SystemExit(f"{page} has no section {section}")
    lines = [found for found in place[2].splitlines() if found.startswith("|")]
    # Of another table, nothing is kept.
    kept = lines[2:] if lines[:1] == [line(header)] else []
    kept = [[cell.strip() for cell in found.strip("| ").split(" | ")] for found in kept]
    table = {tuple(cells[:keys]): cells for cells in kept}
    table |= {tuple(cells[:keys]): cells for cells in rows}
    written = [line(header), f"|{'---|' * len(header)}", *map(line, table.values()), "", below]
    page.write_text(text[: place.start(2)] + "\n".join(written) + text[place.end(2) :])


if __name__ == "__main__":
    note(Path(sys.argv[1]), sys.argv[2], **json.load(sys.stdin))

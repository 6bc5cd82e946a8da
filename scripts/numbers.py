#!/usr/bin/env python3
"""Writes the README's numbers from what the project's own scripts printed: nothing is typed in by hand.

    python3 scripts/numbers.py

Sources: models/breast.card.md and models/breast.resitu (scripts/train_breast.sh), www/wasm/sizes.txt (scripts/build.sh; where
the wasm is not built, the README's own line stays), docs/bench-*.md (scripts/bench).
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- numbers:begin -->", "<!-- numbers:end -->"


def section(markdown: str, title: str) -> str:
    """The text of a second-level section, its own headings one level lower."""
    body = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", markdown, re.M | re.S)
    if body is None:
        raise SystemExit(f"could not: write the numbers — the model card has no section '{title}' — run scripts/train_breast.sh")
    return re.sub(r"^### ", "#### ", body.group(1).strip(), flags=re.M)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


CLOCK = "ratio by the clock"


def ratios(text: str) -> list[tuple[str, str, str]]:
    """What each row of the tables measured, how many times as long the peer took, and (or "") the same by the clock with all
    threads; rows without a peer are left out."""
    found = []
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        header, _, *rows = table.splitlines()
        names = cells(header)
        clock = names.index(CLOCK) if CLOCK in names else None
        at = next((i for i, name in enumerate(names) if name == "ratio" or "/ resitu" in name), None)
        for row in map(cells, rows if at is not None else []):
            first_number = next(i for i, cell in enumerate(row) if re.fullmatch(r"[\d,. ]+( \(.*\))?|–|not run", cell))
            if re.match(r"\d", row[at]):
                found.append((", ".join(row[:first_number]), row[at], row[clock] if clock else ""))
    return found


def speed(path: Path) -> list[str]:
    """The ratios of a page, a table for each of its sections."""
    title, *sections = re.split(r"^## ", path.read_text().removeprefix("# "), flags=re.M)
    name, _, rest = title.partition("\n")
    lines = []
    for heading, text in [("", rest), *(section.split("\n", 1) for section in sections)]:
        rows = ratios(text)
        if rows:
            link = f"[{name}{': ' * bool(heading)}{heading[:1].lower()}{heading[1:]}](docs/{path.name})"
            if any(clock for *_, clock in rows):
                lines += ["", f"| {link} | one thread each, processor | all threads, peer's one, clock |", "|---|---|---|"]
                lines += [f"| {what} | {ratio} | {clock} |" for what, ratio, clock in rows]
            else:
                lines += ["", f"| {link} | ratio |", "|---|---|", *(f"| {what} | {ratio} |" for what, ratio, _ in rows)]
    return lines


def main() -> None:
    card = (ROOT / "models/breast.card.md").read_text()
    bundle = (ROOT / "models/breast.resitu").stat().st_size
    trained = re.search(r"^- Trained on: (.*)$", card, re.M)
    lines = ["### The default translator", "", f"`models/breast.resitu` is {bundle / 1e6:.2f} MB. Trained on: {trained.group(1)}"]
    lines += ["", section(card, "Scores on the test split"), "", "### Download"]
    readme = ROOT / "README.md"
    text = readme.read_text()
    sizes = ROOT / "www/wasm/sizes.txt"
    if sizes.exists():
        lines += ["", f"The one {sizes.read_text().strip()}; loaded once, with CPU and WebGPU in it."]
    elif known := re.search(r"^The one wasm: .*$", text, re.M):
        lines += ["", known.group()]
    benches = sorted((ROOT / "docs").glob("bench-*.md"))
    if benches:
        lines += ["", "### Speed", "", "How many times as long the peer took for the same work, in one run on one machine; below 1 resitu is the slower one."]
        lines += ["Seconds, memory, the machine, versions and what exactly is compared stand in the pages."]
        for path in benches:
            lines += speed(path)
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes the README's numbers from what the project's own scripts printed: nothing is typed in by hand.

    python3 scripts/numbers.py

Sources: models/breast.card.md and models/breast.resitu (scripts/train_breast.sh), www/wasm/sizes.txt (scripts/build.sh; left
out where the wasm is not built), docs/bench-*.md (scripts/bench).
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


def main() -> None:
    card = (ROOT / "models/breast.card.md").read_text()
    bundle = (ROOT / "models/breast.resitu").stat().st_size
    trained = re.search(r"^- Trained on: (.*)$", card, re.M)
    lines = ["### The default translator", "", f"`models/breast.resitu` is {bundle / 1e6:.2f} MB. Trained on: {trained.group(1)}"]
    lines += ["", section(card, "Scores on the test split"), "", "### Download"]
    sizes = ROOT / "www/wasm/sizes.txt"
    if sizes.exists():
        lines += ["", f"The one {sizes.read_text().strip()}; loaded once, with CPU and WebGPU in it."]
    benches = sorted((ROOT / "docs").glob("bench-*.md"))
    if benches:
        links = ", ".join(f"[{path.stem.removeprefix('bench-')}](docs/{path.name})" for path in benches)
        lines += ["", "### Speed", "", f"Beside peers in one run on one machine: {links}."]
    readme = ROOT / "README.md"
    text = readme.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)


if __name__ == "__main__":
    main()

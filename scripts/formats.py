#!/usr/bin/env python3
"""Copies the support table of docs/formats.md into the README, so that it is written once.

    python3 scripts/formats.py

The documentation of `resitu::io` includes the page itself. A test says when the README is behind.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- formats:begin -->", "<!-- formats:end -->"


def table(text: str) -> str:
    return text.split(BEGIN)[1].split(END)[0]


def main() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(before + BEGIN + table((ROOT / "docs/formats.md").read_text()) + END + after)


if __name__ == "__main__":
    main()

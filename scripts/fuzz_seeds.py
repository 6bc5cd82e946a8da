"""Writes what the fuzz targets start from: a folder of small files for each.

    python scripts/fuzz_seeds.py DATA OUT

DATA holds the public files (`formats/...`); what is not there is left out. Further files come from the writers of the tests
and need anndata, zarr and pyarrow. Inputs of several files are laid out as `fuzz/src/folder.rs` reads them.
"""

import gzip
import io
import json
import pathlib
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# libFuzzer tries some thousand inputs a second of a few kilobytes, and a few hundred of this size.
MAX_BYTES = 150_000


def pack(files):
    """Paths and contents in one input."""
    parts = []
    for path, content in files.items():
        name = path.encode()[:255]
        parts.append(struct.pack("<B", len(name)) + name + struct.pack("<I", len(content)) + content)
    return b"".join(parts)


def below(folder):
    paths = sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def zipped(files, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def tarred(files, mode):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def run(script, folder):
    """What a writer of the tests printed; nothing if a library that it needs is missing."""
    done = subprocess.run([sys.executable, ROOT / "tests/python" / script, folder], capture_output=True, text=True)
    if done.returncode:
        print(f"left out: {script} ({done.stderr.strip().splitlines()[-1]})", file=sys.stderr)
        return None
    return json.loads(done.stdout)


class Corpus:
    def __init__(self, out):
        self.out = out
        self.n = 0

    def put(self, target, content):
        if 0 < len(content) <= MAX_BYTES:
            folder = self.out / target
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"seed-{self.n:04d}").write_bytes(content)
            self.n += 1

    def folder(self, files):
        """A folder as it is, and in archives."""
        self.put("folder", pack(files))
        # The first byte says that the archive is taken as it is.
        for archive in (zipped(files, zipfile.ZIP_STORED), zipped(files, zipfile.ZIP_DEFLATED), tarred(files, "w"), tarred(files, "w:gz")):
            self.put("archive", b"\x03" + archive)
        self.put("archive", b"\x02" + tarred(files, "w"))


def real(corpus, formats):
    for path in sorted(formats.rglob("*")):
        if path.suffix in (".h5ad", ".h5", ".loom", ".zip") and path.is_file():
            corpus.put("dataset", path.read_bytes())
        if path.suffix == ".zip":
            corpus.put("archive", b"\x03" + path.read_bytes())
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if not name.endswith("/")]
                corpus.folder({name: archive.read(name) for name in names})
        if path.name in ("barcodes.tsv", "barcodes.tsv.gz"):
            corpus.folder(below(path.parent))
            for name, content in below(path.parent).items():
                content = gzip.decompress(content) if name.endswith(".gz") else content
                place = 0 if "matrix" in name else 2 if "barcodes" in name else 1
                corpus.put("text_table", bytes([place]) + content)
        if path.name.startswith("tissue_positions"):
            files = below(path.parent.parent)
            corpus.folder({name: content if "positions" not in name else b"\n".join(content.split(b"\n")[:300]) for name, content in files.items()})
            corpus.put("text_table", b"\x05" + b"\n".join(path.read_bytes().split(b"\n")[:50]))
        if path.suffix == ".csv":
            corpus.put("text_table", b"\x06" + path.read_bytes()[:20_000])
    for folder in {path.parent for path in formats.rglob("*cell_by_gene.csv")}:
        corpus.folder(below(folder))


def written(corpus, folder):
    for script in ("write_variants.py", "write_hdf5_kinds.py", "write_bombs.py", "write_attacks.py"):
        here = folder / script
        here.mkdir()
        if run(script, here) is not None:
            for content in below(here).values():
                corpus.put("dataset", content)
    here = folder / "parquet"
    here.mkdir()
    if run("write_parquet.py", here) is not None:
        for content in below(here).values():
            corpus.put("parquet", content)
    here = folder / "zarr"
    if (zarr := run("write_zarr.py", here)) is not None:
        stores = [*zarr["stores"].values(), *zarr["refused"].values(), *[path for path in (zarr["spatialdata"] or {}).values() if isinstance(path, str)]]
        for store in stores:
            corpus.put("folder", pack({f"a.zarr/{path}": content for path, content in below(store).items()}))
    here = folder / "outputs"
    here.mkdir()
    if (outputs := run("write_spatial_outputs.py", here)) is not None:
        for output in outputs.values():
            files = below(output["folder"])
            corpus.folder(files)
            for name, content in files.items():
                content = gzip.decompress(content) if name.endswith(".gz") else content
                place = {"cells.csv": 3, "tissue_positions.csv": 4, "tissue_positions_list.csv": 5}.get(pathlib.Path(name).name.removesuffix(".gz"))
                if place is not None:
                    corpus.put("text_table", bytes([place]) + content)
                if name.endswith(".parquet"):
                    corpus.put("parquet", content)


def own(corpus, bundle):
    """resitu's own formats: a small bundle (from the seed program of the fuzz package), and parts of the tables."""
    corpus.put("bundle", bundle)
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        corpus.put("bundle", pack({name: archive.read(name) for name in archive.namelist()}))
        corpus.put("text_table", b"\x07" + archive.read("genes.tsv"))
    text = gzip.decompress((ROOT / "models/human-mouse.genes").read_bytes()).decode().split("\n")
    head = [line for line in text[:12] if not line.startswith(">") and (line.startswith("#") or line.startswith("resitu"))]
    human, mouse = (next(i for i, line in enumerate(text) if line.startswith(f">{name} ")) for name in ("human", "mouse"))
    for n in (3, 60):
        lines = [*head, f">human {n}", *text[human + 1 : human + 1 + n], f">mouse {n}", *text[mouse + 1 : mouse + 1 + n], ">end", ""]
        corpus.put("gene_table", "\n".join(lines).encode())
        corpus.put("gene_table", gzip.compress("\n".join(lines).encode()))
    for table in (
        "ligand,receptor\nTGFB1,TGFBR1_TGFBR2\n\"CCL5\",\"CCR5\"\n",
        "source_genesymbol\ttarget_genesymbol\tx\nCOMPLEX:IL12A_IL12B\tIL12RB1\t1\r\n",
        "\ufeffsource,target\n\"a\"\"b\",c\n,\nA_,_B\n",
    ):
        corpus.put("pairs", table.encode())


def main(data, out):
    corpus = Corpus(out)
    if (data / "formats").is_dir():
        real(corpus, data / "formats")
    with tempfile.TemporaryDirectory() as folder:
        written(corpus, pathlib.Path(folder))
    if bundle := sys.stdin.buffer.read():
        own(corpus, bundle)
    for target in sorted(out.iterdir()):
        print(f"{target.name}: {len(list(target.iterdir()))} seeds")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))

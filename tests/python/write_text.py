"""Writes the same counts as delimited text in every way that people do, and prints what pandas and scanpy read of it."""

import json
import pathlib
import sys

import numpy as np
import pandas as pd
import scanpy as sc

folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(7)
GENES = ["ACTB", "MALAT1", "NOVEL1", "RPL13A", "x|y", "HLA-A", "NOVEL2"]
cells = ["".join(random.choice(list("ACGT"), 12)) + "-1" for _ in range(23)]
values = random.poisson(0.7, (23, 7)).astype(float)
values[3] = 0
counts = pd.DataFrame(values, index=cells, columns=GENES)
log = np.log1p(counts)
whole = counts.astype(int)

annotated = whole.copy()
annotated.insert(0, "cell_type", random.choice(["T cell", "B, cell"], 23))
# Quarters are exact however they are read.
annotated["x"], annotated["y"] = random.integers(0, 4000, 23) / 4, random.integers(0, 4000, 23) / 4

described = whole.T.copy()
described.insert(0, "gene_id", [f"ENSG{at:011d}" for at in range(7)])

whole.to_csv(folder / "cells.csv")
whole.T.to_csv(folder / "genes.csv")
counts.to_csv(folder / "floats.tsv", sep="\t")
log.to_csv(folder / "log.csv.gz")
whole.T.to_csv(folder / "semicolons.csv", sep=";", lineterminator="\r\n")
whole.T.to_csv(folder / "quoted.txt", sep="\t", quoting=2, index_label="gene")
annotated.to_csv(folder / "annotated.csv")
described.to_csv(folder / "described.tsv.gz", sep="\t")
# As R's write.table: blanks, quotes, and a header without a corner.
whole.T.to_csv(folder / "r.txt", sep=" ", quoting=2)
text = (folder / "r.txt").read_text()
(folder / "r.txt").write_text(text.removeprefix('"" '))

# scanpy's own reading of a file agrees with what was written.
read = sc.read_csv(folder / "genes.csv", first_column_names=True).T
assert (read.X == values).all() and list(read.obs_names) == cells and list(read.var_names) == GENES
assert pd.read_csv(folder / "log.csv.gz", index_col=0, float_precision="round_trip").equals(log)

print(
    json.dumps(
        {
            "cells": cells,
            "genes": GENES,
            "counts": values.tolist(),
            "log": log.to_numpy(dtype="float32").tolist(),
            "cell_type": list(annotated["cell_type"]),
            "xy": annotated[["x", "y"]].to_numpy().tolist(),
            "gene_id": list(described["gene_id"]),
        }
    )
)

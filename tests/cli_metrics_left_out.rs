//! `resitu metrics` of files with cells that have no position or no values: the numbers are those of the other cells alone.

mod common;

use std::{fs, path::Path, process::Command};

use common::Folder;

use resitu::cells::{Column, Csr};
use resitu::io::{BytesSource, Dataset, Embedding, H5adContents, Numbers, Table, Values, write_h5ad};
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const CELLS: usize = 80;
/// An empty cell of a translation, as `resitu translate` writes it: nothing but NaN, and no label.
const EMPTY: [usize; 2] = [0, 33];
/// A cell with a place and a label, all of whose values are NaN.
const SILENT: usize = 50;
const GENES: [&str; 3] = ["UP", "NOISE", "HOLED"];

/// Cells of two halves; `left_out` decides which are in the file. HOLED is NaN in one whole cell, so it stays undefined.
fn write(path: &Path, left_out: &[usize]) -> Outcome {
    let mut state = 5u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut xy, mut dense, mut codes, mut names) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for cell in 0..CELLS {
        let [x, y, noise] = [random(), random(), random()];
        if left_out.contains(&cell) {
            continue;
        }
        let (empty, silent) = (EMPTY.contains(&cell), cell == SILENT);
        let hole = if cell == 7 { f32::NAN } else { noise as f32 };
        dense.extend(if empty || silent {
            [f32::NAN; 3]
        } else {
            [if x > 0.5 { 4.0 } else { 0.0 }, noise as f32, hole]
        });
        xy.extend(if empty { [f64::NAN; 2] } else { [x, y] });
        codes.push(if empty { -1 } else { i32::from(x > 0.5) });
        names.push(format!("cell{cell}"));
    }
    let categories = ["left", "right"].map(str::to_owned).to_vec();
    let values = Csr::from_dense(GENES.len(), &dense)?;
    let bytes = write_h5ad(&H5adContents {
        x: Values::Sparse(&values),
        obs: Table { index: names, columns: vec![("half".to_owned(), Column::Categorical { codes, categories })] },
        var: Table { index: GENES.map(str::to_owned).to_vec(), columns: Vec::new() },
        layers: Vec::new(),
        obsm: vec![("spatial".to_owned(), Embedding { width: 2, values: Numbers::F64(&xy) })],
        obsp: Vec::new(),
        uns: Vec::new(),
    })?;
    Ok(fs::write(path, bytes)?)
}

fn run(file: &Path, out: &Path, more: &[&str]) -> Outcome {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_resitu"));
    let output =
        command.args(["metrics", &text(file), "-o", &text(out), "--permutations", "49"]).args(more).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn json(path: &Path) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

const OF_GENES: [&str; 5] = ["--autocorr", "--local", "UP", "--pairs-of", "UP,NOISE"];
const OF_LABELS: [&str; 12] = [
    "--enrichment",
    "half",
    "--centrality",
    "half",
    "--composition",
    "half",
    "--co-occurrence",
    "half",
    "--ripley",
    "half",
    "--simulations",
    "9",
];

#[test]
fn statistics_are_those_of_the_file_without_the_cells() -> Outcome {
    let folder = Folder::new("metrics-left-out");
    let at = |name: &str| folder.0.join(name);
    write(&at("all.h5ad"), &[])?;
    write(&at("placed.h5ad"), &EMPTY)?;
    write(&at("whole.h5ad"), &[EMPTY[0], EMPTY[1], SILENT])?;
    let both: Vec<&str> =
        OF_GENES.into_iter().chain(OF_LABELS).chain(["--niches", "half", "--niche-count", "2"]).collect();
    run(&at("all.h5ad"), &at("all.json"), &both)?;
    run(&at("whole.h5ad"), &at("genes.json"), &OF_GENES)?;
    run(&at("placed.h5ad"), &at("labels.json"), &OF_LABELS)?;
    let (all, genes, labels) = (json(&at("all.json"))?, json(&at("genes.json"))?, json(&at("labels.json"))?);

    assert!(all["genes"][0]["moran"]["value"].as_f64() > Some(0.3), "{} {}", all["genes"][0], all["notes"]);
    assert_eq!((all["genes"].clone(), all["pairs"].clone()), (genes["genes"].clone(), genes["pairs"].clone()));
    // One value that is missing among others stays what it was: a gene without a statistic, and no cell less.
    assert_eq!(all["genes"][2]["undefined"], "not-finite");
    for name in ["enrichment", "centrality", "composition", "co_occurrence", "ripley"] {
        assert_eq!(all[name], labels[name], "{name}");
    }
    let counts =
        ["cells_without_position", "cells_without_values", "isolated_cells"].map(|name| all["graph"][name].as_u64());
    assert_eq!(counts, [Some(2), Some(1), Some(0)]);
    let notes = all["notes"].to_string();
    assert!(notes.contains("2 cells have no position and are left out."), "{notes}");
    assert!(notes.contains("1 cells have no finite value of any gene"), "{notes}");
    assert_eq!(all["input"]["cells"], CELLS);

    // One entry a cell of the file: none for those left out, the others' as without them.
    let list = |from: &Value, name: &str| from["local"]["genes"][0]["moran"][name].as_array().cloned();
    let (mut found, expected) = (list(&all, "value").ok_or("values")?, list(&genes, "value").ok_or("values")?);
    assert_eq!(found.len(), CELLS);
    for cell in [SILENT, EMPTY[1], EMPTY[0]] {
        assert!(found.remove(cell).is_null());
    }
    assert_eq!(found, expected);
    assert_eq!(all["niches"]["codes"].as_array().map(Vec::len), Some(CELLS));
    assert_eq!(all["niches"]["codes"][EMPTY[0]], -1);
    // It has a place, and so a niche.
    assert!(all["niches"]["codes"][SILENT].as_i64() >= Some(0));
    Ok(())
}

#[test]
fn the_h5ad_keeps_every_cell_and_scanpy_reads_it() -> Outcome {
    let folder = Folder::new("metrics-left-out-h5ad");
    let (file, out) = (folder.0.join("in.h5ad"), folder.0.join("out.h5ad"));
    write(&file, &[])?;
    let more: Vec<&str> = OF_GENES.into_iter().chain(["--composition", "half", "--graph", "knn:5"]).collect();
    run(&file, &out, &more)?;
    let written = Dataset::open(Box::new(BytesSource::new(fs::read(&out)?)))?;
    assert_eq!(written.n_cells(), CELLS);
    let Column::Numbers(scores) = written.obs_column("UP_g_star_z")? else { return Err("numbers".into()) };
    let missing: Vec<usize> = (0..CELLS).filter(|&cell| scores[cell].is_nan()).collect();
    assert_eq!(missing, [EMPTY[0], EMPTY[1], SILENT]);
    let (width, shares) = written.embedding("half_composition")?.ok_or("shares")?;
    let missing: Vec<usize> = (0..CELLS).filter(|cell| shares[cell * width].is_nan()).collect();
    assert_eq!(missing, EMPTY);
    let Some(found) = common::run_python("graph_of_h5ad.py", &[&out.to_string_lossy()]) else {
        println!("skipped: the graph of the h5ad (no Python with anndata)");
        return Ok(());
    };
    assert_eq!(found["shape"], serde_json::json!([CELLS, CELLS]));
    assert_eq!(found["without"], serde_json::json!(EMPTY), "empty rows and columns");
    assert_eq!(found["degrees"], serde_json::json!([0, 5]));
    Ok(())
}

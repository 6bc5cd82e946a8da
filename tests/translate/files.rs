//! Translated cells as files.

use std::{path::PathBuf, process::Command};

use resitu::Explain;
use resitu::io::{BytesSource, Dataset};

use super::support::*;

#[test]
fn files_hold_the_translation_and_say_what_it_is() {
    let (translator, dataset) = (translator(), good_dataset(100));
    let result = translate(&translator, &dataset);
    let bytes = result.to_h5ad(&dataset).unwrap();
    let written = Dataset::open(Box::new(BytesSource::new(bytes.clone()))).unwrap();
    assert_eq!((written.n_cells(), written.n_genes()), (100, 7));
    assert_eq!(written.gene_names(), ["GENE3", "GENE1", "GENE20", "GENE39", "GENE0", "GENE8", "GENE7"]);
    assert_eq!(written.obs_names().unwrap(), dataset.obs_names().unwrap());
    assert_eq!(written.labels("side").unwrap(), dataset.labels("side").unwrap());
    let states = written.labels("resitu_state").unwrap();
    assert_eq!((states.codes[9], states.codes[0]), (-1, i32::from(result.state[0])));
    let xy = written.coordinates().unwrap().unwrap().xy;
    assert_eq!(xy[0], [f64::from(result.positions[0]), f64::from(result.positions[1])]);
    let row = written.rows(0..1).unwrap();
    let written_row: Vec<f32> = row.row(0).1.to_vec();
    assert_eq!(written_row, result.expression_of(0));

    let csv = String::from_utf8(result.to_csv(&dataset).unwrap()).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 101);
    assert!(lines.iter().all(|line| line.len() == 7 + 5 + 7));
    assert_eq!((lines[0][7], lines[0][12], lines[1][0]), ("neighbours: state 0", "GENE3", "cell-0"));
    assert_eq!(lines[1][12].parse::<f32>().unwrap(), result.expression_of(0)[0]);
    assert!(lines[10][1..].iter().all(|field| field.is_empty()), "cells without counts have empty fields");
    assert_eq!(result.to_h5ad(&good_dataset(5)).unwrap_err().code(), "translate.other-input");
}

/// What anndata finds in the file; `None` without a Python that has it.
fn as_anndata_finds_it(bytes: &[u8]) -> Option<serde_json::Value> {
    let python = std::env::var_os("RESITU_PYTHON").map_or(PathBuf::from("python3"), PathBuf::from);
    let there = Command::new(&python).args(["-c", "import anndata"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let path = std::env::temp_dir().join(format!("resitu-translated-{}.h5ad", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/python/read_h5ad.py");
    let output = Command::new(python).arg(script).arg(&path).output().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn anndata_reads_a_translation() {
    // Nine cells: the tenth would be empty, and JSON knows no NaN.
    let (translator, dataset) = (translator(), good_dataset(9));
    let result = translate(&translator, &dataset);
    let Some(found) = as_anndata_finds_it(&result.to_h5ad(&dataset).unwrap()) else {
        return println!("skipped: anndata_reads_a_translation (no Python with anndata)");
    };
    assert_eq!((&found["X"]["dtype"], &found["X"]["sparse"]), (&"float32".into(), &false.into()));
    assert_eq!(found["var"]["columns"]["ensembl"]["text"][2], "ENSG00000000020");
    let states = &found["obs"]["columns"]["resitu_state"];
    assert_eq!((states["categories"].as_array().unwrap().len(), &states["codes"][4]), (5, &result.state[4].into()));
    assert_eq!(found["obsm"]["resitu_composition"]["values"][0].as_array().unwrap().len(), 5);
    let notes = &found["uns"]["resitu"];
    assert_eq!(notes["translator_sha256"], result.provenance.translator.as_str());
    assert_eq!((&notes["device"], &notes["counts_matched"]), (&"cpu".into(), &1.0.into()));
    assert!(notes["about_positions"].as_str().unwrap().contains("reference section"));
}

//! Translated cells as files.

use std::{path::PathBuf, process::Command};

use resitu::Explain;
use resitu::cells::Column;
use resitu::io::{BytesSource, Dataset, H5adContents, Table, Values, write_h5ad};
use resitu::translate::{Format, Options, block_on};

use super::support::*;

#[test]
fn files_hold_the_translation_and_say_what_it_is() {
    let (translator, dataset) = (translator(), good_dataset(100));
    let result = translate(&translator, &dataset);
    let bytes = result.to_bytes(Format::H5ad, &dataset).unwrap();
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

    let csv = String::from_utf8(result.to_bytes(Format::Csv, &dataset).unwrap()).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 101);
    assert!(lines.iter().all(|line| line.len() == 7 + 5 + 7));
    assert_eq!((lines[0][7], lines[0][12], lines[1][0]), ("neighbours: state 0", "GENE3", "cell-0"));
    assert_eq!(lines[1][12].parse::<f32>().unwrap(), result.expression_of(0)[0]);
    assert!(lines[10][1..].iter().all(|field| field.is_empty()), "cells without counts have empty fields");
    assert_eq!(result.to_bytes(Format::H5ad, &good_dataset(5)).unwrap_err().code(), "translate.other-input");
}

/// What anndata finds in the file; `None` without a Python that has it.
fn as_anndata_finds_it(name: &str, bytes: &[u8]) -> Option<serde_json::Value> {
    let python = std::env::var_os("RESITU_PYTHON").map_or(PathBuf::from("python3"), PathBuf::from);
    let there = Command::new(&python).args(["-c", "import anndata"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let path = std::env::temp_dir().join(format!("resitu-{name}-{}.h5ad", std::process::id()));
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
    let Some(found) = as_anndata_finds_it("translated", &result.to_bytes(Format::H5ad, &dataset).unwrap()) else {
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

/// The entries of a zip by name.
fn entries(bytes: &[u8]) -> std::collections::BTreeMap<String, Vec<u8>> {
    use std::io::Read;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let read = |at: usize| {
        let mut entry = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.name().unwrap().into_owned(), content)
    };
    (0..3).map(read).collect()
}

#[test]
fn a_zip_holds_both_files_and_the_methods() {
    let (translator, dataset) = (translator(), good_dataset(100));
    let result = translate(&translator, &dataset);
    let found = entries(&result.to_bytes(Format::Zip, &dataset).unwrap());
    assert_eq!(found["cells.h5ad"], result.to_bytes(Format::H5ad, &dataset).unwrap());
    assert_eq!(found["cells.csv"], result.to_bytes(Format::Csv, &dataset).unwrap());
    let methods = std::str::from_utf8(&found["methods.md"]).unwrap();
    let from = &result.provenance;
    for said in [
        "100 dissociated cells were translated to a panel of 7 genes",
        &format!("resitu {}", from.resitu),
        &format!("SHA-256 {}", from.translator),
        &format!("{} of the 40 genes of the input", from.genes_matched),
        "10 cells without a count of a known gene were not translated",
        "ran on cpu",
        "seed 0",
        "doi.org/10.1038/s41586-023-06139-9",
        translator.card().reference.attribution.as_str(),
    ] {
        assert!(methods.contains(said), "{said:?} in {methods}");
    }
}

#[test]
fn a_streamed_translation_is_the_same_in_blocks() {
    // More cells than two chunks hold.
    let (translator, dataset) = (translator(), good_dataset(4_500));
    let whole = translate(&translator, &dataset);
    let mut job = translator.start_streamed(&dataset, Options::default()).unwrap();
    let (mut n_cells, mut blocks) = (0, 0);
    while !job.is_finished() {
        block_on(job.step(&translator, &dataset)).unwrap();
        let Some(block) = job.take_block() else { continue };
        assert!(job.take_block().is_none());
        assert!(block.n_cells <= 2_048, "{} cells", block.n_cells);
        let rows = n_cells..n_cells + block.n_cells;
        // Bit for bit, and NaN where NaN was.
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&block.expression), bits(&whole.expression[rows.start * 7..rows.end * 7]));
        assert_eq!(bits(&block.positions), bits(&whole.positions[rows.start * 2..rows.end * 2]));
        assert_eq!(block.niche, whole.niche[rows.clone()]);
        (n_cells, blocks) = (rows.end, blocks + 1);
    }
    assert_eq!((n_cells, blocks), (4_500, 3));
    let names = job.finish().unwrap();
    assert_eq!((names.n_cells, names.empty_cells, &names.provenance), (0, whole.empty_cells, &whole.provenance));
}

#[test]
fn a_block_that_was_not_taken_is_not_lost() {
    let (translator, dataset) = (translator(), good_dataset(3_000));
    let mut job = translator.start_streamed(&dataset, Options::default()).unwrap();
    let error = loop {
        if let Err(error) = block_on(job.step(&translator, &dataset)) {
            break error;
        }
    };
    assert_eq!(error.code(), "translate.unfinished");
    assert_eq!(job.take_block().unwrap().n_cells, 2_048);
    block_on(job.step(&translator, &dataset)).unwrap();
}

#[test]
fn annotations_of_the_file_keep_their_types() {
    let (translator, cells) = (translator(), good_dataset(6));
    let n = |values: [f64; 6]| Column::Numbers(values.to_vec());
    let truth = ["False", "True"].map(String::from).to_vec();
    let obs = vec![
        ("leiden".to_owned(), n([0.0, 3.0, 1.0, 1.0, 2.0, 0.0])),
        ("score".to_owned(), n([0.5, 3.0, 1.0, 1.0, 2.0, 0.0])),
        ("is_doublet".to_owned(), Column::Categorical { codes: vec![0, 1, 0, 0, 1, 0], categories: truth }),
        ("note".to_owned(), Column::Text(["a", "", "c", "d", "e", "f"].map(String::from).to_vec())),
        ("resitu_state".to_owned(), n([0.0; 6])),
    ];
    let counts = cells.rows(0..6).unwrap();
    let contents = H5adContents {
        x: Values::Sparse(&counts),
        obs: Table { index: cells.obs_names().unwrap(), columns: obs },
        var: Table { index: cells.gene_names().to_vec(), columns: Vec::new() },
        layers: Vec::new(),
        obsm: Vec::new(),
        obsp: Vec::new(),
        uns: Vec::new(),
    };
    let annotated = Dataset::open(Box::new(BytesSource::new(write_h5ad(&contents).unwrap()))).unwrap();
    let result = translate(&translator, &annotated);
    let bytes = result.to_bytes(Format::H5ad, &annotated).unwrap();
    let Some(found) = as_anndata_finds_it("annotated", &bytes) else {
        return println!("skipped: annotations_of_the_file_keep_their_types (no Python with anndata)");
    };
    let columns = &found["obs"]["columns"];
    assert_eq!(found["obs"]["dtypes"]["leiden"], "int64");
    assert_eq!(found["obs"]["dtypes"]["score"], "float64");
    assert_eq!(found["obs"]["dtypes"]["is_doublet"], "bool");
    assert_eq!(columns["leiden"]["numbers"], serde_json::json!([0.0, 3.0, 1.0, 1.0, 2.0, 0.0]));
    assert_eq!(columns["is_doublet"]["numbers"], serde_json::json!([0.0, 1.0, 0.0, 0.0, 1.0, 0.0]));
    assert_eq!(columns["note"]["text"], serde_json::json!(["a", "", "c", "d", "e", "f"]));
    assert!(columns["resitu_state"]["categories"].is_array(), "the new column takes the place of the old");
}

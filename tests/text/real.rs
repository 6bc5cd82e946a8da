//! Public files give the values that scanpy and pandas give; `scripts/reference/text.py` wrote those down.

use std::{collections::BTreeMap, path::PathBuf};

use resitu::io::{Dataset, FileSet};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::data;

pub fn reference() -> BTreeMap<String, Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/text.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn digest(names: &[String]) -> String {
    Sha256::digest(names.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares names and values, read in steps of `step` cells.
pub fn check(dataset: &Dataset, expected: &Value, step: usize, what: &str) {
    assert_eq!(digest(&dataset.obs_names().unwrap()), expected["obs_names"], "{what}");
    assert_eq!(digest(dataset.gene_names()), expected["var_names"], "{what}");
    if let Some(ids) = expected.get("gene_ids") {
        let (_, found) = dataset.var_columns().iter().find(|(name, _)| name == "gene_ids").unwrap();
        assert_eq!(digest(found), *ids, "{what}");
    }
    let expected = &expected["X"];
    assert_eq!(serde_json::json!([dataset.n_cells(), dataset.n_genes()]), expected["shape"], "{what}");
    let (mut non_zeros, mut by_row, mut by_column, mut start) = (0, 0.0, 0.0, 0);
    while start < dataset.n_cells() {
        let end = dataset.range_end(start, 1 << 20).unwrap().min(start + step);
        let rows = dataset.rows(start..end).unwrap();
        for row in 0..rows.n_rows() {
            let (indices, values) = rows.row(row);
            for (&gene, &value) in indices.iter().zip(values).filter(|(_, value)| **value != 0.0) {
                non_zeros += 1;
                by_row += f64::from(value) * ((start + row) % 97 + 1) as f64;
                by_column += f64::from(value) * (gene % 89 + 1) as f64;
            }
        }
        start = end;
    }
    assert_eq!(Value::from(non_zeros), expected["non_zeros"], "{what}");
    // Sums of small whole numbers are exact.
    assert_eq!(by_row, expected["sum_by_row"].as_f64().unwrap(), "{what}");
    assert_eq!(by_column, expected["sum_by_column"].as_f64().unwrap(), "{what}");
}

#[test]
fn folders_of_10x_give_what_scanpy_gives() {
    let Some(root) = data() else { return println!("skipped: folders_of_10x_give_what_scanpy_gives (no data)") };
    let mut n_checked = 0;
    for (name, expected) in reference() {
        let path = root.join("formats").join(&name);
        if !path.join("matrix.mtx").exists() && !path.join("matrix.mtx.gz").exists() {
            continue;
        }
        let dataset = Dataset::open_files(FileSet::from_paths(&[path]).unwrap()).unwrap();
        assert_eq!(dataset.format(), "10x Matrix Market");
        for step in [97, 10_000] {
            check(&dataset, &expected, step, &name);
        }
        n_checked += 1;
    }
    assert!(n_checked == 3, "{n_checked} folders");
}

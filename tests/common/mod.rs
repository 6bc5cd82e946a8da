//! What several tests need: the public data, and a Python.

#![allow(dead_code)] // every test takes its own part

pub mod sections;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use resitu::io::{Dataset, IoError};
use serde_json::Value;

/// Where the public files lie: `$RESITU_DATA`, else `../shared/data`.
pub fn data() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("RESITU_DATA").map_or(default, PathBuf::from);
    path.is_dir().then_some(path)
}

/// A Python with anndata: `$RESITU_PYTHON`, else `python3`.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("RESITU_PYTHON").map_or(PathBuf::from("python3"), PathBuf::from);
    let found = Command::new(&python).args(["-c", "import anndata"]).output().is_ok_and(|o| o.status.success());
    found.then_some(python)
}

/// Runs a script of `tests/python` and gives the JSON on its standard output; `None` without a Python.
pub fn run_python(script: &str, arguments: &[&str]) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let output = Command::new(python()?).arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Runs `resitu metrics`.
pub fn metrics(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_resitu")).arg("metrics").args(arguments).output().expect("resitu starts")
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path of plain letters")
}

/// A folder of its own for a test, removed when it goes out of scope.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("resitu-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads the genes at both ends and in between in the first cells, of which each value has to be that of [`Dataset::rows`].
/// Of a sound file those that begin later too: where an index of chunks is damaged, they may be found by another way.
pub fn check_expression(dataset: &Dataset, is_sound: bool) -> Result<(), IoError> {
    let last = dataset.n_genes() as u32 - 1;
    let genes = [last, 0, last / 2, last];
    let end = dataset.range_end(0, 1 << 20)?.min(dataset.expression_end(0, 4, 1 << 20)?);
    let rows = dataset.rows(0..end)?;
    for start in [0, if is_sound { end / 3 } else { 0 }] {
        let found = dataset.expression(&genes, start..end)?;
        assert_eq!(found.len(), (end - start) * genes.len());
        for (row, found) in (start..).zip(found.chunks_exact(genes.len())) {
            let (indices, values) = rows.row(row);
            for (gene, found) in genes.iter().zip(found) {
                let stored = indices.iter().zip(values).filter(|(index, _)| *index == gene);
                let expected = stored.fold(0.0, |sum, (_, value)| sum + value);
                assert!(
                    expected == *found || expected.is_nan() && found.is_nan(),
                    "{row} {gene}: {found} for {expected}"
                );
            }
        }
    }
    Ok(())
}

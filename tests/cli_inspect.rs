//! `resitu inspect` and `resitu simulate` from the outside: words, exit codes, and files that cannot be used.

mod common;

use std::{
    fs,
    process::{Command, Output},
};

use common::Folder;
use serde_json::Value;

fn resitu(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_resitu")).args(arguments).output().unwrap()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes simulated cells into the folder and gives the path.
fn simulated(folder: &Folder, name: &str) -> String {
    let path = folder.0.join(name).to_str().unwrap().to_owned();
    let output = resitu(&["simulate", "--cells", "40", "--seed", "3", "-o", &path]);
    assert!(output.status.success(), "{}", words(&output.stderr));
    path
}

/// Asserts that the file is refused with exit code 3, this code and a hint, and that its name is not told.
fn assert_refused(path: &str, code: &str) {
    let output = resitu(&["inspect", path]);
    let said = words(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.starts_with(&format!("error[{code}]: ")), "{said}");
    assert!(said.contains("\nhint: "), "{said}");
    assert!(!said.contains("secret"), "{said}");
    assert_eq!(words(&output.stdout), "");
}

#[test]
fn simulated_cells_say_so_and_are_the_same_again() {
    let folder = Folder::new("inspect-simulated");
    let path = simulated(&folder, "a.h5ad");
    assert_eq!(fs::read(&path).unwrap(), fs::read(simulated(&folder, "b.h5ad")).unwrap());
    let output = resitu(&["inspect", "--json", &path]);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["nCells"], &summary["valueKind"]), (&40.into(), &"counts".into()));
    assert_eq!(summary["labels"][0]["name"], "simulated_label");
    assert_eq!((&summary["quality"]["sampledCells"], &summary["quality"]["nanValues"]), (&40.into(), &0.into()));
    assert_eq!(summary["genes"]["total"], summary["nGenes"]);
    assert!(summary["notes"][0].as_str().unwrap().starts_with("Simulated by resitu"));
    let left: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "no partial file stays: {left:?}");
}

#[test]
fn files_that_cannot_be_used_are_refused_by_name() {
    let folder = Folder::new("inspect-refused");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.0.join(name).to_str().unwrap().to_owned();
        fs::write(&path, bytes).unwrap();
        path
    };
    let whole = fs::read(simulated(&folder, "whole.h5ad")).unwrap();
    assert_refused(&write("secret-empty.h5ad", b""), "io.not-hdf5");
    assert_refused(&write("secret-text.h5ad", b"barcode,gene,count\n"), "io.not-hdf5");
    assert_refused(&write("secret-half.h5ad", &whole[..whole.len() / 2]), "io.truncated");
    assert_refused(&write("secret-short.h5ad", &whole[..whole.len() - 1]), "io.truncated");
    assert_refused(folder.0.join("secret-absent.h5ad").to_str().unwrap(), "io.read-failed");
    // A folder of samples is read whole, or not at all.
    assert_refused(folder.0.to_str().unwrap(), "io.truncated");

    let mut other = hdf5_pure::FileBuilder::new();
    other.create_dataset("something").with_i32_data(&[1, 2]);
    assert_refused(&write("secret-other.h5", &other.finish().unwrap()), "io.not-h5ad");

    let mut no_matrix = hdf5_pure::FileBuilder::new();
    for table in ["obs", "var"] {
        let mut group = no_matrix.create_group(table);
        group.set_attr("_index", hdf5_pure::AttrValue::VarLenString("_index".into()));
        group.create_dataset("_index").with_vlen_strings(&["a", "b"]);
        no_matrix.add_group(group.finish());
    }
    assert_refused(&write("secret-bare.h5ad", &no_matrix.finish().unwrap()), "io.no-matrix");
}

#[test]
fn an_unknown_compression_is_named() {
    let folder = Folder::new("inspect-filter");
    let Some(written) = common::run_python("write_variants.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: an_unknown_compression_is_named (no Python with anndata)");
    };
    // Every filter message says deflate (1); this makes it Zstandard (32015), whose bytes are never looked at.
    let path = written["files"]["dense_gzip"].as_str().unwrap();
    let mut bytes = fs::read(path).unwrap();
    let deflate = b"\x01\x00\x08\x00\x01\x00\x01\x00deflate\x00";
    let at: Vec<usize> = (0..bytes.len() - deflate.len()).filter(|&at| bytes[at..].starts_with(deflate)).collect();
    assert!(!at.is_empty());
    at.into_iter().for_each(|at| bytes[at..at + 2].copy_from_slice(&32015u16.to_le_bytes()));
    fs::write(path, bytes).unwrap();
    let output = resitu(&["inspect", path]);
    let said = words(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.starts_with("error[io.unsupported-filter]: ") && said.contains("Zstandard"), "{said}");
    assert!(said.contains("hint: Rewrite it with Python: import hdf5plugin"), "{said}");
}

#[test]
fn wrong_usage_and_unwritable_outputs_have_their_own_exit_codes() {
    for arguments in [&["inspect"][..], &["simulate", "--cells", "0", "-o", "x"], &["no-such-command"]] {
        assert_eq!(resitu(arguments).status.code(), Some(2), "{arguments:?}");
    }
    let folder = Folder::new("inspect-usage");
    let nowhere = folder.0.join("no-such-folder/x.h5ad");
    let output = resitu(&["simulate", "-o", nowhere.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output.stderr).starts_with("error[io.write-failed]"));
    let path = simulated(&folder, "cells.h5ad");
    let output = resitu(&["inspect", "--matrix", "layers/none", &path]);
    assert_eq!(output.status.code(), Some(3));
    assert!(words(&output.stderr).starts_with("error[io.no-such-name]"));
}

//! Which files make a data set: told from their names, with whatever prefix a deposit puts in front of them.

use std::collections::HashSet;

use super::super::{Entry, FileSet, IoError};

/// The three files of a data set.
#[derive(Clone)]
pub(super) struct Parts {
    pub matrix: Entry,
    pub barcodes: Entry,
    pub features: Entry,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Matrix,
    Barcodes,
    Features,
}

/// The data sets among `files`, one a Matrix Market file, with notes on what was passed over.
///
/// A matrix goes with the barcodes and the features of its folder whose names begin like its own for longest:
/// `GSM1_matrix.mtx.gz` with `GSM1_barcodes.tsv.gz`. Several matrices may share features, but not barcodes. Of raw and
/// filtered matrices the filtered ones are taken.
pub(super) fn find(files: &FileSet) -> Result<(Vec<Parts>, Vec<String>), IoError> {
    let of_role = |role| files.entries().iter().filter(move |entry| role_of(entry.name()) == Some(role));
    let mut matrices: Vec<&Entry> = of_role(Role::Matrix).collect();
    let mut notes = Vec::new();
    let is_raw = |entry: &&Entry| entry.path().contains("raw_feature_bc_matrix") || is_raw_10x_2(entry.path());
    if matrices.iter().any(is_raw) && !matrices.iter().all(is_raw) {
        matrices.retain(|entry| !is_raw(entry));
        notes.push("The matrix of all barcodes (raw) is passed over: the filtered one is used.".to_owned());
    }
    let mut used = HashSet::new();
    let mut found = Vec::with_capacity(matrices.len());
    for matrix in matrices {
        let partner = |role| {
            let beside = of_role(role).filter(|entry| entry.folder() == matrix.folder());
            // A table of annotations names the cells where nothing else does.
            beside.max_by_key(|entry| (!entry.name().contains("metadata"), common_start(entry.name(), matrix.name())))
        };
        let barcodes = partner(Role::Barcodes).filter(|entry| used.insert(entry.path()));
        let barcodes = barcodes.ok_or(IoError::MissingFile(BARCODES))?.clone();
        let features = partner(Role::Features).ok_or(IoError::MissingFile(FEATURES))?.clone();
        found.push(Parts { matrix: matrix.clone(), barcodes, features });
    }
    Ok((found, notes))
}

const BARCODES: &str = "the barcodes (barcodes.tsv) that go with the Matrix Market file";
const FEATURES: &str = "the genes (features.tsv or genes.tsv) that go with the Matrix Market file";

fn is_raw_10x_2(path: &str) -> bool {
    path.contains("raw_gene_bc_matrices")
}

fn role_of(name: &str) -> Option<Role> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if name.ends_with(".mtx") {
        return Some(Role::Matrix);
    }
    let is_text = [".tsv", ".txt", ".csv"].iter().any(|ending| name.ends_with(ending));
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match name {
        _ if !is_text => None,
        _ if has(&["barcode"]) => Some(Role::Barcodes),
        _ if has(&["features", "genes"]) => Some(Role::Features),
        // As alevin, Parse and exports by hand call them.
        _ if has(&["quants_mat_rows", "metadata"]) || is_word(name, "cells") => Some(Role::Barcodes),
        _ if has(&["quants_mat_cols"]) => Some(Role::Features),
        _ => None,
    }
}

/// Whether the name without its ending ends with this word: `cells.txt`, `GSM1_cells.txt`.
fn is_word(name: &str, word: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.strip_suffix(word).is_some_and(|start| start.is_empty() || start.ends_with(['_', '-', '.']))
}

fn common_start(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

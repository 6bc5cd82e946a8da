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

/// The data set among `files`, with notes on what was passed over; `None` without a Matrix Market file.
///
/// A matrix goes with the barcodes and the features of its folder whose names begin like its own for longest:
/// `GSM1_matrix.mtx.gz` with `GSM1_barcodes.tsv.gz`. Of raw and filtered matrices the filtered one is taken.
pub(super) fn find(files: &FileSet) -> Result<Option<(Parts, Vec<String>)>, IoError> {
    let of_role = |role| files.entries().iter().filter(move |entry| role_of(entry.name()) == Some(role));
    let mut matrices: Vec<&Entry> = of_role(Role::Matrix).collect();
    let mut notes = Vec::new();
    if matrices.len() > 1 {
        let is_raw = |entry: &Entry| entry.path().contains("raw_feature_bc_matrix") || is_raw_10x_2(entry.path());
        let n_all = matrices.len();
        matrices.retain(|entry| !is_raw(entry));
        if matrices.len() < n_all {
            notes.push("The matrix of all barcodes (raw) is passed over: the filtered one is used.".to_owned());
        }
    }
    let matrix = match matrices[..] {
        [] if notes.is_empty() => return Ok(None),
        [matrix] => matrix,
        _ => return Err(IoError::SeveralDatasets("more than one Matrix Market file")),
    };
    let mut used = HashSet::new();
    let mut partner = |role, missing| {
        let found = of_role(role)
            .filter(|entry| entry.folder() == matrix.folder())
            .max_by_key(|entry| common_start(entry.name(), matrix.name()));
        found.filter(|entry| used.insert(entry.path())).cloned().ok_or(IoError::MissingFile(missing))
    };
    let barcodes = partner(Role::Barcodes, "the barcodes (barcodes.tsv) that go with the Matrix Market file")?;
    let features =
        partner(Role::Features, "the genes (features.tsv or genes.tsv) that go with the Matrix Market file")?;
    Ok(Some((Parts { matrix: matrix.clone(), barcodes, features }, notes)))
}

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
    match name {
        _ if !is_text => None,
        _ if name.contains("barcodes") => Some(Role::Barcodes),
        _ if name.contains("features") || name.contains("genes") => Some(Role::Features),
        _ => None,
    }
}

fn common_start(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

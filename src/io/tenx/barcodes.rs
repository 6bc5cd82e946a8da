//! The cells of a 10x file: its barcodes, and the library that each came from.

use std::sync::Arc;

use super::{
    super::{
        IoError,
        table::{ColumnInfo, ColumnKind, Table},
        tree::{Array, Tree},
    },
    features::categorical,
};
use crate::cells::Column;

const PLACE: &str = "the barcodes";
/// The number after the last dash of a barcode: the library among those that `cellranger aggr` put together.
const LIBRARY: &str = "library";

/// Barcodes, read when they are asked for: a Visium HD file has millions.
pub(super) struct Barcodes {
    array: Box<dyn Array>,
    n_rows: usize,
    columns: Vec<ColumnInfo>,
}

impl Barcodes {
    /// `n_libraries` as the file states it; beyond one, cells get a column `library`.
    pub(super) fn open(tree: &Arc<dyn Tree>, path: &str, n_libraries: usize) -> Result<Self, IoError> {
        let array = tree.array(path, PLACE)?.ok_or(IoError::bad(PLACE, "they are missing"))?;
        let library = ColumnInfo { name: LIBRARY.into(), kind: ColumnKind::Categorical, levels: Some(n_libraries) };
        let columns = if n_libraries > 1 { vec![library] } else { Vec::new() };
        Ok(Self { n_rows: array.length()?, array, columns })
    }
}

impl Table for Barcodes {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn index_name(&self) -> &str {
        "barcodes"
    }

    fn index(&self) -> Result<Vec<String>, IoError> {
        self.array.texts()
    }

    fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    fn column(&self, name: &str) -> Result<Column, IoError> {
        if !self.columns.iter().any(|column| column.name == name) {
            return Err(IoError::NoSuchName);
        }
        let mut libraries = self.index()?;
        for barcode in &mut libraries {
            let library = barcode.rsplit_once('-').map(|(_, library)| library.to_owned());
            *barcode = library.unwrap_or_default();
        }
        Ok(categorical(&libraries))
    }
}

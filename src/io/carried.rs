//! What a file holds that resitu does not compute with, so that a copy of it loses as little as can be.

use std::ops::Range;

use super::{Dataset, IoError, reader::Rows, write::Uns};
use crate::cells::Csr;

/// An entry of `obsm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedding {
    pub name: String,
    pub width: usize,
    /// Whether `f32` would lose digits of it.
    pub is_f64: bool,
}

/// An entry of `varm`, `varp` or `obsp`.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    pub n_rows: usize,
    pub n_cols: usize,
    /// Whether `f32` would lose digits of it.
    pub is_f64: bool,
    /// Row-major; of a sparse matrix those that are stored.
    pub values: Vec<f64>,
    /// Of a sparse matrix, its CSR row pointers and columns, as they are in the file: columns need not ascend.
    pub sparse: Option<(Vec<usize>, Vec<u32>)>,
}

/// What a copy can hold of a file besides its cells, genes and matrices.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    pub obsm: Vec<Embedding>,
    pub uns: Vec<(String, Uns)>,
    /// Paths of entries of `varm`, `varp` and `obsp` that [`Dataset::aligned`] reads.
    pub aligned: Vec<String>,
    /// Paths of what cannot be carried over, such as `varm/PCs`. They may hold names that a person chose.
    pub left_out: Vec<String>,
}

/// A matrix of the file other than the one in use, of the same genes.
pub struct OtherMatrix {
    rows: Box<dyn Rows>,
}

impl OtherMatrix {
    /// As [`Dataset::rows`].
    ///
    /// # Errors
    /// As there.
    pub fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        if rows.start > rows.end || rows.end > self.rows.n_rows() {
            return Err(IoError::bad("the matrix", "rows outside it were asked for"));
        }
        self.rows.rows(rows)
    }

    /// As [`Dataset::range_end`].
    ///
    /// # Errors
    /// As there.
    pub fn range_end(&self, start: usize, max_values: usize) -> Result<usize, IoError> {
        super::dataset::range_end(&*self.rows, start, max_values)
    }
}

impl Dataset {
    /// What a copy of the file can hold besides cells, genes and matrices. Empty for formats without such entries.
    ///
    /// # Errors
    /// `io.read-failed`; what cannot be understood is named instead.
    pub fn carried(&self) -> Result<Carried, IoError> {
        self.reader().carried()
    }

    /// Rows of an entry of `obsm` in `f64`, row-major; `None` where there is no such entry.
    ///
    /// # Errors
    /// Those of reading.
    pub fn embedding_rows(&self, name: &str, rows: Range<usize>) -> Result<Option<Vec<f64>>, IoError> {
        self.reader().embedding_rows(name, rows)
    }

    /// An entry that [`Carried::aligned`] names, whole; those along the genes follow `var`, not the genes of `raw`.
    ///
    /// # Errors
    /// Those of reading.
    pub fn aligned(&self, path: &str) -> Result<Option<Aligned>, IoError> {
        self.reader().aligned(path)
    }

    /// Another matrix of the file; `None` if it has none of that name, or one of other cells or genes.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn other_matrix(&self, name: &str) -> Result<Option<OtherMatrix>, IoError> {
        let Some(rows) = self.reader().matrix(name)? else { return Ok(None) };
        let fits = rows.n_rows() == self.n_cells() && rows.n_cols() == self.n_genes();
        Ok(fits.then_some(OtherMatrix { rows }))
    }
}

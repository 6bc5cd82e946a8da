//! Reading what a copy of a file holds besides what resitu computes with.

use std::ops::Range;

use super::{
    Dataset, IoError,
    carried::{Aligned, Carried},
    rows::{Rows, range_end},
};
use crate::cells::Csr;

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
        range_end(&*self.rows, start, max_values)
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

//! A dense matrix, read by rows.

use std::ops::Range;

use super::{
    super::{
        IoError,
        reader::Rows,
        tree::{Array, Tree},
    },
    WINDOW, check_stored,
};
use crate::cells::Csr;

/// A dense array, cells × genes.
pub(in crate::io) struct Dense {
    array: Box<dyn Array>,
    n_rows: usize,
    n_cols: usize,
}

impl Dense {
    pub(in crate::io) fn open(tree: &dyn Tree, path: &str, place: &'static str) -> Result<Self, IoError> {
        let array = tree.array(path, place)?.ok_or(IoError::NoMatrix)?;
        let &[n_rows, n_cols] = array.shape() else { return Err(IoError::bad(place, "it is not a matrix")) };
        let (Ok(n_rows), Ok(n_cols)) = (usize::try_from(n_rows), usize::try_from(n_cols)) else {
            return Err(IoError::large(place, "too many cells or genes"));
        };
        Ok(Self { array, n_rows, n_cols })
    }
}

impl Rows for Dense {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn n_cols(&self) -> usize {
        self.n_cols
    }

    fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        let mut out = Csr::empty(self.n_cols);
        let step = (4 * WINDOW / self.n_cols.max(1)).max(1);
        let mut start = rows.start;
        while start < rows.end {
            let end = (start + step).min(rows.end);
            let values = self.array.f32_rows(start..end)?;
            for row in values.chunks(self.n_cols.max(1)) {
                out.push_row(row.iter().enumerate().filter(|(_, v)| **v != 0.0).map(|(i, v)| (i as u32, *v)))?;
            }
            check_stored(out.n_stored())?;
            start = end;
        }
        Ok(out)
    }

    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        Ok(start.saturating_add(max_stored / self.n_cols.max(1)))
    }

    fn values_per_row(&self) -> usize {
        self.n_cols
    }
}

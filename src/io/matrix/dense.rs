//! A dense matrix, read by rows.

use std::{
    mem::take,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use super::{
    super::{
        IoError,
        rows::Rows,
        tree::{Array, Tree},
    },
    WINDOW, check_stored,
};
use crate::cells::Csr;

/// Values read at a time where chunks allow it: 1 MiB.
const BLOCK: usize = 1 << 18;

/// A dense array, cells × genes.
pub(in crate::io) struct Dense {
    array: Box<dyn Array>,
    n_rows: usize,
    n_cols: usize,
    /// Kept for the next rows: memory that is new costs more than reading into it.
    values: Mutex<Vec<f32>>,
}

impl Dense {
    pub(in crate::io) fn open(tree: &dyn Tree, path: &str, place: &'static str) -> Result<Self, IoError> {
        let array = tree.array(path, place)?.ok_or(IoError::NoMatrix)?;
        let &[n_rows, n_cols] = array.shape() else { return Err(IoError::bad(place, "it is not a matrix")) };
        let (Ok(n_rows), Ok(n_cols)) = (usize::try_from(n_rows), usize::try_from(n_cols)) else {
            return Err(IoError::large(place, "too many cells or genes"));
        };
        Ok(Self { array, n_rows, n_cols, values: Mutex::default() })
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
        self.rows_into(rows, &mut out)?;
        Ok(out)
    }

    fn rows_into(&self, rows: Range<usize>, out: &mut Csr) -> Result<(), IoError> {
        *out = take(out).cleared(self.n_cols);
        self.for_each_block(rows, |_, values| {
            out.push_dense(values)?;
            check_stored(out.n_stored())
        })
    }

    /// Without a look at the other columns: their bytes have to be read, but no more.
    fn columns(&self, rows: Range<usize>, columns: &[u32], out: &mut [f32]) -> Result<(), IoError> {
        let width = columns.len().max(1);
        self.for_each_block(rows, |at, values| {
            let out = out.get_mut(at * width..).unwrap_or_default();
            for (row, out) in values.chunks_exact(self.n_cols.max(1)).zip(out.chunks_exact_mut(width)) {
                for (out, column) in out.iter_mut().zip(columns) {
                    // A stored -0 is a zero like those that are not stored.
                    *out = row[*column as usize] + 0.0;
                }
            }
            Ok(())
        })
    }

    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        Ok(start.saturating_add(max_stored / self.n_cols.max(1)))
    }

    fn values_per_row(&self) -> usize {
        self.n_cols
    }
}

impl Dense {
    /// Shows `rows` in blocks: how many rows came before, and the values of whole rows.
    fn for_each_block(
        &self,
        rows: Range<usize>,
        mut see: impl FnMut(usize, &[f32]) -> Result<(), IoError>,
    ) -> Result<(), IoError> {
        // Whole chunks, so that none is inflated twice; else as few values as stay in the processor's cache.
        let chunk = self.array.chunk_rows().max(1);
        let step = (BLOCK / self.n_cols.max(1) / chunk).max(1).saturating_mul(chunk);
        let most = (4 * WINDOW / self.n_cols.max(1)).max(1);
        let mut values = take(&mut *self.values.lock().unwrap_or_else(PoisonError::into_inner));
        let mut start = rows.start;
        while start < rows.end {
            let end = (start / chunk * chunk).saturating_add(step).min(start.saturating_add(most)).min(rows.end);
            let count = (end - start).checked_mul(self.n_cols);
            // An array refuses slices that are too large, but only when it is asked.
            check_stored(count.unwrap_or(usize::MAX))?;
            values.resize(count.unwrap_or(0), 0.0);
            self.array.read_f32(start..end, &mut values)?;
            see(start - rows.start, &values)?;
            start = end;
        }
        *self.values.lock().unwrap_or_else(PoisonError::into_inner) = values;
        Ok(())
    }
}

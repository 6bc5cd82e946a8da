//! Values of cells × genes as every format offers them.

use std::ops::Range;

use super::IoError;
use crate::cells::Csr;

/// Expression values, cells × genes, read by ranges of cells in bounded memory, however they are stored.
pub(super) trait Rows: Send + Sync {
    fn n_rows(&self) -> usize;

    fn n_cols(&self) -> usize;

    /// The cells `rows`, which the caller has checked to be there, with their stored values. Indices ascend in each row
    /// and explicit zeros may remain.
    fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError>;

    /// [`Rows::rows`] in place of what `out` holds, in the memory of it where the format can.
    fn rows_into(&self, rows: Range<usize>, out: &mut Csr) -> Result<(), IoError> {
        *out = self.rows(rows)?;
        Ok(())
    }

    /// Fills `out`, cells × columns, with the values of some columns in the cells `rows`; both are there, and repeated
    /// values are summed. Formats that need not decode the other columns for it do not.
    fn columns(&self, rows: Range<usize>, columns: &[u32], out: &mut [f32]) -> Result<(), IoError> {
        columns_of(&self.rows(rows)?, columns, out);
        Ok(())
    }

    /// The end of a range of cells from `start` that [`Rows::columns`] reads in about as much memory as `max_stored`
    /// values take. As [`Rows::range_end`] else.
    fn columns_end(&self, start: usize, _n_columns: usize, max_stored: usize) -> Result<usize, IoError> {
        self.range_end(start, max_stored)
    }

    /// The end of the longest range of cells from `start` that stores at most `max_stored` values. May be `start`; the
    /// caller takes one cell then.
    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError>;

    /// The cells that can be looked at without a further pass over the file: all of them, where rows lie apart.
    fn cheap_rows(&self) -> Result<Range<usize>, IoError> {
        Ok(0..self.n_rows())
    }

    /// Values that have to be decoded to see one cell, about.
    fn values_per_row(&self) -> usize;

    /// Whether cells can be read in any order at the same cost; else each step back costs a pass over the file.
    fn is_row_wise(&self) -> bool {
        true
    }
}

/// Fills `out`, rows × columns, with the values of some columns.
pub(super) fn columns_of(rows: &Csr, columns: &[u32], out: &mut [f32]) {
    out.fill(0.0);
    for (row, out) in out.chunks_exact_mut(columns.len().max(1)).enumerate() {
        let (indices, values) = rows.row(row);
        pick(indices, columns, |at, column| out[column] += values[at]);
    }
}

/// Shows where `columns` stand among the indices of a row: the place in the row, and the number in `columns`.
pub(super) fn pick(indices: &[u32], columns: &[u32], mut see: impl FnMut(usize, usize)) {
    // Without a stop at the first pair that falls: that is done many at a time.
    let next = indices.get(1..).unwrap_or_default();
    let ascends = indices.iter().zip(next).fold(true, |ascends, (index, next)| ascends & (index < next));
    for (number, column) in columns.iter().enumerate() {
        if ascends {
            indices.binary_search(column).into_iter().for_each(|at| see(at, number));
        } else {
            // In any order, perhaps more than once.
            (0..indices.len()).filter(|at| indices[*at] == *column).for_each(|at| see(at, number));
        }
    }
}

/// The longest range from `start` within bounds, and at least one cell.
pub(super) fn range_end(matrix: &dyn Rows, start: usize, max_stored: usize) -> Result<usize, IoError> {
    let (next, n_rows) = (start.saturating_add(1), matrix.n_rows());
    Ok(matrix.range_end(start, max_stored)?.clamp(next.min(n_rows), n_rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_in_rows_of_any_order() {
        let found = |indices: &[u32], columns: &[u32]| {
            let mut found = Vec::new();
            pick(indices, columns, |at, column| found.push((at, column)));
            found
        };
        assert_eq!(found(&[1, 4, 7], &[7, 2, 1]), [(2, 0), (0, 2)]);
        assert_eq!(found(&[4, 1, 7], &[1, 7]), [(1, 0), (2, 1)]);
        assert_eq!(found(&[4, 4, 7], &[4]), [(0, 0), (1, 0)]);
        assert!(found(&[], &[4]).is_empty() && found(&[4], &[]).is_empty());
    }
}

//! What every format offers once it is open: annotations, matrices, coordinates. A new format implements these traits
//! and joins the list in `recognise`.

use std::ops::Range;

use super::{
    Coordinates, IoError,
    carried::{Aligned, Carried},
    table::Table,
};
use crate::cells::Csr;

/// An opened file, or several that belong together, of one format. Opening reads headers and names, never the values.
pub(super) trait Reader: Send + Sync {
    /// The format for people: `h5ad`, `10x HDF5`, `Visium`, …
    fn format(&self) -> &'static str;

    /// The cells and their annotations.
    fn obs(&self) -> &dyn Table;

    /// Names of the matrices on offer, the default first: `X`, `raw/X`, `layers/NAME`. Formats with one matrix call it `X`.
    fn matrices(&self) -> Result<Vec<String>, IoError>;

    /// A matrix of cells × genes; `None` where the file has none of that name after all.
    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError>;

    /// The genes of a matrix and their annotations.
    fn var(&self, matrix: &str) -> Result<Box<dyn Table + '_>, IoError>;

    /// Where [`Reader::coordinates`] would come from.
    fn coordinates_key(&self) -> Option<&str> {
        None
    }

    /// The positions of the cells, in the order of `obs`.
    fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        Ok(None)
    }

    /// An entry of `obsm`, rows of numbers: its width, and its values row by row. `None` where there is none of that name.
    fn embedding(&self, _name: &str) -> Result<Option<(usize, Vec<f32>)>, IoError> {
        Ok(None)
    }

    /// The width of what [`Reader::embedding`] would give, without reading it.
    fn embedding_width(&self, _name: &str) -> Result<Option<usize>, IoError> {
        Ok(None)
    }

    /// What a copy of the file can hold besides cells, genes and matrices.
    fn carried(&self) -> Result<Carried, IoError> {
        Ok(Carried::default())
    }

    /// Rows of an entry of `obsm` in `f64`.
    fn embedding_rows(&self, _name: &str, _rows: Range<usize>) -> Result<Option<Vec<f64>>, IoError> {
        Ok(None)
    }

    /// An entry of `varm`, `varp` or `obsp`, by its path.
    fn aligned(&self, _path: &str) -> Result<Option<Aligned>, IoError> {
        Ok(None)
    }

    /// Sentences for people about everything that was ambiguous or left out.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether resitu's simulator made the cells.
    fn is_simulated(&self) -> Result<bool, IoError> {
        Ok(false)
    }
}

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

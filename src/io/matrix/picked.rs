//! Some of the columns of a matrix: the genes among the features of a file.

use std::ops::Range;

use super::super::{IoError, rows::Rows};
use crate::cells::Csr;

/// A matrix without the columns that were not picked; the others are renumbered from 0 in the same order.
pub(in crate::io) struct Picked<R> {
    matrix: R,
    /// For each column of `matrix`, its number here.
    renumbered: Vec<Option<u32>>,
    /// For each column here, its number in `matrix`.
    picked: Vec<u32>,
}

impl<R: Rows> Picked<R> {
    /// Keeps the columns for which `is_picked` holds, one entry a column.
    ///
    /// # Errors
    /// `io.bad-structure` if `is_picked` and the matrix differ in length.
    pub(in crate::io) fn new(matrix: R, is_picked: &[bool], place: &'static str) -> Result<Self, IoError> {
        if is_picked.len() != matrix.n_cols() {
            return Err(IoError::bad(place, "it and the list of its features differ in length"));
        }
        let mut picked = Vec::new();
        let renumbered = (0..).zip(is_picked).map(|(column, is_picked)| {
            is_picked.then(|| {
                picked.push(column);
                picked.len() as u32 - 1
            })
        });
        let renumbered = renumbered.collect();
        Ok(Self { matrix, renumbered, picked })
    }
}

impl<R: Rows> Rows for Picked<R> {
    fn n_rows(&self) -> usize {
        self.matrix.n_rows()
    }

    fn n_cols(&self) -> usize {
        self.picked.len()
    }

    fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        let all = self.matrix.rows(rows)?;
        if self.picked.len() == self.renumbered.len() {
            return Ok(all);
        }
        let mut out = Csr::empty(self.picked.len());
        for row in 0..all.n_rows() {
            let (indices, values) = all.row(row);
            let kept = indices.iter().zip(values).filter_map(|(index, value)| {
                let number = self.renumbered.get(*index as usize).copied().flatten()?;
                Some((number, *value))
            });
            out.push_row(kept)?;
        }
        Ok(out)
    }

    fn rows_into(&self, rows: Range<usize>, out: &mut Csr) -> Result<(), IoError> {
        if self.picked.len() == self.renumbered.len() {
            return self.matrix.rows_into(rows, out);
        }
        *out = self.rows(rows)?;
        Ok(())
    }

    fn columns(&self, rows: Range<usize>, columns: &[u32], out: &mut [f32]) -> Result<(), IoError> {
        let columns: Vec<u32> = columns.iter().map(|column| self.picked[*column as usize]).collect();
        self.matrix.columns(rows, &columns, out)
    }

    fn columns_end(&self, start: usize, n_columns: usize, max_stored: usize) -> Result<usize, IoError> {
        self.matrix.columns_end(start, n_columns, max_stored)
    }

    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        self.matrix.range_end(start, max_stored)
    }

    fn cheap_rows(&self) -> Result<Range<usize>, IoError> {
        self.matrix.cheap_rows()
    }

    fn values_per_row(&self) -> usize {
        self.matrix.values_per_row()
    }

    fn is_row_wise(&self) -> bool {
        self.matrix.is_row_wise()
    }
}

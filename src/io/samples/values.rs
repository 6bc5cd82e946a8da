//! The matrices of all samples, one below the other.

use std::ops::Range;

use super::super::{IoError, rows::Rows};
use crate::cells::Csr;

/// One sample: its matrix, and the number of each of its columns in the shared genes; `None` where they are the same.
pub(super) struct Part {
    pub(super) rows: Box<dyn Rows>,
    pub(super) numbers: Option<Vec<Option<u32>>>,
}

/// Cells of one sample after the other.
pub(super) struct Stacked {
    parts: Vec<Part>,
    /// The first row of each part, and the number of all rows.
    starts: Vec<usize>,
    n_cols: usize,
}

impl Stacked {
    pub(super) fn new(parts: Vec<Part>, n_cols: usize) -> Self {
        let mut starts = vec![0];
        for part in &parts {
            starts.push(starts.last().unwrap_or(&0) + part.rows.n_rows());
        }
        Self { parts, starts, n_cols }
    }

    /// The parts that hold some of `rows`, each with the rows of its own that are meant.
    fn overlapping(&self, rows: Range<usize>) -> impl Iterator<Item = (&Part, Range<usize>)> {
        self.parts.iter().zip(self.starts.windows(2)).filter_map(move |(part, bounds)| {
            let (start, end) = (rows.start.max(bounds[0]), rows.end.min(bounds[1]));
            (start < end).then(|| (part, start - bounds[0]..end - bounds[0]))
        })
    }
}

impl Rows for Stacked {
    fn n_rows(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    fn n_cols(&self) -> usize {
        self.n_cols
    }

    fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        let mut out = Csr::empty(self.n_cols);
        let mut row = Vec::new();
        for (part, rows) in self.overlapping(rows) {
            let own = part.rows.rows(rows)?;
            let Some(numbers) = &part.numbers else {
                out.append(&own)?;
                continue;
            };
            for cell in 0..own.n_rows() {
                let (indices, values) = own.row(cell);
                row.clear();
                row.extend(indices.iter().zip(values).filter_map(|(index, value)| {
                    let number = numbers.get(*index as usize).copied().flatten()?;
                    Some((number, *value))
                }));
                row.sort_unstable_by_key(|(number, _)| *number);
                out.push_row(row.iter().copied())?;
            }
        }
        Ok(out)
    }

    fn columns(&self, rows: Range<usize>, columns: &[u32], out: &mut [f32]) -> Result<(), IoError> {
        let mut rest = out;
        for (part, rows) in self.overlapping(rows) {
            let (out, later) = rest.split_at_mut(rows.len() * columns.len());
            rest = later;
            let Some(numbers) = &part.numbers else {
                part.rows.columns(rows, columns, out)?;
                continue;
            };
            // A sample may lack a gene.
            let own_of = |column: &u32| numbers.iter().position(|number| *number == Some(*column));
            let (places, own): (Vec<usize>, Vec<u32>) =
                columns.iter().enumerate().filter_map(|(at, column)| Some((at, own_of(column)? as u32))).unzip();
            let mut found = vec![0.0; rows.len() * own.len()];
            part.rows.columns(rows, &own, &mut found)?;
            out.fill(0.0);
            for (out, found) in out.chunks_exact_mut(columns.len().max(1)).zip(found.chunks_exact(own.len().max(1))) {
                places.iter().zip(found).for_each(|(place, value)| out[*place] = *value);
            }
        }
        Ok(())
    }

    fn columns_end(&self, start: usize, n_columns: usize, max_stored: usize) -> Result<usize, IoError> {
        let at = self.starts.partition_point(|first| *first <= start).saturating_sub(1);
        match (self.parts.get(at), self.starts.get(at)) {
            (Some(part), Some(first)) => {
                Ok(first + part.rows.columns_end(start - first, n_columns, max_stored)?.min(part.rows.n_rows()))
            }
            _ => Ok(self.n_rows()),
        }
    }

    /// Ranges end where a sample does.
    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        let at = self.starts.partition_point(|first| *first <= start).saturating_sub(1);
        match (self.parts.get(at), self.starts.get(at)) {
            (Some(part), Some(first)) => Ok(first + part.rows.range_end(start - first, max_stored)?),
            _ => Ok(self.n_rows()),
        }
    }

    /// Those of the first sample, unless all samples can be read in any order.
    fn cheap_rows(&self) -> Result<Range<usize>, IoError> {
        match self.parts.first() {
            Some(first) if !self.is_row_wise() => first.rows.cheap_rows(),
            _ => Ok(0..self.n_rows()),
        }
    }

    fn values_per_row(&self) -> usize {
        self.parts.iter().map(|part| part.rows.values_per_row()).max().unwrap_or(1)
    }

    fn is_row_wise(&self) -> bool {
        self.parts.iter().all(|part| part.rows.is_row_wise())
    }
}

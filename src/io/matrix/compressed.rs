//! Compressed lines: a CSR matrix read by its rows; [`super::Banded`] makes rows of a CSC matrix's columns.

use std::{
    mem::{replace, take},
    ops::Range,
    sync::{Mutex, PoisonError},
};

use super::{
    super::{
        IoError, parallel,
        rows::{Rows, pick},
        tree::{Array, Tree},
    },
    WINDOW, check_stored,
};
use crate::cells::Csr;

/// Compressed lines: rows of CSR, columns of CSC. Only the line pointers are held in memory.
pub(in crate::io) struct Compressed {
    pub(super) place: &'static str,
    pub(super) n_lines: usize,
    /// Length of a line.
    pub(super) n_across: usize,
    pub(super) indptr: Vec<usize>,
    indices: Box<dyn Array>,
    data: Box<dyn Array>,
    /// Indices and values of a window, kept for the next.
    window: Mutex<(Vec<u32>, Vec<f32>)>,
}

impl Compressed {
    /// Opens the three arrays and checks the line pointers. O(lines).
    pub(in crate::io) fn open(
        tree: &dyn Tree,
        path: &str,
        place: &'static str,
        n_lines: usize,
        n_across: usize,
    ) -> Result<Self, IoError> {
        let part = |name: &str| {
            let array = tree.array(&format!("{path}/{name}"), place)?;
            array.ok_or(IoError::bad(place, "indptr, indices or data is missing"))
        };
        let (pointers, indices, data) = (part("indptr")?, part("indices")?, part("data")?);
        let n_stored = data.length()?;
        if indices.length()? != n_stored {
            return Err(IoError::bad(place, "its indices and values differ in length"));
        }
        if pointers.length()?.checked_sub(1) != Some(n_lines) {
            return Err(IoError::bad(place, "its row pointers do not fit its shape"));
        }
        if u32::try_from(n_across).is_err() {
            return Err(IoError::large(place, "too many cells or genes"));
        }
        let mut indptr = Vec::with_capacity(n_lines + 1);
        let mut last = 0;
        for pointer in pointers.i64_rows(0..n_lines + 1)? {
            let pointer = usize::try_from(pointer).ok().filter(|pointer| (last..=n_stored).contains(pointer));
            last = pointer.ok_or(IoError::bad(place, "its row pointers fall or point outside"))?;
            indptr.push(last);
        }
        if indptr.first() != Some(&0) || indptr.last() != Some(&n_stored) {
            return Err(IoError::bad(place, "its row pointers do not cover its values"));
        }
        Ok(Self { place, n_lines, n_across, indptr, indices, data, window: Mutex::default() })
    }

    pub(super) fn n_stored(&self) -> usize {
        self.indptr.last().copied().unwrap_or(0)
    }

    /// Fills `out` with the positions across the line, of the stored values `range`, each checked.
    pub(super) fn indices(&self, range: Range<usize>, out: &mut [u32]) -> Result<(), IoError> {
        self.indices.read_u32(range, out)?;
        // The greatest of all, not the first that is too great: that is done many at a time.
        let greatest = out.iter().fold(0, |greatest, index| greatest.max(*index));
        if greatest as usize >= self.n_across && !out.is_empty() {
            return Err(IoError::bad(self.place, "an index is outside the matrix"));
        }
        Ok(())
    }

    /// Fills `out` with the stored values `range`.
    pub(super) fn values(&self, range: Range<usize>, out: &mut [f32]) -> Result<(), IoError> {
        self.data.read_f32(range, out)
    }

    /// The end of a window of stored values from `from`, where chunks end if they are smaller.
    pub(super) fn window_end(&self, from: usize, end: usize) -> usize {
        let chunk = self.indices.chunk_rows().clamp(1, WINDOW);
        ((from + WINDOW) / chunk * chunk).max(from + 1).min(end)
    }
}

/// The rows of a CSR matrix.
impl Rows for Compressed {
    fn n_rows(&self) -> usize {
        self.n_lines
    }

    fn n_cols(&self) -> usize {
        self.n_across
    }

    fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        let mut out = Csr::empty(self.n_across);
        self.rows_into(rows, &mut out)?;
        Ok(out)
    }

    fn rows_into(&self, rows: Range<usize>, out: &mut Csr) -> Result<(), IoError> {
        let (start, end) = (self.indptr[rows.start], self.indptr[rows.end]);
        check_stored(end - start)?;
        let (mut indptr, mut indices, mut values) = replace(out, Csr::empty(self.n_across)).into_parts();
        // What is left of earlier rows is overwritten.
        indices.resize(end - start, 0);
        values.resize(end - start, 0.0);
        let mut from = start;
        while from < end {
            let to = self.window_end(from, end);
            let (indices, values) = (&mut indices[from - start..to - start], &mut values[from - start..to - start]);
            parallel::both(|| self.indices(from..to, indices), || self.values(from..to, values))?;
            from = to;
        }
        indptr.clear();
        indptr.extend(self.indptr[rows.start..=rows.end].iter().map(|pointer| pointer - start));
        for line in indptr.windows(2) {
            sort_line(&mut indices[line[0]..line[1]], &mut values[line[0]..line[1]]);
        }
        *out = Csr::new(self.n_across, indptr, indices, values)?;
        Ok(())
    }

    /// A window at a time, and of it the values only where one of the columns occurs.
    fn columns(&self, rows: Range<usize>, columns: &[u32], out: &mut [f32]) -> Result<(), IoError> {
        out.fill(0.0);
        let (mut indices, mut values) = take(&mut *self.window.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut from, end) = (self.indptr[rows.start], self.indptr[rows.end]);
        let mut line = rows.start;
        let mut found = Vec::new();
        while from < end {
            let to = self.window_end(from, end);
            indices.resize(to - from, 0);
            self.indices(from..to, &mut indices)?;
            found.clear();
            let mut at = from;
            while at < to {
                // The last line of a window may go on in the next.
                while self.indptr[line + 1] <= at {
                    line += 1;
                }
                let until = self.indptr[line + 1].min(to);
                let first = (line - rows.start) * columns.len();
                pick(&indices[at - from..until - from], columns, |place, column| {
                    found.push((at - from + place, first + column));
                });
                at = until;
            }
            if !found.is_empty() {
                values.resize(to - from, 0.0);
                self.values(from..to, &mut values)?;
                found.iter().for_each(|(place, target)| out[*target] += values[*place]);
            }
            from = to;
        }
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = (indices, values);
        Ok(())
    }

    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        let Some(first) = self.indptr.get(start) else { return Ok(self.n_lines) };
        Ok(self.indptr.partition_point(|pointer| *pointer <= first.saturating_add(max_stored)).saturating_sub(1))
    }

    fn values_per_row(&self) -> usize {
        self.n_stored() / self.n_lines.max(1)
    }
}

/// Puts a line into ascending order: Cell Ranger and scipy also write others. Free for a line that is in order.
fn sort_line(indices: &mut [u32], values: &mut [f32]) {
    // Without a stop at the first pair that falls: that is done many at a time.
    let next = indices.get(1..).unwrap_or_default();
    if indices.iter().zip(next).fold(true, |sorted, (index, next)| sorted & (index <= next)) {
        return;
    }
    let mut line: Vec<(u32, f32)> = indices.iter().copied().zip(values.iter().copied()).collect();
    line.sort_by_key(|(index, _)| *index);
    for ((index, value), sorted) in indices.iter_mut().zip(values).zip(line) {
        (*index, *value) = sorted;
    }
}

//! A matrix whose rows are scattered over the file (CSC, a table of genes × cells, coordinate text), read by rows within
//! bounded memory.
//!
//! Rows are gathered a band at a time: each band costs one pass over the file, and a band holds as many rows as fit in
//! [`BAND_VALUES`] values. A matrix that fits whole is read once.

use std::{
    ops::Range,
    sync::{Mutex, OnceLock, PoisonError},
};

use super::{
    super::{
        IoError,
        rows::{Rows, columns_of},
    },
    compressed::Compressed,
};
use crate::cells::Csr;

/// Values of one band: 128 MiB of indices and values.
const BAND_VALUES: usize = 1 << 24;

/// The stored values of a matrix in the order of the file.
pub(in crate::io) trait Entries: Send + Sync {
    fn n_rows(&self) -> usize;

    fn n_cols(&self) -> usize;

    /// What the matrix is called in errors.
    fn place(&self) -> &'static str;

    /// One pass over the file: row, column and value of every stored value, each checked to lie inside the matrix.
    fn visit(&self, see: impl FnMut(u32, u32, f32) -> Result<(), IoError>) -> Result<(), IoError>;

    /// Whether the columns of any one row come in ascending order, each once. Else they are sorted, and repeated values
    /// summed.
    fn is_ascending(&self) -> bool {
        true
    }

    /// One pass over the rows alone, where values need not be decoded for it.
    fn visit_rows(&self, mut see: impl FnMut(u32) -> Result<(), IoError>) -> Result<(), IoError> {
        self.visit(|row, _, _| see(row))
    }

    /// Whether [`Entries::visit_column`] takes less than a pass over the file.
    fn has_columns(&self) -> bool {
        false
    }

    /// Row and value of every stored value of one column.
    fn visit_column(&self, column: u32, see: &mut dyn FnMut(u32, f32)) -> Result<(), IoError> {
        self.visit(|row, other, value| {
            if other == column {
                see(row, value);
            }
            Ok(())
        })
    }

    /// The number of stored values of each row, where it is known already.
    fn row_counts(&self) -> Option<&[u32]> {
        None
    }
}

/// Rows gathered out of entries in any order.
pub(in crate::io) struct Banded<E> {
    entries: E,
    band_values: usize,
    /// Stored values before each row; counted on the first use.
    row_starts: OnceLock<Vec<usize>>,
    band: Mutex<Option<(Range<usize>, Csr)>>,
}

impl<E: Entries> Banded<E> {
    pub(in crate::io) fn new(entries: E) -> Self {
        Self { entries, band_values: BAND_VALUES, row_starts: OnceLock::new(), band: Mutex::new(None) }
    }

    fn row_starts(&self) -> Result<&[usize], IoError> {
        if let Some(starts) = self.row_starts.get() {
            return Ok(starts);
        }
        let mut starts = vec![0; self.n_rows() + 1];
        match self.entries.row_counts() {
            Some(counts) => starts.iter_mut().skip(1).zip(counts).for_each(|(start, count)| *start = *count as usize),
            None => self.entries.visit_rows(|row| {
                starts[row as usize + 1] += 1;
                Ok(())
            })?,
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Ok(self.row_starts.get_or_init(|| starts))
    }

    /// One pass over the file, keeping the values of the rows `band`.
    fn gather(&self, band: Range<usize>) -> Result<Csr, IoError> {
        let starts = &self.row_starts()?[band.start..=band.end];
        let indptr: Vec<usize> = starts.iter().map(|start| start - starts[0]).collect();
        let n_stored = indptr.last().copied().unwrap_or(0);
        let (mut indices, mut values) = (vec![0u32; n_stored], vec![0f32; n_stored]);
        let mut next = indptr.clone();
        self.entries.visit(|row, column, value| {
            let row = row as usize;
            if band.contains(&row) {
                let slot = &mut next[row - band.start];
                // The file may have changed since the rows were counted.
                let place = (*slot < indptr[row - band.start + 1]).then_some(*slot);
                let place = place.ok_or(IoError::bad(self.entries.place(), "it changed while it was read"))?;
                (indices[place], values[place]) = (column, value);
                *slot += 1;
            }
            Ok(())
        })?;
        let band = Csr::new(self.n_cols(), indptr, indices, values)?;
        if self.entries.is_ascending() { Ok(band) } else { ascending(&band) }
    }
}

/// The same rows with ascending columns, values of one place summed.
fn ascending(band: &Csr) -> Result<Csr, IoError> {
    let mut out = Csr::empty(band.n_cols());
    let mut entries = Vec::new();
    for row in 0..band.n_rows() {
        let (indices, values) = band.row(row);
        entries.clear();
        entries.extend(indices.iter().copied().zip(values.iter().copied()));
        sort_and_sum(&mut entries);
        out.push_row(entries.iter().copied())?;
    }
    Ok(out)
}

/// Sorts a row by column and sums the values of a column that repeats, in their order.
pub(in crate::io) fn sort_and_sum(row: &mut Vec<(u32, f32)>) {
    if row.windows(2).all(|pair| pair[0].0 < pair[1].0) {
        return;
    }
    row.sort_by_key(|(column, _)| *column);
    row.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}

impl<E: Entries> Rows for Banded<E> {
    fn n_rows(&self) -> usize {
        self.entries.n_rows()
    }

    fn n_cols(&self) -> usize {
        self.entries.n_cols()
    }

    fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        let mut out = Csr::empty(self.n_cols());
        let mut cached = self.band.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = rows.start;
        while at < rows.end {
            if !cached.as_ref().is_some_and(|(band, _)| band.contains(&at)) {
                *cached = None; // freed before the next one is gathered
                let end = self.range_end(at, self.band_values)?.clamp(at + 1, self.n_rows());
                *cached = Some((at..end, self.gather(at..end)?));
            }
            let Some((band, values)) = cached.as_ref() else { break };
            let end = band.end.min(rows.end);
            for row in at..end {
                let (indices, values) = values.row(row - band.start);
                out.push_row(indices.iter().copied().zip(values.iter().copied()))?;
            }
            super::check_stored(out.n_stored())?;
            at = end;
        }
        Ok(out)
    }

    fn columns(&self, rows: Range<usize>, columns: &[u32], out: &mut [f32]) -> Result<(), IoError> {
        if !self.entries.has_columns() {
            columns_of(&self.rows(rows)?, columns, out);
            return Ok(());
        }
        out.fill(0.0);
        for (number, column) in columns.iter().enumerate() {
            self.entries.visit_column(*column, &mut |row, value| {
                if rows.contains(&(row as usize)) {
                    out[(row as usize - rows.start) * columns.len() + number] += value;
                }
            })?;
        }
        Ok(())
    }

    /// As many as fit: every range reads the columns whole.
    fn columns_end(&self, start: usize, n_columns: usize, max_stored: usize) -> Result<usize, IoError> {
        if !self.entries.has_columns() {
            return self.range_end(start, max_stored);
        }
        Ok(start.saturating_add(max_stored / n_columns.max(1)))
    }

    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        let starts = self.row_starts()?;
        let Some(first) = starts.get(start) else { return Ok(self.n_rows()) };
        Ok(starts.partition_point(|stored| *stored <= first.saturating_add(max_stored)).saturating_sub(1))
    }

    /// The first rows, as many as one pass over the file yields.
    fn cheap_rows(&self) -> Result<Range<usize>, IoError> {
        Ok(0..self.range_end(0, self.band_values)?.max(1).min(self.n_rows()))
    }

    fn values_per_row(&self) -> usize {
        // A band is decoded once for all of its rows.
        1
    }

    fn is_row_wise(&self) -> bool {
        false
    }
}

/// The columns of a CSC matrix, one after the other.
impl Entries for Compressed {
    fn n_rows(&self) -> usize {
        self.n_across
    }

    fn n_cols(&self) -> usize {
        self.n_lines
    }

    fn place(&self) -> &'static str {
        self.place
    }

    fn visit(&self, mut see: impl FnMut(u32, u32, f32) -> Result<(), IoError>) -> Result<(), IoError> {
        let mut column = 0;
        self.for_each_window(0..self.n_stored(), |range, rows, data| {
            for ((at, row), value) in range.zip(rows).zip(data) {
                while self.indptr[column + 1] <= at {
                    column += 1;
                }
                see(*row, column as u32, *value)?;
            }
            Ok(())
        })
    }

    fn visit_rows(&self, mut see: impl FnMut(u32) -> Result<(), IoError>) -> Result<(), IoError> {
        self.for_each_window_of_rows(0..self.n_stored(), |_, rows| rows.iter().try_for_each(|row| see(*row)))
    }

    fn has_columns(&self) -> bool {
        true
    }

    fn visit_column(&self, column: u32, see: &mut dyn FnMut(u32, f32)) -> Result<(), IoError> {
        let range = self.indptr[column as usize]..self.indptr[column as usize + 1];
        self.for_each_window(range, |_, rows, data| {
            rows.iter().zip(data).for_each(|(row, value)| see(*row, *value));
            Ok(())
        })
    }
}

impl Compressed {
    /// Shows the places of the stored values `range` and the rows that they are in.
    fn for_each_window_of_rows(
        &self,
        range: Range<usize>,
        mut visit: impl FnMut(Range<usize>, &[u32]) -> Result<(), IoError>,
    ) -> Result<(), IoError> {
        let mut rows = Vec::new();
        let mut from = range.start;
        while from < range.end {
            let to = self.window_end(from, range.end);
            rows.resize(to - from, 0);
            self.indices(from..to, &mut rows)?;
            visit(from..to, &rows)?;
            from = to;
        }
        Ok(())
    }

    /// The same, and the values.
    fn for_each_window(
        &self,
        range: Range<usize>,
        mut visit: impl FnMut(Range<usize>, &[u32], &[f32]) -> Result<(), IoError>,
    ) -> Result<(), IoError> {
        let mut data = Vec::new();
        self.for_each_window_of_rows(range, |range, rows| {
            data.resize(range.len(), 0.0);
            self.values(range.clone(), &mut data)?;
            visit(range, rows, &data)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{BytesSource, hdf5::Container};

    /// 40 rows × 9 columns: row r has a value in column c where r + c is a multiple of 3.
    fn value(row: usize, column: usize) -> f32 {
        if (row + column).is_multiple_of(3) { (row * 10 + column + 1) as f32 } else { 0.0 }
    }

    fn file(with_index: Option<i32>) -> Container {
        let (mut indptr, mut indices, mut data) = (vec![0], Vec::new(), Vec::new());
        for column in 0..9 {
            for row in (0..40).filter(|row| value(*row, column) != 0.0) {
                indices.push(row as i32);
                data.push(value(row, column));
            }
            indptr.push(indices.len() as i32);
        }
        if let Some(index) = with_index {
            indices[5] = index;
        }
        let mut file = hdf5_pure::FileBuilder::new();
        let mut group = file.create_group("X");
        group.set_attr("encoding-type", hdf5_pure::AttrValue::VarLenString("csc_matrix".into()));
        group.set_attr("shape", hdf5_pure::AttrValue::I64Array(vec![40, 9]));
        group.create_dataset("indptr").with_i32_data(&indptr);
        group.create_dataset("indices").with_i32_data(&indices);
        group.create_dataset("data").with_f32_data(&data);
        file.add_group(group.finish());
        Container::open(Box::new(BytesSource::new(file.finish().unwrap()))).unwrap()
    }

    fn banded(container: &Container, band_values: usize) -> Banded<Compressed> {
        let columns = Compressed::open(container, "X", "X", 9, 40).unwrap();
        Banded { band_values, ..Banded::new(columns) }
    }

    #[test]
    fn bands_of_any_size_give_the_same_rows() {
        let container = file(None);
        for band_values in [1, 7, 30, 1000] {
            let matrix = banded(&container, band_values);
            for range in [0..40, 11..12, 5..33, 0..3, 40..40] {
                let rows = matrix.rows(range.clone()).unwrap();
                let expected: Vec<f32> = range.clone().flat_map(|row| (0..9).map(move |c| value(row, c))).collect();
                let expected = if range.is_empty() { Csr::empty(9) } else { Csr::from_dense(9, &expected).unwrap() };
                assert_eq!(rows, expected, "{band_values} {range:?}");
            }
        }
        assert_eq!(banded(&container, 30).cheap_rows().unwrap(), 0..10);
        assert_eq!(banded(&container, 30).range_end(38, 1000).unwrap(), 40);
    }

    #[test]
    fn columns_are_read_without_the_others() {
        let container = file(None);
        let matrix = banded(&container, 7);
        for (range, columns) in [(0..40, vec![3, 0, 8]), (11..30, vec![8]), (5..5, vec![1]), (0..40, vec![])] {
            let mut out = vec![9.0; range.len() * columns.len()];
            matrix.columns(range.clone(), &columns, &mut out).unwrap();
            let expected: Vec<f32> =
                range.flat_map(|row| columns.iter().map(move |c| value(row, *c as usize))).collect();
            assert_eq!(out, expected, "{columns:?}");
        }
        assert_eq!(matrix.columns_end(0, 3, 60).unwrap(), 20);
        // Where columns do not lie apart, a band of rows is made for them.
        struct ByRows(Compressed);
        impl Entries for ByRows {
            fn n_rows(&self) -> usize {
                Entries::n_rows(&self.0)
            }
            fn n_cols(&self) -> usize {
                Entries::n_cols(&self.0)
            }
            fn place(&self) -> &'static str {
                "X"
            }
            fn visit(&self, see: impl FnMut(u32, u32, f32) -> Result<(), IoError>) -> Result<(), IoError> {
                self.0.visit(see)
            }
        }
        let other = Banded::new(ByRows(Compressed::open(&container, "X", "X", 9, 40).unwrap()));
        let (mut found, mut expected) = (vec![9.0; 38], vec![8.0; 38]);
        other.columns(11..30, &[8, 2], &mut found).unwrap();
        matrix.columns(11..30, &[8, 2], &mut expected).unwrap();
        assert_eq!(found, expected);
        assert_eq!(other.columns_end(0, 3, 30).unwrap(), 10);
    }

    #[test]
    fn an_index_outside_the_matrix_is_an_error() {
        for index in [-1, 40, i32::MAX] {
            assert!(banded(&file(Some(index)), 1000).rows(0..40).is_err(), "{index}");
        }
    }
}

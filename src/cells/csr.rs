//! A sparse matrix by rows: rows are cells, columns are genes.

use super::CellsError;

/// Values of a dense row that are looked at together.
const BLOCK: usize = 512;

/// Compressed sparse rows of `f32`, the one in-memory form of expression values.
///
/// Invariants, checked by [`Csr::new`]: `indptr` has `rows + 1` entries, starts at 0, never falls and ends at
/// `indices.len()`; `indices` and `values` have one length; every index is below `n_cols`. Indices within a row need not
/// be sorted and may repeat (repeats mean a sum), as scipy allows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Csr {
    n_cols: usize,
    indptr: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl Csr {
    /// Takes the three arrays after checking the invariants. O(rows + non-zeros).
    pub fn new(n_cols: usize, indptr: Vec<usize>, indices: Vec<u32>, values: Vec<f32>) -> Result<Self, CellsError> {
        if indptr.first() != Some(&0) {
            return Err(CellsError::BadCsr("the row pointers do not start at 0"));
        }
        if indptr.windows(2).any(|pair| pair[1] < pair[0]) {
            return Err(CellsError::BadCsr("the row pointers fall"));
        }
        if indices.len() != values.len() || indptr.last() != Some(&indices.len()) {
            return Err(CellsError::BadCsr("the row pointers, indices and values differ in length"));
        }
        // The greatest of all, not the first that is too great: that is done many at a time.
        let greatest = indices.iter().fold(0, |greatest, index| greatest.max(*index));
        if !indices.is_empty() && greatest as usize >= n_cols {
            return Err(CellsError::BadCsr("a column index is outside the matrix"));
        }
        Ok(Self { n_cols, indptr, indices, values })
    }

    /// A matrix without rows.
    pub fn empty(n_cols: usize) -> Self {
        Self { n_cols, indptr: vec![0], indices: Vec::new(), values: Vec::new() }
    }

    /// From a dense row-major slice of `rows * n_cols` values; zeros are dropped.
    pub fn from_dense(n_cols: usize, dense: &[f32]) -> Result<Self, CellsError> {
        if n_cols == 0 || !dense.len().is_multiple_of(n_cols) {
            return Err(CellsError::BadCsr("the dense values do not fill whole rows"));
        }
        let mut matrix = Self::empty(n_cols);
        matrix.push_dense(dense)?;
        Ok(matrix)
    }

    /// Appends rows of `n_cols` values each; zeros are dropped, NaN is kept.
    pub fn push_dense(&mut self, dense: &[f32]) -> Result<(), CellsError> {
        if self.n_cols == 0 || u32::try_from(self.n_cols).is_err() || !dense.len().is_multiple_of(self.n_cols) {
            return Err(CellsError::BadCsr("the dense values do not fill whole rows"));
        }
        let mut block = ([0u32; BLOCK], [0f32; BLOCK]);
        for row in dense.chunks_exact(self.n_cols) {
            let mut first = 0;
            for part in row.chunks(BLOCK) {
                // Every value is written and the next overwrites a zero: no branch that the processor guesses wrongly.
                let mut count = 0;
                for (column, &value) in (first..).zip(part) {
                    (block.0[count % BLOCK], block.1[count % BLOCK]) = (column, value);
                    count += usize::from(value != 0.0);
                }
                self.indices.extend_from_slice(&block.0[..count]);
                self.values.extend_from_slice(&block.1[..count]);
                first += part.len() as u32;
            }
            self.indptr.push(self.indices.len());
        }
        Ok(())
    }

    /// Appends one row of `(column, value)` pairs.
    pub fn push_row(&mut self, row: impl IntoIterator<Item = (u32, f32)>) -> Result<(), CellsError> {
        let start = self.indices.len();
        for (index, value) in row {
            if index as usize >= self.n_cols {
                self.indices.truncate(start);
                self.values.truncate(start);
                return Err(CellsError::BadCsr("a column index is outside the matrix"));
            }
            self.indices.push(index);
            self.values.push(value);
        }
        self.indptr.push(self.indices.len());
        Ok(())
    }

    /// Number of rows (cells).
    pub fn n_rows(&self) -> usize {
        self.indptr.len() - 1
    }

    /// Number of columns (genes).
    pub fn n_cols(&self) -> usize {
        self.n_cols
    }

    /// Number of stored values.
    pub fn n_stored(&self) -> usize {
        self.values.len()
    }

    /// The column indices and values of one row.
    ///
    /// # Panics
    /// If `row >= n_rows()`: the caller loops over its own rows.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.indptr[row]..self.indptr[row + 1];
        (&self.indices[range.clone()], &self.values[range])
    }

    /// The three arrays: row pointers, column indices, values.
    pub fn parts(&self) -> (&[usize], &[u32], &[f32]) {
        (&self.indptr, &self.indices, &self.values)
    }

    /// Takes the matrix apart, so that its memory can be used again.
    pub fn into_parts(self) -> (Vec<usize>, Vec<u32>, Vec<f32>) {
        (self.indptr, self.indices, self.values)
    }

    /// A matrix without rows, in the memory of this one.
    pub fn cleared(self, n_cols: usize) -> Self {
        let (mut indptr, mut indices, mut values) = self.into_parts();
        indptr.clear();
        indptr.push(0);
        indices.clear();
        values.clear();
        Self { n_cols, indptr, indices, values }
    }

    /// The genes `range` of all cells, renumbered from 0. Genes beyond the matrix are left out. O(stored values).
    pub fn columns(&self, range: std::ops::Range<usize>) -> Csr {
        let range = range.start.min(self.n_cols)..range.end.min(self.n_cols);
        let mut part = Csr::empty(range.len());
        for row in self.indptr.windows(2) {
            for place in row[0]..row[1] {
                if let Some(index) =
                    (self.indices[place] as usize).checked_sub(range.start).filter(|i| *i < range.len())
                {
                    part.indices.push(index as u32);
                    part.values.push(self.values[place]);
                }
            }
            part.indptr.push(part.indices.len());
        }
        part
    }

    /// Appends the rows of `other`, which must have as many columns.
    pub fn append(&mut self, other: &Csr) -> Result<(), CellsError> {
        if other.n_cols != self.n_cols {
            return Err(CellsError::BadCsr("two parts differ in their number of columns"));
        }
        let offset = self.indices.len();
        self.indptr.extend(other.indptr[1..].iter().map(|end| end + offset));
        self.indices.extend_from_slice(&other.indices);
        self.values.extend_from_slice(&other.values);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_cut_out_and_renumbered() -> Result<(), CellsError> {
        let matrix = Csr::from_dense(4, &[1.0, 2.0, 0.0, 4.0, 0.0, 6.0, 7.0, 0.0])?;
        assert_eq!(matrix.columns(1..3), Csr::from_dense(2, &[2.0, 0.0, 6.0, 7.0])?);
        assert_eq!(matrix.columns(3..9), Csr::from_dense(1, &[4.0, 0.0])?);
        let none = matrix.columns(7..9);
        assert_eq!((none.n_rows(), none.n_cols(), none.n_stored()), (2, 0, 0));
        Ok(())
    }
}

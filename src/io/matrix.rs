//! Expression values in the file, read by ranges of cells: dense, by rows (CSR) or by columns (CSC).

use std::ops::Range;

use super::{
    IoError,
    array::Array,
    banded::Banded,
    container::{Container, Node},
};
use crate::cells::Csr;

/// Values read from the file at a time.
pub(super) const WINDOW: usize = 1 << 20;
/// Values that one answer may hold (8 bytes each in memory).
const MAX_STORED: usize = 1 << 26;

/// A matrix of cells × genes in the file.
pub(super) enum Matrix {
    Dense(Dense),
    ByRow(Compressed),
    ByColumn(Banded),
}

impl Matrix {
    /// Opens the matrix at `path`; `None` where nothing is, or the empty marker of a missing `X`.
    pub(super) fn open(container: &Container, path: &str, place: &'static str) -> Result<Option<Self>, IoError> {
        match container.node(path, place)? {
            None => Ok(None),
            Some(Node::Array(array)) => match array.shape().len() {
                2 => Dense::open(container, path, place).map(|dense| Some(Self::Dense(dense))),
                // `X` of AnnData without a matrix is a null dataspace.
                0 => Ok(None),
                _ => Err(IoError::bad(place, "it is not a matrix")),
            },
            Some(Node::Group(attributes)) => {
                let text = |name: &str| attributes.get(name).and_then(|value| value.as_str().map(str::to_owned));
                let format = text("encoding-type").or_else(|| text("h5sparse_format")).unwrap_or_default();
                let shape = attributes.get("shape").or_else(|| attributes.get("h5sparse_shape"));
                let shape = shape.and_then(|value| value.to_i64s()).unwrap_or_default();
                let &[n_rows, n_cols] = &shape[..] else {
                    return Err(IoError::bad(place, "it has no shape"));
                };
                let (Ok(n_rows), Ok(n_cols)) = (usize::try_from(n_rows), usize::try_from(n_cols)) else {
                    return Err(IoError::bad(place, "its shape is negative"));
                };
                match format.as_str() {
                    "csr_matrix" | "csr" => {
                        Compressed::open(container, path, place, n_rows, n_cols).map(|csr| Some(Self::ByRow(csr)))
                    }
                    "csc_matrix" | "csc" => {
                        let columns = Compressed::open(container, path, place, n_cols, n_rows)?;
                        Ok(Some(Self::ByColumn(Banded::new(columns))))
                    }
                    _ => Err(IoError::bad(place, "its sparse format is unknown")),
                }
            }
        }
    }

    pub(super) fn n_rows(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.n_rows,
            Self::ByRow(rows) => rows.n_lines,
            Self::ByColumn(banded) => banded.n_rows(),
        }
    }

    pub(super) fn n_cols(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.n_cols,
            Self::ByRow(rows) => rows.n_across,
            Self::ByColumn(banded) => banded.n_cols(),
        }
    }

    /// The cells `rows`, with their stored values.
    pub(super) fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        if rows.start > rows.end || rows.end > self.n_rows() {
            return Err(IoError::bad("the matrix", "rows outside it were asked for"));
        }
        match self {
            Self::Dense(dense) => dense.rows(rows),
            Self::ByRow(compressed) => compressed.lines(rows),
            Self::ByColumn(banded) => banded.rows(rows),
        }
    }

    /// The end of the longest range of cells from `start` that stores at most `max_stored` values; at least one cell.
    pub(super) fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        let (next, n_rows) = (start.saturating_add(1), self.n_rows());
        Ok(match self {
            Self::Dense(dense) => start.saturating_add(max_stored / dense.n_cols.max(1)),
            Self::ByRow(rows) => rows.range_end(start, max_stored),
            Self::ByColumn(banded) => banded.range_end(start, max_stored)?,
        }
        .clamp(next.min(n_rows), n_rows))
    }
}

/// A dense array, cells × genes.
pub(super) struct Dense {
    array: Array,
    n_rows: usize,
    n_cols: usize,
}

impl Dense {
    fn open(container: &Container, path: &str, place: &'static str) -> Result<Self, IoError> {
        let array = container.array(path, place)?.ok_or(IoError::NoMatrix)?;
        let (Ok(n_rows), Ok(n_cols)) = (usize::try_from(array.shape()[0]), usize::try_from(array.shape()[1])) else {
            return Err(IoError::large(place, "too many cells or genes"));
        };
        Ok(Self { array, n_rows, n_cols })
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
}

fn check_stored(n_stored: usize) -> Result<(), IoError> {
    if n_stored > MAX_STORED {
        return Err(IoError::large("the matrix", "more than 67 million values were asked for at once"));
    }
    Ok(())
}

/// Compressed lines: rows of CSR, columns of CSC. Only the line pointers are held in memory.
pub(super) struct Compressed {
    pub(super) place: &'static str,
    pub(super) n_lines: usize,
    /// Length of a line.
    pub(super) n_across: usize,
    pub(super) indptr: Vec<usize>,
    indices: Array,
    data: Array,
}

impl Compressed {
    /// Opens the three arrays and checks the line pointers. O(lines).
    fn open(
        container: &Container,
        path: &str,
        place: &'static str,
        n_lines: usize,
        n_across: usize,
    ) -> Result<Self, IoError> {
        let part = |name: &str| {
            let array = container.array(&format!("{path}/{name}"), place)?;
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
        Ok(Self { place, n_lines, n_across, indptr, indices, data })
    }

    pub(super) fn n_stored(&self) -> usize {
        self.indptr.last().copied().unwrap_or(0)
    }

    /// Positions across the line, of the stored values `range`.
    pub(super) fn indices(&self, range: Range<usize>) -> Result<impl Iterator<Item = Result<u32, IoError>>, IoError> {
        let n_across = self.n_across as i64;
        let place = self.place;
        Ok(self.indices.i64_rows(range)?.into_iter().map(move |index| {
            if (0..n_across).contains(&index) {
                Ok(index as u32)
            } else {
                Err(IoError::bad(place, "an index is outside the matrix"))
            }
        }))
    }

    /// The stored values `range`.
    pub(super) fn values(&self, range: Range<usize>) -> Result<Vec<f32>, IoError> {
        self.data.f32_rows(range)
    }

    fn lines(&self, lines: Range<usize>) -> Result<Csr, IoError> {
        let (start, end) = (self.indptr[lines.start], self.indptr[lines.end]);
        check_stored(end - start)?;
        let mut indices = Vec::with_capacity(end - start);
        let mut values = Vec::with_capacity(end - start);
        let mut from = start;
        while from < end {
            let to = (from + WINDOW).min(end);
            for index in self.indices(from..to)? {
                indices.push(index?);
            }
            values.extend(self.values(from..to)?);
            from = to;
        }
        let indptr = self.indptr[lines.start..=lines.end].iter().map(|pointer| pointer - start).collect();
        Ok(Csr::new(self.n_across, indptr, indices, values)?)
    }

    fn range_end(&self, start: usize, max_stored: usize) -> usize {
        let Some(first) = self.indptr.get(start) else { return self.n_lines };
        self.indptr.partition_point(|pointer| *pointer <= first.saturating_add(max_stored)).saturating_sub(1)
    }
}

//! HDF5 groups in AnnData's encodings.
//!
//! The encodings are those of anndata's on-disk specification: every group and array says its `encoding-type` and
//! `encoding-version`, as `anndata.io.read_elem` requires.

use super::{
    Table, Uns,
    hdf5::{Attribute, Dataset, Element, Group, Hdf5, Number, Rows, Texts},
    names::{Names, unique_categories},
};
use crate::{
    cells::{Column, Csr},
    io::{Aligned, IoError, Sink},
};

/// A group that says how it is encoded.
pub(super) fn group(encoding: &str, version: &str) -> Group {
    let mut group = Group::default();
    group.set("encoding-type", Attribute::Text(encoding.to_owned()));
    group.set("encoding-version", Attribute::Text(version.to_owned()));
    group
}

/// `layers`, `obsm`, `uns`, …
pub(super) fn dict() -> Group {
    group("dict", "0.1.0")
}

/// An array that says how it is encoded.
pub(super) fn encoded(dataset: Dataset, encoding: &str) -> Dataset {
    dataset
        .with("encoding-type", Attribute::Text(encoding.to_owned()))
        .with("encoding-version", Attribute::Text("0.2.0".to_owned()))
}

/// A list of texts.
pub(super) fn texts<'a, S: Sink>(
    out: &mut Hdf5<S>,
    values: impl IntoIterator<Item = &'a str>,
) -> Result<Dataset, IoError> {
    let mut texts = Texts::new();
    for value in values {
        texts.push(out, value)?;
    }
    Ok(encoded(texts.finish(out)?, "string-array"))
}

/// A list of numbers.
pub(super) fn numbers<S: Sink>(out: &mut Hdf5<S>, values: &[f64]) -> Result<Dataset, IoError> {
    let mut rows = Rows::list(Element::F64);
    rows.extend(out, values)?;
    Ok(encoded(rows.finish(out)?, "array"))
}

/// The codes of a categorical column while they are written: the smallest integer that holds them, as pandas does.
pub(super) struct Codes {
    rows: Rows,
    n_categories: usize,
}

impl Codes {
    pub(super) fn new(n_categories: usize) -> Self {
        let element = match n_categories {
            0..=127 => Element::I8,
            128..=32_767 => Element::I16,
            _ => Element::I32,
        };
        Self { rows: Rows::list(element), n_categories }
    }

    /// Adds codes, −1 where missing. `io.write-failed` for a code outside the categories.
    pub(super) fn push<S: Sink>(&mut self, out: &mut Hdf5<S>, codes: &[i32]) -> Result<(), IoError> {
        if codes.iter().any(|code| *code < -1 || *code >= 0 && *code as usize >= self.n_categories) {
            return Err(IoError::WriteFailed("a category code is outside its categories".into()));
        }
        self.rows.extend(out, codes)
    }

    pub(super) fn n_rows(&self) -> u64 {
        self.rows.n_rows()
    }

    pub(super) fn finish<S: Sink>(self, out: &mut Hdf5<S>, categories: &[String]) -> Result<Group, IoError> {
        let mut column = group("categorical", "0.2.0");
        column.set("ordered", Attribute::Truth(false));
        column.array("codes", encoded(self.rows.finish(out)?, "array"));
        column.array("categories", texts(out, categories.iter().map(String::as_str))?);
        Ok(column)
    }
}

/// A column that is written, to be linked.
pub(super) enum Written {
    Array(Dataset),
    Group(Group),
}

/// Writes a column that is in memory.
pub(super) fn column<S: Sink>(out: &mut Hdf5<S>, column: &Column) -> Result<Written, IoError> {
    Ok(match column {
        Column::Numbers(values) => Written::Array(numbers(out, values)?),
        Column::Text(values) => Written::Array(texts(out, values.iter().map(String::as_str))?),
        Column::Categorical { codes, categories } => {
            let (codes, categories) = unique_categories(codes, categories)
                .ok_or(IoError::WriteFailed("a category code is outside its categories".into()))?;
            let mut written = Codes::new(categories.len());
            written.push(out, &codes)?;
            Written::Group(written.finish(out, &categories)?)
        }
    })
}

/// A column of truth values or whole numbers, as an array of those; `None` for any other. Missing values have no place in
/// either, so such a column stays what it is.
pub(super) fn narrowed<S: Sink>(out: &mut Hdf5<S>, column: &Column) -> Result<Option<Dataset>, IoError> {
    // Beyond 2⁵³ an f64 does not tell whole numbers apart.
    let is_whole = |value: &f64| value.fract() == 0.0 && value.abs() < 9.0e15;
    let rows = match column {
        Column::Categorical { codes, categories } if categories == &["False", "True"] && !codes.contains(&-1) => {
            let mut rows = Rows::list(Element::Bool);
            rows.extend(out, codes)?;
            rows
        }
        Column::Numbers(values) if values.iter().all(is_whole) => {
            let mut rows = Rows::list(Element::I64);
            rows.extend(out, values)?;
            rows
        }
        _ => return Ok(None),
    };
    Ok(Some(encoded(rows.finish(out)?, "array")))
}

/// Says which columns a table has, in their order; the index is an array `_index`.
pub(super) fn complete_table(table: &mut Group, order: Vec<String>) {
    table.set("_index", Attribute::Text("_index".to_owned()));
    table.set("column-order", if order.is_empty() { Attribute::Nothing } else { Attribute::Texts(order) });
}

/// A table that is in memory.
pub(super) fn table<S: Sink>(out: &mut Hdf5<S>, table: &Table) -> Result<Group, IoError> {
    let mut written = group("dataframe", "0.2.0");
    written.array("_index", texts(out, table.index.iter().map(String::as_str))?);
    let mut names = Names::reserving(&["_index"]);
    let mut order = Vec::with_capacity(table.columns.len());
    for (name, values) in &table.columns {
        if values.len() != table.index.len() {
            return Err(IoError::WriteFailed("a column and its index differ in length".into()));
        }
        let name = names.unique(name);
        match column(out, values)? {
            Written::Array(array) => written.array(&name, array),
            Written::Group(group) => written.add(&name, group),
        }
        order.push(name);
    }
    complete_table(&mut written, order);
    Ok(written)
}

/// A sparse matrix that is in memory, of which the shape was checked.
pub(super) fn sparse<S: Sink>(out: &mut Hdf5<S>, matrix: &Csr) -> Result<Group, IoError> {
    let mut rows = SparseRows::new(matrix.n_cols(), Element::F32, matrix.n_stored() as u64);
    let (indptr, indices, values) = matrix.parts();
    rows.push(out, indptr, indices, values)?;
    rows.finish(out)
}

/// A matrix carried over from another file, with its values in the width to be written.
pub(super) fn aligned<S: Sink, N: Number>(
    out: &mut Hdf5<S>,
    matrix: &Aligned,
    element: Element,
    values: &[N],
) -> Result<Written, IoError> {
    if let Some((indptr, indices)) = &matrix.sparse {
        let mut rows = SparseRows::new(matrix.n_cols, element, indices.len() as u64);
        rows.push(out, indptr, indices, values)?;
        return Ok(Written::Group(rows.finish(out)?));
    }
    let mut rows = Rows::table(element, matrix.n_cols);
    rows.extend(out, values)?;
    Ok(Written::Array(encoded(rows.finish(out)?, "array")))
}

/// A sparse matrix whose rows arrive in parts.
pub(super) struct SparseRows {
    n_cols: usize,
    data: Rows,
    indices: Rows,
    indptr: Rows,
    n_stored: u64,
}

impl SparseRows {
    /// A matrix of at most so many stored values: scipy wants both index arrays of one width, and the narrow one where it
    /// suffices.
    pub(super) fn new(n_cols: usize, values: Element, most_stored: u64) -> Self {
        let is_narrow = i32::try_from(most_stored.max(n_cols as u64)).is_ok();
        let element = if is_narrow { Element::I32 } else { Element::I64 };
        let [indices, indptr] = [(); 2].map(|()| Rows::list(element));
        Self { n_cols, data: Rows::list(values), indices, indptr, n_stored: 0 }
    }

    /// Adds rows: the three arrays of a CSR matrix of them.
    pub(super) fn push<S: Sink, N: Number>(
        &mut self,
        out: &mut Hdf5<S>,
        indptr: &[usize],
        indices: &[u32],
        values: &[N],
    ) -> Result<(), IoError> {
        self.begin(out)?;
        self.data.extend(out, values)?;
        // Converted by parts: a whole copy of another width would double the memory.
        for part in indices.chunks(PART) {
            let part: Vec<i64> = part.iter().map(|index| i64::from(*index)).collect();
            self.indices.extend(out, &part)?;
        }
        for part in indptr.get(1..).unwrap_or(&[]).chunks(PART) {
            let part: Vec<i64> = part.iter().map(|end| (self.n_stored + *end as u64) as i64).collect();
            self.indptr.extend(out, &part)?;
        }
        self.n_stored += indices.len() as u64;
        Ok(())
    }

    pub(super) fn n_rows(&self) -> u64 {
        self.indptr.n_rows().saturating_sub(1)
    }

    pub(super) fn finish<S: Sink>(mut self, out: &mut Hdf5<S>) -> Result<Group, IoError> {
        self.begin(out)?;
        let mut written = group("csr_matrix", "0.1.0");
        written.set("shape", Attribute::Integers(vec![self.n_rows() as i64, self.n_cols as i64]));
        written.array("data", self.data.finish(out)?);
        written.array("indices", self.indices.finish(out)?);
        written.array("indptr", self.indptr.finish(out)?);
        Ok(written)
    }

    /// The first row begins at 0.
    fn begin<S: Sink>(&mut self, out: &mut Hdf5<S>) -> Result<(), IoError> {
        match self.indptr.n_rows() {
            0 => self.indptr.extend(out, &[0i64]),
            _ => Ok(()),
        }
    }
}

/// Elements that are converted at once.
const PART: usize = 1 << 16;

/// `uns`, or a part of it.
pub(super) fn notes<S: Sink>(out: &mut Hdf5<S>, entries: &[(String, Uns)]) -> Result<Group, IoError> {
    let mut written = dict();
    let mut names = Names::default();
    for (name, value) in entries {
        note(out, &mut written, &names.unique(name), value)?;
    }
    Ok(written)
}

fn note<S: Sink>(out: &mut Hdf5<S>, parent: &mut Group, name: &str, value: &Uns) -> Result<(), IoError> {
    match value {
        Uns::Text(value) => parent.array(name, encoded(Dataset::text(value), "string")),
        Uns::Integer(value) => {
            let dataset = Dataset::scalar(out, Element::I64, &value.to_le_bytes())?;
            parent.array(name, encoded(dataset, "numeric-scalar"));
        }
        Uns::Number(value) => {
            let dataset = Dataset::scalar(out, Element::F64, &value.to_le_bytes())?;
            parent.array(name, encoded(dataset, "numeric-scalar"));
        }
        Uns::Truth(value) => {
            let dataset = Dataset::scalar(out, Element::Bool, &[u8::from(*value)])?;
            parent.array(name, encoded(dataset, "numeric-scalar"));
        }
        Uns::Texts(values) => parent.array(name, texts(out, values.iter().map(String::as_str))?),
        Uns::Numbers(values) => parent.array(name, numbers(out, values)?),
        Uns::Integers(values) => {
            let mut rows = Rows::list(Element::I64);
            rows.extend(out, values)?;
            parent.array(name, encoded(rows.finish(out)?, "array"));
        }
        Uns::Matrix { n_cols, values } => {
            if *n_cols == 0 || !values.len().is_multiple_of(*n_cols) {
                return Err(IoError::WriteFailed("a matrix in uns does not fill whole rows".into()));
            }
            let mut rows = Rows::table(Element::F64, *n_cols);
            rows.extend(out, values)?;
            parent.array(name, encoded(rows.finish(out)?, "array"));
        }
        Uns::Array { shape, values } => {
            let Some((_, row_shape)) = shape.split_first() else {
                return Err(IoError::WriteFailed("an array in uns has no dimensions".into()));
            };
            if shape.iter().try_fold(1, |n: usize, edge| n.checked_mul(*edge)) != Some(values.len()) {
                return Err(IoError::WriteFailed("an array in uns does not fill its shape".into()));
            }
            let mut rows = Rows::array(Element::F64, row_shape.to_vec());
            rows.extend(out, values)?;
            parent.array(name, encoded(rows.finish(out)?, "array"));
        }
        Uns::Table(value) => parent.add(name, table(out, value)?),
        Uns::Nested(entries) => parent.add(name, notes(out, entries)?),
    }
    Ok(())
}

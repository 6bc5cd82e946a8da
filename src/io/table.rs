//! Annotations of cells or genes, whatever format they come from.

use super::IoError;
use crate::cells::Column;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Categorical,
    Numbers,
    Text,
}

/// One column of a table, as its header describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    pub name: String,
    pub kind: ColumnKind,
    /// Number of categories; `None` where the values would have to be read to know.
    pub levels: Option<usize>,
}

/// A table with an index; its columns are read when they are asked for.
pub(super) trait Table: Send + Sync {
    fn n_rows(&self) -> usize;

    /// The name of the index column.
    fn index_name(&self) -> &str;

    /// The names of the rows.
    fn index(&self) -> Result<Vec<String>, IoError>;

    fn columns(&self) -> &[ColumnInfo];

    /// One column. Errors: `io.no-such-name`, and those of reading.
    fn column(&self, name: &str) -> Result<Column, IoError>;

    /// Columns left out because they could not be understood.
    fn n_skipped(&self) -> usize {
        0
    }

    /// One column as text, whatever it holds; missing values are "".
    fn column_as_texts(&self, name: &str) -> Result<Vec<String>, IoError> {
        self.column(name).map(into_texts)
    }
}

/// A table held in memory, as formats with small annotations make it.
pub(super) struct MemoryTable {
    index_name: String,
    index: Vec<String>,
    infos: Vec<ColumnInfo>,
    columns: Vec<Column>,
}

#[expect(dead_code, reason = "the formats that need it come next")]
impl MemoryTable {
    pub(super) fn new(index_name: &str, index: Vec<String>) -> Self {
        Self { index_name: index_name.to_owned(), index, infos: Vec::new(), columns: Vec::new() }
    }

    /// Adds a column. Errors: `io.bad-structure` if it and the index differ in length.
    pub(super) fn push(&mut self, name: &str, column: Column) -> Result<(), IoError> {
        if column.len() != self.index.len() {
            return Err(IoError::bad("the annotations", "a column and the index differ in length"));
        }
        let (kind, levels) = match &column {
            Column::Categorical { categories, .. } => (ColumnKind::Categorical, Some(categories.len())),
            Column::Numbers(_) => (ColumnKind::Numbers, None),
            Column::Text(_) => (ColumnKind::Text, None),
        };
        self.infos.push(ColumnInfo { name: name.to_owned(), kind, levels });
        self.columns.push(column);
        Ok(())
    }
}

impl Table for MemoryTable {
    fn n_rows(&self) -> usize {
        self.index.len()
    }

    fn index_name(&self) -> &str {
        &self.index_name
    }

    fn index(&self) -> Result<Vec<String>, IoError> {
        Ok(self.index.clone())
    }

    fn columns(&self) -> &[ColumnInfo] {
        &self.infos
    }

    fn column(&self, name: &str) -> Result<Column, IoError> {
        let at = self.infos.iter().position(|info| info.name == name);
        at.and_then(|at| self.columns.get(at)).cloned().ok_or(IoError::NoSuchName)
    }
}

/// Any column as text: whole numbers without a decimal point, missing values as "".
pub(super) fn into_texts(column: Column) -> Vec<String> {
    match column {
        Column::Text(values) => values,
        Column::Numbers(values) => values.into_iter().map(number_text).collect(),
        Column::Categorical { codes, categories } => codes
            .into_iter()
            .map(|code| usize::try_from(code).ok().and_then(|code| categories.get(code)).cloned().unwrap_or_default())
            .collect(),
    }
}

fn number_text(value: f64) -> String {
    if value.is_nan() { String::new() } else { value.to_string() }
}

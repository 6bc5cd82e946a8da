//! Annotations of cells or genes, whatever format they come from.

use std::collections::HashMap;

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

/// A table that is lent.
impl<T: Table + ?Sized> Table for &T {
    fn n_rows(&self) -> usize {
        (**self).n_rows()
    }

    fn index_name(&self) -> &str {
        (**self).index_name()
    }

    fn index(&self) -> Result<Vec<String>, IoError> {
        (**self).index()
    }

    fn columns(&self) -> &[ColumnInfo] {
        (**self).columns()
    }

    fn column(&self, name: &str) -> Result<Column, IoError> {
        (**self).column(name)
    }

    fn n_skipped(&self) -> usize {
        (**self).n_skipped()
    }
}

/// A table held in memory, as formats with small annotations make it.
pub(super) struct MemoryTable {
    index_name: String,
    index: Vec<String>,
    infos: Vec<ColumnInfo>,
    columns: Vec<Column>,
}

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

    /// Some rows of another table, in any order. Columns that cannot be read are left out.
    pub(super) fn of_rows(table: &dyn Table, rows: &[usize]) -> Result<Self, IoError> {
        let rows: Vec<Option<usize>> = rows.iter().copied().map(Some).collect();
        let index = pick(&table.index()?, &rows, &String::new());
        let mut picked_table = Self::new(table.index_name(), index);
        for info in table.columns() {
            if let Ok(column) = table.column(&info.name) {
                picked_table.push(&info.name, picked(&column, &rows))?;
            }
        }
        Ok(picked_table)
    }

    /// The same columns under other names of the rows. Errors: as [`MemoryTable::push`].
    pub(super) fn renamed(self, index: Vec<String>) -> Result<Self, IoError> {
        if index.len() != self.index.len() {
            return Err(IoError::bad("the annotations", "a column and the index differ in length"));
        }
        Ok(Self { index, ..self })
    }

    /// The same columns for the rows of these names, in their order, and how many of them the table lacks: their values
    /// are missing. Of rows that share a name the first counts. O(rows).
    pub(super) fn aligned(&self, names: Vec<String>) -> (Self, usize) {
        let mut places = HashMap::with_capacity(self.index.len());
        for (place, name) in self.index.iter().enumerate() {
            places.entry(name.as_str()).or_insert(place);
        }
        let rows: Vec<Option<usize>> = names.iter().map(|name| places.get(name.as_str()).copied()).collect();
        let n_missing = rows.iter().filter(|row| row.is_none()).count();
        let columns = self.columns.iter().map(|column| picked(column, &rows)).collect();
        let table = Self { index_name: self.index_name.clone(), index: names, infos: self.infos.clone(), columns };
        (table, n_missing)
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

/// The values of some rows; missing where there is no row.
fn picked(column: &Column, rows: &[Option<usize>]) -> Column {
    match column {
        Column::Numbers(values) => Column::Numbers(pick(values, rows, &f64::NAN)),
        Column::Text(values) => Column::Text(pick(values, rows, &String::new())),
        Column::Categorical { codes, categories } => {
            Column::Categorical { codes: pick(codes, rows, &-1), categories: categories.clone() }
        }
    }
}

fn pick<T: Clone>(values: &[T], rows: &[Option<usize>], missing: &T) -> Vec<T> {
    rows.iter().map(|row| row.and_then(|row| values.get(row)).unwrap_or(missing).clone()).collect()
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

//! The attributes of a loom file's cells or genes: one array each, in a group.

use std::sync::Arc;

use super::super::{
    IoError,
    table::{ColumnInfo, ColumnKind, Table, into_texts},
    tree::{Element, Node, Tree},
};
use crate::cells::Column;

const PLACE: &str = "the attributes";

/// Attributes beyond these are left out.
const MAX_COLUMNS: usize = 10_000;

/// A table whose columns are read when they are asked for.
pub(super) struct Attributes {
    tree: Arc<dyn Tree>,
    path: &'static str,
    n_rows: usize,
    /// The attribute that names the rows; without one they are numbered.
    index: Option<String>,
    columns: Vec<ColumnInfo>,
    n_skipped: usize,
}

impl Attributes {
    /// Opens the group at `path`; the first of `names` that is there and holds text names the rows.
    pub(super) fn open(tree: &Arc<dyn Tree>, path: &'static str, n_rows: u64, names: &[&str]) -> Result<Self, IoError> {
        let n_rows = usize::try_from(n_rows).map_err(|_| IoError::large(PLACE, "too many cells or genes"))?;
        let (mut columns, mut n_skipped) = (Vec::new(), 0);
        let children = tree.children(path, PLACE)?;
        n_skipped += children.len().saturating_sub(MAX_COLUMNS);
        for name in children.into_iter().take(MAX_COLUMNS) {
            // An attribute that cannot be read must not keep the others from being used.
            match tree.node(&format!("{path}/{name}"), PLACE) {
                Ok(Some(Node::Array(array))) if array.shape() == [n_rows as u64] => match array.element() {
                    Element::Number(_) => columns.push(ColumnInfo { name, kind: ColumnKind::Numbers, levels: None }),
                    Element::Text => columns.push(ColumnInfo { name, kind: ColumnKind::Text, levels: None }),
                    Element::Record(_) | Element::Other => n_skipped += 1,
                },
                _ => n_skipped += 1,
            }
        }
        let named = |name: &&&str| columns.iter().any(|column| column.name == **name);
        let index = names.iter().find(named).map(|name| (*name).to_owned());
        if let Some(index) = &index {
            columns.retain(|column| column.name != *index);
        }
        Ok(Self { tree: tree.clone(), path, n_rows, index, columns, n_skipped })
    }

    /// Whether the file does not name the rows.
    pub(super) fn is_numbered(&self) -> bool {
        self.index.is_none()
    }

    fn read(&self, name: &str) -> Result<Column, IoError> {
        let array = self.tree.array(&format!("{}/{name}", self.path), PLACE)?.ok_or(IoError::NoSuchName)?;
        let column = match array.element() {
            Element::Number(_) => Column::Numbers(array.f64_rows(0..array.length()?)?),
            _ => Column::Text(array.texts()?),
        };
        if column.len() != self.n_rows {
            return Err(IoError::bad(PLACE, "one of them and the matrix differ in length"));
        }
        Ok(column)
    }
}

impl Table for Attributes {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn index_name(&self) -> &str {
        self.index.as_deref().unwrap_or("number")
    }

    fn index(&self) -> Result<Vec<String>, IoError> {
        match &self.index {
            Some(index) => self.read(index).map(into_texts),
            None => Ok((0..self.n_rows).map(|row| row.to_string()).collect()),
        }
    }

    fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    fn column(&self, name: &str) -> Result<Column, IoError> {
        if !self.columns.iter().any(|column| column.name == name) {
            return Err(IoError::NoSuchName);
        }
        self.read(name)
    }

    fn n_skipped(&self) -> usize {
        self.n_skipped
    }
}

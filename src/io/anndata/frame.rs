//! `obs` and `var`: tables of annotations, in every way AnnData has stored them.
//!
//! | AnnData | table | categories |
//! |---|---|---|
//! | ≥ 0.8 | group, one array or group a column | a group of `codes` and `categories` |
//! | 0.7 | group, one array a column | `__categories/NAME` |
//! | ≤ 0.6 | one compound array | `uns/NAME_categories` |

use std::sync::Arc;

use super::{
    super::{
        IoError,
        table::{ColumnInfo, ColumnKind, Table, into_texts},
        tree::{Array, Attributes, Element, Node, Tree},
    },
    categorical::{coded, truth_values},
    record::RecordTable,
};
use crate::cells::Column;

/// A table whose columns are read when they are asked for.
pub(super) struct Frame {
    tree: Arc<dyn Tree>,
    path: String,
    place: &'static str,
    n_rows: usize,
    store: Store,
    columns: Vec<ColumnInfo>,
    /// Columns left out because they could not be understood.
    n_skipped: usize,
}

enum Store {
    /// The name of the index array.
    Group {
        index: String,
        legacy_categories: Vec<String>,
    },
    Records(Box<RecordTable>),
}

impl Frame {
    /// Opens the table at `path`; `None` where there is none.
    pub(super) fn open(tree: &Arc<dyn Tree>, path: &str, place: &'static str) -> Result<Option<Self>, IoError> {
        match tree.node(path, place)? {
            None => Ok(None),
            Some(Node::Array(array)) => Self::from_records(tree, path, place, array).map(Some),
            Some(Node::Group(attributes)) => Self::from_group(tree, path, place, &attributes).map(Some),
        }
    }

    fn from_records(
        tree: &Arc<dyn Tree>,
        path: &str,
        place: &'static str,
        array: Box<dyn Array>,
    ) -> Result<Self, IoError> {
        let table = RecordTable::open(tree, array, place)?;
        let columns = table.columns();
        Ok(Self {
            tree: tree.clone(),
            path: path.to_owned(),
            place,
            n_rows: table.n_rows(),
            n_skipped: table.n_skipped,
            columns,
            store: Store::Records(Box::new(table)),
        })
    }

    /// Opens a table whose group and attributes are known.
    pub(super) fn from_group(
        tree: &Arc<dyn Tree>,
        path: &str,
        place: &'static str,
        attributes: &Attributes,
    ) -> Result<Self, IoError> {
        let children = tree.children(path, place)?;
        let named = attributes.get("_index").and_then(|value| value.as_text()).map(str::to_owned);
        let index = named
            .or_else(|| ["_index", "index"].into_iter().find(|name| children.iter().any(|c| c == name)).map(Into::into))
            .ok_or(IoError::bad(place, "it has no index"))?;
        let mut frame = Self {
            tree: tree.clone(),
            path: path.to_owned(),
            place,
            n_rows: 0,
            store: Store::Group {
                index: index.clone(),
                legacy_categories: tree.children(&format!("{path}/__categories"), place)?,
            },
            columns: Vec::new(),
            n_skipped: 0,
        };
        frame.n_rows = frame.length_at(&format!("{path}/{index}"))?.ok_or(IoError::bad(place, "it has no index"))?;
        // `column-order` is the order people know; an empty table has it as an empty array of numbers.
        let ordered = attributes.get("column-order").and_then(|value| value.as_texts()).map(<[_]>::to_vec);
        let names = ordered.unwrap_or(children);
        for name in names.into_iter().filter(|name| *name != index && name != "__categories") {
            match frame.describe(&name) {
                Ok(Some(info)) => frame.columns.push(info),
                // A column that cannot be read must not keep the others from being used.
                Ok(None) | Err(_) => frame.n_skipped += 1,
            }
        }
        Ok(frame)
    }

    /// The number of rows that what stands at `path` has.
    fn length_at(&self, path: &str) -> Result<Option<usize>, IoError> {
        match self.tree.node(path, self.place)? {
            Some(Node::Array(array)) => array.length().map(Some),
            Some(Node::Group(attributes)) => {
                let child = if encoding(&attributes) == "categorical" { "codes" } else { "values" };
                let array = self.tree.array(&format!("{path}/{child}"), self.place)?;
                array.map(|array| array.length()).transpose()
            }
            None => Ok(None),
        }
    }

    fn describe(&self, name: &str) -> Result<Option<ColumnInfo>, IoError> {
        let path = format!("{}/{name}", self.path);
        if self.length_at(&path)? != Some(self.n_rows) {
            return Ok(None);
        }
        let info = |kind, levels| Some(ColumnInfo { name: name.to_owned(), kind, levels });
        Ok(match self.tree.node(&path, self.place)? {
            Some(Node::Array(array)) => match array.element() {
                Element::Number(_) if self.legacy_categories().iter().any(|c| c == name) => {
                    let levels = self.length_at(&format!("{}/__categories/{name}", self.path))?;
                    info(ColumnKind::Categorical, levels)
                }
                Element::Number(scalar) if scalar.is_bool => info(ColumnKind::Categorical, Some(2)),
                Element::Number(_) => info(ColumnKind::Numbers, None),
                Element::Text => info(ColumnKind::Text, None),
                Element::Record(_) | Element::Other => None,
            },
            Some(Node::Group(attributes)) => match encoding(&attributes) {
                "categorical" => info(ColumnKind::Categorical, self.length_at(&format!("{path}/categories"))?),
                "nullable-boolean" => info(ColumnKind::Categorical, Some(2)),
                "nullable-integer" | "nullable-float" => info(ColumnKind::Numbers, None),
                "nullable-string-array" => info(ColumnKind::Text, None),
                _ => None,
            },
            None => None,
        })
    }

    fn legacy_categories(&self) -> &[String] {
        match &self.store {
            Store::Group { legacy_categories, .. } => legacy_categories,
            Store::Records(_) => &[],
        }
    }

    fn read_group_column(&self, name: &str) -> Result<Column, IoError> {
        let path = format!("{}/{name}", self.path);
        let column = if self.legacy_categories().iter().any(|c| c == name) {
            let codes = self.array(&path)?;
            categorical(&*codes, &self.read_at(&format!("{}/__categories/{name}", self.path))?, self.place)?
        } else {
            self.read_at(&path)?
        };
        if column.len() != self.n_rows {
            return Err(IoError::bad(self.place, "a column and the index differ in length"));
        }
        Ok(column)
    }

    fn array(&self, path: &str) -> Result<Box<dyn Array>, IoError> {
        self.tree.array(path, self.place)?.ok_or(IoError::bad(self.place, "a part of a column is missing"))
    }

    /// Reads the array or the encoded group at `path`.
    fn read_at(&self, path: &str) -> Result<Column, IoError> {
        let attributes = match self.tree.node(path, self.place)? {
            Some(Node::Array(array)) => return plain(&*array, self.place),
            Some(Node::Group(attributes)) => attributes,
            None => return Err(IoError::bad(self.place, "a column is missing")),
        };
        if encoding(&attributes) == "categorical" {
            let categories = self.read_at(&format!("{path}/categories"))?;
            return categorical(&*self.array(&format!("{path}/codes"))?, &categories, self.place);
        }
        // The nullable types: values, and a mask that is true where they are missing.
        let mut column = plain(&*self.array(&format!("{path}/values"))?, self.place)?;
        let mask = match self.tree.array(&format!("{path}/mask"), self.place)? {
            Some(mask) => mask.i64_rows(0..mask.length()?)?,
            None => Vec::new(),
        };
        if mask.len() > column.len() {
            return Err(IoError::bad(self.place, "a column and its mask differ in length"));
        }
        for (row, _) in mask.iter().enumerate().filter(|(_, masked)| **masked != 0) {
            match &mut column {
                Column::Categorical { codes, .. } => codes[row] = -1,
                Column::Numbers(values) => values[row] = f64::NAN,
                Column::Text(values) => values[row].clear(),
            }
        }
        Ok(column)
    }
}

impl Table for Frame {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    fn index(&self) -> Result<Vec<String>, IoError> {
        let column = match &self.store {
            Store::Group { index, .. } => self.read_group_column(index)?,
            Store::Records(table) => table.index()?,
        };
        Ok(into_texts(column))
    }

    fn index_name(&self) -> &str {
        match &self.store {
            Store::Group { index, .. } => index,
            Store::Records(table) => table.index_name(),
        }
    }

    fn column(&self, name: &str) -> Result<Column, IoError> {
        if !self.columns.iter().any(|column| column.name == name) {
            return Err(IoError::NoSuchName);
        }
        match &self.store {
            Store::Group { .. } => self.read_group_column(name),
            Store::Records(table) => table.column(name),
        }
    }

    fn n_skipped(&self) -> usize {
        self.n_skipped
    }
}

fn encoding(attributes: &Attributes) -> &str {
    attributes.get("encoding-type").and_then(|value| value.as_text()).unwrap_or("")
}

/// An array of numbers, truth values or texts.
fn plain(array: &dyn Array, place: &'static str) -> Result<Column, IoError> {
    let length = array.length()?;
    match array.element() {
        Element::Number(scalar) if scalar.is_bool => {
            let codes = array.i64_rows(0..length)?.into_iter().map(|value| i32::from(value != 0)).collect();
            Ok(Column::Categorical { codes, categories: truth_values() })
        }
        Element::Number(_) => array.f64_rows(0..length).map(Column::Numbers),
        Element::Text => array.texts().map(Column::Text),
        Element::Record(_) | Element::Other => Err(IoError::bad(place, "a column has an unknown type")),
    }
}

fn categorical(codes: &dyn Array, categories: &Column, place: &'static str) -> Result<Column, IoError> {
    let codes = codes.i64_rows(0..codes.length()?)?;
    coded(codes.into_iter(), into_texts(categories.clone()), place)
}

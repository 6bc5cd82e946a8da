//! `obs` and `var`: tables of annotations, in every way AnnData has stored them.
//!
//! | AnnData | table | categories |
//! |---|---|---|
//! | ≥ 0.8 | group, one array or group a column | a group of `codes` and `categories` |
//! | 0.7 | group, one array a column | `__categories/NAME` |
//! | ≤ 0.6 | one compound array | `uns/NAME_categories` |

use std::sync::Arc;

use super::{
    IoError,
    array::{Array, Element},
    container::{Attributes, Container, Node},
    record::RecordTable,
};
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

/// A table whose columns are read when they are asked for.
pub(super) struct Frame {
    container: Arc<Container>,
    path: String,
    place: &'static str,
    n_rows: usize,
    store: Store,
    columns: Vec<ColumnInfo>,
    /// Columns left out because they could not be understood.
    pub(super) n_skipped: usize,
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
    pub(super) fn open(container: &Arc<Container>, path: &str, place: &'static str) -> Result<Option<Self>, IoError> {
        match container.node(path, place)? {
            None => Ok(None),
            Some(Node::Array(array)) => Self::from_records(container, path, place, array).map(Some),
            Some(Node::Group(attributes)) => Self::from_group(container, path, place, &attributes).map(Some),
        }
    }

    fn from_records(
        container: &Arc<Container>,
        path: &str,
        place: &'static str,
        array: Array,
    ) -> Result<Self, IoError> {
        let table = RecordTable::open(container, array, place)?;
        let columns = table.columns();
        Ok(Self {
            container: container.clone(),
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
        container: &Arc<Container>,
        path: &str,
        place: &'static str,
        attributes: &Attributes,
    ) -> Result<Self, IoError> {
        let children = container.children(path, place)?;
        let named = attributes.get("_index").and_then(|value| value.as_str()).map(str::to_owned);
        let index = named
            .or_else(|| ["_index", "index"].into_iter().find(|name| children.iter().any(|c| c == name)).map(Into::into))
            .ok_or(IoError::bad(place, "it has no index"))?;
        let mut frame = Self {
            container: container.clone(),
            path: path.to_owned(),
            place,
            n_rows: 0,
            store: Store::Group {
                index: index.clone(),
                legacy_categories: container.children(&format!("{path}/__categories"), place)?,
            },
            columns: Vec::new(),
            n_skipped: 0,
        };
        frame.n_rows = frame.length_at(&format!("{path}/{index}"))?.ok_or(IoError::bad(place, "it has no index"))?;
        // `column-order` is the order people know; an empty table has it as an empty array of numbers.
        let ordered = attributes.get("column-order").and_then(|value| value.as_strings()).map(<[_]>::to_vec);
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

    pub(super) fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(super) fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    /// The names of the rows.
    pub(super) fn index(&self) -> Result<Vec<String>, IoError> {
        let column = match &self.store {
            Store::Group { index, .. } => self.read_group_column(index)?,
            Store::Records(table) => table.index()?,
        };
        Ok(into_texts(column))
    }

    /// The name of the index column.
    pub(super) fn index_name(&self) -> &str {
        match &self.store {
            Store::Group { index, .. } => index,
            Store::Records(table) => table.index_name(),
        }
    }

    /// One column.
    pub(super) fn column(&self, name: &str) -> Result<Column, IoError> {
        if !self.columns.iter().any(|column| column.name == name) {
            return Err(IoError::NoSuchName);
        }
        match &self.store {
            Store::Group { .. } => self.read_group_column(name),
            Store::Records(table) => table.column(name),
        }
    }

    /// One column as text, whatever it holds; missing values are "".
    pub(super) fn column_as_texts(&self, name: &str) -> Result<Vec<String>, IoError> {
        self.column(name).map(into_texts)
    }

    /// The number of rows that what stands at `path` has.
    fn length_at(&self, path: &str) -> Result<Option<usize>, IoError> {
        match self.container.node(path, self.place)? {
            Some(Node::Array(array)) => array.length().map(Some),
            Some(Node::Group(attributes)) => {
                let child = if encoding(&attributes) == "categorical" { "codes" } else { "values" };
                let array = self.container.array(&format!("{path}/{child}"), self.place)?;
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
        Ok(match self.container.node(&path, self.place)? {
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
            categorical(&codes, &self.read_at(&format!("{}/__categories/{name}", self.path))?, self.place)?
        } else {
            self.read_at(&path)?
        };
        if column.len() != self.n_rows {
            return Err(IoError::bad(self.place, "a column and the index differ in length"));
        }
        Ok(column)
    }

    fn array(&self, path: &str) -> Result<Array, IoError> {
        self.container.array(path, self.place)?.ok_or(IoError::bad(self.place, "a part of a column is missing"))
    }

    /// Reads the array or the encoded group at `path`.
    fn read_at(&self, path: &str) -> Result<Column, IoError> {
        let attributes = match self.container.node(path, self.place)? {
            Some(Node::Array(array)) => return plain(&array, self.place),
            Some(Node::Group(attributes)) => attributes,
            None => return Err(IoError::bad(self.place, "a column is missing")),
        };
        if encoding(&attributes) == "categorical" {
            let categories = self.read_at(&format!("{path}/categories"))?;
            return categorical(&self.array(&format!("{path}/codes"))?, &categories, self.place);
        }
        // The nullable types: values, and a mask that is true where they are missing.
        let mut column = plain(&self.array(&format!("{path}/values"))?, self.place)?;
        let mask = match self.container.array(&format!("{path}/mask"), self.place)? {
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

fn encoding(attributes: &Attributes) -> &str {
    attributes.get("encoding-type").and_then(|value| value.as_str()).unwrap_or("")
}

/// An array of numbers, truth values or texts.
fn plain(array: &Array, place: &'static str) -> Result<Column, IoError> {
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

/// As pandas prints them.
pub(super) fn truth_values() -> Vec<String> {
    vec!["False".into(), "True".into()]
}

fn categorical(codes: &Array, categories: &Column, place: &'static str) -> Result<Column, IoError> {
    let codes = codes.i64_rows(0..codes.length()?)?;
    coded(codes.into_iter(), into_texts(categories.clone()), place)
}

/// A categorical column after checking every code.
pub(super) fn coded(
    codes: impl Iterator<Item = i64>,
    categories: Vec<String>,
    place: &'static str,
) -> Result<Column, IoError> {
    let codes = codes.map(|code| match code {
        -1 => Ok(-1),
        // By conversion, not by cast: in wasm a `usize` has 32 bits, and a cast would let 2³² pass as 0.
        _ if usize::try_from(code).is_ok_and(|code| code < categories.len()) => Ok(code as i32),
        _ => Err(IoError::bad(place, "a category code is outside its categories")),
    });
    Ok(Column::Categorical { codes: codes.collect::<Result<_, _>>()?, categories })
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

//! HDF5 groups in AnnData's encodings.
//!
//! The encodings are those of anndata's on-disk specification: every group and array says its `encoding-type` and
//! `encoding-version`, as `anndata.io.read_elem` requires.

use hdf5_pure::{AttrValue, DatasetBuilder, FinishedGroup, GroupBuilder};

use super::{
    Table, Uns,
    names::{Names, unique_categories},
};
use crate::{cells::Column, io::IoError};

/// Elements of a chunk, about.
const CHUNK: u64 = 1 << 17;
/// The longest edge of a chunk. hdf5-pure 0.47 encodes longer ones in four bytes, where HDF5 2.0 insists on three.
const MAX_EDGE: u64 = u16::MAX as u64;
/// Higher levels cost much time for little space on expression values.
const DEFLATE_LEVEL: u32 = 4;

/// A named group under construction.
pub(super) struct Group(GroupBuilder);

/// What can hold arrays and groups: the root, or a group.
impl Group {
    pub(super) fn new(name: &str, encoding: &str, version: &str) -> Self {
        // The builder's own constructor is private: one is had from a file builder that is thrown away.
        let mut group = hdf5_pure::FileBuilder::new().create_group(name);
        group.set_attr("encoding-type", text(encoding));
        group.set_attr("encoding-version", text(version));
        Self(group)
    }

    pub(super) fn dict(name: &str) -> Self {
        Self::new(name, "dict", "0.1.0")
    }

    pub(super) fn attribute(&mut self, name: &str, value: AttrValue) {
        self.0.set_attr(name, value);
    }

    pub(super) fn add(&mut self, group: Group) {
        self.0.add_group(group.finish());
    }

    pub(super) fn finish(self) -> FinishedGroup {
        self.0.finish()
    }

    /// An array whose data the caller puts in.
    pub(super) fn array(&mut self, name: &str) -> &mut DatasetBuilder {
        encoded(self.0.create_dataset(name), "array", "0.2.0")
    }

    /// A bare array, as the parts of a sparse matrix are.
    pub(super) fn part(&mut self, name: &str) -> &mut DatasetBuilder {
        self.0.create_dataset(name)
    }

    pub(super) fn texts(&mut self, name: &str, values: &[String]) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        encoded(self.0.create_dataset(name).with_vlen_strings(&values), "string-array", "0.2.0");
    }

    pub(super) fn numbers(&mut self, name: &str, values: &[f64]) {
        compressed(self.array(name).with_f64_data(values), &[values.len() as u64]);
    }

    /// An entry of `uns`.
    pub(super) fn uns(&mut self, name: &str, value: &Uns) -> Result<(), IoError> {
        match value {
            Uns::Text(value) => {
                let dataset = self.0.create_dataset(name).with_vlen_strings(&[value.as_str()]).with_shape(&[]);
                encoded(dataset, "string", "0.2.0");
            }
            Uns::Integer(value) => {
                let dataset = self.0.create_dataset(name).with_i64_data(&[*value]).with_shape(&[]);
                encoded(dataset, "numeric-scalar", "0.2.0");
            }
            Uns::Number(value) => {
                let dataset = self.0.create_dataset(name).with_f64_data(&[*value]).with_shape(&[]);
                encoded(dataset, "numeric-scalar", "0.2.0");
            }
            Uns::Texts(values) => self.texts(name, values),
            Uns::Numbers(values) => self.numbers(name, values),
            Uns::Matrix { n_cols, values } => {
                if *n_cols == 0 || !values.len().is_multiple_of(*n_cols) {
                    return Err(IoError::WriteFailed("a matrix in uns does not fill whole rows".into()));
                }
                let shape = [(values.len() / n_cols) as u64, *n_cols as u64];
                compressed(self.array(name).with_f64_data(values), &shape);
            }
            Uns::Table(value) => self.add(table(name, value)?),
            Uns::Nested(entries) => self.add(dict(name, entries)?),
        }
        Ok(())
    }

    fn column(&mut self, name: &str, column: &Column) -> Result<(), IoError> {
        match column {
            Column::Numbers(values) => self.numbers(name, values),
            Column::Text(values) => self.texts(name, values),
            Column::Categorical { codes, categories } => {
                let (codes, categories) = unique_categories(codes, categories)
                    .ok_or(IoError::WriteFailed("a category code is outside its categories".into()))?;
                let mut group = Group::new(name, "categorical", "0.2.0");
                group.attribute("ordered", AttrValue::U8(0));
                let shape = [codes.len() as u64];
                // The smallest integer that holds the codes, as pandas does.
                let array = group.array("codes");
                compressed(
                    match categories.len() {
                        0..=127 => array.with_i8_data(&codes.iter().map(|code| *code as i8).collect::<Vec<_>>()),
                        128..=32_767 => array.with_i16_data(&codes.iter().map(|code| *code as i16).collect::<Vec<_>>()),
                        _ => array.with_i32_data(&codes),
                    },
                    &shape,
                );
                group.texts("categories", &categories);
                self.add(group);
            }
        }
        Ok(())
    }
}

/// `uns`, or a part of it.
pub(super) fn dict(name: &str, entries: &[(String, Uns)]) -> Result<Group, IoError> {
    let mut group = Group::dict(name);
    let mut names = Names::default();
    for (name, value) in entries {
        group.uns(&names.unique(name), value)?;
    }
    Ok(group)
}

/// `obs`, `var`, or a table in `uns`.
pub(super) fn table(name: &str, table: &Table) -> Result<Group, IoError> {
    let mut group = Group::new(name, "dataframe", "0.2.0");
    group.attribute("_index", text("_index"));
    group.texts("_index", &table.index);
    let mut names = Names::reserving(&["_index"]);
    let mut order = Vec::with_capacity(table.columns.len());
    for (name, column) in &table.columns {
        if column.len() != table.index.len() {
            return Err(IoError::WriteFailed("a column and its index differ in length".into()));
        }
        order.push(names.unique(name));
        group.column(&order[order.len() - 1], column)?;
    }
    // An empty array of text has no element to take its type from: anndata writes numbers there, and so do we.
    let order = if order.is_empty() { AttrValue::F64Array(Vec::new()) } else { AttrValue::VarLenStringArray(order) };
    group.attribute("column-order", order);
    Ok(group)
}

pub(super) fn text(value: &str) -> AttrValue {
    AttrValue::VarLenString(value.to_owned())
}

fn encoded<'a>(dataset: &'a mut DatasetBuilder, encoding: &str, version: &str) -> &'a mut DatasetBuilder {
    dataset.set_attr("encoding-type", text(encoding)).set_attr("encoding-version", text(version))
}

/// Chunks and deflates an array of this shape; short ones are stored as they are.
pub(super) fn compressed(dataset: &mut DatasetBuilder, shape: &[u64]) {
    dataset.with_shape(shape);
    let width: u64 = shape[1..].iter().product();
    if shape[0].saturating_mul(width) < 256 {
        return;
    }
    let rows = (CHUNK / width.max(1)).clamp(1, shape[0]);
    let edges = std::iter::once(rows).chain(shape[1..].iter().copied());
    let chunk: Vec<u64> = edges.map(|edge| edge.min(MAX_EDGE)).collect();
    dataset.with_chunks(&chunk).with_shuffle().with_deflate(DEFLATE_LEVEL);
}

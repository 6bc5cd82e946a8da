//! Tables stored as one compound array, as AnnData did up to version 0.6.

use std::sync::Arc;

use hdf5_pure::{Datatype, StringPadding};

use super::{
    super::{
        IoError,
        scalar::Scalar,
        table::{ColumnInfo, ColumnKind},
        tree::{Array, Element, Tree},
    },
    categorical::{coded, truth_values},
};
use crate::cells::Column;

/// A compound array; each member is a column, the first text column or the one named `index` names the rows.
pub(super) struct RecordTable {
    array: Box<dyn Array>,
    tree: Arc<dyn Tree>,
    place: &'static str,
    n_rows: usize,
    index: Field,
    fields: Vec<(Field, ColumnInfo)>,
    pub(super) n_skipped: usize,
}

struct Field {
    name: String,
    offset: usize,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Number(Scalar),
    /// Fixed width in bytes.
    Text(usize, StringPadding),
    /// One row of numbers, as in a compound `obsm`.
    Row(Scalar, usize),
}

impl RecordTable {
    pub(super) fn open(tree: &Arc<dyn Tree>, array: Box<dyn Array>, place: &'static str) -> Result<Self, IoError> {
        let n_rows = array.length()?;
        let Element::Record(Datatype::Compound { members, .. }) = array.element() else {
            return Err(IoError::bad(place, "it is neither a group nor a table"));
        };
        let n_members = members.len();
        let mut fields: Vec<Field> = members
            .iter()
            .filter_map(|member| {
                let value = Value::of(&member.datatype)?;
                Some(Field { name: member.name.clone(), offset: usize::try_from(member.byte_offset).ok()?, value })
            })
            .collect();
        let n_skipped = n_members - fields.len();
        let is_text = |field: &Field| matches!(field.value, Value::Text(..));
        let index = fields
            .iter()
            .position(|field| (field.name == "index" || field.name == "_index") && is_text(field))
            .or_else(|| fields.iter().position(is_text))
            .ok_or(IoError::bad(place, "it has no index"))?;
        let index = fields.remove(index);
        let mut table = Self { array, tree: tree.clone(), place, n_rows, index, fields: Vec::new(), n_skipped };
        for field in fields {
            let kind = match &field.value {
                Value::Text(..) => (ColumnKind::Text, None),
                Value::Number(scalar) if scalar.is_bool => (ColumnKind::Categorical, Some(2)),
                Value::Number(_) => match table.categories(&field.name)? {
                    Some(categories) => (ColumnKind::Categorical, Some(categories.length()?)),
                    None => (ColumnKind::Numbers, None),
                },
                Value::Row(..) => {
                    table.n_skipped += 1;
                    continue;
                }
            };
            let info = ColumnInfo { name: field.name.clone(), kind: kind.0, levels: kind.1 };
            table.fields.push((field, info));
        }
        Ok(table)
    }

    pub(super) fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(super) fn columns(&self) -> Vec<ColumnInfo> {
        self.fields.iter().map(|(_, info)| info.clone()).collect()
    }

    pub(super) fn index_name(&self) -> &str {
        &self.index.name
    }

    pub(super) fn index(&self) -> Result<Column, IoError> {
        self.read(&self.index)
    }

    pub(super) fn column(&self, name: &str) -> Result<Column, IoError> {
        let (field, _) = self.fields.iter().find(|(field, _)| field.name == name).ok_or(IoError::NoSuchName)?;
        let column = self.read(field)?;
        match (&column, self.categories(name)?) {
            (Column::Numbers(codes), Some(categories)) => {
                coded(codes.iter().map(|code| *code as i64), categories.texts()?, self.place)
            }
            _ => Ok(column),
        }
    }

    /// The names of a column's categories: `uns/NAME_categories`.
    fn categories(&self, name: &str) -> Result<Option<Box<dyn Array>>, IoError> {
        let array = self.tree.array(&format!("uns/{name}_categories"), self.place)?;
        Ok(array.filter(|array| *array.element() == Element::Text))
    }

    fn read(&self, field: &Field) -> Result<Column, IoError> {
        let (bytes, size) = self.array.records()?;
        let records = bytes.chunks_exact(size).map(|record| record.get(field.offset..).unwrap_or_default());
        Ok(match &field.value {
            Value::Number(scalar) if scalar.is_bool => Column::Categorical {
                codes: records.map(|record| i32::from(scalar.decode(record) != 0.0)).collect(),
                categories: truth_values(),
            },
            Value::Number(scalar) | Value::Row(scalar, _) => {
                Column::Numbers(records.map(|record| scalar.decode(record)).collect())
            }
            Value::Text(width, padding) => {
                Column::Text(records.map(|record| text(record.get(..*width).unwrap_or_default(), padding)).collect())
            }
        })
    }
}

/// The rows of the member `name` of a compound array: its first two numbers, as coordinates are stored in old `obsm`.
pub(super) fn pairs(array: &dyn Array, name: &str, place: &'static str) -> Result<Option<Vec<[f64; 2]>>, IoError> {
    let Element::Record(Datatype::Compound { members, .. }) = array.element() else { return Ok(None) };
    let Some(member) = members.iter().find(|member| member.name == name) else { return Ok(None) };
    let Some(Value::Row(scalar, width)) = Value::of(&member.datatype) else { return Ok(None) };
    if width < 2 {
        return Ok(None);
    }
    let offset = usize::try_from(member.byte_offset).map_err(|_| IoError::bad(place, "a record is too long"))?;
    let (bytes, size) = array.records()?;
    let number = |record: &[u8], at: usize| scalar.decode(record.get(offset + at..).unwrap_or_default());
    Ok(Some(bytes.chunks_exact(size).map(|record| [number(record, 0), number(record, scalar.bytes())]).collect()))
}

impl Value {
    fn of(datatype: &Datatype) -> Option<Self> {
        match datatype {
            Datatype::String { size, padding, .. } => Some(Self::Text(*size as usize, padding.clone())),
            Datatype::Array { base_type, dimensions } => match dimensions[..] {
                [width] => Some(Self::Row(Scalar::of(base_type)?, width as usize)),
                _ => None,
            },
            other => Scalar::of(other).map(Self::Number),
        }
    }
}

fn text(bytes: &[u8], padding: &StringPadding) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(&bytes[..end]);
    match padding {
        StringPadding::SpacePad => text.trim_end_matches(' ').to_owned(),
        _ => text.into_owned(),
    }
}

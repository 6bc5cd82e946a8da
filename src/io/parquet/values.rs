//! The values of a column while it is read, within a limit of memory.

use super::{
    super::IoError,
    PLACE,
    metadata::{Leaf, Meaning, Physical},
};
use crate::cells::Column;

/// What the values of one column may take.
const MAX_COLUMN_BYTES: usize = 256 << 20;
/// Beyond this, whole numbers are no longer exact as `f64`.
const MAX_EXACT: u64 = 1 << 53;

/// Values of one column, missing ones with a place of their own.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Truth values and whole numbers; unsigned ones beyond `i64` by their bits.
    Ints { values: Vec<i64>, missing: Vec<usize> },
    /// Missing values are NaN.
    Floats(Vec<f64>),
    /// Missing values are empty.
    Bytes(Bytes),
}

/// Texts or other bytes, one after the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::io) struct Bytes {
    data: Vec<u8>,
    /// Where each ends in `data`.
    ends: Vec<usize>,
}

impl Bytes {
    /// Appends one entry: `head` and `tail` together.
    pub(super) fn push(&mut self, head: &[u8], tail: &[u8]) -> Result<(), IoError> {
        if self.data.len() + head.len() + tail.len() + 8 * self.ends.len() > MAX_COLUMN_BYTES {
            return Err(too_large());
        }
        self.data.extend_from_slice(head);
        self.data.extend_from_slice(tail);
        self.ends.push(self.data.len());
        Ok(())
    }

    fn get(&self, at: usize) -> Option<&[u8]> {
        let start = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        self.data.get(start..*self.ends.get(at)?)
    }

    /// The entries in order.
    pub(in crate::io) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).map(|at| self.get(at).unwrap_or_default())
    }
}

fn too_large() -> IoError {
    IoError::large(PLACE, "a column exceeds 256 MiB")
}

fn damaged() -> IoError {
    IoError::bad(PLACE, "a column mixes types or points outside its dictionary")
}

impl Values {
    pub(super) fn new(leaf: &Leaf) -> Self {
        match leaf.physical {
            Physical::Boolean | Physical::Int32 | Physical::Int64 => {
                Self::Ints { values: Vec::new(), missing: Vec::new() }
            }
            Physical::Float | Physical::Double | Physical::Fixed(_) => Self::Floats(Vec::new()),
            Physical::Bytes => Self::Bytes(Bytes::default()),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ints { values, .. } => values.len(),
            Self::Floats(values) => values.len(),
            Self::Bytes(bytes) => bytes.ends.len(),
        }
    }

    pub(super) fn extend_ints(&mut self, more: impl Iterator<Item = i64>) -> Result<(), IoError> {
        let Self::Ints { values, .. } = self else { return Err(damaged()) };
        extend(values, more)
    }

    pub(super) fn extend_floats(&mut self, more: impl Iterator<Item = f64>) -> Result<(), IoError> {
        let Self::Floats(values) = self else { return Err(damaged()) };
        extend(values, more)
    }

    pub(super) fn extend_bytes(
        &mut self,
        write: impl FnOnce(&mut Bytes) -> Result<(), IoError>,
    ) -> Result<(), IoError> {
        let Self::Bytes(bytes) = self else { return Err(damaged()) };
        write(bytes)
    }

    /// Appends the entries of a dictionary that `indices` name.
    pub(super) fn gather(&mut self, dictionary: &Self, indices: &[u32]) -> Result<(), IoError> {
        let n = dictionary.len();
        if indices.iter().any(|index| *index as usize >= n) {
            return Err(damaged());
        }
        let indices = indices.iter().map(|index| *index as usize);
        match (self, dictionary) {
            (Self::Ints { values, .. }, Self::Ints { values: from, .. }) => extend(values, indices.map(|i| from[i])),
            (Self::Floats(values), Self::Floats(from)) => extend(values, indices.map(|i| from[i])),
            (Self::Bytes(bytes), Self::Bytes(from)) => {
                for index in indices {
                    bytes.push(&[], from.get(index).unwrap_or_default())?;
                }
                Ok(())
            }
            _ => Err(damaged()),
        }
    }

    /// Appends the values of `some` where `present` is 1, and missing values elsewhere.
    pub(super) fn spread(&mut self, some: &Self, present: &[u32]) -> Result<(), IoError> {
        let mut next = 0;
        let mut place = |level: &u32| (*level == 1).then(|| (next, next += 1).0);
        match (self, some) {
            (Self::Ints { values, missing }, Self::Ints { values: from, .. }) => {
                for level in present {
                    let value = place(level).and_then(|at| from.get(at));
                    if value.is_none() {
                        missing.push(values.len());
                    }
                    extend(values, std::iter::once(value.copied().unwrap_or(0)))?;
                }
            }
            (Self::Floats(values), Self::Floats(from)) => extend(
                values,
                present.iter().map(|l| place(l).and_then(|at| from.get(at)).copied().unwrap_or(f64::NAN)),
            )?,
            (Self::Bytes(bytes), Self::Bytes(from)) => {
                for level in present {
                    bytes.push(&[], place(level).and_then(|at| from.get(at)).unwrap_or_default())?;
                }
            }
            _ => return Err(damaged()),
        }
        Ok(())
    }

    /// The column as the rest of resitu knows it. Whole numbers that `f64` would round become text: they are names.
    pub(super) fn into_column(self, meaning: Meaning) -> Result<Column, IoError> {
        Ok(match self {
            Self::Ints { values, missing } if meaning == Meaning::Truth => {
                let mut codes: Vec<i32> = values.into_iter().map(|value| i32::from(value != 0)).collect();
                missing.into_iter().for_each(|row| codes[row] = -1);
                Column::Categorical { codes, categories: vec!["False".into(), "True".into()] }
            }
            Self::Ints { values, missing } => {
                let unsigned = meaning == Meaning::Unsigned;
                let magnitude = |value: &i64| if unsigned { *value as u64 } else { value.unsigned_abs() };
                if values.iter().any(|value| magnitude(value) > MAX_EXACT) {
                    let text = |value: i64| if unsigned { (value as u64).to_string() } else { value.to_string() };
                    let mut texts: Vec<String> = values.into_iter().map(text).collect();
                    missing.into_iter().for_each(|row| texts[row].clear());
                    return Ok(Column::Text(texts));
                }
                let mut numbers: Vec<f64> = values.into_iter().map(|value| value as f64).collect();
                missing.into_iter().for_each(|row| numbers[row] = f64::NAN);
                Column::Numbers(numbers)
            }
            Self::Floats(values) => Column::Numbers(values),
            Self::Bytes(bytes) => {
                let texts = bytes.iter().map(|text| std::str::from_utf8(text).map(str::to_owned));
                let texts: Result<_, _> = texts.collect();
                Column::Text(texts.map_err(|_| IoError::bad(PLACE, "a column of text is not UTF-8"))?)
            }
        })
    }

    pub(super) fn into_bytes(self) -> Option<Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Appends within the limit.
fn extend<T>(values: &mut Vec<T>, more: impl Iterator<Item = T>) -> Result<(), IoError> {
    for value in more {
        if values.len() >= MAX_COLUMN_BYTES / 8 {
            return Err(too_large());
        }
        values.push(value);
    }
    Ok(())
}

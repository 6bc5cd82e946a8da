//! Groups, arrays and attributes: what HDF5 and Zarr have in common, so that AnnData is read from both by the same code.

use std::{collections::HashMap, ops::Range};

use hdf5_pure::Datatype;

use super::{IoError, scalar::Scalar};

/// The attributes of a group.
pub(super) type Attributes = HashMap<String, Attribute>;

/// One attribute, as far as any format here needs it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attribute {
    Text(String),
    Texts(Vec<String>),
    /// One whole number or several.
    Integers(Vec<i64>),
    Other,
}

impl Attribute {
    /// The text of a scalar, or of a list of one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Texts(texts) if texts.len() == 1 => texts.first().map(String::as_str),
            _ => None,
        }
    }

    pub(super) fn as_texts(&self) -> Option<&[String]> {
        match self {
            Self::Text(text) => Some(std::slice::from_ref(text)),
            Self::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    pub(super) fn as_integers(&self) -> Option<&[i64]> {
        match self {
            Self::Integers(values) => Some(values),
            _ => None,
        }
    }
}

/// What stands at a path.
pub(super) enum Node {
    Group(Attributes),
    Array(Box<dyn Array>),
}

/// A hierarchy of groups and arrays. Paths have no leading slash; "" is the root. `place` names the part in errors.
pub(super) trait Tree: Send + Sync {
    /// What stands at `path`, or `None` where nothing does.
    fn node(&self, path: &str, place: &'static str) -> Result<Option<Node>, IoError>;

    /// The array at `path`, ready for slice after slice, or `None` where there is none.
    fn array(&self, path: &str, place: &'static str) -> Result<Option<Box<dyn Array>>, IoError>;

    /// Names of the arrays and groups in the group at `path`, sorted; empty where there is no group.
    fn children(&self, path: &str, place: &'static str) -> Result<Vec<String>, IoError>;
}

/// What the elements of an array are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Element {
    Number(Scalar),
    Text,
    /// A compound type, as AnnData ≤ 0.6 stored its tables. HDF5 alone has it.
    Record(Datatype),
    Other,
}

/// An array in the file, read by slices of rows. Whoever implements it checks sizes before allocating.
pub(super) trait Array: Send + Sync {
    fn shape(&self) -> &[u64];

    fn element(&self) -> &Element;

    /// What the array is called in errors.
    fn place(&self) -> &'static str;

    /// Rows that are stored together: reading fewer of them at a time decodes the others as well.
    fn chunk_rows(&self) -> usize {
        1
    }

    /// Rows as `f32`, whatever number type they are stored in; row-major.
    fn f32_rows(&self, rows: Range<usize>) -> Result<Vec<f32>, IoError>;

    /// Rows as `f64`.
    fn f64_rows(&self, rows: Range<usize>) -> Result<Vec<f64>, IoError>;

    /// Rows of whole numbers. Unsigned values beyond `i64` come out negative, which every caller refuses.
    fn i64_rows(&self, rows: Range<usize>) -> Result<Vec<i64>, IoError>;

    /// Fills `out` with rows as `f32`, row-major, whatever number type they are stored in.
    fn read_f32(&self, rows: Range<usize>, out: &mut [f32]) -> Result<(), IoError> {
        let values = self.f32_rows(rows)?;
        if values.len() != out.len() {
            return Err(IoError::bad(self.place(), "it holds fewer values than it says"));
        }
        out.copy_from_slice(&values);
        Ok(())
    }

    /// Fills `out` with rows of whole numbers. A number that is no `u32` becomes `u32::MAX`, which is no index of
    /// anything.
    fn read_u32(&self, rows: Range<usize>, out: &mut [u32]) -> Result<(), IoError> {
        let values = self.i64_rows(rows)?;
        if values.len() != out.len() {
            return Err(IoError::bad(self.place(), "it holds fewer values than it says"));
        }
        for (out, value) in out.iter_mut().zip(values) {
            *out = u32::try_from(value).unwrap_or(u32::MAX);
        }
        Ok(())
    }

    /// All texts of a one-dimensional array of strings.
    fn texts(&self) -> Result<Vec<String>, IoError>;

    /// The text of a scalar; `None` for anything else.
    fn text(&self) -> Result<Option<String>, IoError>;

    /// All records of a one-dimensional compound array, one after the other, and the bytes of each.
    fn records(&self) -> Result<(Vec<u8>, usize), IoError> {
        Err(IoError::bad(self.place(), "it does not hold records"))
    }

    /// The one length of a one-dimensional array.
    fn length(&self) -> Result<usize, IoError> {
        match self.shape()[..] {
            [length] => usize::try_from(length).map_err(|_| IoError::large(self.place(), "too many values")),
            _ => Err(IoError::bad(self.place(), "it is not one-dimensional")),
        }
    }
}

//! The footer of a Parquet file: which columns there are, of what type, and where their pages lie.

use super::{
    super::IoError,
    PLACE,
    thrift::{Struct, Value, decode},
};

/// A column of plain values: not nested, not repeated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    pub(super) name: String,
    /// Where it stands among the columns of each row group.
    pub(super) position: usize,
    pub(super) physical: Physical,
    pub(super) meaning: Meaning,
    pub(super) is_optional: bool,
}

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Float,
    Double,
    Bytes,
    /// Of this many bytes each.
    Fixed(usize),
}

/// What values are to be taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Truth,
    Signed,
    Unsigned,
    Float,
    /// Stored as [`Physical::Fixed`] of two bytes.
    Half,
    Text,
    /// Bytes that are not said to be text.
    Binary,
}

/// Where the pages of a column lie in a row group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunk {
    pub(super) start: u64,
    pub(super) bytes: u64,
    pub(super) compression: i64,
    pub(super) n_values: u64,
}

/// The footer, as far as it is used.
pub(super) struct Footer {
    pub(super) n_rows: u64,
    pub(super) leaves: Vec<Leaf>,
    /// Rows and columns of each group; a column that is not understood is `None`.
    pub(super) groups: Vec<(u64, Vec<Option<Chunk>>)>,
    /// What pandas says about itself, as JSON.
    pub(super) pandas: Option<String>,
}

impl Footer {
    /// Decodes the footer of a file of `file_bytes` bytes. Every chunk is checked to lie in the file.
    pub(super) fn decode(bytes: &[u8], file_bytes: u64) -> Result<Self, IoError> {
        let damaged = IoError::bad(PLACE, "its footer does not decode");
        let (footer, _) = decode(bytes).ok_or(damaged.clone())?;
        let (leaves, n_leaves) = schema(footer.list(2)).ok_or(damaged.clone())?;
        let n_rows = footer.size(3).ok_or(damaged.clone())?;
        let mut groups = Vec::new();
        let mut counted = 0u64;
        for group in footer.list(4) {
            let group = group.as_struct().ok_or(damaged.clone())?;
            let rows = group.size(3).ok_or(damaged.clone())?;
            counted = counted.checked_add(rows).ok_or(damaged.clone())?;
            let chunks: Vec<_> = group.list(1).iter().map(|chunk| Chunk::of(chunk.as_struct(), file_bytes)).collect();
            if chunks.len() != n_leaves {
                return Err(IoError::bad(PLACE, "a row group lacks columns"));
            }
            groups.push((rows, chunks));
        }
        if counted != n_rows {
            return Err(IoError::bad(PLACE, "its row groups do not add up to its rows"));
        }
        let pandas = footer.list(5).iter().filter_map(Value::as_struct).find(|entry| entry.text(1) == Some("pandas"));
        let pandas = pandas.and_then(|entry| entry.text(2)).map(str::to_owned);
        Ok(Self { n_rows, leaves, groups, pandas })
    }
}

impl Chunk {
    fn of(chunk: Option<&Struct>, file_bytes: u64) -> Option<Self> {
        let chunk = chunk?;
        // A path: the column lies in another file.
        if chunk.text(1).is_some() {
            return None;
        }
        let data = chunk.child(3)?;
        let first_page = data.size(9)?;
        // Some writers give 0 for a dictionary that is not there.
        let start = data.size(11).filter(|dictionary| *dictionary > 0).map_or(first_page, |d| d.min(first_page));
        let bytes = data.size(7)?;
        let lies_inside = start.checked_add(bytes).is_some_and(|end| end <= file_bytes);
        lies_inside.then_some(Self { start, bytes, compression: data.int(4)?, n_values: data.size(5)? })
    }
}

/// The plain columns at the top, and the number of all columns.
fn schema(elements: &[Value]) -> Option<(Vec<Leaf>, usize)> {
    let mut elements = elements.iter().map(Value::as_struct);
    let n_top = elements.next()??.size(5)?;
    let (mut leaves, mut n_leaves) = (Vec::new(), 0);
    for _ in 0..n_top {
        let top = elements.next()??;
        let n_children = top.size(5).unwrap_or(0);
        if n_children > 0 {
            let mut left = n_children;
            while left > 0 {
                let children = elements.next()??.size(5).unwrap_or(0);
                n_leaves += usize::from(children == 0);
                left = (left - 1).checked_add(children)?;
            }
            continue;
        }
        leaves.extend(leaf(top, n_leaves));
        n_leaves += 1;
    }
    Some((leaves, n_leaves))
}

fn leaf(element: &Struct, position: usize) -> Option<Leaf> {
    let physical = match element.int(1)? {
        0 => Physical::Boolean,
        1 => Physical::Int32,
        2 => Physical::Int64,
        4 => Physical::Float,
        5 => Physical::Double,
        6 => Physical::Bytes,
        7 => Physical::Fixed(usize::try_from(element.int(2)?).ok().filter(|width| *width > 0)?),
        _ => return None,
    };
    let (converted, logical) = (element.int(6), element.child(10));
    let logical_id = logical.and_then(Struct::first_id);
    let is_decimal = converted == Some(5) || logical_id == Some(5);
    let is_text = matches!(converted, Some(0 | 4 | 19)) || matches!(logical_id, Some(1 | 4 | 12));
    let is_unsigned = matches!(converted, Some(11..=14))
        || logical.and_then(|logical| logical.child(10)).is_some_and(|integer| integer.bool(2) == Some(false));
    let meaning = match physical {
        _ if is_decimal => return None,
        Physical::Boolean => Meaning::Truth,
        Physical::Int32 | Physical::Int64 if is_unsigned => Meaning::Unsigned,
        Physical::Int32 | Physical::Int64 => Meaning::Signed,
        Physical::Float | Physical::Double => Meaning::Float,
        Physical::Bytes if is_text => Meaning::Text,
        Physical::Bytes => Meaning::Binary,
        Physical::Fixed(2) if logical_id == Some(15) => Meaning::Half,
        Physical::Fixed(_) => return None,
    };
    let is_optional = match element.int(3) {
        Some(0) => false,
        None | Some(1) => true,
        _ => return None,
    };
    Some(Leaf { name: element.text(4)?.to_owned(), position, physical, meaning, is_optional })
}

//! Codes and categories, as AnnData has stored them in each of its versions.

use super::super::IoError;
use crate::cells::Column;

/// As pandas prints them.
pub(super) fn truth_values() -> Vec<String> {
    vec!["False".into(), "True".into()]
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

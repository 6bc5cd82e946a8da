//! Where the cells are, if their annotations say so.

use super::{
    IoError,
    table::{ColumnKind, Table},
};
use crate::cells::Column;

/// Positions of the cells, in the order of the file, in the file's own units.
#[derive(Debug, Clone, PartialEq)]
pub struct Coordinates {
    /// Where they were found: `obsm/spatial`, `obs/x, obs/y`, …
    pub key: String,
    /// Positions that the file leaves out are NaN.
    pub xy: Vec<[f64; 2]>,
    /// The third dimension, if the file has one in which the cells differ.
    pub z: Option<Vec<f64>>,
}

/// Pairs of `obs` columns, the best first; the names that Xenium, MERSCOPE and CosMx exports use.
const OBS_KEYS: [(&str, &str); 6] = [
    ("x_um", "y_um"),
    ("x_centroid", "y_centroid"),
    ("center_x", "center_y"),
    ("CenterX_global_px", "CenterY_global_px"),
    ("x", "y"),
    ("X", "Y"),
];

/// The positions that two columns of the annotations hold.
pub(super) fn of_columns(obs: &dyn Table) -> Result<Option<Coordinates>, IoError> {
    let Some((x, y)) = column_pair(obs) else { return Ok(None) };
    let xy = zip(obs.column(x)?, obs.column(y)?);
    if xy.len() != obs.n_rows() {
        return Err(IoError::bad("the coordinates", "they are not numbers"));
    }
    Ok(Some(Coordinates { key: format!("obs/{x}, obs/{y}"), xy, z: None }))
}

/// The columns that hold positions, from the headers alone.
pub(super) fn column_pair(obs: &dyn Table) -> Option<(&'static str, &'static str)> {
    // Of columns that share a name, the first is the one that is read.
    let first = |name: &str| obs.columns().iter().find(|info| info.name == name);
    let has = |name: &str| first(name).is_some_and(|info| info.kind == ColumnKind::Numbers);
    OBS_KEYS.into_iter().find(|(x, y)| has(x) && has(y))
}

/// Whether a column of this name is half of a pair that holds positions, where the other half is there too.
pub(super) fn is_of_pair(name: &str, has: impl Fn(&str) -> bool) -> bool {
    OBS_KEYS.into_iter().any(|(x, y)| (name == x || name == y) && has(x) && has(y))
}

/// Two columns of numbers as pairs.
pub(super) fn zip(x: Column, y: Column) -> Vec<[f64; 2]> {
    match (x, y) {
        (Column::Numbers(x), Column::Numbers(y)) => x.into_iter().zip(y).map(|(x, y)| [x, y]).collect(),
        _ => Vec::new(),
    }
}

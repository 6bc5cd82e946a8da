//! Entries of `obsm` that are arrays of numbers.

use std::sync::Arc;

use super::super::{
    IoError,
    tree::{Array, Element, Node, Tree},
};

const PLACE: &str = "obsm";
/// Values read at once.
const PART: usize = 1 << 20;

/// The width and the values of `obsm/name`; `None` where there is no array of numbers with a row a cell.
pub(super) fn read(tree: &Arc<dyn Tree>, name: &str, n_cells: usize) -> Result<Option<(usize, Vec<f32>)>, IoError> {
    let Some((width, array)) = open(tree, name, n_cells)? else { return Ok(None) };
    let too_large = |_| IoError::TooLarge { place: PLACE, problem: "an entry does not fit the memory" };
    let total = n_cells.checked_mul(width).ok_or(IoError::bad(PLACE, "an entry is too wide"))?;
    let mut values = Vec::new();
    let step = (PART / width).max(1);
    for start in (0..n_cells).step_by(step) {
        // Memory follows what is really in the file, not what a header says.
        let part = array.f32_rows(start..n_cells.min(start + step))?;
        values.try_reserve(if start == 0 { total } else { part.len() }).map_err(too_large)?;
        values.extend(part);
    }
    Ok(Some((width, values)))
}

/// Width and values of an entry.
type Found = (usize, Box<dyn Array>);

/// The width, and what the values are read from.
pub(super) fn open(tree: &Arc<dyn Tree>, name: &str, n_cells: usize) -> Result<Option<Found>, IoError> {
    let Some(Node::Array(array)) = tree.node(&format!("obsm/{name}"), PLACE)? else { return Ok(None) };
    let &[rows, width] = array.shape() else { return Ok(None) };
    if rows != n_cells as u64 || width == 0 || !matches!(array.element(), Element::Number(_)) {
        return Ok(None);
    }
    let width = usize::try_from(width).map_err(|_| IoError::bad(PLACE, "an entry is too wide"))?;
    Ok(Some((width, array)))
}

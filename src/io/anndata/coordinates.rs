//! Where the cells of an AnnData file are, if it says so.

use std::sync::Arc;

use super::{
    super::{
        IoError,
        coordinates::{Coordinates, column_pair, of_columns, zip},
        table::{ColumnKind, Table},
        tree::{Array, Element, Node, Tree},
    },
    frame::Frame,
    record,
};

const PLACE: &str = "the coordinates";

/// Keys of `obsm`, the best first: micrometres, then scanpy's and squidpy's name, then cellxgene's.
const OBSM_KEYS: [&str; 3] = ["spatial_um", "spatial", "X_spatial"];

/// The name of the coordinates that [`read`] would give, from the headers alone.
pub(super) fn key(tree: &Arc<dyn Tree>, obs: &Frame) -> Result<Option<String>, IoError> {
    for key in OBSM_KEYS {
        if stored(tree, key, obs.n_rows())?.is_some() {
            return Ok(Some(format!("obsm/{key}")));
        }
    }
    Ok(column_pair(obs).map(|(x, y)| format!("obs/{x}, obs/{y}")))
}

/// Reads the coordinates, two numbers a cell; a third dimension is left out.
pub(super) fn read(tree: &Arc<dyn Tree>, obs: &Frame) -> Result<Option<Coordinates>, IoError> {
    for key in OBSM_KEYS {
        let xy = match stored(tree, key, obs.n_rows())? {
            Some(Stored::Array(array)) => {
                let width = array.shape()[1] as usize;
                array.f64_rows(0..obs.n_rows())?.chunks_exact(width).map(|row| [row[0], row[1]]).collect()
            }
            Some(Stored::Frame(frame, x, y)) => zip(frame.column(&x)?, frame.column(&y)?),
            Some(Stored::Records(pairs)) => pairs,
            None => continue,
        };
        return Ok(Some(Coordinates { key: format!("obsm/{key}"), xy }));
    }
    of_columns(obs)
}

enum Stored {
    Array(Box<dyn Array>),
    /// A table in `obsm`, and the names of its first two columns of numbers.
    Frame(Box<Frame>, String, String),
    Records(Vec<[f64; 2]>),
}

/// What `obsm` holds under `key`, if it can be coordinates of `n_cells` cells.
fn stored(tree: &Arc<dyn Tree>, key: &str, n_cells: usize) -> Result<Option<Stored>, IoError> {
    let path = format!("obsm/{key}");
    match tree.node("obsm", PLACE)? {
        Some(Node::Array(old)) => {
            let pairs = record::pairs(&*old, key, PLACE)?;
            return Ok(pairs.filter(|pairs| pairs.len() == n_cells).map(Stored::Records));
        }
        Some(Node::Group(_)) => {}
        None => return Ok(None),
    }
    match tree.node(&path, PLACE)? {
        Some(Node::Array(array)) => {
            let fits = matches!(array.shape()[..], [rows, width] if rows == n_cells as u64 && width >= 2);
            Ok((fits && matches!(array.element(), Element::Number(_))).then_some(Stored::Array(array)))
        }
        Some(Node::Group(attributes)) => {
            let frame = Frame::from_group(tree, &path, PLACE, &attributes)?;
            let mut numbers = frame.columns().iter().filter(|c| c.kind == ColumnKind::Numbers).map(|c| c.name.clone());
            let (Some(x), Some(y)) = (numbers.next(), numbers.next()) else { return Ok(None) };
            drop(numbers);
            Ok((frame.n_rows() == n_cells).then(|| Stored::Frame(Box::new(frame), x, y)))
        }
        None => Ok(None),
    }
}

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

/// A sentence about a third dimension, or about something that is called positions and cannot be used as such; from the
/// headers alone.
pub(super) fn note(tree: &Arc<dyn Tree>, obs: &Frame) -> Result<Option<String>, IoError> {
    let mut unusable = None;
    for key in OBSM_KEYS {
        match stored(tree, key, obs.n_rows())? {
            Some(stored) => {
                let is_deep = matches!(&stored, Stored::Array(array) if array.shape()[1] > 2);
                let note = format!("obsm/{key} has more than two dimensions: the first two are the plane.");
                return Ok(is_deep.then_some(note));
            }
            None if tree.node(&format!("obsm/{key}"), PLACE)?.is_some() => unusable = unusable.or(Some(key)),
            None => {}
        }
    }
    let unusable = unusable.filter(|_| column_pair(obs).is_none());
    Ok(unusable.map(|key| {
        format!("obsm/{key} is not taken as positions: it has not two dense columns of numbers, a row a cell.")
    }))
}

/// Reads the coordinates; a third dimension is kept if the cells differ in it.
pub(super) fn read(tree: &Arc<dyn Tree>, obs: &Frame) -> Result<Option<Coordinates>, IoError> {
    for key in OBSM_KEYS {
        let mut z = None;
        let xy = match stored(tree, key, obs.n_rows())? {
            Some(Stored::Array(array)) => {
                let width = array.shape()[1] as usize;
                let values = array.f64_rows(0..obs.n_rows())?;
                z = third(&values, width);
                values.chunks_exact(width).map(|row| [row[0], row[1]]).collect()
            }
            Some(Stored::Frame(frame, x, y)) => zip(frame.column(&x)?, frame.column(&y)?),
            Some(Stored::Records(pairs)) => pairs,
            None => continue,
        };
        return Ok(Some(Coordinates { key: format!("obsm/{key}"), xy, z }));
    }
    of_columns(obs)
}

/// The third of each row of numbers, if two of them differ.
fn third(values: &[f64], width: usize) -> Option<Vec<f64>> {
    let z: Vec<f64> = values.chunks_exact(width).filter_map(|row| row.get(2).copied()).collect();
    let mut finite = z.iter().filter(|z| z.is_finite());
    let first = finite.next()?;
    finite.any(|other| other != first).then_some(z)
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
            // A sparse matrix, for instance: no table, and no reason to refuse the file.
            if tree.node(&format!("{path}/indptr"), PLACE)?.is_some() {
                return Ok(None);
            }
            let frame = Frame::from_group(tree, &path, PLACE, &attributes)?;
            let mut numbers = frame.columns().iter().filter(|c| c.kind == ColumnKind::Numbers).map(|c| c.name.clone());
            let (Some(x), Some(y)) = (numbers.next(), numbers.next()) else { return Ok(None) };
            drop(numbers);
            Ok((frame.n_rows() == n_cells).then(|| Stored::Frame(Box::new(frame), x, y)))
        }
        None => Ok(None),
    }
}

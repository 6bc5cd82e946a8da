//! Where the cells are, if the file says so.

use std::sync::Arc;

use super::{
    IoError,
    array::{Array, Element},
    container::{Container, Node},
    frame::{ColumnKind, Frame},
    record,
};
use crate::cells::Column;

/// Positions of the cells, in the order of the file, in the file's own units.
#[derive(Debug, Clone, PartialEq)]
pub struct Coordinates {
    /// Where they were found: `obsm/spatial`, `obs/x, obs/y`, …
    pub key: String,
    /// Positions that the file leaves out are NaN.
    pub xy: Vec<[f64; 2]>,
}

const PLACE: &str = "the coordinates";

/// Keys of `obsm`, the best first: micrometres, then scanpy's and squidpy's name, then cellxgene's.
const OBSM_KEYS: [&str; 3] = ["spatial_um", "spatial", "X_spatial"];

/// Pairs of `obs` columns, the best first; the names that Xenium, MERSCOPE and CosMx exports use.
const OBS_KEYS: [(&str, &str); 6] = [
    ("x_um", "y_um"),
    ("x_centroid", "y_centroid"),
    ("center_x", "center_y"),
    ("CenterX_global_px", "CenterY_global_px"),
    ("x", "y"),
    ("X", "Y"),
];

/// The name of the coordinates that [`read`] would give, from the headers alone.
pub(super) fn key(container: &Arc<Container>, obs: &Frame) -> Result<Option<String>, IoError> {
    for key in OBSM_KEYS {
        if stored(container, key, obs.n_rows())?.is_some() {
            return Ok(Some(format!("obsm/{key}")));
        }
    }
    Ok(column_pair(obs).map(|(x, y)| format!("obs/{x}, obs/{y}")))
}

/// Reads the coordinates, two numbers a cell; a third dimension is left out.
pub(super) fn read(container: &Arc<Container>, obs: &Frame) -> Result<Option<Coordinates>, IoError> {
    for key in OBSM_KEYS {
        let xy = match stored(container, key, obs.n_rows())? {
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
    let Some((x, y)) = column_pair(obs) else { return Ok(None) };
    let xy = zip(obs.column(x)?, obs.column(y)?);
    Ok(Some(Coordinates { key: format!("obs/{x}, obs/{y}"), xy }))
}

enum Stored {
    Array(Array),
    /// A table in `obsm`, and the names of its first two columns of numbers.
    Frame(Box<Frame>, String, String),
    Records(Vec<[f64; 2]>),
}

/// What `obsm` holds under `key`, if it can be coordinates of `n_cells` cells.
fn stored(container: &Arc<Container>, key: &str, n_cells: usize) -> Result<Option<Stored>, IoError> {
    let path = format!("obsm/{key}");
    match container.node("obsm", PLACE)? {
        Some(Node::Array(old)) => {
            let pairs = record::pairs(&old, key, PLACE)?;
            return Ok(pairs.filter(|pairs| pairs.len() == n_cells).map(Stored::Records));
        }
        Some(Node::Group(_)) => {}
        None => return Ok(None),
    }
    match container.node(&path, PLACE)? {
        Some(Node::Array(array)) => {
            let fits = matches!(array.shape()[..], [rows, width] if rows == n_cells as u64 && width >= 2);
            Ok((fits && matches!(array.element(), Element::Number(_))).then_some(Stored::Array(array)))
        }
        Some(Node::Group(attributes)) => {
            let frame = Frame::from_group(container, &path, PLACE, &attributes)?;
            let mut numbers = frame.columns().iter().filter(|c| c.kind == ColumnKind::Numbers).map(|c| c.name.clone());
            let (Some(x), Some(y)) = (numbers.next(), numbers.next()) else { return Ok(None) };
            drop(numbers);
            Ok((frame.n_rows() == n_cells).then(|| Stored::Frame(Box::new(frame), x, y)))
        }
        None => Ok(None),
    }
}

fn column_pair(obs: &Frame) -> Option<(&'static str, &'static str)> {
    let has = |name: &str| obs.columns().iter().any(|c| c.name == name && c.kind == ColumnKind::Numbers);
    OBS_KEYS.into_iter().find(|(x, y)| has(x) && has(y))
}

fn zip(x: Column, y: Column) -> Vec<[f64; 2]> {
    match (x, y) {
        (Column::Numbers(x), Column::Numbers(y)) => x.into_iter().zip(y).map(|(x, y)| [x, y]).collect(),
        _ => Vec::new(),
    }
}

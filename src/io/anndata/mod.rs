//! AnnData, in HDF5 or in Zarr: the same tree of groups and arrays.

mod aligned;
mod carried;
mod categorical;
mod coordinates;
mod embedding;
mod frame;
mod record;

use std::{ops::Range, sync::Arc};

use super::{
    Coordinates, IoError,
    carried::{Aligned, Carried},
    matrix::{Banded, Compressed, Dense},
    reader::Reader,
    rows::Rows,
    table::Table,
    tree::{Node, Tree},
};
use frame::Frame;

/// Layers beyond these are not looked at.
const MAX_LAYERS: usize = 32;

/// An annotated matrix with layers and `raw`.
pub(super) struct AnnData {
    tree: Arc<dyn Tree>,
    format: &'static str,
    obs: Frame,
    coordinates_key: Option<String>,
    coordinates_note: Option<String>,
    n_layers: usize,
}

impl AnnData {
    /// Opens the AnnData object at the root of `tree`.
    ///
    /// # Errors
    /// `io.not-h5ad` without `obs` or `var`, and those of reading.
    pub(super) fn open(tree: Arc<dyn Tree>, format: &'static str) -> Result<Self, IoError> {
        let obs = Frame::open(&tree, "obs", "obs")?.ok_or(IoError::NotH5ad("obs"))?;
        let coordinates_key = coordinates::key(&tree, &obs)?;
        let coordinates_note = coordinates::note(&tree, &obs)?;
        let n_layers = tree.children("layers", "layers")?.len();
        Frame::open(&tree, "var", "var")?.ok_or(IoError::NotH5ad("var"))?;
        Ok(Self { tree, format, obs, coordinates_key, coordinates_note, n_layers })
    }

    fn frame_of(&self, matrix: &str) -> Result<Frame, IoError> {
        let var = if matrix == "raw/X" {
            let raw = Frame::open(&self.tree, "raw/var", "raw/var")?;
            if raw.is_some() { raw } else { Frame::open(&self.tree, "raw.var", "raw/var")? }
        } else {
            Frame::open(&self.tree, "var", "var")?
        };
        var.ok_or(IoError::NotH5ad("var"))
    }
}

impl Reader for AnnData {
    fn format(&self) -> &'static str {
        self.format
    }

    fn obs(&self) -> &dyn Table {
        &self.obs
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        let layers = self.tree.children("layers", "layers")?;
        let layers = layers.into_iter().take(MAX_LAYERS).map(|layer| format!("layers/{layer}"));
        Ok(["X", "raw/X"].map(str::to_owned).into_iter().chain(layers).collect())
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        let place = place_of(name);
        let matrix = open_matrix(&*self.tree, name, place)?;
        // AnnData up to 0.6 wrote `raw.X` and `raw.var` at the root.
        if matrix.is_none() && name == "raw/X" {
            return open_matrix(&*self.tree, "raw.X", place);
        }
        Ok(matrix)
    }

    fn var(&self, matrix: &str) -> Result<Box<dyn Table + '_>, IoError> {
        Ok(Box::new(self.frame_of(matrix)?))
    }

    fn coordinates_key(&self) -> Option<&str> {
        self.coordinates_key.as_deref()
    }

    fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        coordinates::read(&self.tree, &self.obs)
    }

    fn embedding(&self, name: &str) -> Result<Option<(usize, Vec<f32>)>, IoError> {
        embedding::read(&self.tree, name, self.obs.n_rows())
    }

    fn embedding_width(&self, name: &str) -> Result<Option<usize>, IoError> {
        Ok(embedding::open(&self.tree, name, self.obs.n_rows())?.map(|(width, _)| width))
    }

    fn carried(&self) -> Result<Carried, IoError> {
        carried::read(&self.tree, self.obs.n_rows(), self.frame_of("X")?.n_rows())
    }

    fn aligned(&self, path: &str) -> Result<Option<Aligned>, IoError> {
        let found = aligned::open(&*self.tree, path, self.obs.n_rows(), self.frame_of("X")?.n_rows())?;
        found.map(|source| source.read()).transpose()
    }

    fn embedding_rows(&self, name: &str, rows: Range<usize>) -> Result<Option<Vec<f64>>, IoError> {
        let found = embedding::open(&self.tree, name, self.obs.n_rows())?;
        found.map(|(_, array)| array.f64_rows(rows)).transpose()
    }

    fn notes(&self) -> Vec<String> {
        let too_many = format!("Only the first {MAX_LAYERS} of {} layers were looked at.", self.n_layers);
        let too_many = (self.n_layers > MAX_LAYERS).then_some(too_many);
        too_many.into_iter().chain(self.coordinates_note.clone()).collect()
    }

    /// As `uns/resitu/simulated` says.
    fn is_simulated(&self) -> Result<bool, IoError> {
        let mark = self.tree.array("uns/resitu/simulated", "uns")?;
        Ok(mark.map(|mark| mark.text()).transpose()?.flatten().is_some_and(|text| text == "true"))
    }
}

/// What a matrix is called in errors: a layer's name is the user's.
fn place_of(name: &str) -> &'static str {
    match name {
        "X" => "X",
        "raw/X" => "raw/X",
        _ => "a layer",
    }
}

/// Opens the matrix at `path`; `None` where nothing is, or the empty marker of a missing `X`.
fn open_matrix(tree: &dyn Tree, path: &str, place: &'static str) -> Result<Option<Box<dyn Rows>>, IoError> {
    match tree.node(path, place)? {
        None => Ok(None),
        Some(Node::Array(array)) => match array.shape().len() {
            2 => Ok(Some(Box::new(Dense::open(tree, path, place)?))),
            // `X` of AnnData without a matrix is a null dataspace.
            0 => Ok(None),
            _ => Err(IoError::bad(place, "it is not a matrix")),
        },
        Some(Node::Group(attributes)) => {
            let text = |name: &str| attributes.get(name).and_then(|value| value.as_text());
            let format = text("encoding-type").or_else(|| text("h5sparse_format")).unwrap_or_default();
            let shape = attributes.get("shape").or_else(|| attributes.get("h5sparse_shape"));
            let Some(&[n_rows, n_cols]) = shape.and_then(|value| value.as_integers()) else {
                return Err(IoError::bad(place, "it has no shape"));
            };
            let (Ok(n_rows), Ok(n_cols)) = (usize::try_from(n_rows), usize::try_from(n_cols)) else {
                return Err(IoError::bad(place, "its shape is negative"));
            };
            match format {
                "csr_matrix" | "csr" => Ok(Some(Box::new(Compressed::open(tree, path, place, n_rows, n_cols)?))),
                "csc_matrix" | "csc" => {
                    Ok(Some(Box::new(Banded::new(Compressed::open(tree, path, place, n_cols, n_rows)?))))
                }
                _ => Err(IoError::bad(place, "its sparse format is unknown")),
            }
        }
    }
}

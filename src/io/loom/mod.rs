//! Loom 1 to 3: a dense matrix of genes × cells, layers of its shape, and attributes of rows and columns.

mod attributes;

use std::sync::Arc;

use super::{
    Coordinates, IoError,
    coordinates::{column_pair, of_columns},
    matrix::{Banded, Transposed},
    reader::Reader,
    rows::Rows,
    table::Table,
    tree::{Node, Tree},
};
use attributes::Attributes;

const PLACE: &str = "the matrix";
/// Layers beyond these are not looked at.
const MAX_LAYERS: usize = 32;
/// Attributes that name cells and genes, the best first: loompy's, velocyto's, scanpy's.
const CELL_NAMES: [&str; 7] = ["CellID", "cell_id", "obs_names", "cell_names", "barcode", "barcodes", "index"];
const GENE_NAMES: [&str; 7] = ["Gene", "gene", "var_names", "gene_names", "gene_name", "Accession", "index"];

/// An open loom file.
pub(super) struct Loom {
    tree: Arc<dyn Tree>,
    obs: Attributes,
    var: Attributes,
    coordinates_key: Option<String>,
    notes: Vec<String>,
}

impl Loom {
    /// Opens the file if it is a loom file: an array `matrix`, and `row_attrs` and `col_attrs`.
    pub(super) fn open(tree: &Arc<dyn Tree>) -> Result<Option<Self>, IoError> {
        for attributes in ["col_attrs", "row_attrs"] {
            if !matches!(tree.node(attributes, "the attributes")?, Some(Node::Group(_))) {
                return Ok(None);
            }
        }
        let Some(Node::Array(matrix)) = tree.node("matrix", PLACE)? else { return Ok(None) };
        let &[n_genes, n_cells] = matrix.shape() else { return Err(IoError::bad(PLACE, "it is not a matrix")) };
        let obs = Attributes::open(tree, "col_attrs", n_cells, &CELL_NAMES)?;
        let var = Attributes::open(tree, "row_attrs", n_genes, &GENE_NAMES)?;
        let mut notes = Vec::new();
        for (table, what) in [(&obs, "cells"), (&var, "genes")] {
            if table.is_numbered() {
                notes.push(format!("The file does not name its {what}; they are numbered from 0."));
            }
        }
        let coordinates_key = column_pair(&obs).map(|(x, y)| format!("obs/{x}, obs/{y}"));
        if coordinates_key.is_some() {
            notes.push("Loom has no place for positions: check that those columns are not an embedding.".to_owned());
        }
        let n_layers = tree.children("layers", "layers")?.len();
        if n_layers > MAX_LAYERS {
            notes.push(format!("Only the first {MAX_LAYERS} of {n_layers} layers were looked at."));
        }
        Ok(Some(Self { tree: tree.clone(), obs, var, coordinates_key, notes }))
    }
}

impl Reader for Loom {
    fn format(&self) -> &'static str {
        "loom"
    }

    fn obs(&self) -> &dyn Table {
        &self.obs
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        let layers = self.tree.children("layers", "layers")?.into_iter().take(MAX_LAYERS);
        Ok(std::iter::once("X".to_owned()).chain(layers.map(|layer| format!("layers/{layer}"))).collect())
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        let (path, place) = if name == "X" { ("matrix", PLACE) } else { (name, "a layer") };
        let is_array = matches!(self.tree.node(path, place)?, Some(Node::Array(_)));
        if !is_array {
            return Ok(None);
        }
        Ok(Some(Box::new(Banded::new(Transposed::open(&*self.tree, path, place)?))))
    }

    fn var(&self, _: &str) -> Result<Box<dyn Table + '_>, IoError> {
        Ok(Box::new(&self.var))
    }

    fn coordinates_key(&self) -> Option<&str> {
        self.coordinates_key.as_deref()
    }

    fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        of_columns(&self.obs)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

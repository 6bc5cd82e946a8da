//! AnnData in Zarr, alone or as a table of a SpatialData object.

mod shapes;
mod wkb;

use std::sync::Arc;

use super::{
    Coordinates, FileSet, IoError,
    anndata::AnnData,
    reader::Reader,
    rows::Rows,
    table::Table,
    tree::{Node, Tree},
    zarr::{Store, ZarrTree},
};
use shapes::Shapes;

const PLACE: &str = "the Zarr store";
/// Where tables of a SpatialData object lie; before its version 0.1 there was one, in a group `table`.
const TABLE_GROUPS: [&str; 2] = ["tables", "table"];

/// Opens the Zarr store among the files.
///
/// # Errors
/// `io.not-anndata-zarr` if nothing but a Zarr store of another kind is there, and those of reading.
pub(super) fn open(files: &FileSet) -> Result<Option<Box<dyn Reader>>, IoError> {
    let Some(store) = Store::open(files)? else { return Ok(None) };
    let store = Arc::new(store);
    let root: Arc<dyn Tree> = Arc::new(ZarrTree::new(store.clone(), ""));
    if root.node("obs", PLACE)?.is_some() {
        return AnnData::open(root, "AnnData Zarr")
            .map_err(of_zarr)
            .map(|file| Some(Box::new(file) as Box<dyn Reader>));
    }
    for group in TABLE_GROUPS {
        let tables = root.children(group, PLACE)?;
        if !tables.is_empty() {
            return SpatialData::open(&store, &root, group, &tables)
                .map(|file| Some(Box::new(file) as Box<dyn Reader>));
        }
    }
    // Beside other files it may be an addition that another format knows about.
    if store.has_all_files() { Err(IoError::NotAnnDataZarr("obs")) } else { Ok(None) }
}

fn of_zarr(error: IoError) -> IoError {
    match error {
        IoError::NotH5ad(part) => IoError::NotAnnDataZarr(part),
        other => other,
    }
}

/// A table of a SpatialData object, with the shapes that it annotates.
struct SpatialData {
    table: AnnData,
    shapes: Option<Shapes>,
    notes: Vec<String>,
}

impl SpatialData {
    /// Opens the table named `table`, else the first.
    fn open(store: &Arc<Store>, root: &Arc<dyn Tree>, group: &str, tables: &[String]) -> Result<Self, IoError> {
        let name = tables.iter().find(|name| *name == "table").or(tables.first()).map_or("table", String::as_str);
        let path = format!("{group}/{name}");
        let Some(Node::Group(attributes)) = root.node(&path, PLACE)? else {
            return Err(IoError::NotAnnDataZarr("obs"));
        };
        let tree: Arc<dyn Tree> = Arc::new(ZarrTree::new(store.clone(), &path));
        let table = AnnData::open(tree.clone(), "SpatialData Zarr").map_err(of_zarr)?;
        let mut notes = Vec::new();
        if tables.len() > 1 {
            let others: Vec<&str> = tables.iter().filter(|other| *other != name).map(String::as_str).collect();
            notes.push(format!("The table {name} is read; the SpatialData object also has {}.", others.join(", ")));
        }
        let mut shapes = None;
        if table.coordinates_key().is_none() {
            shapes = Shapes::find(store, &*tree, &attributes, table.obs())?;
            if shapes.is_none() {
                notes.push("The table annotates no shapes that can be read, so its cells have no positions.".into());
            }
        }
        Ok(Self { table, shapes, notes })
    }
}

impl Reader for SpatialData {
    fn format(&self) -> &'static str {
        self.table.format()
    }

    fn obs(&self) -> &dyn Table {
        self.table.obs()
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        self.table.matrices()
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        self.table.matrix(name)
    }

    fn var(&self, matrix: &str) -> Result<Box<dyn Table + '_>, IoError> {
        self.table.var(matrix)
    }

    fn coordinates_key(&self) -> Option<&str> {
        self.table.coordinates_key().or(self.shapes.as_ref().map(Shapes::key))
    }

    fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        match &self.shapes {
            Some(shapes) => shapes.coordinates(self.table.obs()).map(Some),
            None => self.table.coordinates(),
        }
    }

    fn notes(&self) -> Vec<String> {
        [self.notes.clone(), self.table.notes()].concat()
    }

    fn is_simulated(&self) -> Result<bool, IoError> {
        self.table.is_simulated()
    }
}

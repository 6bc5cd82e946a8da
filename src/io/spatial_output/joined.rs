//! A matrix and the positions of its cells, joined by the names of cells.

use super::{
    super::{
        Coordinates, IoError,
        coordinates::zip,
        extended::Extended,
        reader::Reader,
        rows::Rows,
        table::{MemoryTable, Table},
    },
    Kind,
    scale::Scale,
};

/// The reader of the matrix, with the columns of the positions behind its own.
pub(super) struct Joined {
    cells: Extended,
    kind: Kind,
    scale: Scale,
    key: Option<String>,
    notes: Vec<String>,
}

impl Joined {
    /// Joins them. Cells without a position stay, with missing values; positions without a cell are left out.
    pub(super) fn new(
        matrix: Box<dyn Reader>,
        positions: MemoryTable,
        kind: Kind,
        scale: Scale,
        notes: Vec<String>,
    ) -> Result<Self, IoError> {
        let n_positions = positions.n_rows();
        let (positions, n_missing) = positions.aligned(matrix.obs().index()?);
        let n_cells = positions.n_rows();
        let mut joined = Self { cells: Extended::new(matrix, positions), kind, scale, key: None, notes };
        if n_missing == n_cells {
            let what = "No cell of the matrix occurs among the positions: they may belong to another section.";
            joined.notes.push(what.to_owned());
            return Ok(joined);
        }
        let (x, y) = kind.axes();
        joined.key = Some(match joined.scale.um_per_pixel {
            Some(_) => "spatial_um".to_owned(),
            None => format!("obs/{x}, obs/{y}"),
        });
        if n_missing > 0 {
            joined.notes.push(format!("{n_missing} of {n_cells} cells have no position."));
        }
        let n_unused = n_positions.saturating_sub(n_cells - n_missing);
        // Spots outside the tissue have positions and no cells: nothing is amiss.
        if n_unused > 0 && kind == Kind::Xenium {
            joined.notes.push(format!("{n_unused} positions belong to no cell of the matrix and are left out."));
        }
        match (kind, joined.scale.um_per_pixel) {
            (Kind::Xenium, _) => {}
            (_, Some(um)) => joined.notes.push(format!(
                "Positions are in µm: a pixel of the full-resolution image is {um:.4} µm ({}).",
                joined.scale.source
            )),
            (_, None) => joined.notes.push("Positions are in pixels of the full-resolution image.".to_owned()),
        }
        Ok(joined)
    }
}

impl Reader for Joined {
    fn format(&self) -> &'static str {
        self.kind.as_str()
    }

    fn obs(&self) -> &dyn Table {
        &self.cells
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        self.cells.matrix.matrices()
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        self.cells.matrix.matrix(name)
    }

    fn var(&self, matrix: &str) -> Result<Box<dyn Table + '_>, IoError> {
        self.cells.matrix.var(matrix)
    }

    fn coordinates_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// In µm where the scale is known, else in pixels; x to the right and y downwards, as in the image.
    fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        let Some(key) = self.key.clone() else { return Ok(None) };
        let (x, y) = self.kind.axes();
        let mut xy = zip(self.cells.table.column(x)?, self.cells.table.column(y)?);
        if xy.len() != self.cells.table.n_rows() {
            return Err(IoError::bad("the positions", "they are not numbers"));
        }
        if let Some(um) = self.scale.um_per_pixel {
            xy.iter_mut().flatten().for_each(|value| *value *= um);
        }
        Ok(Some(Coordinates { key, xy, z: None }))
    }

    fn notes(&self) -> Vec<String> {
        self.cells.matrix.notes().into_iter().chain(self.notes.iter().cloned()).collect()
    }
}

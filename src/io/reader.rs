//! What every format offers once it is open: annotations, matrices, coordinates. A new format implements this and [`Rows`],
//! and joins the list in `recognise`.

use std::ops::Range;

use super::{
    Coordinates, IoError,
    carried::{Aligned, Carried},
    rows::Rows,
    table::Table,
};

/// An opened file, or several that belong together, of one format. Opening reads headers and names, never the values.
pub(super) trait Reader: Send + Sync {
    /// The format for people: `h5ad`, `10x HDF5`, `Visium`, …
    fn format(&self) -> &'static str;

    /// The cells and their annotations.
    fn obs(&self) -> &dyn Table;

    /// Names of the matrices on offer, the default first: `X`, `raw/X`, `layers/NAME`. Formats with one matrix call it `X`.
    fn matrices(&self) -> Result<Vec<String>, IoError>;

    /// A matrix of cells × genes; `None` where the file has none of that name after all.
    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError>;

    /// The genes of a matrix and their annotations.
    fn var(&self, matrix: &str) -> Result<Box<dyn Table + '_>, IoError>;

    /// Where [`Reader::coordinates`] would come from.
    fn coordinates_key(&self) -> Option<&str> {
        None
    }

    /// The positions of the cells, in the order of `obs`.
    fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        Ok(None)
    }

    /// An entry of `obsm`, rows of numbers: its width, and its values row by row. `None` where there is none of that name.
    fn embedding(&self, _name: &str) -> Result<Option<(usize, Vec<f32>)>, IoError> {
        Ok(None)
    }

    /// The width of what [`Reader::embedding`] would give, without reading it.
    fn embedding_width(&self, _name: &str) -> Result<Option<usize>, IoError> {
        Ok(None)
    }

    /// What a copy of the file can hold besides cells, genes and matrices.
    fn carried(&self) -> Result<Carried, IoError> {
        Ok(Carried::default())
    }

    /// Rows of an entry of `obsm` in `f64`.
    fn embedding_rows(&self, _name: &str, _rows: Range<usize>) -> Result<Option<Vec<f64>>, IoError> {
        Ok(None)
    }

    /// An entry of `varm`, `varp` or `obsp`, by its path.
    fn aligned(&self, _path: &str) -> Result<Option<Aligned>, IoError> {
        Ok(None)
    }

    /// Sentences for people about everything that was ambiguous or left out.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether resitu's simulator made the cells.
    fn is_simulated(&self) -> Result<bool, IoError> {
        Ok(false)
    }
}

//! A data set in memory: CSR values, cell and gene names, annotations, coordinates. No I/O, no model.

mod column;
mod csr;
mod error;
mod labels;
pub mod simulate;

pub use column::Column;
pub use csr::Csr;
pub use error::CellsError;
pub use labels::Labels;

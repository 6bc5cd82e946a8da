//! A data set in memory: CSR values, cell and gene names, annotations, coordinates. No I/O, no model.

mod column;
mod csr;
mod error;
mod labels;
mod normalise;
pub mod simulate;

pub use column::Column;
pub use csr::Csr;
pub use error::CellsError;
pub use labels::Labels;
pub use normalise::log1p_per_median_total;

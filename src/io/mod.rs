//! Bytes ↔ cells: readers over a random-access [`Source`], and writers.
//!
//! Files are untrusted input. Every shape, index and offset is checked before it is used, and every allocation is
//! bounded by what the file's size can justify.

mod array;
mod banded;
mod container;
mod coordinates;
mod dataset;
mod error;
mod frame;
mod matrix;
mod pages;
mod record;
mod scalar;
mod source;
mod summary;
mod values;
mod write;

pub use coordinates::Coordinates;
pub use dataset::{Dataset, MatrixInfo};
pub use error::IoError;
pub use frame::{ColumnInfo as ObsInfo, ColumnKind as ObsKind};
#[cfg(not(target_arch = "wasm32"))]
pub use source::FileSource;
pub use source::{BytesSource, Source};
pub use summary::{LabelSummary, MatrixSummary, Summary};
pub use values::{ValueKind, ValueSample};
pub use write::{Csv, Embedding, Field, H5adContents, Numbers, Table, Uns, Values, write_h5ad, write_simulated};

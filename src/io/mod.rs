//! Bytes ↔ cells: readers over a random-access [`Source`], and writers.
//!
//! Files are untrusted input. Every shape, index and offset is checked before it is used, and every allocation is
//! bounded by what the file's size can justify.
//!
#![doc = include_str!("../../docs/formats.md")]

#[cfg(any(target_arch = "wasm32", test))]
pub(crate) mod ahead;
mod anndata;
mod annotated;
mod archive;
mod carried;
mod carry;
mod codec;
mod coordinates;
mod dataset;
mod delimited;
mod error;
mod extended;
mod files;
#[cfg(not(target_arch = "wasm32"))]
mod folder;
mod hdf5;
mod hdf5_kinds;
mod identity;
mod loom;
mod matrix;
mod matrix_market;
mod parallel;
mod parquet;
mod quality;
mod reader;
mod recognise;
mod rows;
mod sample;
mod samples;
mod scalar;
mod sink;
mod source;
mod spatial_output;
mod spatialdata;
mod stream;
mod summary;
mod table;
mod tenx;
mod text;
mod tree;
mod values;
mod write;
mod zarr;

pub use carried::{Aligned, Carried, Embedding as CarriedEmbedding};
pub use carry::OtherMatrix;
pub use coordinates::Coordinates;
pub use dataset::{Dataset, MatrixInfo};
pub use error::IoError;
pub use files::{Entry, FileSet};
pub use identity::GeneSummary;
pub use parquet::read_parquet;
pub use quality::{Quality, ValueScan};
#[cfg(not(target_arch = "wasm32"))]
pub use sink::FileSink;
pub use sink::Sink;
#[cfg(not(target_arch = "wasm32"))]
pub use source::FileSource;
pub use source::{BytesSource, Source};
pub use summary::{LabelSummary, MatrixSummary, Summary};
pub use table::{ColumnInfo as ObsInfo, ColumnKind as ObsKind};
pub use values::{ValueKind, ValueSample};
pub use write::{
    Csv, Embedding, Field, H5adContents, H5adWriter, Numbers, Part, Place, Table, Uns, Values, Zip, ZipEntry,
    write_h5ad, write_h5ad_to, write_simulated,
};

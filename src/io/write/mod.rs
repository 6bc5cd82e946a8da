//! Cells → bytes: h5ad for scanpy and squidpy, CSV for spreadsheets.

mod csv;
mod encoding;
mod h5ad;
mod hdf5;
mod names;
mod simulated;
mod zip;

pub use csv::{Csv, Field};
pub use h5ad::{H5adContents, H5adWriter, Part, Place, write_h5ad, write_h5ad_to};
pub use simulated::write_simulated;
pub use zip::{Zip, ZipEntry};

use super::IoError;
use crate::cells::{Column, Csr};

/// A matrix to write: cells × genes.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// Row-major, `n_cells * n_genes` values.
    Dense(&'a [f32]),
    Sparse(&'a Csr),
}

/// An entry of `obsm` to write: row-major, `n_cells * width` values.
#[derive(Debug, Clone, Copy)]
pub struct Embedding<'a> {
    pub width: usize,
    pub values: Numbers<'a>,
}

/// Numbers of either width.
#[derive(Debug, Clone, Copy)]
pub enum Numbers<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
}

/// `obs` or `var` to write: names of the rows, and columns of that length.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub index: Vec<String>,
    pub columns: Vec<(String, Column)>,
}

/// An entry of `uns`: unstructured notes about the data.
#[derive(Debug, Clone)]
pub enum Uns {
    Text(String),
    Integer(i64),
    Number(f64),
    Truth(bool),
    Texts(Vec<String>),
    Numbers(Vec<f64>),
    Integers(Vec<i64>),
    /// Row-major, rows of `n_cols` numbers.
    Matrix {
        n_cols: usize,
        values: Vec<f64>,
    },
    /// An array of any number of dimensions, the last running fastest.
    Array {
        shape: Vec<usize>,
        values: Vec<f64>,
    },
    Table(Table),
    Nested(Vec<(String, Uns)>),
}

impl From<&str> for Uns {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A failure of a sink. Its words are those of the operating system, and name no file.
fn failed(error: std::io::Error) -> IoError {
    IoError::WriteFailed(error.to_string())
}

//! What a file holds that resitu does not compute with, so that a copy of it loses as little as can be.

use super::write::Uns;

/// An entry of `obsm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedding {
    pub name: String,
    pub width: usize,
    /// Whether `f32` would lose digits of it.
    pub is_f64: bool,
}

/// An entry of `varm`, `varp` or `obsp`.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    pub n_rows: usize,
    pub n_cols: usize,
    /// Whether `f32` would lose digits of it.
    pub is_f64: bool,
    /// Row-major; of a sparse matrix those that are stored.
    pub values: Vec<f64>,
    /// Of a sparse matrix, its CSR row pointers and columns, as they are in the file: columns need not ascend.
    pub sparse: Option<(Vec<usize>, Vec<u32>)>,
}

/// What a copy can hold of a file besides its cells, genes and matrices.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    pub obsm: Vec<Embedding>,
    pub uns: Vec<(String, Uns)>,
    /// Paths of entries of `varm`, `varp` and `obsp` that [`Dataset::aligned`](super::Dataset::aligned) reads.
    pub aligned: Vec<String>,
    /// Paths of what cannot be carried over, such as `varm/PCs`. They may hold names that a person chose.
    pub left_out: Vec<String>,
}

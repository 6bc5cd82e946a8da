//! The h5ad writer.

use hdf5_pure::{AttrValue, FileBuilder};

use super::{
    Embedding, Numbers, Table, Uns, Values,
    encoding::{Group, compressed, dict, table, text},
    names::Names,
};
use crate::{cells::Csr, io::IoError};

/// Everything that goes into an h5ad file.
///
/// Names of columns, layers and entries that HDF5 cannot hold are changed ("/" to "_"); repeats get a number.
#[derive(Debug, Clone)]
pub struct H5adContents<'a> {
    pub x: Values<'a>,
    pub obs: Table,
    pub var: Table,
    pub layers: Vec<(String, Values<'a>)>,
    pub obsm: Vec<(String, Embedding<'a>)>,
    pub uns: Vec<(String, Uns)>,
}

/// Writes an h5ad file (encoding 0.1.0 of AnnData, as anndata ≥ 0.8 reads) into memory.
///
/// Matrices and columns are chunked and deflated. Peak memory is about twice the contents.
///
/// # Errors
/// `io.write-failed` where lengths disagree or the library refuses.
pub fn write_h5ad(contents: &H5adContents) -> Result<Vec<u8>, IoError> {
    let (n_cells, n_genes) = (contents.obs.index.len(), contents.var.index.len());
    let mut file = FileBuilder::new();
    file.set_attr("encoding-type", text("anndata"));
    file.set_attr("encoding-version", text("0.1.0"));
    match contents.x {
        Values::Dense(values) => {
            let array = file.create_dataset("X");
            array.set_attr("encoding-type", text("array")).set_attr("encoding-version", text("0.2.0"));
            check(values.len(), n_cells, n_genes)?;
            compressed(array.with_f32_data(values), &[n_cells as u64, n_genes as u64]);
        }
        Values::Sparse(values) => file.add_group(sparse("X", values, n_cells, n_genes)?.finish()),
    }
    file.add_group(table("obs", &contents.obs)?.finish());
    file.add_group(table("var", &contents.var)?.finish());

    let mut layers = Group::dict("layers");
    let mut names = Names::default();
    for (name, values) in &contents.layers {
        let name = names.unique(name);
        match values {
            Values::Dense(values) => {
                check(values.len(), n_cells, n_genes)?;
                compressed(layers.array(&name).with_f32_data(values), &[n_cells as u64, n_genes as u64]);
            }
            Values::Sparse(values) => layers.add(sparse(&name, values, n_cells, n_genes)?),
        }
    }
    file.add_group(layers.finish());

    let mut obsm = Group::dict("obsm");
    let mut names = Names::default();
    for (name, Embedding { width, values }) in &contents.obsm {
        let array = obsm.array(&names.unique(name));
        let length = match values {
            Numbers::F32(values) => (array.with_f32_data(values), values.len()).1,
            Numbers::F64(values) => (array.with_f64_data(values), values.len()).1,
        };
        check(length, n_cells, *width)?;
        compressed(array, &[n_cells as u64, *width as u64]);
    }
    file.add_group(obsm.finish());

    for empty in ["varm", "obsp", "varp"] {
        file.add_group(Group::dict(empty).finish());
    }
    file.add_group(dict("uns", &contents.uns)?.finish());
    file.finish().map_err(|_| IoError::WriteFailed("the HDF5 library refused it".into()))
}

fn check(length: usize, n_rows: usize, n_cols: usize) -> Result<(), IoError> {
    if n_rows.checked_mul(n_cols) != Some(length) {
        return Err(IoError::WriteFailed("a matrix does not have the shape of its names".into()));
    }
    Ok(())
}

fn sparse(name: &str, matrix: &Csr, n_cells: usize, n_genes: usize) -> Result<Group, IoError> {
    if (matrix.n_rows(), matrix.n_cols()) != (n_cells, n_genes) {
        return Err(IoError::WriteFailed("a matrix does not have the shape of its names".into()));
    }
    let mut group = Group::new(name, "csr_matrix", "0.1.0");
    group.attribute("shape", AttrValue::I64Array(vec![n_cells as i64, n_genes as i64]));
    let (indptr, indices, values) = matrix.parts();
    let shape = [values.len() as u64];
    compressed(group.part("data").with_f32_data(values), &shape);
    // scipy wants both index arrays of one width, and the narrow one where it suffices.
    if i32::try_from(values.len().max(n_genes)).is_ok() {
        let indices: Vec<i32> = indices.iter().map(|index| *index as i32).collect();
        compressed(group.part("indices").with_i32_data(&indices), &shape);
        let indptr: Vec<i32> = indptr.iter().map(|pointer| *pointer as i32).collect();
        compressed(group.part("indptr").with_i32_data(&indptr), &[indptr.len() as u64]);
    } else {
        let indices: Vec<i64> = indices.iter().map(|index| i64::from(*index)).collect();
        compressed(group.part("indices").with_i64_data(&indices), &shape);
        let indptr: Vec<i64> = indptr.iter().map(|pointer| *pointer as i64).collect();
        compressed(group.part("indptr").with_i64_data(&indptr), &[indptr.len() as u64]);
    }
    Ok(group)
}

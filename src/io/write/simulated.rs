//! Simulated cells as an h5ad file that says what it is.

use super::{H5adContents, Table, Uns, Values, write_h5ad};
use crate::{
    cells::simulate::{NOTE, Simulated},
    io::IoError,
};

/// Writes simulated cells: their type in `obs["simulated_label"]`, and in `uns["resitu"]` that they are simulated, from
/// which seed, and by which version.
///
/// # Errors
/// As of [`write_h5ad`].
pub fn write_simulated(cells: Simulated, seed: u64) -> Result<Vec<u8>, IoError> {
    let about = vec![
        ("simulated".into(), "true".into()),
        ("note".into(), NOTE.into()),
        ("seed".into(), Uns::Text(seed.to_string())),
        ("version".into(), env!("CARGO_PKG_VERSION").into()),
    ];
    write_h5ad(&H5adContents {
        x: Values::Sparse(&cells.counts),
        obs: Table { index: cells.names, columns: vec![("simulated_label".into(), cells.labels)] },
        var: Table { index: cells.genes, columns: Vec::new() },
        layers: Vec::new(),
        obsm: Vec::new(),
        obsp: Vec::new(),
        uns: vec![("resitu".into(), Uns::Nested(about))],
    })
}

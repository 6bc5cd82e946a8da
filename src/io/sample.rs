//! A few hundred cells of a file, for what can be told before its values are read.

use super::{Dataset, IoError};
use crate::cells::Csr;

/// Cells of the file that are looked at, and the blocks they lie in.
const SAMPLE_CELLS: usize = 256;
const SAMPLE_BLOCKS: usize = 8;
/// Values that may be read for the sample.
const SAMPLE_VALUES: usize = 1 << 22;
/// What one pass over a CSC file reads: within it, jumping about costs nothing more.
const PASS_VALUES: usize = 1 << 24;

impl Dataset {
    /// At most 256 cells of the matrix in use: spread over the file where that is cheap, else the first. Always the same.
    pub fn sample_rows(&self) -> Result<Csr, IoError> {
        let n_cells = self.n_cells();
        let cheap = self.is_row_wise() || self.range_end(0, PASS_VALUES)? == n_cells;
        let spread = n_cells > SAMPLE_CELLS && cheap;
        let blocks = if spread { SAMPLE_BLOCKS } else { 1 };
        let rows = (SAMPLE_CELLS / blocks).min(n_cells);
        let mut cells = Csr::empty(self.n_genes());
        for block in 0..blocks {
            let start = (n_cells - rows) / (blocks - 1).max(1) * block;
            let end = self.range_end(start, SAMPLE_VALUES / blocks)?.min(start + rows);
            cells
                .append(&self.rows(start..end)?)
                .map_err(|_| IoError::bad("the matrix", "its rows differ in width"))?;
        }
        Ok(cells)
    }
}

//! Expression values, read by ranges of cells: dense, by rows (CSR) or scattered over the file (CSC and others).

mod banded;
mod compressed;
mod dense;
mod forward;
mod picked;
mod transposed;

pub(super) use banded::{Banded, Entries, sort_and_sum};
pub(super) use compressed::Compressed;
pub(super) use dense::Dense;
pub(super) use forward::{Forward, Pass, Passes};
pub(super) use picked::Picked;
pub(super) use transposed::Transposed;

use super::IoError;

/// Values read from the file at a time.
pub(super) const WINDOW: usize = 1 << 20;
/// Values that one answer may hold (8 bytes each in memory).
const MAX_STORED: usize = 1 << 26;

/// Refuses to gather more than 67 million values at once.
pub(super) fn check_stored(n_stored: usize) -> Result<(), IoError> {
    if n_stored > MAX_STORED {
        return Err(IoError::large("the matrix", "more than 67 million values were asked for at once"));
    }
    Ok(())
}

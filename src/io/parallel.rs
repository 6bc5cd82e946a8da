//! Independent pieces of reading, on several threads where the build has them.

use super::IoError;

/// Does `work` for every piece; the first failure is the answer.
#[cfg(feature = "train")]
pub(super) fn for_each<T: Send>(
    pieces: Vec<T>,
    work: impl Fn(T) -> Result<(), IoError> + Send + Sync,
) -> Result<(), IoError> {
    use rayon::prelude::*;
    pieces.into_par_iter().try_for_each(work)
}

/// Does `work` for every piece; the first failure is the answer.
#[cfg(not(feature = "train"))]
pub(super) fn for_each<T>(pieces: Vec<T>, work: impl Fn(T) -> Result<(), IoError>) -> Result<(), IoError> {
    pieces.into_iter().try_for_each(work)
}

/// Does both.
#[cfg(feature = "train")]
pub(super) fn both(
    one: impl FnOnce() -> Result<(), IoError> + Send,
    other: impl FnOnce() -> Result<(), IoError> + Send,
) -> Result<(), IoError> {
    let (one, other) = rayon::join(one, other);
    one.and(other)
}

/// Does both.
#[cfg(not(feature = "train"))]
pub(super) fn both(
    one: impl FnOnce() -> Result<(), IoError>,
    other: impl FnOnce() -> Result<(), IoError>,
) -> Result<(), IoError> {
    one().and_then(|()| other())
}

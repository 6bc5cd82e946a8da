//! Rows computed independently, on several threads where the build has them.

/// `work(0), work(1), …, work(n - 1)` in order, whatever the number of threads.
#[cfg(feature = "train")]
pub(super) fn map<T: Send>(n: usize, work: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    use rayon::prelude::*;
    (0..n).into_par_iter().map(work).collect()
}

/// `work(0), work(1), …, work(n - 1)` in order.
#[cfg(not(feature = "train"))]
pub(super) fn map<T>(n: usize, work: impl Fn(usize) -> T) -> Vec<T> {
    (0..n).map(work).collect()
}

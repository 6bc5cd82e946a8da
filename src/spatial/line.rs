//! What lies in one cache line.

/// Begins where a cache line does: else what is as long as a line lies in two, and costs twice the time to fetch.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Line<T>(pub T);

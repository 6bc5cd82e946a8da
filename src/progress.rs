//! Progress and cancellation, the same everywhere.

use std::ops::ControlFlow;

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, for people: "reading cells", "permutations", …
    pub stage: &'static str,
    /// Units done, of `total`.
    pub done: u64,
    pub total: u64,
}

/// Called now and then by long work; answering `Break` cancels it.
pub type Tick<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// A tick for callers who neither watch nor cancel.
pub fn ignore(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

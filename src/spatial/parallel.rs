//! Independent pieces of work with progress and cancellation, on several threads where the build has them.

use std::ops::{ControlFlow, Range};

use super::SpatialError;
use crate::progress::{Progress, Tick};

/// Counts finished units and asks whether to go on.
pub(super) struct Meter<'a> {
    tick: Tick<'a>,
    progress: Progress,
}

impl<'a> Meter<'a> {
    pub fn new(tick: Tick<'a>, stage: &'static str, total: u64) -> Self {
        Self { tick, progress: Progress { stage, done: 0, total } }
    }

    /// Adds finished units.
    ///
    /// # Errors
    /// `job.cancelled` when the caller's tick breaks.
    pub fn add(&mut self, units: u64) -> Result<(), SpatialError> {
        self.progress.done += units;
        match (self.tick)(self.progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(SpatialError::Cancelled),
        }
    }
}

/// Does `work` for every item and hands the results to `take`, in order. `units` says what an item counts for.
///
/// The results do not depend on the number of threads: items are independent and each is computed by one thread. Only
/// those of a few items are held at once.
pub(super) fn for_each<I: Sync, T: Send>(
    items: &[I],
    meter: &mut Meter,
    units: impl Fn(&I) -> u64,
    work: impl Fn(&I) -> T + Sync,
    mut take: impl FnMut(T),
) -> Result<(), SpatialError> {
    let mut results = Vec::new();
    // In waves, because the tick belongs to the calling thread.
    for wave in items.chunks(wave_size()) {
        extend(&mut results, wave, &work);
        results.drain(..).for_each(&mut take);
        meter.add(wave.iter().map(&units).sum())?;
    }
    Ok(())
}

/// Does `work` for `0..n` in parts of `size` and returns the results in order. For what is too short to be cancelled.
pub(super) fn map_parts<T: Send>(n: usize, size: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let parts: Vec<Range<usize>> = (0..n).step_by(size).map(|start| start..n.min(start + size)).collect();
    let mut results = Vec::with_capacity(parts.len());
    extend(&mut results, &parts, &|part: &Range<usize>| work(part.clone()));
    results
}

#[cfg(feature = "train")]
fn wave_size() -> usize {
    4 * rayon::current_num_threads()
}

#[cfg(feature = "train")]
fn extend<I: Sync, T: Send>(results: &mut Vec<T>, wave: &[I], work: &(impl Fn(&I) -> T + Sync)) {
    use rayon::prelude::*;
    results.par_extend(wave.par_iter().map(work));
}

#[cfg(not(feature = "train"))]
fn wave_size() -> usize {
    1
}

#[cfg(not(feature = "train"))]
fn extend<I: Sync, T: Send>(results: &mut Vec<T>, wave: &[I], work: &(impl Fn(&I) -> T + Sync)) {
    results.extend(wave.iter().map(work));
}

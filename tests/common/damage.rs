//! An allocator that counts, a count of panics, and ways to damage bytes at random.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// To be the global allocator of a test.
pub struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static PANICS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = IN_USE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(in_use, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Runs `work`; gives what it gave and the most bytes that were in use beyond those before.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = IN_USE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = work();
    (result, PEAK.load(Ordering::Relaxed).saturating_sub(before))
}

/// Counts panics from now on, those that are caught too.
pub fn watch_panics() {
    std::panic::set_hook(Box::new(|info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        eprintln!("{info}");
    }));
}

pub fn n_panics() -> usize {
    PANICS.load(Ordering::Relaxed)
}

/// How many ways to try for each file; more for a longer search: RESITU_DAMAGE=20000.
pub fn trials(default: usize) -> usize {
    std::env::var("RESITU_DAMAGE").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// One of six ways to damage bytes: cut off, a bit, a byte, a run of ones, a copy of another place, a hole.
pub fn damaged(bytes: &[u8], from: usize, way: usize, random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.len() <= from {
        return bytes;
    }
    let mut below = |bound: usize| (random.next_u64() % bound.max(1) as u64) as usize;
    let at = from + below(bytes.len() - from);
    let end = (at + 1 + below(8)).min(bytes.len());
    match way % 6 {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << below(8),
        2 => bytes[at] = below(256) as u8,
        3 => bytes[at..end].fill(0xff),
        4 => {
            let from = below(bytes.len() - (end - at));
            bytes.copy_within(from..from + (end - at), at);
        }
        _ => drop(bytes.drain(at..end)),
    }
    bytes
}

//! A cap on memory that holds without a sanitizer: the allocator counts, and stops the process above the cap.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

pub struct Capped;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
/// In use at most; no cap outside [`limited`], since libFuzzer itself allocates.
static CAP: AtomicUsize = AtomicUsize::new(usize::MAX);

/// What any file may take: buffers for inflating, a band of a CSC matrix.
const ALWAYS_ALLOWED_BYTES: usize = 64 << 20;
/// Bytes of memory for each byte of the input, on top: deflate and names of cells.
const PER_INPUT_BYTE: usize = 64;

/// Runs `work` with at most 64 MiB and 64 times `input_bytes` beyond what is in use now: the cap of the table tests.
pub fn limited(input_bytes: usize, work: impl FnOnce()) {
    let allowed = ALWAYS_ALLOWED_BYTES + PER_INPUT_BYTE * input_bytes;
    CAP.store(IN_USE.load(Ordering::Relaxed) + allowed, Ordering::Relaxed);
    work();
    CAP.store(usize::MAX, Ordering::Relaxed);
}

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Capped {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = IN_USE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        if in_use > CAP.load(Ordering::Relaxed) {
            // Off, since the backtrace allocates too.
            CAP.store(usize::MAX, Ordering::Relaxed);
            eprintln!("memory cap exceeded: {} bytes asked for, {in_use} in use", layout.size());
            eprintln!("{}", std::backtrace::Backtrace::force_capture());
            std::process::abort();
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

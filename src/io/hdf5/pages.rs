//! The bridge from [`Source`] to the HDF5 library: small reads are served from cached pages, and every operation has a
//! budget of bytes.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use hdf5_pure::FormatError;

use super::super::Source;

const PAGE_BYTES: u64 = 64 * 1024;
const MAX_PAGES: usize = 64;
/// What a read costs at least, so that many tiny reads use up the budget too.
const MIN_COST: u64 = 64;

/// Bytes that the operation under way may still read.
///
/// Damaged trees and heaps can point in circles. No sound operation reads more than a few times the file, so one that
/// does is stopped instead of being followed for ever.
#[derive(Clone)]
pub(super) struct Budget {
    left: Arc<AtomicU64>,
    full: u64,
}

impl Budget {
    fn new(file_bytes: u64) -> Self {
        let full = file_bytes.saturating_mul(32).saturating_add(16 << 20);
        Self { left: Arc::new(AtomicU64::new(full)), full }
    }

    /// A new operation begins.
    pub(super) fn refill(&self) {
        self.left.store(self.full, Ordering::Relaxed);
    }

    fn spend(&self, bytes: u64) -> bool {
        let cost = bytes.max(MIN_COST);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok()
    }
}

/// A [`Source`] as the HDF5 library wants it.
///
/// Metadata of HDF5 is read in pieces of a few bytes; a browser's `File` takes as long for eight bytes as for 64 KiB.
pub(super) struct PagedSource {
    source: Box<dyn Source>,
    budget: Budget,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    clock: u64,
    pages: HashMap<u64, (u64, Vec<u8>)>,
}

impl PagedSource {
    pub(super) fn new(source: Box<dyn Source>) -> (Self, Budget) {
        let budget = Budget::new(source.len());
        (Self { source, budget: budget.clone(), pages: Mutex::default() }, budget)
    }

    fn read_source(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FormatError> {
        self.source.read_at(offset, buffer).map_err(|error| FormatError::Source(error.kind().to_string()))
    }

    fn copy_from_page(&self, page: u64, skip: usize, buffer: &mut [u8]) -> Result<(), FormatError> {
        let mut cache = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        cache.clock += 1;
        let clock = cache.clock;
        if !cache.pages.contains_key(&page) {
            let start = page * PAGE_BYTES;
            let length = PAGE_BYTES.min(self.source.len() - start);
            let mut bytes = vec![0; length as usize];
            self.read_source(start, &mut bytes)?;
            if cache.pages.len() >= MAX_PAGES {
                let oldest = cache.pages.iter().min_by_key(|(_, (used, _))| *used).map(|(page, _)| *page);
                oldest.and_then(|page| cache.pages.remove(&page));
            }
            cache.pages.insert(page, (clock, bytes));
        }
        let entry = cache.pages.get_mut(&page).ok_or(FormatError::Source("page".into()))?;
        entry.0 = clock;
        let bytes = entry.1.get(skip..skip + buffer.len());
        buffer.copy_from_slice(bytes.ok_or_else(|| FormatError::Source("short page".into()))?);
        Ok(())
    }
}

impl hdf5_pure::Source for PagedSource {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FormatError> {
        let length = buffer.len() as u64;
        let end = offset.checked_add(length).ok_or(FormatError::OffsetOverflow { offset, length })?;
        if end > self.source.len() {
            return Err(FormatError::UnexpectedEof {
                expected: usize::try_from(end).unwrap_or(usize::MAX),
                available: usize::try_from(self.source.len()).unwrap_or(usize::MAX),
            });
        }
        if !self.budget.spend(length) {
            return Err(FormatError::NestingDepthExceeded);
        }
        if length > PAGE_BYTES / 2 {
            return self.read_source(offset, buffer);
        }
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            let (page, skip) = (at / PAGE_BYTES, (at % PAGE_BYTES) as usize);
            let (now, later) = rest.split_at_mut(rest.len().min(PAGE_BYTES as usize - skip));
            self.copy_from_page(page, skip, now)?;
            at += now.len() as u64;
            rest = later;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::BytesSource;
    use super::*;
    use hdf5_pure::Source as _;

    #[test]
    fn reads_across_pages_give_the_bytes_of_the_source() {
        let bytes: Vec<u8> = (0..3 * PAGE_BYTES as usize + 17).map(|i| (i * 31 % 251) as u8).collect();
        let (source, budget) = PagedSource::new(Box::new(BytesSource::new(bytes.clone())));
        for (offset, length) in [(0, 8), (65_530, 12), (65_536, 30_000), (100, 70_000), (196_600, 25)] {
            let mut buffer = vec![0; length];
            source.read_at(offset as u64, &mut buffer).unwrap();
            assert_eq!(buffer, bytes[offset..offset + length], "{offset} {length}");
        }
        assert!(source.read_at(196_620, &mut [0; 8]).is_err());
        assert!(source.read_at(u64::MAX, &mut [0; 8]).is_err());
        budget.refill();
    }

    #[test]
    fn an_operation_that_reads_for_ever_is_stopped() {
        let (source, budget) = PagedSource::new(Box::new(BytesSource::new(vec![0; 100])));
        let stopped = (0..10_000_000).find(|_| source.read_at(0, &mut [0; 8]).is_err());
        assert!(stopped.is_some());
        budget.refill();
        source.read_at(0, &mut [0; 8]).unwrap();
    }
}

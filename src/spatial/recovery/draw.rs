//! Seeded samples without replacement.

use crate::spatial::shuffle::{generator, shuffle};

/// `size` of `0..n` (all when there are fewer), ascending. Different streams of one seed are independent.
pub(super) fn sample(n: usize, size: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut items: Vec<usize> = (0..n).collect();
    if size < n {
        shuffle(&mut items, &mut generator(seed, stream));
        items.truncate(size);
        items.sort_unstable();
    }
    items
}

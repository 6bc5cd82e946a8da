//! Seeded shuffles that mean the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The generator of one permutation: each has its own stream, so the order in which they are drawn does not matter.
pub(super) fn generator(seed: u64, permutation: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(permutation);
    generator
}

/// Fisher–Yates, written out and drawing `u32` only, so that a seed gives the same result in 32-bit wasm, natively, and
/// after an update of the `rand` crate.
pub(super) fn shuffle<T>(items: &mut [T], generator: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last as u32 + 1, generator) as usize);
    }
}

/// A uniform integer below `bound`, without bias (Lemire 2019).
pub(super) fn below(bound: u32, generator: &mut ChaCha8Rng) -> u32 {
    let mut product = u64::from(generator.next_u32()) * u64::from(bound);
    if (product as u32) < bound {
        let refused = bound.wrapping_neg() % bound;
        while (product as u32) < refused {
            product = u64::from(generator.next_u32()) * u64::from(bound);
        }
    }
    (product >> 32) as u32
}

//! Shuffles of long lists, several draws to one random number.

use rand_chacha::rand_core::Rng;

use super::shuffle::generator;

/// xoshiro256++ (Blackman & Vigna 2021), started by the permutation's own ChaCha stream: three times as quick as
/// drawing all from ChaCha, five times in wasm, and good enough for a null hypothesis.
pub(super) struct Quick {
    state: [u64; 4],
}

impl Quick {
    pub fn new(seed: u64, permutation: u64) -> Self {
        let mut source = generator(seed, permutation);
        let mut state = std::array::from_fn(|_| source.next_u64());
        // The one state that xoshiro cannot leave.
        state[0] |= u64::from(state == [0; 4]);
        Self { state }
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let t = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= t;
        *d = d.rotate_left(45);
        result
    }

    /// Uniform integers below the bounds, from one random number (Brackett-Rozinsky & Lemire 2024); the product of the
    /// bounds must fit 64 bits.
    #[inline]
    fn below<const N: usize>(&mut self, bounds: [u32; N]) -> [usize; N] {
        let product: u64 = bounds.iter().map(|&bound| u64::from(bound)).product();
        loop {
            let mut rest = self.next();
            let drawn = bounds.map(|bound| {
                let (high, low) = widening(rest, bound);
                rest = low;
                high as usize
            });
            // Almost never: the remainder is costly, so it is taken only where a refusal is possible.
            if rest >= product || rest >= product.wrapping_neg() % product {
                return drawn;
            }
        }
    }

    /// Fisher–Yates.
    ///
    /// `items` are at most `u32::MAX`, as cells are.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let mut left = items.len();
        while left >= 1 << 21 {
            let [a, b] = self.below([left as u32, left as u32 - 1]);
            items.swap(left - 1, a);
            items.swap(left - 2, b);
            left -= 2;
        }
        while left > 3 {
            let [a, b, c] = self.below([left as u32, left as u32 - 1, left as u32 - 2]);
            items.swap(left - 1, a);
            items.swap(left - 2, b);
            items.swap(left - 3, c);
            left -= 3;
        }
        while left > 1 {
            let [a] = self.below([left as u32]);
            items.swap(left - 1, a);
            left -= 1;
        }
    }
}

/// The high 32 bits above 64, and the low 64, of a product; written for machines without 128 bits, such as wasm.
#[inline]
fn widening(a: u64, b: u32) -> (u64, u64) {
    let b = u64::from(b);
    let high = (a >> 32) * b + (((a & 0xffff_ffff) * b) >> 32);
    (high >> 32, a.wrapping_mul(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_and_low_halves_are_those_of_128_bits() {
        for (a, b) in [(0, 7), (u64::MAX, u32::MAX), (0x1234_5678_9abc_def0, 3_000_000_001)] {
            let product = u128::from(a) * u128::from(b);
            assert_eq!(widening(a, b), ((product >> 64) as u64, product as u64));
        }
    }

    #[test]
    fn every_order_of_five_is_as_likely_as_any_other() {
        let (mut counts, mut draws) = (std::collections::BTreeMap::new(), Quick::new(3, 0));
        for _ in 0..120_000 {
            let mut items = [0u8, 1, 2, 3, 4];
            draws.shuffle(&mut items);
            *counts.entry(items).or_insert(0.0) += 1.0;
        }
        assert_eq!(counts.len(), 120);
        // Chi square with 119 degrees of freedom: mean 119, standard deviation 15.4.
        let chi: f64 = counts.values().map(|count| (count - 1000.0f64).powi(2) / 1000.0).sum();
        assert!((55.0..185.0).contains(&chi), "{chi}");
    }

    #[test]
    fn long_lists_stay_complete_and_differ_between_permutations() {
        let shuffled = |permutation| {
            let mut items: Vec<u32> = (0..(1 << 21) + 5).collect();
            Quick::new(1, permutation).shuffle(&mut items);
            items
        };
        let (first, second) = (shuffled(0), shuffled(1));
        let mean_move = |items: &[u32]| {
            items.iter().zip(0..).map(|(item, at): (&u32, u32)| f64::from(item.abs_diff(at))).sum::<f64>()
                / (items.len() as f64).powi(2)
        };
        // A third of the length, for independent places.
        assert!((mean_move(&first) - 1.0 / 3.0).abs() < 0.002 && first != second);
        let mut sorted = first;
        sorted.sort_unstable();
        assert!(sorted.iter().zip(0..).all(|(item, at)| *item == at));
    }
}

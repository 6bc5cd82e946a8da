//! Sums of values by label, two labellings at a time.
//!
//! What bounds such sums is one load, addition and store for each value and labelling. A table of the labels under two
//! labellings takes both at once; the sums of its rows are those of the one, the sums of its columns those of the other.

use super::super::labellings::Code;
use super::counts::LANES;

const PAIRS: usize = LANES / 2;
/// Tables of more labels than this do not fit the first cache.
const MOST_LABELS: usize = 32;

/// Labels of the places under each two labellings, and a table for each. `S` is a power of two, not below the number of
/// labels.
#[derive(Default)]
pub(super) struct Joint<const S: usize> {
    keys: Vec<[u16; PAIRS]>,
    tables: Vec<[[f64; S]; S]>,
}

impl<const S: usize> Joint<S> {
    /// Takes the labels of the places.
    pub fn start<T: Code>(&mut self, labels: &[[T; LANES]]) {
        self.keys.clear();
        if S <= MOST_LABELS {
            self.tables.resize(PAIRS, [[0.0; S]; S]);
            self.keys.extend(labels.iter().map(|labels| {
                let lane = |second: usize| std::array::from_fn(|pair| labels[2 * pair + second]);
                T::keys::<S, PAIRS>(lane(0), lane(1)).map(|key| key as u16)
            }));
        }
    }

    /// Whether a gene with so many values is summed sooner so than one labelling at a time.
    pub fn suits(&self, values: usize) -> bool {
        S <= MOST_LABELS && values > S * S
    }

    /// The sums of one gene's values at places that were given to `start`.
    pub fn sums(&mut self, places: &[u32], values: &[f32]) -> [[f64; S]; LANES] {
        let mut sums = [[0.0; S]; LANES];
        // As many as there are pairs, which the compiler may know.
        let Ok(tables) = <&mut [_; PAIRS]>::try_from(self.tables.as_mut_slice()) else { return sums };
        for (&place, &value) in places.iter().zip(values) {
            let (keys, value) = (self.keys[place as usize], f64::from(value));
            for pair in 0..PAIRS {
                // The mask changes nothing: it spares the check of the bounds.
                tables[pair].as_flattened_mut()[usize::from(keys[pair]) & (S * S - 1)] += value;
            }
        }
        for (table, [one, other]) in tables.iter_mut().zip(sums.as_chunks_mut().0) {
            for (row, sum) in table.iter_mut().zip(one) {
                *sum = row.iter().sum();
                other.iter_mut().zip(row.iter()).for_each(|(other, part)| *other += part);
                *row = [0.0; S];
            }
        }
        sums
    }
}

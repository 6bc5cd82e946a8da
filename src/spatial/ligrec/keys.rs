//! What a place is under eight labellings, as indices into tables of sums.
//!
//! One value at a time, what bounds sums by label is one load, addition and store for each value and labelling. A table with
//! an entry for each two labels takes two labellings at once: the sums of its rows are those of the one labelling, the sums
//! of its columns those of the other.

use super::super::labellings::Code;

/// Labellings side by side.
pub(super) const LANES: usize = 8;

/// For each place `K` indices below `N`, a power of two: of pairs of labels with four, of labels with eight.
#[derive(Default)]
pub(super) struct Keys<const N: usize, const K: usize> {
    keys: Vec<[u16; K]>,
}

impl<const N: usize, const K: usize> Keys<N, K> {
    /// Labellings that share a table.
    const SHARE: usize = LANES / K;
    /// A power of two, not below the number of labels.
    const LABELS: usize = if Self::SHARE == 2 { 1 << (N.ilog2() / 2) } else { N };

    /// Takes the labels of the places.
    pub fn start<T: Code>(&mut self, labels: &[[T; LANES]]) {
        const { assert!(K * Self::SHARE == LANES && Self::SHARE <= 2 && N.is_power_of_two() && N <= 1 << 16) };
        self.keys.clear();
        self.keys.extend(labels.iter().map(|labels| match Self::SHARE {
            2 => {
                let lanes = |second: usize| -> [T; K] { std::array::from_fn(|table| labels[2 * table + second]) };
                T::keys(Self::LABELS, lanes(0), lanes(1)).map(|key| key as u16)
            }
            _ => std::array::from_fn(|table| labels[table].index() as u16),
        }));
    }

    /// The indices of the places that were given to `start`.
    pub fn places(&self) -> &[[u16; K]] {
        &self.keys
    }

    /// Hands out the sum of the entries of each lane and label.
    #[inline(always)]
    pub fn margins<V: Copy + Default>(
        tables: &[[V; N]; K],
        add: impl Fn(&mut V, V),
        mut put: impl FnMut(usize, usize, V),
    ) {
        for (table, entries) in tables.iter().enumerate() {
            if Self::SHARE == 1 {
                entries.iter().enumerate().for_each(|(label, entry)| put(table, label, *entry));
                continue;
            }
            let mut columns = [V::default(); N];
            for (label, entries) in entries.chunks_exact(Self::LABELS).enumerate() {
                let mut row = V::default();
                for (column, entry) in columns.iter_mut().zip(entries) {
                    add(&mut row, *entry);
                    add(column, *entry);
                }
                put(2 * table, label, row);
            }
            (0..Self::LABELS).for_each(|label| put(2 * table + 1, label, columns[label]));
        }
    }
}

//! Sums of values by label: eight genes of a place lie side by side, so that one addition serves a whole register of them,
//! whether they are expressed or not. Whole numbers, whose sums are exact.

use super::keys::{Keys, LANES};

/// Genes in a block.
const WIDTH: usize = 8;
/// Below this share of expressing cells single values are quicker, and not larger.
const DENSE_SHARE: f64 = 0.125;
/// The greatest number in a block: sums of 16,383 of them fit 32 bits.
pub(super) const GREATEST: i32 = 1 << 17;

/// One gene of a block: its values, other than 0, are whole multiples of `step`, at most [`GREATEST`] times as large.
pub(super) struct Column<'a> {
    pub slot: usize,
    pub step: f64,
    pub places: &'a [u32],
    pub values: &'a [f32],
}

/// Numbers of the genes of a block: a register, where it may be one.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Numbers([i32; WIDTH]);

/// Up to eight genes.
pub(super) struct Block {
    /// Slots of the genes, and what their numbers are multiples of.
    genes: Vec<(usize, f64)>,
    /// A row a place.
    rows: Vec<Numbers>,
    /// So many rows fit a sum of 32 bits.
    fitting: usize,
}

/// What is summed where, so that it can be compiled for several widths of registers.
struct Work<'a, const N: usize, const K: usize> {
    block: &'a Block,
    keys: &'a Keys<N, K>,
    n_labels: usize,
    sums: &'a mut [[f64; LANES]],
}

/// Whether a gene with so many values in a section of `n` cells goes here.
pub(super) fn suit(values: usize, n: usize) -> bool {
    values as f64 >= DENSE_SHARE * n as f64
}

impl Block {
    /// Blocks of genes in a section of `n` places.
    pub fn blocks(genes: &[Column], n: usize) -> Vec<Self> {
        genes.chunks(WIDTH).map(|genes| Self::new(genes, n)).collect()
    }

    /// Whether tables of sums fit the first cache, as they should.
    pub const fn near<const N: usize, const K: usize>() -> bool {
        N * K * size_of::<Numbers>() <= 1 << 15
    }

    fn new(genes: &[Column], n: usize) -> Self {
        let (mut rows, mut greatest) = (vec![Numbers::default(); n], 1);
        for (at, gene) in genes.iter().enumerate() {
            for (&place, &value) in gene.places.iter().zip(gene.values) {
                let number = (f64::from(value) / gene.step) as i32;
                rows[place as usize].0[at] = number;
                greatest = greatest.max(number.unsigned_abs());
            }
        }
        let genes = genes.iter().map(|gene| (gene.slot, gene.step)).collect();
        Self { genes, rows, fitting: (i32::MAX.unsigned_abs() / greatest).max(1) as usize }
    }

    /// Adds to `sums[slot * n_labels + label]`.
    pub fn add<const N: usize, const K: usize>(&self, keys: &Keys<N, K>, n_labels: usize, sums: &mut [[f64; LANES]]) {
        pulp::Arch::new().dispatch(Work { block: self, keys, n_labels, sums });
    }
}

impl<const N: usize, const K: usize> pulp::WithSimd for Work<'_, N, K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<I: pulp::Simd>(self, _: I) {
        let Self { block, keys, n_labels, sums } = self;
        let mut tables = [[Numbers::default(); N]; K];
        for (rows, keys) in block.rows.chunks(block.fitting).zip(keys.places().chunks(block.fitting)) {
            for (Numbers(row), keys) in rows.iter().zip(keys) {
                for (table, key) in tables.iter_mut().zip(keys) {
                    // The mask changes nothing: it spares the check of the bounds.
                    let Numbers(entry) = &mut table[usize::from(*key) & (N - 1)];
                    *entry = std::array::from_fn(|gene| entry[gene] + row[gene]);
                }
            }
            Keys::margins(
                &tables,
                |sum, entry| sum.0 = std::array::from_fn(|gene| sum.0[gene] + entry.0[gene]),
                |lane, label, sum| {
                    if label < n_labels {
                        for ((slot, step), number) in block.genes.iter().zip(sum.0) {
                            sums[slot * n_labels + label][lane] += f64::from(number) * step;
                        }
                    }
                },
            );
            tables.as_flattened_mut().fill(Numbers::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of 20 genes, among them negative and great values, are the same by blocks, in several pieces of rows, and one
    /// value at a time.
    fn blocks_add_what_single_values_add<const N: usize, const K: usize>(n_labels: usize) {
        let n = 40_000u32;
        let values = |gene: u32| {
            let places: Vec<u32> = (0..n).filter(|place| (place * 7 + gene) % 5 < 3).collect();
            let most = if gene < 10 { GREATEST as u32 } else { 6 };
            let sign = if gene.is_multiple_of(3) { -0.25 } else { 0.25 };
            let values: Vec<f32> = places.iter().map(|place| (most - place * gene % most) as f32 * sign).collect();
            (places, values)
        };
        let genes: Vec<_> = (0..20).map(values).collect();
        let columns: Vec<Column> = genes
            .iter()
            .enumerate()
            .map(|(slot, (places, values))| Column { slot, step: 0.25, places, values })
            .collect();
        let labels: Vec<[u8; LANES]> = (0..n)
            .map(|place| std::array::from_fn(|lane| (place as usize * (lane + 3) % 1009 % n_labels) as u8))
            .collect();
        let mut keys = Keys::<N, K>::default();
        keys.start(&labels);
        let blocks = Block::blocks(&columns, n as usize);
        assert!(blocks.len() == 3 && blocks[0].fitting == 16_383);
        let sums = |arch: pulp::Arch| {
            let mut sums = vec![[0.0; LANES]; genes.len() * n_labels];
            for block in &blocks {
                arch.dispatch(Work { block, keys: &keys, n_labels, sums: &mut sums });
            }
            sums
        };
        let mut expected = vec![[0.0; LANES]; genes.len() * n_labels];
        for (slot, (places, values)) in genes.iter().enumerate() {
            for (&place, &value) in places.iter().zip(values) {
                for (lane, &label) in labels[place as usize].iter().enumerate() {
                    expected[slot * n_labels + usize::from(label)][lane] += f64::from(value);
                }
            }
        }
        // In wide registers, and in those that every machine has.
        assert_eq!(sums(pulp::Arch::new()), expected);
        assert_eq!(sums(pulp::Arch::Scalar), expected);
    }

    #[test]
    fn blocks_add_what_single_values_add_for_pairs_of_labels() {
        blocks_add_what_single_values_add::<256, 4>(15);
        blocks_add_what_single_values_add::<1024, 4>(32);
    }

    #[test]
    fn blocks_add_what_single_values_add_for_single_labels() {
        blocks_add_what_single_values_add::<128, 8>(101);
    }
}

//! Sums of counts by label: 32 genes of a cell lie side by side, so that one addition serves a whole register of them.
//!
//! One value at a time, what bounds the sums is one store for each value and labelling. Here a labelling costs 32 genes
//! two or four stores, whether they are expressed or not. Whole numbers alone: their sums are exact in 16 bits.

use super::super::labellings::Code;
use super::super::line::Line;

/// Labellings side by side.
pub(super) const LANES: usize = 8;
/// Genes in a block.
const WIDTH: usize = 32;
/// Below this share of expressing cells single values are quicker, and less than half as large.
const DENSE_SHARE: f64 = 0.0625;
/// So many rows fit a sum of 32 bits.
const FITTING: usize = 1 << 24;

/// Up to 32 genes whose values are whole numbers up to 255.
pub(super) struct CountBlock {
    /// Slots of the genes.
    genes: Vec<usize>,
    /// A row a place.
    rows: Vec<[u8; WIDTH]>,
    /// So many rows fit a sum of 16 bits.
    fitting: usize,
}

/// What is summed where, so that it can be compiled for several widths of registers.
struct Work<'a, T, const S: usize> {
    block: &'a CountBlock,
    labels: &'a [[T; LANES]],
    n_labels: usize,
    sums: &'a mut [[f64; LANES]],
}

/// Whether a gene of these values other than 0, in a section of `n` cells, goes here.
pub(super) fn suit(values: &[f32], n: usize) -> bool {
    values.len() as f64 >= DENSE_SHARE * n as f64 && values.iter().all(|&value| f32::from(value as u8) == value)
}

impl CountBlock {
    /// Blocks of genes, each with its slot, the places where it is not 0 (no one twice) and the values there.
    pub fn blocks(genes: &[(usize, &[u32], &[f32])], n: usize) -> Vec<Self> {
        genes.chunks(WIDTH).map(|genes| Self::new(genes, n)).collect()
    }

    fn new(genes: &[(usize, &[u32], &[f32])], n: usize) -> Self {
        let (mut rows, mut greatest) = (vec![[0; WIDTH]; n], 1);
        for (at, (_, places, values)) in genes.iter().enumerate() {
            for (&place, &value) in places.iter().zip(*values) {
                rows[place as usize][at] = value as u8;
                greatest = greatest.max(value as u16);
            }
        }
        Self { genes: genes.iter().map(|gene| gene.0).collect(), rows, fitting: usize::from(u16::MAX / greatest) }
    }

    /// Adds to `sums[slot * n_labels + label]`. `S` is a power of two, not below the number of labels.
    pub fn add<T: Code, const S: usize>(&self, labels: &[[T; LANES]], n_labels: usize, sums: &mut [[f64; LANES]]) {
        pulp::Arch::new().dispatch(Work::<T, S> { block: self, labels, n_labels, sums });
    }
}

impl<T: Code, const S: usize> pulp::WithSimd for Work<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<I: pulp::Simd>(self, _: I) {
        let Self { block, labels, n_labels, sums } = self;
        let mut row = [0u16; WIDTH];
        let mut narrow = vec![[Line([0u16; WIDTH]); LANES]; S];
        let mut wide = vec![[[0u32; WIDTH]; LANES]; n_labels];
        for (rows, labels) in block.rows.chunks(FITTING).zip(labels.chunks(FITTING)) {
            for (rows, labels) in rows.chunks(block.fitting).zip(labels.chunks(block.fitting)) {
                for (values, labels) in rows.iter().zip(labels) {
                    row.iter_mut().zip(values).for_each(|(wide, &value)| *wide = u16::from(value));
                    for (lane, label) in labels.iter().enumerate() {
                        // The mask changes nothing: it spares the check of the bounds.
                        let Line(sums) = &mut narrow[label.index() & (S - 1)][lane];
                        sums.iter_mut().zip(&row).for_each(|(sum, value)| *sum += value);
                    }
                }
                for (wide, Line(narrow)) in wide.as_flattened_mut().iter_mut().zip(narrow.as_flattened_mut()) {
                    (0..WIDTH).for_each(|gene| wide[gene] += u32::from(narrow[gene]));
                    *narrow = [0; WIDTH];
                }
            }
            for (label, wide) in wide.iter_mut().enumerate() {
                for (lane, wide) in wide.iter_mut().enumerate() {
                    for (slot, sum) in block.genes.iter().zip(&*wide) {
                        sums[slot * n_labels + label][lane] += f64::from(*sum);
                    }
                    *wide = [0; WIDTH];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_add_what_single_values_add() {
        // 40 genes: two blocks; the first with counts so large that 16 bits hold 257 of the 700 rows.
        let (n, n_labels) = (700u32, 11);
        let values = |gene: u32| {
            let places: Vec<u32> = (0..n).filter(|place| (place * 7 + gene) % 5 < 3).collect();
            let most = if gene < 20 { 255 } else { 6 };
            let values: Vec<f32> = places.iter().map(|place| (1 + (place * gene) % most) as f32).collect();
            (places, values)
        };
        let genes: Vec<_> = (0..40).map(values).collect();
        let parts: Vec<_> =
            (0..).zip(&genes).map(|(slot, gene)| (slot, gene.0.as_slice(), gene.1.as_slice())).collect();
        let labels: Vec<[u8; LANES]> = (0..n)
            .map(|place| std::array::from_fn(|lane| (place as usize * (lane + 3) % 101 % n_labels) as u8))
            .collect();
        let mut sums = vec![[0.0; LANES]; genes.len() * n_labels];
        let blocks = CountBlock::blocks(&parts, n as usize);
        assert_eq!(blocks.len(), 2);
        blocks.iter().for_each(|block| block.add::<u8, 16>(&labels, n_labels, &mut sums));
        let mut expected = vec![[0.0; LANES]; sums.len()];
        for (slot, places, values) in parts {
            for (&place, &value) in places.iter().zip(values) {
                for (lane, &label) in labels[place as usize].iter().enumerate() {
                    expected[slot * n_labels + usize::from(label)][lane] += f64::from(value);
                }
            }
        }
        assert_eq!(sums, expected);
    }

    #[test]
    fn whole_numbers_of_enough_cells_alone_are_summed_so() {
        assert!(suit(&[1.0, 255.0], 10));
        assert!(!suit(&[1.0, 255.0], 100), "too few cells");
        for value in [0.5, 256.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(!suit(&[1.0, value], 10), "{value}");
        }
    }
}

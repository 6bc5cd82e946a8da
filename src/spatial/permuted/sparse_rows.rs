//! Hundreds of sparse genes as a short list a cell, moved by a shuffle as a whole.
//!
//! A gene at a time, a shuffle would scatter its values over the section and look at the neighbours of each: a dozen reads
//! at random places for every value. Here a shuffle copies the lists into the order of the places, one read at random for
//! each cell; then the lists of neighbours, which lie near each other, are multiplied.

use super::super::block::{Gene, Raw};
use super::Pairs;

/// Genes in one set: its tables, of 8 bytes a gene each, fit the first cache.
const MOST_GENES: usize = 512;
/// Values in one set: 64 MB, and as much for each thread.
const MOST_VALUES: usize = 8 << 20;

/// A value other than 0, of a gene of the set.
#[derive(Clone, Copy)]
struct Entry {
    gene: u32,
    value: f32,
}

/// Genes as rows of cells.
pub(super) struct SparseRows {
    n_genes: usize,
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

/// How many of the genes, at least one, make one set.
pub(super) fn fitting<'a>(genes: impl Iterator<Item = &'a Gene>) -> usize {
    let mut stored = 0;
    let fits = |gene: &&Gene| {
        stored += gene.stored();
        stored <= MOST_VALUES
    };
    genes.take(MOST_GENES).take_while(fits).count().max(1)
}

impl SparseRows {
    /// O(cells + values).
    pub fn new(genes: &[&Gene], n: usize) -> Self {
        let mut starts = vec![0u32; n + 1];
        genes.iter().flat_map(|gene| &gene.column().cells).for_each(|&cell| starts[cell as usize + 1] += 1);
        (0..n).for_each(|cell| starts[cell + 1] += starts[cell]);
        let mut next = starts.clone();
        let mut entries = vec![Entry { gene: 0, value: 0.0 }; starts[n] as usize];
        for (gene, column) in (0..).zip(genes.iter().map(|gene| gene.column())) {
            for (&cell, &value) in column.cells.iter().zip(&column.values) {
                let next = &mut next[cell as usize];
                entries[*next as usize] = Entry { gene, value };
                *next += 1;
            }
        }
        Self { n_genes: genes.len(), starts, entries }
    }

    fn row(&self, cell: usize) -> &[Entry] {
        &self.entries[self.starts[cell] as usize..self.starts[cell + 1] as usize]
    }

    /// The sums under each shuffle. O(pairs · values a cell) each.
    pub fn each(&self, pairs: &Pairs, shuffles: &[Vec<u32>]) -> impl Iterator<Item = Vec<Raw>> {
        let (starts, entries) = (Vec::with_capacity(self.starts.len()), Vec::with_capacity(self.entries.len()));
        let mut shuffled = Self { n_genes: self.n_genes, starts, entries };
        shuffles.iter().map(move |cells| {
            self.moved(cells, &mut shuffled);
            shuffled.sums(pairs)
        })
    }

    fn moved(&self, cells: &[u32], to: &mut Self) {
        to.starts.clear();
        to.entries.clear();
        to.starts.push(0);
        for &cell in cells {
            to.entries.extend_from_slice(self.row(cell as usize));
            to.starts.push(to.entries.len() as u32);
        }
    }

    fn sums(&self, pairs: &Pairs) -> Vec<Raw> {
        let mut sums = vec![Raw::default(); self.n_genes];
        // For each gene its value at one place, 0 where it has none, and its sum so far.
        let mut products = vec![(0.0, 0.0); self.n_genes];
        for place in 0..self.starts.len() - 1 {
            let row = self.row(place);
            let margin = pairs.margin(place);
            for entry in row {
                let value = f64::from(entry.value);
                let sums = &mut sums[entry.gene as usize];
                sums.linear += margin * value;
                sums.quadratic += margin * value * value;
                products[entry.gene as usize].0 = value;
            }
            let (others, weights) = pairs.row(place);
            for (&other, &weight) in others.iter().zip(weights) {
                for entry in self.row(other as usize) {
                    let (own, cross) = &mut products[entry.gene as usize];
                    *cross += *own * (weight * f64::from(entry.value));
                }
            }
            row.iter().for_each(|entry| products[entry.gene as usize].0 = 0.0);
        }
        sums.iter_mut().zip(products).for_each(|(sums, (_, cross))| sums.cross = cross);
        sums
    }
}

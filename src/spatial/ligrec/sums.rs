//! Mean expression of genes by label, or over the edges between labels, for several labellings side by side.

use super::super::Graph;
use super::super::graph::Undirected;
use super::super::labellings::{Code, Labellings, NOWHERE};
use super::blocks::{self, Block, Column, GREATEST};
use super::keys::{Keys, LANES};
use crate::cells::Csr;

/// The expression of chosen genes at the places of the labelled cells, gene by gene, and the edges between the places where
/// the statistic is on edges.
pub(super) struct Expression {
    indptr: Vec<usize>,
    places: Vec<u32>,
    values: Vec<f32>,
    /// What the values of a gene are multiples of, once they are rounded; or 0.
    steps: Vec<f64>,
    adjacency: Option<Adjacency>,
}

/// Genes that are expressed in many cells, once more.
pub(super) struct Dense {
    slots: Vec<bool>,
    blocks: Vec<Block>,
}

impl Dense {
    /// None of so many genes.
    pub fn none(genes: usize) -> Self {
        Self { slots: vec![false; genes], blocks: Vec::new() }
    }
}

/// Neighbours of each place, from either side.
struct Adjacency {
    indptr: Vec<usize>,
    neighbours: Vec<u32>,
}

impl Expression {
    /// `genes` are columns of `matrix`, no one twice. O(stored values · log).
    pub fn new(matrix: &Csr, genes: &[u32], labellings: &Labellings, edges_of: Option<&Graph>) -> Self {
        const NOT_CHOSEN: u32 = u32::MAX;
        let mut slots = vec![NOT_CHOSEN; matrix.n_cols()];
        genes.iter().zip(0..).for_each(|(&gene, slot)| slots[gene as usize] = slot);
        let chosen = |cell: u32| {
            let (indices, values) = matrix.row(cell as usize);
            let slots = &slots;
            let entries = indices.iter().zip(values).map(move |(&gene, &value)| (slots[gene as usize], value));
            entries.filter(|&(slot, value)| slot != NOT_CHOSEN && value != 0.0)
        };
        let mut indptr = vec![0usize; genes.len() + 1];
        labellings.order.iter().flat_map(|&cell| chosen(cell)).for_each(|(slot, _)| indptr[slot as usize + 1] += 1);
        (0..genes.len()).for_each(|slot| indptr[slot + 1] += indptr[slot]);
        let stored = indptr[genes.len()];
        let (mut places, mut values, mut next) = (vec![0; stored], vec![0.0; stored], indptr.clone());
        for (&cell, place) in labellings.order.iter().zip(0..) {
            for (slot, value) in chosen(cell) {
                let at = &mut next[slot as usize];
                places[*at] = place;
                values[*at] = value;
                *at += 1;
            }
        }
        let adjacency = edges_of.map(|graph| Adjacency::new(graph, labellings));
        Self { indptr, places, values, steps: vec![0.0; genes.len()], adjacency }
    }

    /// Makes the values of each gene multiples of a step, at most 131,072 steps large, so that their sums are exact in any
    /// order. Whole numbers up to that remain as they are; others are rounded by less than 8 millionths of the gene's greatest
    /// and a thousandth of its median value, or remain as they are too where that cannot be.
    pub fn round(&mut self) {
        for (range, step) in self.indptr.windows(2).zip(&mut self.steps) {
            let values = &mut self.values[range[0]..range[1]];
            *step = step_of(values);
            if *step > 0.0 {
                values.iter_mut().for_each(|value| *value = ((f64::from(*value) / *step).round() * *step) as f32);
            }
        }
    }

    /// The genes whose sums are quicker so, after rounding. `n` is the number of places.
    pub fn dense<const N: usize, const K: usize>(&self, n: usize) -> Dense {
        if self.adjacency.is_some() || !Block::near::<N, K>() {
            return Dense::none(self.steps.len());
        }
        let column = |slot: usize| {
            let range = self.indptr[slot]..self.indptr[slot + 1];
            Column { slot, step: self.steps[slot], places: &self.places[range.clone()], values: &self.values[range] }
        };
        let suits = |column: &Column| {
            let distinct = column.places.windows(2).all(|pair| pair[0] != pair[1]);
            column.step > 0.0 && blocks::suit(column.places.len(), n) && distinct
        };
        let slots: Vec<bool> = (0..self.steps.len()).map(|slot| suits(&column(slot))).collect();
        let columns: Vec<Column> = (0..slots.len()).filter(|&slot| slots[slot]).map(column).collect();
        Dense { slots, blocks: Block::blocks(&columns, n) }
    }

    /// How many numbers there are of each gene: labels, or labels × labels.
    pub fn width(&self, n_labels: usize) -> usize {
        if self.adjacency.is_some() { n_labels * n_labels } else { n_labels }
    }

    /// `means[gene * width + label]`, or `[… + own label * labels + other label]` over edges, a lane a labelling. Where there
    /// is no cell, or no edge, the mean is 0. Entries of one gene in one cell are summed.
    pub fn means<T: Code, const N: usize, const K: usize>(
        &self,
        labels: &[[T; LANES]],
        n_labels: usize,
        (keys, dense): (&mut Keys<N, K>, &Dense),
        means: &mut [[f64; LANES]],
    ) {
        match &self.adjacency {
            None => self.means_by_label(labels, n_labels, (keys, dense), means),
            Some(adjacency) => self.means_over_edges(adjacency, labels, n_labels, means),
        }
    }

    fn means_by_label<T: Code, const N: usize, const K: usize>(
        &self,
        labels: &[[T; LANES]],
        n_labels: usize,
        (keys, dense): (&mut Keys<N, K>, &Dense),
        means: &mut [[f64; LANES]],
    ) {
        // Every labelling has as many cells of a label.
        let mut cells = vec![0.0f64; n_labels];
        labels.iter().for_each(|own| cells[own[0].index()] += 1.0);
        means.fill([0.0; LANES]);
        keys.start(labels);
        let mut tables = [[0.0; N]; K];
        for (gene, sums) in means.chunks_exact_mut(n_labels).enumerate().filter(|(gene, _)| !dense.slots[*gene]) {
            let range = self.indptr[gene]..self.indptr[gene + 1];
            let values = self.places[range.clone()].iter().zip(&self.values[range]);
            if values.len() < N {
                for (&place, &value) in values {
                    let own = &labels[place as usize];
                    (0..LANES).for_each(|lane| sums[own[lane].index()][lane] += f64::from(value));
                }
                continue;
            }
            for (&place, &value) in values {
                let (keys, value) = (&keys.places()[place as usize], f64::from(value));
                for (table, &key) in tables.iter_mut().zip(keys) {
                    // The mask changes nothing: it spares the check of the bounds.
                    table[usize::from(key) & (N - 1)] += value;
                }
            }
            Keys::margins(
                &tables,
                |sum, entry| *sum += entry,
                |lane, label, sum| {
                    if let Some(sums) = sums.get_mut(label) {
                        sums[lane] = sum;
                    }
                },
            );
            tables.as_flattened_mut().fill(0.0);
        }
        dense.blocks.iter().for_each(|block| block.add(keys, n_labels, means));
        for means in means.chunks_exact_mut(n_labels) {
            for (mean, cells) in means.iter_mut().zip(&cells) {
                mean.iter_mut().for_each(|mean| *mean /= cells.max(1.0));
            }
        }
    }

    fn means_over_edges<T: Code>(
        &self,
        adjacency: &Adjacency,
        labels: &[[T; LANES]],
        n_labels: usize,
        means: &mut [[f64; LANES]],
    ) {
        let width = n_labels * n_labels;
        let add = |sums: &mut [[f64; LANES]], place: usize, value: f64| {
            let own = &labels[place];
            for &other in adjacency.row(place) {
                let other = &labels[other as usize];
                (0..LANES).for_each(|lane| sums[own[lane].index() * n_labels + other[lane].index()][lane] += value);
            }
        };
        let mut counts = vec![[0.0f64; LANES]; width];
        (0..labels.len()).for_each(|place| add(&mut counts, place, 1.0));
        for (gene, sums) in means.chunks_exact_mut(width).enumerate() {
            sums.fill([0.0; LANES]);
            let range = self.indptr[gene]..self.indptr[gene + 1];
            for (&place, &value) in self.places[range.clone()].iter().zip(&self.values[range]) {
                add(sums, place as usize, f64::from(value));
            }
            for (sum, count) in sums.iter_mut().zip(&counts) {
                (0..LANES).for_each(|lane| sum[lane] /= count[lane].max(1.0));
            }
        }
    }

    /// For each gene and label, the share of its cells that express the gene (value above 0).
    pub fn shares<T: Code>(&self, labels: &[T], n_labels: usize) -> Vec<f64> {
        let mut cells = vec![0.0f64; n_labels];
        labels.iter().for_each(|label| cells[label.index()] += 1.0);
        let mut shares = vec![0.0; (self.indptr.len() - 1) * n_labels];
        for (gene, shares) in shares.chunks_exact_mut(n_labels).enumerate() {
            let range = self.indptr[gene]..self.indptr[gene + 1];
            let above = self.places[range.clone()].iter().zip(&self.values[range]).filter(|(_, value)| **value > 0.0);
            above.for_each(|(&place, _)| shares[labels[place as usize].index()] += 1.0);
            shares.iter_mut().zip(&cells).for_each(|(share, cells)| *share /= cells.max(1.0));
        }
        shares
    }
}

/// What the values of a gene become multiples of, a power of two; 0 if they must stay as they are: one is not finite, or most
/// are so small beside the greatest that rounding would tell.
fn step_of(values: &[f32]) -> f64 {
    let greatest = values.iter().fold(0.0f64, |most, &value| most.max(f64::from(value).abs()));
    if values.iter().any(|value| !value.is_finite()) || greatest < 1e-30 {
        return 0.0;
    }
    if greatest <= f64::from(GREATEST) && values.iter().all(|value| value.fract() == 0.0) {
        return 1.0;
    }
    let step = (greatest / f64::from(GREATEST)).log2().ceil().exp2();
    let mut sizes: Vec<f32> = values.iter().map(|value| value.abs()).collect();
    let middle = sizes.len() / 2;
    let (_, median, _) = sizes.select_nth_unstable_by(middle, f32::total_cmp);
    if step < 0.002 * f64::from(*median) { step } else { 0.0 }
}

impl Adjacency {
    fn new(graph: &Graph, labellings: &Labellings) -> Self {
        let undirected = Undirected::new(graph);
        let places = labellings.places(graph.n_cells());
        let (mut indptr, mut neighbours) = (vec![0], Vec::new());
        for &cell in &labellings.order {
            let row = undirected.row(cell as usize).iter().map(|&other| places[other as usize]);
            neighbours.extend(row.filter(|&place| place != NOWHERE));
            indptr.push(neighbours.len());
        }
        Self { indptr, neighbours }
    }

    fn row(&self, place: usize) -> &[u32] {
        &self.neighbours[self.indptr[place]..self.indptr[place + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_stay_and_others_are_rounded_little_or_not() {
        assert_eq!(step_of(&[1.0, 255.0, 131_072.0]), 1.0);
        assert_eq!(step_of(&[70_000.5, 131_072.0]), 1.0, "the greatest decides");
        assert_eq!(step_of(&[131_073.0]), 2.0);
        assert_eq!(step_of(&[-0.75]), 0.5f64.powi(17));
        assert_eq!(step_of(&[3.3]), 0.5f64.powi(15));
        for values in [[f32::NAN, 1.0], [f32::INFINITY, 1.0], [0.0, 0.0], [1e-38, 1e-38]] {
            assert_eq!(step_of(&values), 0.0, "{values:?}");
        }
        assert_eq!(step_of(&[0.5, 0.7, 0.9, 1e6]), 0.0, "small beside the greatest");
        for greatest in [0.1f32, 0.9999, 1.0001, 7.3, 1e20] {
            let step = step_of(&[greatest, 0.3 * greatest]);
            assert!(step > 0.0 && f64::from(greatest) / step <= f64::from(GREATEST), "{greatest}");
            assert!(step / 2.0 < 8e-6 * f64::from(greatest), "{greatest}");
        }
    }
}

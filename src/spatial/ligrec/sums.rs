//! Mean expression of genes by label, or over the edges between labels, for several labellings side by side.

use super::super::Graph;
use super::super::labellings::{Code, Labellings, NOWHERE};
use super::super::undirected::Undirected;
use super::counts::{self, CountBlock, LANES};
use super::joint::Joint;
use crate::cells::Csr;

/// The expression of chosen genes at the places of the labelled cells, gene by gene, and the edges between the places where
/// the statistic is on edges.
pub(super) struct Expression {
    indptr: Vec<usize>,
    places: Vec<u32>,
    values: Vec<f32>,
    /// Genes that are in `blocks` as well.
    in_blocks: Vec<bool>,
    blocks: Vec<CountBlock>,
    adjacency: Option<Adjacency>,
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
        let n = labellings.order.len();
        let range = |slot: usize| indptr[slot]..indptr[slot + 1];
        let distinct = |places: &[u32]| places.windows(2).all(|pair| pair[0] != pair[1]);
        let suits =
            |slot| adjacency.is_none() && counts::suit(&values[range(slot)], n) && distinct(&places[range(slot)]);
        let in_blocks: Vec<bool> = (0..genes.len()).map(suits).collect();
        let chosen = (0..genes.len()).filter(|&slot| in_blocks[slot]);
        let mut chosen: Vec<_> = chosen.map(|slot| (slot, &places[range(slot)], &values[range(slot)])).collect();
        // Like with like: a block holds sums of 16 bits the longer, the smaller its greatest count.
        chosen.sort_by_cached_key(|(_, _, values)| values.iter().fold(0, |most, &value| most.max(value as u8)));
        let blocks = CountBlock::blocks(&chosen, n);
        Self { indptr, places, values, in_blocks, blocks, adjacency }
    }

    /// How many numbers there are of each gene: labels, or labels × labels.
    pub fn width(&self, n_labels: usize) -> usize {
        if self.adjacency.is_some() { n_labels * n_labels } else { n_labels }
    }

    /// `means[gene * width + label]`, or `[… + own label * labels + other label]` over edges, a lane a labelling. Where there
    /// is no cell, or no edge, the mean is 0. Entries of one gene in one cell are summed. `S` is a power of two, not below
    /// the number of labels.
    pub fn means<T: Code, const S: usize>(
        &self,
        labels: &[[T; LANES]],
        n_labels: usize,
        joint: &mut Joint<S>,
        means: &mut [[f64; LANES]],
    ) {
        match &self.adjacency {
            None => self.means_by_label(labels, n_labels, joint, means),
            Some(adjacency) => self.means_over_edges(adjacency, labels, n_labels, means),
        }
    }

    fn means_by_label<T: Code, const S: usize>(
        &self,
        labels: &[[T; LANES]],
        n_labels: usize,
        joint: &mut Joint<S>,
        means: &mut [[f64; LANES]],
    ) {
        // The masks change nothing: they spare the check of the bounds.
        let add = |table: &mut [[f64; S]; LANES], own: &[T; LANES], value: f64| {
            (0..LANES).for_each(|lane| table[lane][own[lane].index() & (S - 1)] += value);
        };
        // Every labelling has as many cells of a label.
        let mut cells = [0.0f64; S];
        labels.iter().for_each(|own| cells[own[0].index() & (S - 1)] += 1.0);
        means.fill([0.0; LANES]);
        if self.in_blocks.contains(&false) {
            joint.start(labels);
        }
        for (gene, means) in means.chunks_exact_mut(n_labels).enumerate().filter(|(gene, _)| !self.in_blocks[*gene]) {
            let range = self.indptr[gene]..self.indptr[gene + 1];
            let (places, values) = (&self.places[range.clone()], &self.values[range]);
            let sums = if joint.suits(values.len()) {
                joint.sums(places, values)
            } else {
                let mut sums = [[0.0; S]; LANES];
                let each = places.iter().zip(values);
                each.for_each(|(&place, &value)| add(&mut sums, &labels[place as usize], f64::from(value)));
                sums
            };
            for (label, mean) in means.iter_mut().enumerate() {
                *mean = std::array::from_fn(|lane| sums[lane][label]);
            }
        }
        self.blocks.iter().for_each(|block| block.add::<T, S>(labels, n_labels, means));
        for means in means.chunks_exact_mut(n_labels) {
            for (mean, cells) in means.iter_mut().zip(cells) {
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

//! The sums of Moran's I and Geary's C under many permutations of the values.
//!
//! What makes it quick:
//! - a shuffle is drawn once for all genes;
//! - `Σᵢ zᵢ Σⱼ wᵢⱼ zⱼ = Σ_{i<j} (wᵢⱼ + wⱼᵢ) zᵢ zⱼ`: every pair of neighbours is visited once, not twice;
//! - places are numbered in the order of a search in breadth, so that neighbours lie near each other in memory;
//! - eight genes go side by side: a cell's values are one cache line, moved by the shuffle as one. Before and after
//!   they take 128 bytes a cell; where that exceeds the second cache, fetching lines in random order bounds it.

use super::Graph;
use super::block::{Centred, Gene, LANES, ShuffledRows, Sums, sparse_sums};
use super::quick::Quick;

/// Bytes of shuffles held at once.
const HELD: usize = 64 << 20;
/// Permutations held at once, at most.
const MOST: usize = 64;

/// How many permutations of `n` cells are worked on together.
pub(super) fn together(n: usize) -> usize {
    (HELD / (8 * n)).clamp(1, MOST)
}

/// The graph as pairs of neighbouring places, in the order of a search in breadth.
pub(super) struct Pairs {
    /// The number of each cell's place.
    number: Vec<u32>,
    /// Place `a` has the pairs `starts[a]..starts[a + 1]`, with later places.
    starts: Vec<usize>,
    others: Vec<u32>,
    weights: Vec<f64>,
    /// Sum of row and column of each place.
    margins: Vec<f64>,
}

/// One shuffle.
pub(super) struct Shuffle {
    /// The place that the value of each cell goes to, as a cell.
    places: Vec<u32>,
    /// The cell whose value each numbered place gets.
    cells: Vec<u32>,
}

impl Pairs {
    /// O(edges · log degree).
    pub fn new(graph: &Graph) -> Self {
        let n = graph.n_cells();
        let order = breadth_first(graph);
        let mut number = vec![0u32; n];
        (0..).zip(&order).for_each(|(place, &cell)| number[cell as usize] = place);
        let mut starts = vec![0usize; n + 1];
        let ends = |cell: usize, other: u32| {
            let (a, b) = (number[cell], number[other as usize]);
            (a.min(b), a.max(b))
        };
        for cell in 0..n {
            graph.row(cell).0.iter().for_each(|&other| starts[ends(cell, other).0 as usize + 1] += 1);
        }
        (0..n).for_each(|place| starts[place + 1] += starts[place]);
        let (mut filled, mut pairs) = (starts.clone(), vec![(0u32, 0.0); starts[n]]);
        for cell in 0..n {
            let (neighbours, weights) = graph.row(cell);
            for (&other, &weight) in neighbours.iter().zip(weights) {
                let (low, high) = ends(cell, other);
                pairs[filled[low as usize]] = (high, weight);
                filled[low as usize] += 1;
            }
        }
        // Both directions of a pair become one entry.
        let (mut others, mut weights, mut merged) = (Vec::new(), Vec::<f64>::new(), vec![0]);
        for row in starts.windows(2) {
            let row = &mut pairs[row[0]..row[1]];
            row.sort_unstable_by_key(|pair| pair.0);
            let first = others.len();
            for &(other, weight) in row.iter() {
                match weights.last_mut() {
                    Some(sum) if others.len() > first && others.last() == Some(&other) => *sum += weight,
                    _ => {
                        others.push(other);
                        weights.push(weight);
                    }
                }
            }
            merged.push(others.len());
        }
        let (rows, columns) = graph.margins();
        let margins = order.iter().map(|&cell| rows[cell as usize] + columns[cell as usize]).collect();
        Self { number, starts: merged, others, weights, margins }
    }

    /// Draws one permutation. O(cells).
    pub fn shuffle(&self, seed: u64, permutation: u64) -> Shuffle {
        let mut places: Vec<u32> = (0..self.number.len() as u32).collect();
        Quick::new(seed, permutation).shuffle(&mut places);
        let mut cells = vec![0; places.len()];
        (0..).zip(&places).for_each(|(cell, &place)| cells[self.number[place as usize] as usize] = cell);
        Shuffle { places, cells }
    }

    /// The sums of up to eight centred genes, their rows moved to `shuffled` first. O(pairs).
    fn sums(&self, genes: &Centred, shuffle: &Shuffle, shuffled: &mut Vec<[f64; LANES]>) -> Vec<Sums> {
        shuffled.clear();
        shuffled.extend(shuffle.cells.iter().map(|&cell| genes.z[cell as usize]));
        let (mut cross, mut weighted) = ([0.0; LANES], [0.0; LANES]);
        for (place, z) in shuffled.iter().enumerate() {
            let range = self.starts[place]..self.starts[place + 1];
            let mut lag = [0.0; LANES];
            for (&other, &weight) in self.others[range.clone()].iter().zip(&self.weights[range]) {
                let z = &shuffled[other as usize];
                (0..LANES).for_each(|lane| lag[lane] += weight * z[lane]);
            }
            let margin = self.margins[place];
            for lane in 0..LANES {
                cross[lane] += z[lane] * lag[lane];
                weighted[lane] += margin * z[lane] * z[lane];
            }
        }
        (0..genes.lanes).map(|lane| Sums { cross: cross[lane], weighted: weighted[lane] }).collect()
    }
}

/// Genes that are worked on together: places in the list of genes. Dense ones with dense ones.
pub(super) fn groups(genes: &[&Gene]) -> Vec<Vec<usize>> {
    let (dense, sparse): (Vec<usize>, Vec<usize>) = (0..genes.len()).partition(|&gene| genes[gene].is_dense());
    dense.chunks(LANES).chain(sparse.chunks(LANES)).map(<[usize]>::to_vec).collect()
}

/// The sums of one of the [`groups`] under each shuffle of the values.
pub(super) fn values(graph: &Graph, pairs: &Pairs, genes: &[&Gene], shuffles: &[Shuffle]) -> Vec<Vec<Sums>> {
    if genes.iter().all(|gene| gene.is_dense()) {
        let centred = Centred::new(genes, graph.n_cells(), |cell| cell as usize);
        let mut shuffled = Vec::with_capacity(graph.n_cells());
        return shuffles.iter().map(|shuffle| pairs.sums(&centred, shuffle, &mut shuffled)).collect();
    }
    let mut scratch = vec![0.0; graph.n_cells()];
    let mut sums = |shuffle: &Shuffle| {
        let place = |cell: u32| shuffle.places[cell as usize] as usize;
        genes.iter().map(|gene| sparse_sums(graph, gene, &mut scratch, place)).collect()
    };
    shuffles.iter().map(&mut sums).collect()
}

/// The sums of one of the [`groups`] under each shuffle of the rows of the weights.
pub(super) fn rows(graph: &Graph, genes: &[&Gene], shuffles: &[Shuffle]) -> Vec<Vec<Sums>> {
    let rows = ShuffledRows::new(graph, genes);
    shuffles.iter().map(|shuffle| rows.sums(&shuffle.places)).collect()
}

/// All cells, each soon after one whose neighbour it is.
fn breadth_first(graph: &Graph) -> Vec<u32> {
    let n = graph.n_cells();
    let (mut order, mut seen) = (Vec::with_capacity(n), vec![false; n]);
    for start in 0..n {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut next = order.len();
        order.push(start as u32);
        while let Some(&cell) = order.get(next) {
            next += 1;
            for &other in graph.row(cell as usize).0 {
                if !std::mem::replace(&mut seen[other as usize], true) {
                    order.push(other);
                }
            }
        }
    }
    order
}

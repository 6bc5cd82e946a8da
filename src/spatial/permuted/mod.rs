//! The sums of Moran's I and Geary's C under many permutations of the values.
//!
//! What makes it quick:
//! - a shuffle is drawn once for all genes;
//! - `Σᵢ zᵢ Σⱼ wᵢⱼ zⱼ = Σ_{i<j} (wᵢⱼ + wⱼᵢ) zᵢ zⱼ`: every pair of neighbours is visited once, not twice;
//! - places are numbered in the order of a search in breadth, so that neighbours lie near each other in memory;
//! - what a shuffle moves lies together: eight dense genes of a cell are one cache line ([`Lanes`]), hundreds of sparse
//!   ones a short list ([`SparseRows`]).

mod lanes;
mod pairs;
mod sparse_rows;

use std::ops::Range;

use super::Graph;
use super::block::{Gene, LANES, ShuffledRows, Sums};
use super::quick::Quick;
use lanes::Lanes;
pub(super) use pairs::Pairs;
use sparse_rows::SparseRows;

/// Bytes of shuffles held at once.
const HELD: usize = 64 << 20;
/// Permutations held at once, at most.
const MOST: usize = 64;
/// Permutations of many genes in one piece of work.
const PIECE: usize = 8;

/// How many permutations of `n` cells are drawn together.
pub(super) fn together(n: usize) -> usize {
    (HELD / (size_of::<u32>() * n)).clamp(1, MOST)
}

/// Draws one permutation of `n` cells: the cell whose values each place gets. O(cells).
pub(super) fn shuffle(n: usize, seed: u64, permutation: u64) -> Vec<u32> {
    let mut cells: Vec<u32> = (0..n as u32).collect();
    Quick::new(seed, permutation).shuffle(&mut cells);
    cells
}

/// Genes that are worked on together.
pub(super) struct Group {
    /// Places in the list of genes.
    pub genes: Vec<usize>,
    sparse: Option<SparseRows>,
}

impl Group {
    /// Parts of `n` permutations that are a piece of work each.
    pub fn pieces(&self, n: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        // Dense genes are centred anew for each piece, and few.
        let size = if self.sparse.is_some() { PIECE } else { MOST };
        (0..n).step_by(size).map(move |start| start..n.min(start + size))
    }
}

/// Splits the genes for [`values`].
pub(super) fn groups(genes: &[&Gene], n: usize) -> Vec<Group> {
    let (lanes, sparse): (Vec<usize>, Vec<usize>) = (0..genes.len()).partition(|&gene| Lanes::suit(genes[gene], n));
    let mut groups: Vec<Group> =
        lanes.chunks(LANES).map(|lanes| Group { genes: lanes.to_vec(), sparse: None }).collect();
    let mut rest = sparse.as_slice();
    while !rest.is_empty() {
        let (chosen, others) = rest.split_at(sparse_rows::fitting(rest.iter().map(|&gene| genes[gene])));
        let members: Vec<&Gene> = chosen.iter().map(|&gene| genes[gene]).collect();
        groups.push(Group { genes: chosen.to_vec(), sparse: Some(SparseRows::new(&members, n)) });
        rest = others;
    }
    groups
}

/// Splits the genes for [`rows`].
pub(super) fn groups_of_rows(n_genes: usize) -> Vec<Group> {
    let all: Vec<usize> = (0..n_genes).collect();
    all.chunks(LANES).map(|lanes| Group { genes: lanes.to_vec(), sparse: None }).collect()
}

/// The sums of one of the [`groups`] under each shuffle of the values.
pub(super) fn values(
    graph: &Graph,
    pairs: &Pairs,
    genes: &[&Gene],
    group: &Group,
    shuffles: &[Vec<u32>],
) -> Vec<Vec<Sums>> {
    let members: Vec<&Gene> = group.genes.iter().map(|&gene| genes[gene]).collect();
    match &group.sparse {
        Some(rows) => {
            let s0 = graph.moments().s0;
            let with_mean = |sums: Vec<_>| members.iter().zip(sums).map(|(gene, sums)| gene.centre(sums, s0)).collect();
            rows.each(pairs, shuffles).map(with_mean).collect()
        }
        None => Lanes::new(&members, graph.n_cells()).each(pairs, shuffles).collect(),
    }
}

/// The sums of some genes under each shuffle of the rows of the weights.
pub(super) fn rows(graph: &Graph, genes: &[&Gene], group: &Group, shuffles: &[Vec<u32>]) -> Vec<Vec<Sums>> {
    let members: Vec<&Gene> = group.genes.iter().map(|&gene| genes[gene]).collect();
    let rows = ShuffledRows::new(graph, &members);
    shuffles.iter().map(|shuffle| rows.sums(shuffle)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::columns::Column;
    use super::super::{GraphKind, GraphParams};
    use super::*;

    /// The two sums as they are defined, of the values that a shuffle puts at the places.
    fn defined(graph: &Graph, values: &[f64]) -> Sums {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let (rows, columns) = graph.margins();
        let mut sums = Sums::default();
        for (cell, value) in values.iter().enumerate() {
            let (neighbours, weights) = graph.row(cell);
            let z = value - mean;
            let lag = neighbours.iter().zip(weights).map(|(&other, weight)| weight * (values[other as usize] - mean));
            sums.cross += z * lag.sum::<f64>();
            sums.weighted += (rows[cell] + columns[cell]) * z * z;
        }
        sums
    }

    #[test]
    fn both_ways_give_the_sums_of_the_shuffled_values() {
        let n = 300;
        let positions: Vec<[f64; 2]> =
            (0..n).map(|i| [(f64::from(i) * 0.754_877_666) % 1.0, (f64::from(i) * 0.569_840_291) % 1.0]).collect();
        // Directed, of uneven rows, some of them empty.
        let params = GraphParams { kind: GraphKind::Radius { radius: 0.06 }, ..GraphParams::default() };
        let graph = Graph::build(&positions, None, &params).expect("a graph");
        assert!(graph.n_isolated() > 0);
        let n = n as usize;
        let genes: Vec<Gene> = (1..14)
            .map(|gene| {
                let cells: Vec<u32> = (0..n as u32).filter(|cell| cell * cell * gene % 23 < 2 * gene).collect();
                let values = cells.iter().map(|cell| 0.25 + (cell % (gene + 2)) as f32).collect();
                Gene::new(Column { cells, values }, n)
            })
            .collect();
        let genes: Vec<&Gene> = genes.iter().collect();
        let pairs = Pairs::new(&graph);
        let shuffles: Vec<Vec<u32>> = (0..3).map(|permutation| shuffle(n, 4, permutation)).collect();
        let all: Vec<usize> = (0..genes.len()).collect();
        let sparse = Group { genes: all.clone(), sparse: Some(SparseRows::new(&genes, n)) };
        let dense = all.chunks(LANES).map(|lanes| Group { genes: lanes.to_vec(), sparse: None });
        let places = pairs::breadth_first(&graph);
        for group in dense.chain([sparse]) {
            for (cells, sums) in shuffles.iter().zip(values(&graph, &pairs, &genes, &group, &shuffles)) {
                assert_eq!(sums.len(), group.genes.len());
                for (&gene, found) in group.genes.iter().zip(sums) {
                    let mut shuffled = vec![0.0; n];
                    for (&cell, place) in cells.iter().zip(&places) {
                        let column = genes[gene].column();
                        let value = column.cells.binary_search(&cell).map_or(0.0, |at| f64::from(column.values[at]));
                        shuffled[*place as usize] = value;
                    }
                    let expected = defined(&graph, &shuffled);
                    assert!((found.cross - expected.cross).abs() < 1e-9, "{gene}: {found:?} {expected:?}");
                    assert!((found.weighted - expected.weighted).abs() < 1e-9, "{gene}: {found:?} {expected:?}");
                }
            }
        }
    }
}

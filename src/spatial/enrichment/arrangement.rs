//! Labels and edges laid out so that counting them thousands of times is quick.

use super::super::Graph;
use super::super::labellings::{Code, Labellings, NOWHERE};

/// The labelled cells, section by section, neighbours near each other in memory; edges between them, a mutual pair once.
pub(super) struct Arrangement {
    pub labellings: Labellings,
    /// Edges whose reverse is there too, once, and the others: `[from, to]` as places.
    mutual: Vec<[u32; 2]>,
    one_way: Vec<[u32; 2]>,
}

impl Arrangement {
    /// O(edges · log degree).
    pub fn new(graph: &Graph, codes: &[i32], sections: Option<&[u32]>) -> Self {
        let labellings = Labellings::along_edges(graph, codes, sections);
        let place = labellings.places(codes.len());
        let (mut mutual, mut one_way) = (Vec::new(), Vec::new());
        for (&cell, from) in labellings.order.iter().zip(0..) {
            for &other in graph.row(cell as usize).0 {
                match (place[other as usize], graph.row(other as usize).0.binary_search(&cell)) {
                    (NOWHERE, _) => {}
                    (to, Ok(_)) if to < from => {} // counted from the other side
                    (to, Ok(_)) => mutual.push([from, to]),
                    (to, Err(_)) => one_way.push([from, to]),
                }
            }
        }
        Self { labellings, mutual, one_way }
    }

    /// Counts directed edges by their labels, for `LANES` labellings side by side.
    pub fn count<T: Code, const S: usize, const LANES: usize>(
        &self,
        labels: &[[T; LANES]],
        tables: &mut Tables<S, LANES>,
    ) {
        for (edges, counts) in [(&self.mutual, &mut tables.mutual), (&self.one_way, &mut tables.one_way)] {
            counts.as_flattened_mut().as_flattened_mut().fill(0);
            for edges in edges.chunks(usize::from(u16::MAX)) {
                for &[from, to] in edges {
                    let keys = T::keys::<LANES>(S, labels[from as usize], labels[to as usize]);
                    for (table, key) in tables.narrow.iter_mut().zip(keys) {
                        // The mask changes nothing: it spares the check of the bounds.
                        table.as_flattened_mut()[key & (S * S - 1)] += 1;
                    }
                }
                let narrow = tables.narrow.as_flattened_mut().as_flattened_mut();
                for (count, narrow) in counts.as_flattened_mut().as_flattened_mut().iter_mut().zip(narrow) {
                    *count += u32::from(std::mem::take(narrow));
                }
            }
        }
    }
}

/// Counts by the labels of an edge's ends, for `S` labels, a power of two, and several labellings. Side by side, the
/// additions of one edge need not wait for each other.
pub(super) struct Tables<const S: usize, const LANES: usize> {
    /// What is counted in: half as wide, so that the first cache holds it.
    narrow: Box<[[[u16; S]; S]; LANES]>,
    mutual: Box<[[[u32; S]; S]; LANES]>,
    one_way: Box<[[[u32; S]; S]; LANES]>,
}

impl<const S: usize, const LANES: usize> Tables<S, LANES> {
    pub fn new() -> Self {
        Self { narrow: zeros(), mutual: zeros(), one_way: zeros() }
    }

    /// Directed edges from label `a` to label `b`.
    pub fn directed(&self, lane: usize, a: usize, b: usize) -> u32 {
        self.one_way[lane][a][b] + self.mutual[lane][a][b] + self.mutual[lane][b][a]
    }
}

/// On the heap from the start: the largest is 4 MB.
fn zeros<N: Copy + Default, const S: usize, const LANES: usize>() -> Box<[[[N; S]; S]; LANES]> {
    match vec![[[N::default(); S]; S]; LANES].into_boxed_slice().try_into() {
        Ok(tables) => tables,
        Err(_) => unreachable!("the slice was made with this length"),
    }
}

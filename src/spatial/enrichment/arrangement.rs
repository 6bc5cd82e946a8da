//! Labels and edges laid out so that counting them thousands of times is quick.

use std::ops::Range;

use super::super::{Graph, quick::Quick};

/// A label code in one or two bytes: what is shuffled should fit the cache.
pub(super) trait Code: Copy + Default + Send + Sync {
    fn of(code: usize) -> Self;
    fn index(self) -> usize;
}

impl Code for u8 {
    fn of(code: usize) -> Self {
        code as u8
    }
    fn index(self) -> usize {
        usize::from(self)
    }
}

impl Code for u16 {
    fn of(code: usize) -> Self {
        code as u16
    }
    fn index(self) -> usize {
        usize::from(self)
    }
}

/// The labelled cells, section by section, neighbours near each other in memory; edges between them, a mutual pair once.
pub(super) struct Arrangement {
    /// Place → cell.
    order: Vec<u32>,
    sections: Vec<Range<usize>>,
    /// Edges whose reverse is there too, once, and the others: `[from, to]` as places.
    mutual: Vec<[u32; 2]>,
    one_way: Vec<[u32; 2]>,
}

/// Not a place.
const NOWHERE: u32 = u32::MAX;

impl Arrangement {
    /// O(edges · log degree).
    pub fn new(graph: &Graph, codes: &[i32], sections: Option<&[u32]>) -> Self {
        let (order, sections) = walk(graph, codes, sections);
        let mut place = vec![NOWHERE; codes.len()];
        order.iter().zip(0..).for_each(|(&cell, at)| place[cell as usize] = at);
        let (mut mutual, mut one_way) = (Vec::new(), Vec::new());
        for (&cell, from) in order.iter().zip(0..) {
            for &other in graph.row(cell as usize).0 {
                match (place[other as usize], graph.row(other as usize).0.binary_search(&cell)) {
                    (NOWHERE, _) => {}
                    (to, Ok(_)) if to < from => {} // counted from the other side
                    (to, Ok(_)) => mutual.push([from, to]),
                    (to, Err(_)) => one_way.push([from, to]),
                }
            }
        }
        Self { order, sections, mutual, one_way }
    }

    /// The labels of the places.
    pub fn labels<T: Code>(&self, codes: &[i32]) -> Vec<T> {
        // Only labelled cells have a place, and codes were checked to lie below the number of labels.
        self.order.iter().map(|&cell| T::of(codes[cell as usize].unsigned_abs() as usize)).collect()
    }

    /// Shuffles what lies at the places within each section.
    pub fn shuffle<T>(&self, labels: &mut [T], seed: u64, permutation: u64) {
        let mut quick = Quick::new(seed, permutation);
        self.sections.iter().for_each(|section| quick.shuffle(&mut labels[section.clone()]));
    }

    /// Counts directed edges by their labels, for `LANES` labellings side by side.
    pub fn count<T: Code, const S: usize, const LANES: usize>(
        &self,
        labels: &[[T; LANES]],
        tables: &mut Tables<S, LANES>,
    ) {
        for (edges, tables) in [(&self.mutual, &mut tables.mutual), (&self.one_way, &mut tables.one_way)] {
            tables.fill([[0; S]; S]);
            for &[from, to] in edges {
                let (a, b) = (&labels[from as usize], &labels[to as usize]);
                for (lane, table) in tables.iter_mut().enumerate() {
                    // The masks change nothing: they spare the check of the bounds.
                    table[a[lane].index() & (S - 1)][b[lane].index() & (S - 1)] += 1;
                }
            }
        }
    }
}

/// Counts by the labels of an edge's ends, for `S` labels, a power of two, and as many labellings as fit the first cache
/// with them. Side by side, the additions of one edge need not wait for each other.
pub(super) struct Tables<const S: usize, const LANES: usize> {
    mutual: Box<[[[u32; S]; S]; LANES]>,
    one_way: Box<[[[u32; S]; S]; LANES]>,
}

impl<const S: usize, const LANES: usize> Tables<S, LANES> {
    pub fn new() -> Self {
        Self { mutual: zeros(), one_way: zeros() }
    }

    /// Directed edges from label `a` to label `b`.
    pub fn directed(&self, lane: usize, a: usize, b: usize) -> u32 {
        self.one_way[lane][a][b] + self.mutual[lane][a][b] + self.mutual[lane][b][a]
    }
}

/// On the heap from the start: the largest is 4 MB.
fn zeros<const S: usize, const LANES: usize>() -> Box<[[[u32; S]; S]; LANES]> {
    match vec![[[0; S]; S]; LANES].into_boxed_slice().try_into() {
        Ok(tables) => tables,
        Err(_) => unreachable!("the slice was made with this length"),
    }
}

/// The labelled cells by section, each section breadth first along its edges, and the sections' places.
fn walk(graph: &Graph, codes: &[i32], sections: Option<&[u32]>) -> (Vec<u32>, Vec<Range<usize>>) {
    let section_of = |cell: u32| sections.map_or(0, |sections| sections[cell as usize]);
    let mut cells: Vec<u32> = (0..codes.len() as u32).filter(|&cell| codes[cell as usize] >= 0).collect();
    cells.sort_by_key(|&cell| section_of(cell)); // stable: indices ascend within a section
    let mut order: Vec<u32> = Vec::with_capacity(cells.len());
    let mut seen = vec![false; codes.len()];
    let mut ranges = Vec::new();
    for members in cells.chunk_by(|&a, &b| section_of(a) == section_of(b)) {
        let first = order.len();
        let mut next = first;
        for &root in members {
            if !std::mem::replace(&mut seen[root as usize], true) {
                order.push(root);
            }
            while next < order.len() {
                for &other in graph.row(order[next] as usize).0 {
                    let at = other as usize;
                    if codes[at] >= 0
                        && section_of(other) == section_of(root)
                        && !std::mem::replace(&mut seen[at], true)
                    {
                        order.push(other);
                    }
                }
                next += 1;
            }
        }
        ranges.push(first..order.len());
    }
    (order, ranges)
}

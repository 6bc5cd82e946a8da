//! The graph without directions: who is a neighbour of whom from either side.

use super::Graph;

/// Neighbours of every cell, ascending, each once; weights are forgotten. As `networkx.Graph` of the connectivities.
pub(in super::super) struct Undirected {
    indptr: Vec<usize>,
    neighbours: Vec<u32>,
}

impl Undirected {
    /// O(edges · log degree) time, O(edges) memory.
    pub fn new(graph: &Graph) -> Self {
        let n = graph.n_cells();
        // An edge is added to its target's row only where the target does not have it already.
        let one_way = |from: usize, to: u32| graph.row(to as usize).0.binary_search(&(from as u32)).is_err();
        let mut degrees: Vec<usize> = (0..n).map(|cell| graph.row(cell).0.len()).collect();
        for cell in 0..n {
            graph.row(cell).0.iter().filter(|&&to| one_way(cell, to)).for_each(|&to| degrees[to as usize] += 1);
        }
        let mut indptr = vec![0];
        indptr.extend(degrees.iter().scan(0, |end, degree| {
            *end += degree;
            Some(*end)
        }));
        let mut neighbours = vec![0; indptr[n]];
        let mut next = indptr.clone();
        let mut put = |cell: usize, other: u32| {
            neighbours[next[cell]] = other;
            next[cell] += 1;
        };
        for cell in 0..n {
            for &to in graph.row(cell).0 {
                put(cell, to);
                if one_way(cell, to) {
                    put(to as usize, cell as u32);
                }
            }
        }
        indptr.windows(2).for_each(|row| neighbours[row[0]..row[1]].sort_unstable());
        Self { indptr, neighbours }
    }

    pub fn n_cells(&self) -> usize {
        self.indptr.len() - 1
    }

    /// The neighbours of a cell, ascending.
    pub fn row(&self, cell: usize) -> &[u32] {
        &self.neighbours[self.indptr[cell]..self.indptr[cell + 1]]
    }
}

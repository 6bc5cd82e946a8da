//! The graph as pairs of places that lie near each other in memory, each pair once.

use super::super::Graph;

/// The graph as pairs of neighbouring places, in the order of a search in breadth.
pub(in crate::spatial) struct Pairs {
    /// Place `a` has the pairs `starts[a]..starts[a + 1]`, with later places.
    starts: Vec<usize>,
    others: Vec<u32>,
    weights: Vec<f64>,
    /// Sum of row and column of each place.
    margins: Vec<f64>,
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
        Self { starts: merged, others, weights, margins }
    }

    /// The later neighbours of a place, and the weights of both directions together.
    #[inline]
    pub fn row(&self, place: usize) -> (&[u32], &[f64]) {
        let range = self.starts[place]..self.starts[place + 1];
        (&self.others[range.clone()], &self.weights[range])
    }

    /// The sum of a place's row and column.
    #[inline]
    pub fn margin(&self, place: usize) -> f64 {
        self.margins[place]
    }
}

/// All cells, each soon after one whose neighbour it is.
pub(super) fn breadth_first(graph: &Graph) -> Vec<u32> {
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

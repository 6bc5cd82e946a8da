//! Mean and variance of the counts over all shuffles of the labels, in closed form: the join-count statistics of
//! Cliff & Ord (1981, chapter 2) under non-free sampling, for directed graphs and several sections.
//!
//! The second moment of `count = Σ over edges (i, j) of [i has a] [j has b]` is a sum over ordered pairs of edges; how
//! likely both count depends only on which of their ends coincide. So the graph enters through seven numbers.

use super::super::Graph;

/// Mean and population standard deviation of each count, labels × labels. `None` if an edge joins two sections: then the
/// sections do not vary independently.
pub(super) fn moments(
    graph: &Graph,
    codes: &[i32],
    n_labels: usize,
    sections: Option<&[u32]>,
) -> Option<(Vec<f64>, Vec<f64>)> {
    let names: Vec<u32> = match sections {
        Some(sections) => {
            let mut names = sections.to_vec();
            names.sort_unstable();
            names.dedup();
            names
        }
        None => vec![0],
    };
    let section_of = |cell: usize| sections.map_or(0, |all| names.binary_search(&all[cell]).unwrap_or(0));
    let mut shapes = vec![Shape { sizes: vec![0.0; n_labels], ..Shape::default() }; names.len()];
    let mut incoming = vec![0.0; codes.len()];
    let mut outgoing = vec![0.0; codes.len()];
    for (cell, &code) in codes.iter().enumerate() {
        let Ok(label) = usize::try_from(code) else { continue };
        let shape = &mut shapes[section_of(cell)];
        shape.sizes[label] += 1.0;
        for &other in graph.row(cell).0.iter().filter(|&&other| codes[other as usize] >= 0) {
            if section_of(other as usize) != section_of(cell) {
                return None;
            }
            shape.edges += 1.0;
            shape.returned += f64::from(u8::from(graph.row(other as usize).0.binary_search(&(cell as u32)).is_ok()));
            outgoing[cell] += 1.0;
            incoming[other as usize] += 1.0;
        }
    }
    for (cell, (out, into)) in outgoing.iter().zip(&incoming).enumerate() {
        let shape = &mut shapes[section_of(cell)];
        shape.same_source += out * (out - 1.0);
        shape.same_target += into * (into - 1.0);
        shape.chained += out * into;
    }
    let (mut means, mut variances) = (vec![0.0; n_labels * n_labels], vec![0.0; n_labels * n_labels]);
    for shape in &shapes {
        for pair in 0..means.len() {
            let (mean, variance) = shape.moments(pair / n_labels, pair % n_labels);
            means[pair] += mean;
            variances[pair] += variance;
        }
    }
    // What is constant can come out as rounding around zero: counts are integers, and so is what cancelled.
    let deviation = |(mean, variance): (&f64, &f64)| {
        if *variance > 1e-9 * mean.max(1.0) { variance.sqrt() } else { 0.0 }
    };
    let deviations = means.iter().zip(&variances).map(deviation).collect();
    Some((means, deviations))
}

/// A section: how many cells have each label, and how edges and ordered pairs of edges touch.
#[derive(Clone, Default)]
struct Shape {
    sizes: Vec<f64>,
    edges: f64,
    /// Edges whose reverse is there too.
    returned: f64,
    /// Pairs of edges with one source, or one target, and else different ends.
    same_source: f64,
    same_target: f64,
    /// Pairs in which the first ends where the second begins, going straight back included.
    chained: f64,
}

impl Shape {
    fn moments(&self, a: usize, b: usize) -> (f64, f64) {
        let total: f64 = self.sizes.iter().sum();
        // The chance that certain `in_a` + `in_b` different cells have those labels.
        let chance = |in_a: usize, in_b: usize| {
            let taken = if a == b {
                falling(self.sizes[a], in_a + in_b)
            } else {
                falling(self.sizes[a], in_a) * falling(self.sizes[b], in_b)
            };
            if taken > 0.0 { taken / falling(total, in_a + in_b) } else { 0.0 }
        };
        let mean = self.edges * chance(1, 1);
        let chained = self.chained - self.returned;
        let apart =
            self.edges * self.edges - self.edges - self.returned - self.same_source - self.same_target - 2.0 * chained;
        let mut square =
            mean + self.same_source * chance(1, 2) + self.same_target * chance(2, 1) + apart * chance(2, 2);
        if a == b {
            // Here a cell is the source of one edge and the target of the other: it needs one label for both.
            square += self.returned * chance(1, 1) + 2.0 * chained * chance(2, 1);
        }
        (mean, square - mean * mean)
    }
}

/// `n (n − 1) … ` with `factors` factors.
fn falling(n: f64, factors: usize) -> f64 {
    (0..factors).map(|i| (n - i as f64).max(0.0)).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::{EdgeValue, interactions::sum_edges};

    fn every_order(items: &mut Vec<i32>, from: usize, see: &mut impl FnMut(&[i32])) {
        if from == items.len() {
            return see(items);
        }
        for other in from..items.len() {
            items.swap(from, other);
            every_order(items, from + 1, see);
            items.swap(from, other);
        }
    }

    #[test]
    fn they_are_those_over_every_order_of_the_labels() -> Result<(), crate::spatial::SpatialError> {
        // Seven cells with edges that return, that do not, that chain and that fan out.
        let rows: [&[u32]; 7] = [&[1, 2], &[0, 3, 4], &[1], &[4], &[], &[0, 1, 6], &[5]];
        let indptr = rows.iter().scan(0, |end, row| {
            *end += row.len();
            Some(*end)
        });
        let indptr: Vec<usize> = std::iter::once(0).chain(indptr).collect();
        let graph = Graph::from_rows(indptr, rows.concat(), vec![1.0; rows.concat().len()], false)?;
        let mut codes = vec![0, 0, 0, 1, 1, 2, 2];
        let (mut n, mut sums, mut squares) = (0.0, vec![0.0; 9], vec![0.0; 9]);
        every_order(&mut codes, 0, &mut |order| {
            n += 1.0;
            for (pair, count) in sum_edges(&graph, order, 3, EdgeValue::One).into_iter().enumerate() {
                sums[pair] += count;
                squares[pair] += count * count;
            }
        });
        let (means, deviations) = moments(&graph, &codes, 3, None).expect("one section");
        for pair in 0..9 {
            let mean = sums[pair] / n;
            assert!((means[pair] - mean).abs() < 1e-12, "{pair}");
            let deviation = (squares[pair] / n - mean * mean).sqrt();
            assert!((deviations[pair] - deviation).abs() < 1e-12, "{pair}: {} {deviation}", deviations[pair]);
        }
        Ok(())
    }
}

//! Centrality of labels: how near, how connected and how clustered the cells of a label lie in the graph.

use super::composition::check_labels;
use super::graph::Undirected;
use super::parallel::{Meter, for_each};
use super::{Graph, SpatialError};
use crate::progress::Tick;

/// One entry a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Centrality {
    /// Group degree centrality: the share of the cells outside the label that have a neighbour in it. NaN where no cell
    /// has the label, or all have it.
    pub degree: Vec<f64>,
    /// Mean clustering coefficient of the label's cells: the share of pairs of a cell's neighbours that are neighbours
    /// themselves; 0 for a cell with fewer than two. NaN where no cell has the label.
    pub clustering: Vec<f64>,
    /// Group closeness centrality: cells outside the label, divided by the sum of their distances to it in steps. 0 where
    /// that sum is 0; NaN where no cell has the label.
    pub closeness: Vec<f64>,
    /// Cells outside the label from which no path leads to it. networkx counts them above the line and not below, so
    /// that a label that few can reach looks close to all: with many such cells, do not read `closeness`.
    pub unreachable: Vec<usize>,
}

/// The three scores of squidpy's `centrality_scores`, which are networkx's `group_degree_centrality`,
/// `average_clustering` and `group_closeness_centrality` on the graph without directions and weights (Everett & Borgatti
/// 1999).
///
/// Cells without a label (negative code) belong to no label and stay in the graph. Distances are steps, by one
/// breadth-first search from all cells of a label: O(labels · edges + Σ degree²) time, O(edges) memory.
///
/// # Errors
/// `spatial.length-mismatch`, `spatial.bad-parameter`, as [`composition`](super::composition()); `job.cancelled`.
pub fn centrality(graph: &Graph, codes: &[i32], n_labels: usize, tick: Tick) -> Result<Centrality, SpatialError> {
    check_labels(graph, codes, n_labels)?;
    let graph = Undirected::new(graph);
    let mut meter = Meter::new(tick, "centrality", n_labels as u64);
    let labels: Vec<usize> = (0..n_labels).collect();
    let mut scores = Centrality {
        degree: Vec::with_capacity(n_labels),
        clustering: clustering_by_label(&graph, codes, n_labels),
        closeness: Vec::with_capacity(n_labels),
        unreachable: Vec::with_capacity(n_labels),
    };
    for_each(
        &labels,
        &mut meter,
        |_| 1,
        |&label| Reach::of(&graph, codes, label),
        |reach| {
            scores.degree.push(reach.degree());
            scores.closeness.push(reach.closeness());
            scores.unreachable.push(reach.unreachable());
        },
    )?;
    Ok(scores)
}

/// What a breadth-first search from all cells of a label meets.
struct Reach {
    members: usize,
    others: usize,
    /// Other cells at one step, and at any.
    touched: usize,
    reached: usize,
    /// Sum of the steps to the reached.
    steps: u64,
}

impl Reach {
    fn of(graph: &Undirected, codes: &[i32], label: usize) -> Self {
        let member = |code: i32| usize::try_from(code) == Ok(label);
        let mut seen: Vec<bool> = codes.iter().map(|&code| member(code)).collect();
        let mut level: Vec<u32> = (0..codes.len() as u32).filter(|&cell| seen[cell as usize]).collect();
        let members = level.len();
        let mut reach = Self { members, others: codes.len() - members, touched: 0, reached: 0, steps: 0 };
        let mut next = Vec::new();
        for distance in 1u64.. {
            for &cell in &level {
                for &other in graph.row(cell as usize) {
                    if !std::mem::replace(&mut seen[other as usize], true) {
                        next.push(other);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            reach.touched += if distance == 1 { next.len() } else { 0 };
            reach.reached += next.len();
            reach.steps += distance * next.len() as u64;
            level.clear();
            std::mem::swap(&mut level, &mut next);
        }
        reach
    }

    fn degree(&self) -> f64 {
        match self.members {
            0 => f64::NAN,
            _ => self.touched as f64 / self.others as f64, // 0 / 0: all have the label
        }
    }

    fn closeness(&self) -> f64 {
        match (self.members, self.steps) {
            (0, _) => f64::NAN,
            (_, 0) => 0.0,
            (_, steps) => self.others as f64 / steps as f64,
        }
    }

    fn unreachable(&self) -> usize {
        self.others - self.reached
    }
}

fn clustering_by_label(graph: &Undirected, codes: &[i32], n_labels: usize) -> Vec<f64> {
    let (mut sums, mut cells) = (vec![0.0; n_labels], vec![0.0; n_labels]);
    let mut beside = vec![false; graph.n_cells()];
    for (cell, &code) in codes.iter().enumerate() {
        let Ok(label) = usize::try_from(code) else { continue };
        sums[label] += clustering(graph, cell, &mut beside);
        cells[label] += 1.0;
    }
    sums.iter().zip(&cells).map(|(sum, cells)| sum / cells).collect()
}

/// `beside` is all false before and after.
fn clustering(graph: &Undirected, cell: usize, beside: &mut [bool]) -> f64 {
    let row = graph.row(cell);
    if row.len() < 2 {
        return 0.0;
    }
    row.iter().for_each(|&other| beside[other as usize] = true);
    // Every edge between two neighbours is met from both ends.
    let links = row.iter().map(|&other| graph.row(other as usize).iter().filter(|&&far| beside[far as usize]).count());
    let links: usize = links.sum();
    row.iter().for_each(|&other| beside[other as usize] = false);
    links as f64 / (row.len() as f64 * (row.len() as f64 - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::ignore;

    /// A path 0 – 1 – 2 – 3 with a triangle 1 2 4, given in one direction only; 5 lies alone.
    fn graph() -> Result<Graph, SpatialError> {
        Graph::from_rows(vec![0, 1, 3, 5, 5, 5, 5], vec![1, 2, 4, 3, 4], vec![1.0; 5], false)
    }

    #[test]
    fn scores_of_a_small_graph_are_those_by_hand() -> Result<(), SpatialError> {
        let found = centrality(&graph()?, &[0, 0, 1, 1, 1, 2], 4, &mut ignore)?;
        // Label 0 = {0, 1}: touches 2 and 4 of four others; 3 is two steps away, 5 out of reach.
        assert_eq!((found.degree[0], found.closeness[0], found.unreachable[0]), (0.5, 4.0 / 4.0, 1));
        // Label 1 = {2, 3, 4}: 2 has neighbours 1, 3, 4, of which 1 and 4 are neighbours; 4 has 1 and 2; 3 has one.
        assert_eq!(found.clustering[1], (1.0 / 3.0 + 0.0 + 1.0) / 3.0);
        // The lone cell reaches nothing, and nobody has the last label.
        assert_eq!((found.degree[2], found.closeness[2], found.unreachable[2]), (0.0, 0.0, 5));
        assert!(found.degree[3].is_nan() && found.clustering[3].is_nan() && found.closeness[3].is_nan());
        Ok(())
    }

    #[test]
    fn one_label_for_all_has_no_outside() -> Result<(), SpatialError> {
        let found = centrality(&graph()?, &[0; 6], 1, &mut ignore)?;
        assert!(found.degree[0].is_nan());
        assert_eq!((found.closeness[0], found.unreachable[0]), (0.0, 0));
        Ok(())
    }
}

//! Label assortativity: one number for how much cells keep to their own label.

use super::composition::check_labels;
use super::{Graph, SpatialError};

/// Newman's assortativity coefficient (2003, equation 2) of the labels over the edges without direction and weight:
/// `r = (Σᵢ eᵢᵢ − Σᵢ aᵢ bᵢ) / (1 − Σᵢ aᵢ bᵢ)`, where `e` is the share of edges from label to label and `a`, `b` its margins.
///
/// 1: every edge joins equals; 0: as if dealt out at random; negative: unlike beside unlike. As networkx'
/// `attribute_assortativity_coefficient` on an undirected graph; edges that touch a cell without label (negative code)
/// are left out. NaN with one label, or without edges between labelled cells. O(edges · log degree + labels²).
///
/// # Errors
/// `spatial.length-mismatch`, `spatial.bad-parameter`, as [`composition`](super::composition()).
pub fn assortativity(graph: &Graph, codes: &[i32], n_labels: usize) -> Result<f64, SpatialError> {
    check_labels(graph, codes, n_labels)?;
    let mut equal = 0.0;
    let mut margin = vec![0.0; n_labels];
    for (cell, &code) in codes.iter().enumerate() {
        let Ok(from) = usize::try_from(code) else { continue };
        for &other in graph.row(cell).0 {
            let Ok(to) = usize::try_from(codes[other as usize]) else { continue };
            // Each undirected edge counts once in either direction, however often the graph names it.
            let ways = match graph.row(other as usize).0.binary_search(&(cell as u32)) {
                Ok(_) => 0.5,
                Err(_) => 1.0,
            };
            equal += if from == to { 2.0 * ways } else { 0.0 };
            margin[from] += ways;
            margin[to] += ways;
        }
    }
    let total: f64 = margin.iter().sum();
    let expected: f64 = margin.iter().map(|sum| (sum / total).powi(2)).sum();
    // Shares of one label alone sum to 1 up to rounding, and the quotient would be noise.
    let one_label = margin.iter().filter(|sum| **sum > 0.0).count() < 2;
    Ok(if one_label { f64::NAN } else { (equal / total - expected) / (1.0 - expected) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_by_hand_and_one_label_undefined() -> Result<(), SpatialError> {
        // 0 – 1 – 2, labels a b b, one edge named from both sides: networkx' example has mixing [[0, ¼], [¼, ½]].
        let graph = Graph::from_rows(vec![0, 1, 3, 3], vec![1, 0, 2], vec![1.0; 3], false)?;
        let expected = 0.25f64.powi(2) + 0.75f64.powi(2);
        let found = assortativity(&graph, &[0, 1, 1], 2)?;
        assert!((found - (0.5 - expected) / (1.0 - expected)).abs() < 1e-15, "{found}");
        assert!(assortativity(&graph, &[1, 1, 1], 2)?.is_nan());
        assert!(assortativity(&graph, &[0, -1, 1], 2)?.is_nan());
        Ok(())
    }
}

//! What edges weigh, row standardisation, and the moments of a weight matrix that the variances need.

use super::params::Weighting;

/// Moments of the weights `w`: `s0 = Σ w`, `s1 = ½ Σ (wᵢⱼ + wⱼᵢ)²`, `s2 = Σᵢ (Σⱼ wᵢⱼ + Σⱼ wⱼᵢ)²` (Cliff & Ord 1981).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    pub s0: f64,
    pub s1: f64,
    pub s2: f64,
}

/// The weights of edges with these lengths.
pub(super) fn weigh(indptr: &[usize], neighbours: &[u32], distances: &[f64], weighting: Weighting) -> Vec<f64> {
    match weighting {
        Weighting::One => vec![1.0; neighbours.len()],
        Weighting::Gaussian { bandwidth } => {
            // libm's, so that wasm has the same digits.
            let weight = |d: &f64| libm::exp(-0.5 * (d / bandwidth) * (d / bandwidth)).max(f64::MIN_POSITIVE);
            distances.iter().map(weight).collect()
        }
        Weighting::Spectral => {
            let mut incoming = vec![0.0; indptr.len() - 1];
            neighbours.iter().for_each(|&other| incoming[other as usize] += 1.0);
            let rows = indptr.windows(2).flat_map(|row| std::iter::repeat_n((row[1] - row[0]) as f64, row[1] - row[0]));
            rows.zip(neighbours).map(|(out, &other)| 1.0 / (out * incoming[other as usize]).sqrt()).collect()
        }
    }
}

/// Divides every row by its sum. A row without weight stays zero, so `s0` is then below the number of cells.
pub(super) fn standardise_rows(indptr: &[usize], weights: &mut [f64]) {
    for row in indptr.windows(2) {
        let row = &mut weights[row[0]..row[1]];
        let sum: f64 = row.iter().sum();
        if sum > 0.0 {
            row.iter_mut().for_each(|weight| *weight /= sum);
        }
    }
}

/// Sums of rows and of columns.
pub(super) fn margins(indptr: &[usize], neighbours: &[u32], weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let n = indptr.len() - 1;
    let (mut rows, mut columns) = (vec![0.0; n], vec![0.0; n]);
    for i in 0..n {
        for edge in indptr[i]..indptr[i + 1] {
            rows[i] += weights[edge];
            columns[neighbours[edge] as usize] += weights[edge];
        }
    }
    (rows, columns)
}

/// The moments, from the margins and one look-up per edge. Rows must be sorted by neighbour. O(edges · log degree).
pub(super) fn moments(indptr: &[usize], neighbours: &[u32], weights: &[f64], rows: &[f64], columns: &[f64]) -> Moments {
    // ½ Σ (w + w')² is the sum of the squares and, for each pair of cells, of the two weights' product twice.
    let mut products = 0.0;
    for i in 0..rows.len() {
        for edge in indptr[i]..indptr[i + 1] {
            let other = neighbours[edge] as usize;
            if other <= i {
                continue;
            }
            let back = indptr[other]..indptr[other + 1];
            if let Ok(place) = neighbours[back.clone()].binary_search(&(i as u32)) {
                products += weights[edge] * weights[back.start + place];
            }
        }
    }
    let s1 = weights.iter().map(|weight| weight * weight).sum::<f64>() + 2.0 * products;
    let s2 = rows.iter().zip(columns).map(|(row, column)| (row + column) * (row + column)).sum();
    Moments { s0: rows.iter().sum(), s1, s2 }
}

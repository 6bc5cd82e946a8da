//! How well clusters stand apart.

use super::super::SpatialError;
use super::super::shuffle::{generator, shuffle};
use super::profiles::Profiles;

/// The mean silhouette (Rousseeuw 1987) of clustered profiles, by Euclidean distance: for each cell `(b − a) / max(a, b)` with
/// `a` its mean distance to the others of its cluster and `b` the least mean distance to another cluster; 0 for a cluster of
/// one. From −1 to 1.
///
/// Cells without a cluster (negative code) are left out. All pairs would be O(cells²): of more than `sample` cells as many are
/// drawn by `seed` and stand for all. As `sklearn.metrics.silhouette_score(sample_size=…)`. NaN with fewer than two clusters.
///
/// # Errors
/// `spatial.length-mismatch`.
pub fn silhouette(profiles: &Profiles, codes: &[i32], sample: usize, seed: u64) -> Result<f64, SpatialError> {
    if codes.len() != profiles.n_cells() {
        let (expected, found) = (profiles.n_cells(), codes.len());
        return Err(SpatialError::LengthMismatch { what: "clusters", expected, found });
    }
    let mut cells: Vec<usize> = (0..codes.len()).filter(|&cell| codes[cell] >= 0).collect();
    if cells.len() > sample {
        shuffle(&mut cells, &mut generator(seed, 0));
        cells.truncate(sample);
        cells.sort_unstable();
    }
    let mut names: Vec<i32> = cells.iter().map(|&cell| codes[cell]).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < 2 {
        return Ok(f64::NAN);
    }
    let cluster: Vec<usize> = cells.iter().map(|&cell| names.binary_search(&codes[cell]).unwrap_or(0)).collect();
    let mut sizes = vec![0.0f64; names.len()];
    cluster.iter().for_each(|&cluster| sizes[cluster] += 1.0);
    let row = |at: usize| &profiles.values[cells[at] * profiles.width..][..profiles.width];
    let mut sums = vec![0.0; names.len()];
    let mut total = 0.0;
    for (at, &own) in cluster.iter().enumerate() {
        if sizes[own] == 1.0 {
            continue;
        }
        sums.fill(0.0);
        for (other, &cluster) in cluster.iter().enumerate() {
            let pairs = row(at).iter().zip(row(other));
            sums[cluster] += pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum::<f64>().sqrt();
        }
        let within = sums[own] / (sizes[own] - 1.0);
        let others = (0..names.len()).filter(|&cluster| cluster != own).map(|cluster| sums[cluster] / sizes[cluster]);
        let beyond = others.fold(f64::INFINITY, f64::min);
        let larger = within.max(beyond);
        total += if larger > 0.0 { (beyond - within) / larger } else { 0.0 };
    }
    Ok(total / cells.len() as f64)
}

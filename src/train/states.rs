//! States of cells: k-means on log profiles, each cluster named by its markers.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Lloyd's k-means from k-means++ seeds (Arthur and Vassilvitskii 2007). Deterministic for a seed; ties go to the lower
/// cluster; an emptied cluster keeps its place. Gives the centroids, `k × width` row-major. O(iterations · points · k · width).
pub fn k_means(points: &[f32], width: usize, k: usize, iterations: usize, seed: u64) -> Vec<f32> {
    let n = points.len() / width;
    let point = |i: usize| &points[i * width..(i + 1) * width];
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut centroids: Vec<f32> = point(rng.random_range(0..n)).to_vec();
    let mut nearest: Vec<f64> = (0..n).map(|i| squared_distance(point(i), &centroids)).collect();
    while centroids.len() < k * width {
        let mut left = rng.random::<f64>() * nearest.iter().sum::<f64>();
        let chosen = nearest.iter().position(|&d| {
            left -= d;
            left <= 0.0
        });
        let new = point(chosen.unwrap_or(n - 1)).to_vec();
        for (i, best) in nearest.iter_mut().enumerate() {
            *best = best.min(squared_distance(point(i), &new));
        }
        centroids.extend(new);
    }
    let mut of_point = vec![0u32; n];
    for _ in 0..iterations {
        for (i, cluster) in of_point.iter_mut().enumerate() {
            *cluster = nearest_centroid(&centroids, width, point(i)) as u32;
        }
        let mut sums = vec![0.0f64; k * width];
        let mut counts = vec![0usize; k];
        for (i, &cluster) in of_point.iter().enumerate() {
            counts[cluster as usize] += 1;
            for (sum, value) in sums[cluster as usize * width..].iter_mut().zip(point(i)) {
                *sum += f64::from(*value);
            }
        }
        for cluster in (0..k).filter(|&cluster| counts[cluster] > 0) {
            for j in 0..width {
                centroids[cluster * width + j] = (sums[cluster * width + j] / counts[cluster] as f64) as f32;
            }
        }
    }
    centroids
}

/// Index of the nearest centroid (Euclidean), the lower one of equals.
pub fn nearest_centroid(centroids: &[f32], width: usize, point: &[f32]) -> usize {
    let mut best = (f64::INFINITY, 0);
    for (cluster, centroid) in centroids.chunks_exact(width).enumerate() {
        let distance = squared_distance(centroid, point);
        if distance < best.0 {
            best = (distance, cluster);
        }
    }
    best.1
}

fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| f64::from(x - y) * f64::from(x - y)).sum()
}

/// `log1p(counts / total · scale)` of every cell; a cell without counts is all zero.
pub fn log_profiles(counts: &[f32], width: usize, scale: f32) -> Vec<f32> {
    let mut profiles = counts.to_vec();
    for cell in profiles.chunks_exact_mut(width) {
        let total: f32 = cell.iter().sum();
        if total > 0.0 {
            cell.iter_mut().for_each(|value| *value = (*value / total * scale).ln_1p());
        }
    }
    profiles
}

/// Names clusters by the state whose markers stand out most: the mean, over a state's markers, of the centroids'
/// z-scores across clusters. Gives the state of each cluster; several clusters may share one.
pub fn name_clusters(centroids: &[f32], width: usize, markers: &[Vec<usize>]) -> Vec<u8> {
    let k = centroids.len() / width;
    let mut z = vec![0.0f64; centroids.len()];
    for gene in 0..width {
        let values: Vec<f64> = (0..k).map(|c| f64::from(centroids[c * width + gene])).collect();
        let mean = values.iter().sum::<f64>() / k as f64;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / k as f64).sqrt();
        for (cluster, value) in values.iter().enumerate() {
            z[cluster * width + gene] = if deviation > 0.0 { (value - mean) / deviation } else { 0.0 };
        }
    }
    (0..k)
        .map(|cluster| {
            let score = |genes: &Vec<usize>| {
                genes.iter().map(|&gene| z[cluster * width + gene]).sum::<f64>() / genes.len().max(1) as f64
            };
            let mut best = (f64::NEG_INFINITY, 0);
            for (state, genes) in markers.iter().enumerate() {
                if !genes.is_empty() && score(genes) > best.0 {
                    best = (score(genes), state);
                }
            }
            best.1 as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k_means_finds_separated_groups() {
        let points: Vec<f32> =
            (0..60).flat_map(|i| [(i % 3) as f32 * 10.0 + (i as f32 * 0.37).sin() * 0.1, (i % 3) as f32]).collect();
        let centroids = k_means(&points, 2, 3, 10, 5);
        let cluster = |i: usize| nearest_centroid(&centroids, 2, &points[2 * i..2 * i + 2]);
        for i in 0..60 {
            assert_eq!(cluster(i), cluster(i % 3));
        }
        assert_ne!(cluster(0), cluster(1));
        assert_ne!(cluster(1), cluster(2));
    }

    #[test]
    fn clusters_are_named_by_the_markers_that_stand_out() {
        let centroids = [5.0, 0.0, 1.0, 0.0, 4.0, 1.0];
        assert_eq!(name_clusters(&centroids, 3, &[vec![0], vec![1]]), vec![0, 1]);
    }
}

//! k-means: Lloyd's algorithm from k-means++ starts, the best of several.

use super::super::SpatialError;
use super::super::parallel::{Meter, for_each};
use super::super::shuffle::generator;
use super::profiles::{Profiles, is_whole};
use crate::progress::Tick;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Rows that one thread assigns at a time.
const CHUNK: usize = 4096;
/// Sums of squares that are kept apart.
const LANES: usize = 8;

/// How to cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KMeansParams {
    pub k: usize,
    /// Starts, of which the one with the least inertia counts.
    pub starts: usize,
    pub max_iterations: usize,
    pub seed: u64,
}

impl Default for KMeansParams {
    fn default() -> Self {
        Self { k: 8, starts: 5, max_iterations: 300, seed: 0 }
    }
}

impl KMeansParams {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` unless 1 ≤ k ≤ 1,000 and there are 1 to 1,000 starts and at least one iteration.
    pub fn check(&self) -> Result<(), SpatialError> {
        match (1..=1000).contains(&self.k) && (1..=1000).contains(&self.starts) && self.max_iterations >= 1 {
            true => Ok(()),
            false => {
                Err(SpatialError::BadParameter("Niches need 1 to 1,000 clusters, 1 to 1,000 starts, and iterations."))
            }
        }
    }
}

/// Clusters of profiles.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    /// Cluster of each cell, the largest cluster first; −1 for a cell without a profile.
    pub codes: Vec<i32>,
    /// Row-major, clusters × width.
    pub centres: Vec<f64>,
    /// Cells of each cluster.
    pub sizes: Vec<usize>,
    /// Sum of squared distances to the centres.
    pub inertia: f64,
    pub iterations: usize,
    /// Whether no cell moved in the last iteration.
    pub converged: bool,
    /// Adjusted Rand index of every other start's clusters with these, one entry each: near 1, the clusters are a property
    /// of the data; near 0, of the start. Empty with one start.
    pub stability: Vec<f64>,
}

/// Clusters profiles by k-means (Lloyd 1982) from k-means++ starts (Arthur & Vassilvitskii 2007), the best of
/// [`KMeansParams::starts`] by inertia. Deterministic by seed on every machine and number of threads.
///
/// A cluster that loses all its cells takes the cell farthest from its centre, as scikit-learn does. Where there are fewer
/// different profiles than k, some clusters stay empty and are left out of the result. O(starts · iterations · cells · k ·
/// width).
///
/// # Errors
/// `spatial.bad-parameter`: see [`KMeansParams::check`]; `spatial.too-few-cells` with fewer profiles than k;
/// `job.cancelled`.
pub fn kmeans(profiles: &Profiles, params: &KMeansParams, tick: Tick) -> Result<KMeans, SpatialError> {
    params.check()?;
    let points = Points::of(profiles, params.k)?;
    let mut meter = Meter::new(tick, "niches", (params.starts * params.max_iterations) as u64);
    let mut runs = Vec::with_capacity(params.starts);
    for start in 0..params.starts as u64 {
        let centres = points.spread(params.k, &mut generator(params.seed, start));
        let run = points.lloyd(centres, params.k, params.max_iterations, &mut meter)?;
        meter.add((params.max_iterations - run.iterations) as u64)?;
        runs.push(run);
    }
    // The first of equals.
    let best =
        (0..runs.len()).min_by(|&a, &b| runs[a].inertia.total_cmp(&runs[b].inertia).then(a.cmp(&b))).unwrap_or(0);
    let others = (0..runs.len()).filter(|&run| run != best);
    let stability = others.map(|run| rand_index(&runs[run].codes, &runs[best].codes, params.k)).collect();
    Ok(KMeans { stability, ..points.finish(runs.swap_remove(best), profiles.n_cells()) })
}

/// The same from given centres, row-major, clusters × width.
///
/// # Errors
/// As [`kmeans`], and `spatial.length-mismatch` if the centres are not whole rows.
pub fn kmeans_from(
    profiles: &Profiles,
    centres: &[f64],
    max_iterations: usize,
    tick: Tick,
) -> Result<KMeans, SpatialError> {
    let k = centres.len() / profiles.width.max(1);
    if k * profiles.width != centres.len() {
        let (expected, found) = (k * profiles.width, centres.len());
        return Err(SpatialError::LengthMismatch { what: "numbers of the centres", expected, found });
    }
    KMeansParams { k, max_iterations, ..KMeansParams::default() }.check()?;
    let points = Points::of(profiles, k)?;
    let mut meter = Meter::new(tick, "niches", max_iterations as u64);
    let run = points.lloyd(centres.to_vec(), k, max_iterations, &mut meter)?;
    Ok(points.finish(run, profiles.n_cells()))
}

/// The cluster of each cell by given centres, row-major, clusters × width: that of the nearest, the lower of equals; −1
/// without a profile. How cells at other places would be counted among niches that are known.
///
/// # Errors
/// `spatial.length-mismatch` if the centres are not whole rows; `spatial.too-few-cells` if no cell has a profile.
pub fn nearest_centre(profiles: &Profiles, centres: &[f64]) -> Result<Vec<i32>, SpatialError> {
    let k = centres.len() / profiles.width.max(1);
    if k * profiles.width != centres.len() || k == 0 {
        let (expected, found) = (k.max(1) * profiles.width, centres.len());
        return Err(SpatialError::LengthMismatch { what: "numbers of the centres", expected, found });
    }
    let points = Points::of(profiles, 1)?;
    let mut codes = vec![-1; profiles.n_cells()];
    points.cells.iter().zip(points.assign(centres)?).for_each(|(&cell, (code, _))| codes[cell] = code as i32);
    Ok(codes)
}

/// The cells that have a profile.
struct Points<'a> {
    width: usize,
    cells: Vec<usize>,
    rows: Vec<&'a [f32]>,
}

struct Run {
    codes: Vec<u32>,
    centres: Vec<f64>,
    inertia: f64,
    iterations: usize,
    converged: bool,
}

impl<'a> Points<'a> {
    fn of(profiles: &'a Profiles, k: usize) -> Result<Self, SpatialError> {
        let rows = profiles.values.chunks_exact(profiles.width.max(1)).enumerate();
        let (cells, rows): (Vec<usize>, Vec<&[f32]>) = rows.filter(|(_, row)| is_whole(row)).unzip();
        match rows.len() >= k {
            true => Ok(Self { width: profiles.width, cells, rows }),
            false => Err(SpatialError::TooFewCells { needed: k, found: rows.len() }),
        }
    }

    /// k-means++: each next centre is a row drawn by its squared distance to the nearest centre so far.
    fn spread(&self, k: usize, random: &mut ChaCha8Rng) -> Vec<f64> {
        let mut centres: Vec<f64> = Vec::with_capacity(k * self.width);
        let mut nearest = vec![f64::INFINITY; self.rows.len()];
        for _ in 0..k {
            let total: f64 = nearest.iter().sum();
            let chosen = match total.is_finite() && total > 0.0 {
                true => {
                    let mut left = (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64 * total;
                    let passed = nearest.iter().position(|distance| {
                        left -= distance;
                        left < 0.0
                    });
                    // Rounding can leave a rest: the last row that has any weight.
                    passed.or(nearest.iter().rposition(|distance| *distance > 0.0)).unwrap_or(0)
                }
                // The first centre, or nothing but copies of the centres.
                false => (random.next_u64() % self.rows.len() as u64) as usize,
            };
            let centre: Vec<f64> = self.rows[chosen].iter().map(|&value| f64::from(value)).collect();
            for (distance, row) in nearest.iter_mut().zip(&self.rows) {
                *distance = distance.min(squared(row, &centre));
            }
            centres.extend(centre);
        }
        centres
    }

    fn lloyd(&self, mut centres: Vec<f64>, k: usize, most: usize, meter: &mut Meter) -> Result<Run, SpatialError> {
        let mut codes = vec![u32::MAX; self.rows.len()];
        let (mut converged, mut iterations) = (false, 0);
        while iterations < most && !converged {
            iterations += 1;
            let found = self.assign(&centres)?;
            let moved = found.iter().zip(&codes).any(|(found, code)| found.0 != *code);
            codes.iter_mut().zip(&found).for_each(|(code, found)| *code = found.0);
            converged = !moved;
            if moved {
                self.centre(&codes, &found, k, &mut centres);
            }
            meter.add(1)?;
        }
        let found = self.assign(&centres)?;
        codes.iter_mut().zip(&found).for_each(|(code, found)| *code = found.0);
        let inertia = found.iter().map(|found| found.1).sum();
        Ok(Run { codes, centres, inertia, iterations, converged })
    }

    /// The nearest centre of each row, the lower of equals, and the squared distance.
    fn assign(&self, centres: &[f64]) -> Result<Vec<(u32, f64)>, SpatialError> {
        let nearest = |row: &&[f32]| {
            let distances = centres.chunks_exact(self.width).map(|centre| squared(row, centre)).zip(0u32..);
            let best = distances.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            best.map_or((0, 0.0), |(distance, code)| (code, distance))
        };
        let chunks: Vec<&[&[f32]]> = self.rows.chunks(CHUNK).collect();
        let mut all = Vec::with_capacity(self.rows.len());
        let quiet = &mut crate::progress::ignore;
        let mut meter = Meter::new(quiet, "", 0);
        let work = |chunk: &&[&[f32]]| chunk.iter().map(nearest).collect::<Vec<_>>();
        for_each(&chunks, &mut meter, |_| 0, work, |part| all.extend(part))?;
        Ok(all)
    }

    /// Moves each centre to the mean of its rows, in the order of the cells, so that threads change nothing.
    fn centre(&self, codes: &[u32], found: &[(u32, f64)], k: usize, centres: &mut [f64]) {
        let mut sums = vec![0.0; k * self.width];
        let mut sizes = vec![0usize; k];
        let add = |row: &[f32], code: usize, sign: f64, sums: &mut [f64]| {
            let sums = &mut sums[code * self.width..(code + 1) * self.width];
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += sign * f64::from(*value));
        };
        for (row, &code) in self.rows.iter().zip(codes) {
            add(row, code as usize, 1.0, &mut sums);
            sizes[code as usize] += 1;
        }
        let empty: Vec<usize> = (0..k).filter(|&code| sizes[code] == 0).collect();
        if !empty.is_empty() {
            let mut far: Vec<usize> = (0..self.rows.len()).collect();
            far.sort_by(|&a, &b| found[b].1.total_cmp(&found[a].1).then(a.cmp(&b)));
            for (code, row) in empty.into_iter().zip(far) {
                let from = codes[row] as usize;
                if found[row].1 > 0.0 && sizes[from] > 1 {
                    add(self.rows[row], from, -1.0, &mut sums);
                    add(self.rows[row], code, 1.0, &mut sums);
                    sizes[from] -= 1;
                    sizes[code] = 1;
                }
            }
        }
        for (code, centre) in centres.chunks_exact_mut(self.width).enumerate() {
            // A centre that no row can be given to stays where it is.
            if sizes[code] > 0 {
                let sums = &sums[code * self.width..];
                centre.iter_mut().zip(sums).for_each(|(value, sum)| *value = sum / sizes[code] as f64);
            }
        }
    }

    /// Clusters by falling size, the empty ones left out.
    fn finish(&self, run: Run, n_cells: usize) -> KMeans {
        let k = run.centres.len() / self.width;
        let mut sizes = vec![0usize; k];
        run.codes.iter().for_each(|&code| sizes[code as usize] += 1);
        let mut order: Vec<usize> = (0..k).filter(|&code| sizes[code] > 0).collect();
        order.sort_by(|&a, &b| sizes[b].cmp(&sizes[a]).then(a.cmp(&b)));
        let mut renamed = vec![-1; k];
        order.iter().zip(0..).for_each(|(&code, name)| renamed[code] = name);
        let mut codes = vec![-1; n_cells];
        self.cells.iter().zip(&run.codes).for_each(|(&cell, &code)| codes[cell] = renamed[code as usize]);
        KMeans {
            codes,
            centres: order.iter().flat_map(|&code| &run.centres[code * self.width..][..self.width]).copied().collect(),
            sizes: order.iter().map(|&code| sizes[code]).collect(),
            inertia: run.inertia,
            iterations: run.iterations,
            converged: run.converged,
            stability: Vec::new(),
        }
    }
}

/// The squared distance, in sums that do not wait for each other: of hundreds of genes, one sum is three times as slow.
fn squared(row: &[f32], centre: &[f64]) -> f64 {
    let mut sums = [0.0f64; LANES];
    let (rows, centres) = (row.chunks_exact(LANES), centre.chunks_exact(LANES));
    let rest = rows.remainder().iter().zip(centres.remainder());
    let rest: f64 = rest.map(|(&value, centre)| (f64::from(value) - centre).powi(2)).sum();
    for (row, centre) in rows.zip(centres) {
        for lane in 0..LANES {
            sums[lane] += (f64::from(row[lane]) - centre[lane]).powi(2);
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Adjusted Rand index (Hubert & Arabie 1985); 1 for two equal partitions, also if both are of one cluster.
fn rand_index(a: &[u32], b: &[u32], k: usize) -> f64 {
    let pairs = |n: f64| n * (n - 1.0) / 2.0;
    let mut table = vec![0.0; k * k];
    a.iter().zip(b).for_each(|(&a, &b)| table[a as usize * k + b as usize] += 1.0);
    let both: f64 = table.iter().map(|&n| pairs(n)).sum();
    let rows: f64 = table.chunks_exact(k).map(|row| pairs(row.iter().sum())).sum();
    let columns: f64 = (0..k).map(|column| pairs(table.iter().skip(column).step_by(k).sum())).sum();
    let expected = rows * columns / pairs(a.len() as f64).max(1.0);
    let most = (rows + columns) / 2.0;
    if most == expected { 1.0 } else { (both - expected) / (most - expected) }
}

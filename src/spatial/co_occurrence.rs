//! Co-occurrence: how much likelier a label is found around another one than anywhere, by distance.

use super::SpatialError;
use super::pair_counts::{MAX_COUNTERS, MAX_RADII, Radii, count_pairs};
use super::parallel::Meter;
use super::pattern::Pattern;
use crate::progress::Tick;

/// At which distances to look.
#[derive(Debug, Clone, PartialEq)]
pub enum Intervals {
    /// So many evenly spaced distances, as squidpy chooses them: the least of them is the distance between the two cells
    /// of least `x + y`, the greatest half the distance between the cells of least and of greatest `x + y`. With several
    /// sections, the least and the greatest of theirs.
    Even(usize),
    /// These distances, ascending, in the units of the positions.
    Distances(Vec<f64>),
}

/// How to count.
#[derive(Debug, Clone, PartialEq)]
pub struct CoOccurrenceParams {
    pub intervals: Intervals,
}

impl Default for CoOccurrenceParams {
    /// Squidpy's 50 distances.
    fn default() -> Self {
        Self { intervals: Intervals::Even(50) }
    }
}

impl CoOccurrenceParams {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for fewer than 2 distances or more than 10,000, or if they are negative, not finite, or
    /// do not ascend.
    pub fn check(&self) -> Result<(), SpatialError> {
        let (count, good) = match &self.intervals {
            Intervals::Even(count) => (*count, true),
            Intervals::Distances(d) => {
                let ascending = d.windows(2).all(|pair| pair[0] < pair[1]);
                (d.len(), ascending && d.iter().all(|v| (0.0..=1e150).contains(v)))
            }
        };
        if !(2..=MAX_RADII).contains(&count) {
            return Err(SpatialError::BadParameter("Co-occurrence needs between 2 and 10,000 distances."));
        }
        match good {
            true => Ok(()),
            false => Err(SpatialError::BadParameter("The distances must be finite, not negative, and ascend.")),
        }
    }
}

/// Co-occurrence of all pairs of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct CoOccurrence {
    pub n_labels: usize,
    /// The distances, ascending, in the units of the positions; squidpy's `interval`. The first opens the first interval
    /// and is itself no radius.
    pub interval: Vec<f64>,
    /// Labels × labels × (distances − 1), row-major; squidpy's `occ`: `ratio[i, c, r] = P(i within interval[r + 1] of a
    /// cell of c) / P(i within interval[r + 1] of any cell)`. 1 is what chance gives; 0 where a label has no pair.
    pub ratio: Vec<f64>,
    /// Ordered pairs of different cells, same shape: `pairs[i, c, r]` with `d² ≤ interval[r + 1]²`.
    pub pairs: Vec<u64>,
    /// Cells that were left out because they have no finite position, or no label.
    pub without_position: usize,
    pub without_label: usize,
}

/// Co-occurrence as squidpy's `gr.co_occurrence`: cumulative counts of ordered pairs at `d² ≤ r²`, no cell with itself;
/// cells at one position are pairs at distance 0. Computed in f64 from f64 positions (squidpy: f32), so a pair that lies
/// at a radius to seven digits may fall on the other side of it. Cells without position or label (negative code) are left
/// out; cells of different sections are no pairs.
///
/// O(n log n + pairs within the greatest distance) time; memory O(n + labels² · distances).
///
/// # Errors
/// `spatial.bad-parameter` (see [`CoOccurrenceParams::check`]; also if labels² · distances exceeds 8 million, or the even
/// distances do not ascend because the cells named there coincide), `spatial.length-mismatch`, `spatial.no-coordinates`,
/// `spatial.too-few-cells` if no section has two cells, `job.cancelled`.
pub fn co_occurrence(
    positions: &[[f64; 2]],
    codes: &[i32],
    n_labels: usize,
    sections: Option<&[u32]>,
    params: &CoOccurrenceParams,
    tick: Tick,
) -> Result<CoOccurrence, SpatialError> {
    params.check()?;
    let pattern = Pattern::new(positions, codes, n_labels, sections)?;
    let largest = pattern.sections.iter().map(|section| section.points.len()).max().unwrap_or(0);
    if largest < 2 {
        return Err(SpatialError::TooFewCells { needed: 2, found: largest });
    }
    let interval = match &params.intervals {
        Intervals::Distances(distances) => distances.clone(),
        Intervals::Even(count) => even(&pattern, *count)?,
    };
    let radii = Radii::new(&interval[1..]);
    let bins = radii.bins();
    if n_labels * n_labels * bins > MAX_COUNTERS {
        return Err(SpatialError::BadParameter("labels² · distances is above 8 million: take fewer of either."));
    }
    let mut counts = vec![0u64; n_labels * n_labels * bins];
    let total = pattern.sections.iter().map(|section| section.points.len() as u64).sum();
    let mut meter = Meter::new(tick, "co-occurrence", total);
    for section in &pattern.sections {
        count_pairs(&section.points, &section.labels, n_labels, &radii, &mut meter, &mut counts)?;
    }
    let pairs = cumulate(&counts, bins);
    let ratio = ratios(&pairs, n_labels, bins - 1);
    let Pattern { without_position, without_label, .. } = pattern;
    Ok(CoOccurrence { n_labels, interval, ratio, pairs, without_position, without_label })
}

/// Counts up to each radius; the bin beyond all of them is dropped.
fn cumulate(counts: &[u64], bins: usize) -> Vec<u64> {
    let up_to = |counts: &[u64]| {
        counts[..bins - 1]
            .iter()
            .scan(0, |sum, count| {
                *sum += count;
                Some(*sum)
            })
            .collect::<Vec<_>>()
    };
    counts.chunks_exact(bins).flat_map(up_to).collect()
}

/// `(pairs[c, i] / Σ pairs[·, c]) / (Σ pairs[·, i] / Σ pairs)`, 0 where a divisor is.
fn ratios(pairs: &[u64], n_labels: usize, radii: usize) -> Vec<f64> {
    let at = |a: usize, b: usize, r: usize| pairs[(a * n_labels + b) * radii + r];
    let of = |label: usize, r: usize| (0..n_labels).map(|other| at(other, label, r)).sum::<u64>() as f64;
    let mut ratio = vec![0.0; pairs.len()];
    for r in 0..radii {
        let sums: Vec<f64> = (0..n_labels).map(|label| of(label, r)).collect();
        let total: f64 = sums.iter().sum();
        for i in (0..n_labels).filter(|&i| sums[i] > 0.0) {
            for c in (0..n_labels).filter(|&c| sums[c] > 0.0) {
                ratio[(i * n_labels + c) * radii + r] = at(c, i, r) as f64 / sums[c] / (sums[i] / total);
            }
        }
    }
    ratio
}

/// Squidpy's distances; see [`Intervals::Even`]. Ties in `x + y` go to the lower index.
fn even(pattern: &Pattern, count: usize) -> Result<Vec<f64>, SpatialError> {
    let (mut least, mut greatest) = (f64::INFINITY, 0.0f64);
    for points in pattern.sections.iter().map(|section| &section.points).filter(|points| points.len() > 1) {
        let sum = |i: usize| points[i][0] + points[i][1];
        let (mut first, mut second, mut last) = if sum(1) < sum(0) { (1, 0, 0) } else { (0, 1, 1) };
        for i in 2..points.len() {
            if sum(i) < sum(first) {
                (first, second) = (i, first);
            } else if sum(i) < sum(second) {
                second = i;
            }
            if sum(i) > sum(last) {
                last = i;
            }
        }
        let distance = |i: usize, j: usize| (points[i][0] - points[j][0]).hypot(points[i][1] - points[j][1]);
        least = least.min(distance(first, second));
        greatest = greatest.max(distance(first, last) / 2.0);
    }
    if least >= greatest {
        let what = "These cells give no evenly spaced distances: give the distances.";
        return Err(SpatialError::BadParameter(what));
    }
    let step = (greatest - least) / (count - 1) as f64;
    Ok((0..count).map(|k| if k + 1 == count { greatest } else { least + k as f64 * step }).collect())
}

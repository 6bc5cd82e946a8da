//! Ripley's F, G and L by the conventions of squidpy 1.8's `gr.ripley`, to compare with it and to draw with `sq.pl`.
//!
//! They are not the textbook's, and have no edge correction; use [`super::ripley`] for results. What squidpy does:
//! - **F** pools the distances from random places to the nearest *two* cells of a label (`neighbours`), and divides by
//!   those within the greatest distance, so every curve ends at 1. Its simulations take one nearest point.
//! - **G** does so from the cells of all *other* labels. Its simulations go from all cells to random points.
//! - **L** divides the pairs of a label by the number of *all* cells, so a rarer label has a lower curve; counts `d < r`.
//! - A simulation has `observations` points, whatever the number of cells of a label.
//! - With a seed, squidpy draws the same points for every simulation. Here each has its own.

use rand_chacha::ChaCha8Rng;

use super::super::SpatialError;
use super::super::nearest::{Places, Scratch};
use super::super::pair_counts::{Radii, count_pairs};
use super::super::parallel::{Meter, for_each};
use super::super::pattern::Pattern;
use super::super::shuffle::generator;
use super::super::window::Window;
use super::estimate::by_label;
use super::intervals::{Histogram, Intervals, LeftOut};
use crate::progress::{Tick, ignore};

/// Most nearest points that are pooled.
const MAX_NEIGHBOURS: usize = 8;

/// Squidpy's `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    F,
    G,
    L,
}

/// Squidpy's arguments and defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    pub mode: Mode,
    /// `n_neigh`: nearest cells whose distances are pooled by F and G.
    pub neighbours: usize,
    pub simulations: usize,
    /// Random places of F, and points of a simulated pattern.
    pub observations: usize,
    /// `None`: `√(area / 2)` of the convex hull.
    pub max_distance: Option<f64>,
    pub steps: usize,
    pub seed: u64,
    /// Look from these places in F, instead of random ones.
    pub probes: Option<Vec<[f64; 2]>>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            mode: Mode::F,
            neighbours: 2,
            simulations: 100,
            observations: 1000,
            max_distance: None,
            steps: 50,
            seed: 0,
            probes: None,
        }
    }
}

impl Params {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` outside 1..=8 neighbours, 2..=10,000 steps, 1..=1,000,000 observations, 0..=10,000
    /// simulations, for a greatest distance that is not positive, or a probe that is not finite.
    pub fn check(&self) -> Result<(), SpatialError> {
        let probes = self.probes.as_deref().unwrap_or(&[[0.0; 2]]);
        let good = (1..=MAX_NEIGHBOURS).contains(&self.neighbours)
            && (2..=10_000).contains(&self.steps)
            && (1..=1_000_000).contains(&self.observations)
            && self.simulations <= 10_000
            && self.max_distance.is_none_or(|d| d > 0.0 && d <= 1e150)
            && !probes.is_empty()
            && probes.iter().flatten().all(|value| value.abs() <= 1e150);
        match good {
            true => Ok(()),
            false => Err(SpatialError::BadParameter("A parameter of squidpy's Ripley functions is out of range.")),
        }
    }
}

/// Squidpy's result.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    pub n_labels: usize,
    /// Distances in the units of the positions, from 0.
    pub bins: Vec<f64>,
    /// Labels × distances: `F_stat`, `G_stat` or `L_stat`. NaN where a label has no cell within the greatest distance.
    pub stats: Vec<f64>,
    /// Simulations × distances: `sims_stat`.
    pub simulated: Vec<f64>,
    /// Labels × distances: `p = (1 + #{sim ≥ stat}) / (simulations + 1)`, then `min(p, 1 − p)`. It is never corrected for
    /// having taken the smaller tail, and can be 0.
    pub pvalues: Vec<f64>,
}

/// Squidpy's `gr.ripley`; the conventions stand at the top of this file. Cells without position or label are left out;
/// squidpy knows no sections.
///
/// F and G: O((cells + observations · simulations + …) · log n); L: O(pairs), counted by tiles, never stored.
///
/// # Errors
/// `spatial.bad-parameter` (see [`Params::check`]; also for cells on a line), `spatial.length-mismatch`,
/// `spatial.no-coordinates`, `spatial.too-few-cells`, `job.cancelled`.
pub fn ripley(
    positions: &[[f64; 2]],
    codes: &[i32],
    n_labels: usize,
    params: &Params,
    tick: Tick,
) -> Result<Statistics, SpatialError> {
    params.check()?;
    let mut pattern = Pattern::new(positions, codes, n_labels, None)?;
    let section = pattern.sections.pop().ok_or(SpatialError::NoCoordinates)?;
    let (points, labels) = (section.points, section.labels);
    let window = Window::hull(&points)?;
    let greatest = params.max_distance.unwrap_or((window.area() / 2.0).sqrt());
    let last = (params.steps - 1) as f64;
    // As numpy.linspace, to the last digit: the step times the index, and the end itself.
    let bin = |step: usize| if step + 1 == params.steps { greatest } else { greatest / last * step as f64 };
    let bins: Vec<f64> = (0..params.steps).map(bin).collect();
    let draw = |random: &mut ChaCha8Rng| -> Vec<[f64; 2]> {
        let sampler = window.sampler();
        (0..params.observations).map(|_| sampler.draw(random)).collect()
    };
    let counting = match params.mode {
        Mode::L => Counting::pairs(&bins),
        Mode::G => Counting::from_places(&points, &bins),
        Mode::F => match &params.probes {
            Some(probes) => Counting::from_places(probes, &bins),
            None => Counting::from_places(&draw(&mut generator(params.seed, u64::MAX)), &bins),
        },
    };
    let density = points.len() as f64 / window.area();
    let curve = |to: &[[f64; 2]], neighbours: usize, left_out: Option<&LeftOut>| match &counting {
        Counting::Pairs(radii) => l(to, radii, points.len(), density),
        Counting::Nearest { from, intervals } => match neighbours {
            1 => shares::<1>(to, from, intervals, neighbours, left_out),
            2 => shares::<2>(to, from, intervals, neighbours, left_out),
            _ => shares::<MAX_NEIGHBOURS>(to, from, intervals, neighbours, left_out),
        },
    };

    let mut meter = Meter::new(tick, "Ripley's functions", (n_labels + params.simulations) as u64);
    // G looks from the cells of all other labels.
    let labels_from: Option<Vec<u32>> = match (params.mode, &counting) {
        (Mode::G, Counting::Nearest { from, .. }) => Some(from.order().iter().map(|i| labels[*i as usize]).collect()),
        _ => None,
    };
    let all: Vec<u32> = (0..n_labels as u32).collect();
    let parts = by_label(&points, &labels, n_labels);
    let of_label = |&label: &u32| {
        let left_out = labels_from.as_ref().map(|labels| LeftOut::new(labels, label));
        curve(&parts[label as usize], params.neighbours, left_out.as_ref())
    };
    let mut stats = Vec::new();
    for_each(&all, &mut meter, |_| 1, of_label, |curve| stats.extend(curve))?;

    let simulations: Vec<u64> = (0..params.simulations as u64).collect();
    let simulate = |&simulation: &u64| curve(&draw(&mut generator(params.seed, simulation)), 1, None);
    let mut simulated = Vec::new();
    for_each(&simulations, &mut meter, |_| 1, simulate, |curve| simulated.extend(curve))?;

    let p = |(place, stat): (usize, &f64)| {
        let column = simulated.iter().skip(place % params.steps).step_by(params.steps);
        let p = (1 + column.filter(|sim| *sim >= stat).count()) as f64 / (params.simulations + 1) as f64;
        p.min(1.0 - p)
    };
    let pvalues = stats.iter().enumerate().map(p).collect();
    Ok(Statistics { n_labels, stats, simulated, pvalues, bins })
}

/// What all curves of a function share.
enum Counting {
    /// F and G: from where to look, and the intervals of distances.
    Nearest { from: Places, intervals: Intervals },
    /// L.
    Pairs(Radii),
}

impl Counting {
    fn from_places(places: &[[f64; 2]], bins: &[f64]) -> Self {
        Self::Nearest { from: Places::new(places), intervals: Intervals::new(bins) }
    }

    fn pairs(bins: &[f64]) -> Self {
        // d < r is d ≤ the number before r; nothing is below 0.
        let radii: Vec<f64> = bins[1..].iter().map(|r| r.next_down()).collect();
        Self::Pairs(Radii::new(&radii))
    }
}

/// F or G: the distances from places to the nearest points, pooled.
fn shares<const K: usize>(
    to: &[[f64; 2]],
    from: &Places,
    intervals: &Intervals,
    neighbours: usize,
    left_out: Option<&LeftOut>,
) -> Vec<f64> {
    let mut histogram = Histogram::<K>::new(intervals, neighbours, left_out);
    from.nearest(to, &mut Scratch::default(), &mut histogram);
    let beyond = intervals.len() - 1;
    cumulative(&histogram.counts[..beyond])
}

/// L of points, by the number and density of all cells.
fn l(points: &[[f64; 2]], radii: &Radii, cells: usize, density: f64) -> Vec<f64> {
    let mut counts = vec![0; radii.bins()];
    let mut tick = ignore;
    let mut meter = Meter::new(&mut tick, "pairs", 0);
    // Cannot fail: nobody cancels it.
    let _ = count_pairs(points, &vec![0; points.len()], 1, radii, &mut meter, &mut counts);
    let mut ordered = 0;
    let within = counts[..radii.bins() - 1].iter().map(|count| {
        ordered += count;
        (ordered as f64 / cells as f64 / density / std::f64::consts::PI).sqrt()
    });
    [0.0].into_iter().chain(within).collect()
}

/// 0, and the share of all that was counted up to the end of each interval.
fn cumulative(counts: &[usize]) -> Vec<f64> {
    let total: usize = counts.iter().sum();
    let mut sum = 0;
    let share = |count: &usize| {
        sum += count;
        sum as f64 / total as f64
    };
    [0.0].into_iter().chain(counts.iter().map(share)).collect()
}

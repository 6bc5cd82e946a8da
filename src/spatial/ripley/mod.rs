//! Ripley's functions: are cells of one label clustered or spread out, at which distance, and is that more than chance?
//!
//! With `λ` the number of points in an area, and the centre any of them:
//! - `F(r)`: share of the window within `r` of a point (empty space);
//! - `G(r)`: share of points whose nearest other point is within `r`;
//! - `K(r)`: points expected within `r` of a point, divided by `λ`; `L(r) = √(K(r)/π)`;
//! - `g(r) = K′(r) / 2πr`, the pair correlation.
//!
//! Points near the edge of the window have neighbours outside that nobody saw, so plain counts are too low. The
//! corrections are those of Baddeley, Rubak & Turner, *Spatial Point Patterns* (2015), chapters 7 and 8, as in spatstat:
//! [`EdgeCorrection`].

mod distances;
mod envelope;
mod estimate;
mod intervals;
mod outlook;
mod pairs;
mod params;
pub mod squidpy;

use super::SpatialError;
use super::parallel::{Meter, for_each};
use crate::progress::Tick;
use envelope::Envelope;
use estimate::Estimator;
pub use params::{Between, EdgeCorrection, PointNull, Probes, RipleyFunction, RipleyParams, WindowKind};

/// Simulations in one piece of work between two ticks.
const CHUNK: usize = 1;

/// The curve of one label, or of one pair of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct RipleyCurve {
    /// The points that are the centres.
    pub label: usize,
    /// The points that are counted around them; the same label unless [`Between::All`] was asked for.
    pub neighbour: usize,
    /// One value a distance. NaN where nothing can be said: no cell of the label, or all of them nearer to the edge than the
    /// distance (`Border`).
    pub value: Vec<f64>,
    /// What independent uniform points of this density give: `1 − exp(−λπr²)`, `πr²`, `r`, or 1.
    pub theoretical: Vec<f64>,
    /// Present if simulations were asked for.
    pub test: Option<RipleyTest>,
}

/// A curve among those of simulated patterns.
#[derive(Debug, Clone, PartialEq)]
pub struct RipleyTest {
    /// Mean over the simulations.
    pub mean: Vec<f64>,
    /// The pointwise envelope: at one distance, fixed beforehand, a pattern of the null hypothesis leaves it with
    /// probability α at most. Over all distances together it leaves it far more often.
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    /// Pointwise: `min(1, 2 · min(1 + #{sim ≥ value}, 1 + #{sim ≤ value}) / (simulations + 1))`.
    pub p: Vec<f64>,
    /// The global test by the maximum absolute deviation (MAD): greatest distance of the curve from the mean of all curves,
    /// its own included, which makes the rank exact.
    pub deviation: f64,
    /// `(1 + #{deviation of sim ≥ deviation}) / (simulations + 1)`; uniform under the null hypothesis.
    pub global_p: f64,
    /// Half the width of the global envelope about the mean of all curves: the test rejects at α where the curve leaves
    /// it. Infinite with fewer than `1/α − 1` simulations.
    pub global_half_width: f64,
}

/// Ripley's functions of all labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Ripley {
    pub function: RipleyFunction,
    pub correction: EdgeCorrection,
    /// From 0 to the greatest distance, evenly spaced, in the units of the positions.
    pub distances: Vec<f64>,
    /// One a label, in their order; or one an ordered pair of labels, row by row.
    pub curves: Vec<RipleyCurve>,
    /// Area of the windows of all sections, in squared units of the positions.
    pub area: f64,
    /// Half-width of the Epanechnikov kernel; of the pair correlation alone.
    pub bandwidth: Option<f64>,
    /// Cells in the window of each label.
    pub counts: Vec<usize>,
    /// Cells that were left out: without a finite position, without a label, outside the given window, in a section whose
    /// cells lie on a line so that it has no window of its own.
    pub without_position: usize,
    pub without_label: usize,
    pub outside_window: usize,
}

/// Ripley's function of every label, with edge correction and, if asked for, envelopes and tests from simulated patterns.
///
/// - `codes[cell]` is in `0..n_labels`, or negative where the label is missing.
/// - Cells of different sections are no neighbours; numerators and denominators are summed over sections before the ratio
///   is taken (spatstat's `pool`), so a section counts by its points.
/// - Cells at one position are neighbours at distance 0. The pair correlation leaves those pairs out.
/// - The same seed gives the same numbers, whatever the number of threads.
///
/// Time, each for the data and for every simulation: F and G O(n log n) and O(log n) for each probe and label; K, L and g
/// O(n log n) and O(1) for each pair within the greatest distance, but for `Isotropic` O(edges of the window in reach) for
/// a pair near the edge, for `Translation` O(corners²) for every pair. Memory O(n + simulations · curves · steps).
///
/// # Errors
/// `spatial.bad-parameter` (see [`RipleyParams::check`]; also if the cells lie on a line and no window is given, or
/// `Translation` meets a window that is not convex), `spatial.length-mismatch`, `spatial.no-coordinates`,
/// `spatial.too-few-cells` if no cell can be used, `job.cancelled`.
pub fn ripley(
    positions: &[[f64; 2]],
    codes: &[i32],
    n_labels: usize,
    sections: Option<&[u32]>,
    params: &RipleyParams,
    tick: Tick,
) -> Result<Ripley, SpatialError> {
    params.check(n_labels)?;
    let (estimator, pattern) = Estimator::new(positions, codes, n_labels, sections, params)?;
    let mut meter = Meter::new(tick, "Ripley's functions", 1 + params.simulations as u64);
    let observed = estimator.curves(&pattern);
    meter.add(1)?;
    let simulations: Vec<u64> = (0..params.simulations as u64).collect();
    let pieces: Vec<&[u64]> = simulations.chunks(CHUNK).collect();
    let work = |piece: &&[u64]| {
        let simulate = |&i: &u64| estimator.curves(&estimator.simulate(&pattern, params.null, params.seed, i));
        piece.iter().map(simulate).collect::<Vec<_>>()
    };
    let mut simulated = Vec::with_capacity(params.simulations);
    for_each(&pieces, &mut meter, |piece| piece.len() as u64, work, |part| simulated.extend(part))?;
    let steps = params.steps;
    let counts = estimator.counts();
    let curve = |(place, value): (usize, &[f64])| {
        let (label, neighbour) = estimator.labels_of(place);
        let test = (!simulated.is_empty()).then(|| {
            let curves: Vec<&[f64]> = simulated.iter().map(|all| &all[place * steps..(place + 1) * steps]).collect();
            Envelope::new(value, &curves).test(params.alpha)
        });
        RipleyCurve { label, neighbour, value: value.to_vec(), theoretical: estimator.theoretical(neighbour), test }
    };
    Ok(Ripley {
        function: params.function,
        correction: estimator.correction,
        curves: observed.chunks_exact(steps).enumerate().map(curve).collect(),
        area: estimator.area(),
        bandwidth: estimator.bandwidth(),
        counts,
        without_position: estimator.without_position,
        without_label: estimator.without_label,
        outside_window: estimator.outside_window,
        distances: estimator.distances,
    })
}

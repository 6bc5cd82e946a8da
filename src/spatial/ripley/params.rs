//! What to compute, in which window, with which correction, against which null hypothesis.

use super::super::SpatialError;

/// Which of Ripley's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RipleyFunction {
    /// Empty space: distance from any place to the nearest point.
    F,
    /// Distance from a point to the nearest other point.
    G,
    /// Points within a distance of a point, by density.
    K,
    /// `√(K/π)`: `r` for independent uniform points, with a variance that hardly depends on `r`.
    #[default]
    L,
    /// `g(r)`: density of pairs at a distance, 1 for independent uniform points.
    PairCorrelation,
}

impl RipleyFunction {
    /// Whether it counts pairs, not nearest points.
    pub(super) fn of_pairs(self) -> bool {
        matches!(self, Self::K | Self::L | Self::PairCorrelation)
    }
}

/// What is done about neighbours beyond the edge of the window. `b` is the distance from a point to the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeCorrection {
    /// Nothing: biased downwards, the more the larger the distance.
    Uncorrected,
    /// Only points with `b ≥ r` are centres (*reduced sample*; spatstat's `border`, `rs`). Unbiased in any window, wasteful.
    /// F, G, K, L.
    Border,
    /// A distance to the nearest point that exceeds `b` is known only to do so: the estimate of survival from censored
    /// times by Kaplan & Meier (Baddeley & Gill 1997; spatstat's `km`). F, G.
    KaplanMeier,
    /// A pair counts by 1 / (share inside the window of the circle about the first through the second; Ripley 1976;
    /// spatstat's `isotropic`), at most by 100. K, L, g.
    Isotropic,
    /// A pair counts by `area / |W ∩ (W + v)|`, `v` the vector between the two (Ohser 1983; spatstat's `translate`). Only
    /// for a convex window. K, L, g.
    Translation,
}

/// Where points could have been seen, in every section.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum WindowKind {
    /// The convex hull of the section's cells of any label, as squidpy takes it. It is a little too small.
    #[default]
    ConvexHull,
    /// The hull enlarged about its centroid by `1/√(1 − corners/cells)` (Ripley & Rasson 1977).
    RipleyRasson,
    /// This rectangle; cells outside are left out and counted.
    Rectangle { low: [f64; 2], high: [f64; 2] },
    /// This simple polygon; cells outside are left out and counted.
    Polygon(Vec<[f64; 2]>),
}

/// Between which cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Between {
    /// Those of one label: one curve a label.
    #[default]
    Same,
    /// From every label to every label: one curve an ordered pair. Not for F.
    All,
}

/// What the simulated patterns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PointNull {
    /// As many points of each label as in the data, independent and uniform in each section's window: complete spatial
    /// randomness, given the numbers. Tissue is never so: this asks whether there is any structure at all.
    #[default]
    Uniform,
    /// The labels dealt out anew to the cells of each section: asks whether the label is placed otherwise than the cells.
    Labels,
}

/// From where F looks.
#[derive(Debug, Clone, PartialEq)]
pub enum Probes {
    /// So many uniform random places in the windows of all sections together, between 1 and 10 million.
    Random(usize),
    /// These places, in every section; those outside its window are left out.
    At(Vec<[f64; 2]>),
}

impl Probes {
    fn count(&self) -> usize {
        match self {
            Self::Random(count) => *count,
            Self::At(places) => places.len(),
        }
    }
}

/// How to compute Ripley's functions. The defaults: `L`, corrected, in the convex hull, 50 distances, 199 simulations.
#[derive(Debug, Clone, PartialEq)]
pub struct RipleyParams {
    pub function: RipleyFunction,
    /// `None`: Kaplan–Meier for F and G, isotropic for K, L and g.
    pub correction: Option<EdgeCorrection>,
    pub between: Between,
    pub window: WindowKind,
    /// In the units of the positions. `None`: spatstat's rule. K, L, g: a quarter of the shorter side of the window, but no
    /// more than holds 1,000 cells of any label. F, G: a third of that side, but no more than leaves a place empty with
    /// probability 1e-5 at the density of the rarest label. With several sections, the smallest window decides.
    pub max_distance: Option<f64>,
    /// Distances, 0 and the greatest included.
    pub steps: usize,
    /// The same for every label and simulation.
    pub probes: Probes,
    /// Half-width of the Epanechnikov kernel of g, in the units of the positions. `None`: `0.15 √5 / √λ`, `λ` the mean
    /// density of a label that has cells (Stoyan's rule, as spatstat).
    pub bandwidth: Option<f64>,
    /// 0: no test.
    pub simulations: usize,
    pub null: PointNull,
    /// Level of the envelopes.
    pub alpha: f64,
    pub seed: u64,
}

impl Default for RipleyParams {
    fn default() -> Self {
        Self {
            function: RipleyFunction::L,
            correction: None,
            between: Between::Same,
            window: WindowKind::ConvexHull,
            max_distance: None,
            steps: 50,
            probes: Probes::Random(1000),
            bandwidth: None,
            simulations: 199,
            null: PointNull::Uniform,
            alpha: 0.05,
            seed: 0,
        }
    }
}

/// Most values of simulated curves that are held: 400 MB.
const MAX_SIMULATED: usize = 50_000_000;

impl RipleyParams {
    /// The correction in force.
    pub fn correction(&self) -> EdgeCorrection {
        self.correction.unwrap_or(match self.function.of_pairs() {
            true => EdgeCorrection::Isotropic,
            false => EdgeCorrection::KaplanMeier,
        })
    }

    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for a correction that the function does not have, `Between::All` with F, a distance or
    /// bandwidth that is not positive, fewer than 2 or more than 10,000 steps, no probes or more than 10 million,
    /// more than 100,000 simulations, a level outside 0..1, or simulated curves of more than 50 million values.
    pub fn check(&self, n_labels: usize) -> Result<(), SpatialError> {
        use EdgeCorrection::*;
        let bad = |what| Err(SpatialError::BadParameter(what));
        let fits = match self.correction() {
            Uncorrected => true,
            Border => self.function != RipleyFunction::PairCorrelation,
            KaplanMeier => !self.function.of_pairs(),
            Isotropic | Translation => self.function.of_pairs(),
        };
        if !fits {
            return bad("This edge correction does not exist for this function.");
        }
        if self.function == RipleyFunction::F && self.between == Between::All {
            return bad("F has no second label.");
        }
        if [self.max_distance, self.bandwidth].into_iter().flatten().any(|d| !(d > 0.0 && d <= 1e150)) {
            return bad("The greatest distance and the bandwidth must be positive numbers.");
        }
        if !(2..=10_000).contains(&self.steps) {
            return bad("Ripley's functions need between 2 and 10,000 distances.");
        }
        if !(1..=10_000_000).contains(&self.probes.count()) {
            return bad("F needs between 1 and 10 million probes.");
        }
        if self.simulations > 100_000 {
            return bad("There are more than 100,000 simulations.");
        }
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return bad("The level of the envelopes must lie between 0 and 1.");
        }
        let curves = if self.between == Between::All { n_labels.saturating_mul(n_labels) } else { n_labels };
        match curves.saturating_mul(self.steps).saturating_mul(self.simulations + 1) > MAX_SIMULATED {
            true => bad("Simulations · curves · distances is above 50 million: take fewer of any."),
            false => Ok(()),
        }
    }
}

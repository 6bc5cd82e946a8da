//! From points in their windows to one curve a label or pair of labels, of the data and of simulated patterns alike.

use super::super::SpatialError;
use super::super::nearest::Scratch;
use super::super::pattern::{Pattern, Section};
use super::super::shuffle::{generator, shuffle};
use super::super::window::Window;
use super::distances::distribution;
use super::outlook::Outlook;
use super::pairs::{Sums, pair_sums};
use super::params::{Between, EdgeCorrection, PointNull, Probes, RipleyFunction, RipleyParams, WindowKind};

/// Everything that the data and the simulations share.
pub(super) struct Estimator {
    function: RipleyFunction,
    pub correction: EdgeCorrection,
    between: Between,
    n_labels: usize,
    windows: Vec<Window>,
    /// Of each section: places from which F looks. Empty for the other functions.
    probes: Vec<Outlook>,
    pub distances: Vec<f64>,
    bandwidth: f64,
    counts: Vec<usize>,
    pub without_position: usize,
    pub without_label: usize,
    pub outside_window: usize,
}

impl Estimator {
    /// Finds windows, distances and probes; also gives the points of the sections that have a window.
    pub fn new(
        positions: &[[f64; 2]],
        codes: &[i32],
        n_labels: usize,
        sections: Option<&[u32]>,
        params: &RipleyParams,
    ) -> Result<(Self, Vec<Section>), SpatialError> {
        let pattern = Pattern::new(positions, codes, n_labels, sections)?;
        let Pattern { sections, without_position, without_label } = pattern;
        let (mut kept, mut windows, mut outside_window) = (Vec::new(), Vec::new(), 0);
        let mut without_window = None;
        for mut section in sections {
            let given = match &params.window {
                WindowKind::ConvexHull => Window::hull(&section.points),
                WindowKind::RipleyRasson => Window::ripley_rasson(&section.points),
                WindowKind::Rectangle { low, high } => Ok(Window::rectangle(*low, *high)?),
                WindowKind::Polygon(corners) => Ok(Window::polygon(corners)?),
            };
            let all = section.points.len();
            match given {
                Ok(window) => {
                    let inside: Vec<bool> = section.points.iter().map(|point| window.contains(*point)).collect();
                    let mut flags = inside.iter().copied();
                    section.points.retain(|_| flags.next() == Some(true));
                    let mut flags = inside.iter().copied();
                    section.labels.retain(|_| flags.next() == Some(true));
                    outside_window += all - section.points.len();
                    if !section.points.is_empty() {
                        kept.push(section);
                        windows.push(window);
                    }
                }
                Err(error) => {
                    outside_window += all;
                    without_window = Some(error);
                }
            }
        }
        if kept.is_empty() {
            return Err(without_window.unwrap_or(SpatialError::TooFewCells { needed: 1, found: 0 }));
        }
        let correction = params.correction();
        if correction == EdgeCorrection::Translation && windows.iter().any(|window| !window.is_convex()) {
            return Err(SpatialError::BadParameter("The translation correction needs a convex window."));
        }
        let mut counts = vec![0usize; n_labels];
        kept.iter().flat_map(|section| &section.labels).for_each(|&label| counts[label as usize] += 1);
        let area: f64 = windows.iter().map(Window::area).sum();
        let greatest = params.max_distance.unwrap_or_else(|| default_reach(params.function, &windows, area, &counts));
        let last = (params.steps - 1) as f64;
        let present = counts.iter().filter(|count| **count > 0).count().max(1) as f64;
        let density = counts.iter().sum::<usize>() as f64 / area / present;
        let mut estimator = Self {
            function: params.function,
            correction,
            between: params.between,
            n_labels,
            probes: Vec::new(),
            distances: (0..params.steps).map(|step| greatest * step as f64 / last).collect(),
            bandwidth: params.bandwidth.unwrap_or(0.15 * 5f64.sqrt() / density.sqrt()),
            counts,
            windows,
            without_position,
            without_label,
            outside_window,
        };
        if params.function == RipleyFunction::F {
            let probes = estimator.probes_in(&params.probes, params.seed);
            let outlook = |(places, window): (&Vec<[f64; 2]>, &Window)| Outlook::new(places, window, correction);
            estimator.probes = probes.iter().zip(&estimator.windows).map(outlook).collect();
        }
        Ok((estimator, kept))
    }

    /// Random ones are uniform in all windows together; a section's share is its area's, rounded so that the numbers add up.
    fn probes_in(&self, probes: &Probes, seed: u64) -> Vec<Vec<[f64; 2]>> {
        let count = match probes {
            Probes::Random(count) => *count as f64,
            Probes::At(places) => {
                let inside =
                    |window: &Window| places.iter().filter(|place| window.contains(**place)).copied().collect();
                return self.windows.iter().map(inside).collect();
            }
        };
        let mut random = generator(seed, u64::MAX);
        let (mut area, mut given) = (0.0, 0);
        let draw = |window: &Window| {
            area += window.area();
            let up_to = (count * area / self.area()).round() as usize;
            let places = up_to - given;
            given = up_to;
            let sampler = window.sampler();
            (0..places).map(|_| sampler.draw(&mut random)).collect()
        };
        self.windows.iter().map(draw).collect()
    }

    pub fn area(&self) -> f64 {
        self.windows.iter().map(Window::area).sum()
    }

    pub fn counts(&self) -> Vec<usize> {
        self.counts.clone()
    }

    pub fn bandwidth(&self) -> Option<f64> {
        (self.function == RipleyFunction::PairCorrelation).then_some(self.bandwidth)
    }

    /// The labels of the curve at a place in the list: the centres' and the neighbours'.
    pub fn labels_of(&self, curve: usize) -> (usize, usize) {
        match self.between {
            Between::Same => (curve, curve),
            Between::All => (curve / self.n_labels, curve % self.n_labels),
        }
    }

    /// Complete spatial randomness, `neighbour` being the label that is looked for.
    pub fn theoretical(&self, neighbour: usize) -> Vec<f64> {
        let density = self.counts[neighbour] as f64 / self.area();
        let disc = |r: f64| std::f64::consts::PI * r * r;
        let value = |&r: &f64| match self.function {
            RipleyFunction::F | RipleyFunction::G => -(-density * disc(r)).exp_m1(),
            RipleyFunction::K => disc(r),
            RipleyFunction::L => r,
            RipleyFunction::PairCorrelation => 1.0,
        };
        self.distances.iter().map(value).collect()
    }

    /// A pattern of the null hypothesis, as many cells of each label in each section as in the data.
    pub fn simulate(&self, sections: &[Section], null: PointNull, seed: u64, simulation: u64) -> Vec<Section> {
        let mut random = generator(seed, simulation);
        let simulate = |(section, window): (&Section, &Window)| match null {
            PointNull::Uniform => {
                let sampler = window.sampler();
                let points = section.points.iter().map(|_| sampler.draw(&mut random)).collect();
                Section { points, labels: section.labels.clone() }
            }
            PointNull::Labels => {
                let mut section = section.clone();
                shuffle(&mut section.labels, &mut random);
                section
            }
        };
        sections.iter().zip(&self.windows).map(simulate).collect()
    }

    /// The values of all curves, one after the other.
    pub fn curves(&self, sections: &[Section]) -> Vec<f64> {
        match self.function.of_pairs() {
            true => self.of_pairs(sections),
            false => self.of_nearest(sections),
        }
    }

    fn of_nearest(&self, sections: &[Section]) -> Vec<f64> {
        let of_section = |section: &Section| by_label(&section.points, &section.labels, self.n_labels);
        let parts: Vec<Vec<Vec<[f64; 2]>>> = sections.iter().map(of_section).collect();
        // Of each section, for G: the points of each label.
        let looks = |(labels, window): (&Vec<Vec<[f64; 2]>>, &Window)| -> Vec<Outlook> {
            labels.iter().map(|points| Outlook::new(points, window, self.correction)).collect()
        };
        let of_labels: Vec<Vec<Outlook>> = match self.function {
            RipleyFunction::F => Vec::new(),
            _ => parts.iter().zip(&self.windows).map(looks).collect(),
        };
        let mut curves = Vec::new();
        let n_curves = if self.between == Between::All { self.n_labels * self.n_labels } else { self.n_labels };
        let (mut reaches, mut scratch) = (Vec::new(), Scratch::default());
        for (label, neighbour) in (0..n_curves).map(|curve| self.labels_of(curve)) {
            reaches.clear();
            let among_them = self.function == RipleyFunction::G && label == neighbour;
            for (section, labels) in parts.iter().enumerate() {
                let outlook = self.probes.get(section).unwrap_or_else(|| &of_labels[section][label]);
                outlook.reaches(&labels[neighbour], among_them, &mut scratch, &mut reaches);
            }
            let nothing = self.counts[neighbour] == 0 || reaches.is_empty();
            match nothing {
                true => curves.extend(self.distances.iter().map(|_| f64::NAN)),
                false => distribution(&reaches, &self.distances, self.correction, &mut curves),
            }
        }
        curves
    }

    fn of_pairs(&self, sections: &[Section]) -> Vec<f64> {
        let steps = self.distances.len();
        let what = match self.function {
            RipleyFunction::PairCorrelation => Sums::Density { radii: &self.distances, bandwidth: self.bandwidth },
            _ => Sums::Cumulative { radii: &self.distances },
        };
        let n_curves = if self.between == Between::All { self.n_labels * self.n_labels } else { self.n_labels };
        let mut numerators = vec![0.0; n_curves * steps];
        let mut denominators = vec![0.0; n_curves * steps];
        for (section, window) in sections.iter().zip(&self.windows) {
            let mut add = |curve: usize, centres: usize, neighbours: f64, sums: &[f64], inner: &[f64]| {
                let density = neighbours / window.area();
                for step in 0..steps {
                    numerators[curve * steps + step] += sums[step];
                    let count = if self.correction == EdgeCorrection::Border { inner[step] } else { centres as f64 };
                    denominators[curve * steps + step] += count * density;
                }
            };
            let parts = by_label(&section.points, &section.labels, self.n_labels);
            let sums = |points: &[[f64; 2]], labels: &[u32], n_labels: usize| {
                pair_sums(points, labels, n_labels, window, self.correction, &what)
            };
            match self.between {
                Between::Same => {
                    for (label, points) in parts.iter().enumerate().filter(|(_, points)| !points.is_empty()) {
                        let found = sums(points, &vec![0; points.len()], 1);
                        add(label, points.len(), points.len() as f64 - 1.0, &found.sums, &found.inner);
                    }
                }
                Between::All => {
                    let found = sums(&section.points, &section.labels, self.n_labels);
                    for curve in 0..n_curves {
                        let (a, b) = self.labels_of(curve);
                        let others = parts[b].len() as f64 - if a == b { 1.0 } else { 0.0 };
                        let (sums, inner) = (&found.sums[curve * steps..], &found.inner[a * steps..]);
                        add(curve, parts[a].len(), others.max(0.0), sums, inner);
                    }
                }
            }
        }
        let value = |(sum, weight): (&f64, &f64)| match self.function {
            RipleyFunction::L => (sum / weight / std::f64::consts::PI).max(0.0).sqrt(),
            _ => sum / weight,
        };
        // 0 / 0 is NaN, as documented; `max` would hide it.
        let defined = |(sum, weight): (&f64, &f64)| if *weight > 0.0 { value((sum, weight)) } else { f64::NAN };
        numerators.iter().zip(&denominators).map(defined).collect()
    }
}

/// The points of each label.
pub(super) fn by_label(points: &[[f64; 2]], labels: &[u32], n_labels: usize) -> Vec<Vec<[f64; 2]>> {
    let mut parts = vec![Vec::new(); n_labels];
    points.iter().zip(labels).for_each(|(point, label)| parts[*label as usize].push(*point));
    parts
}

/// See [`RipleyParams::max_distance`].
fn default_reach(function: RipleyFunction, windows: &[Window], area: f64, counts: &[usize]) -> f64 {
    let side = windows.iter().flat_map(Window::extent).fold(f64::INFINITY, f64::min);
    let disc = |points: f64, count: usize| (points * area / (std::f64::consts::PI * count as f64)).sqrt();
    match function.of_pairs() {
        true => (side / 4.0).min(disc(1000.0, counts.iter().sum())),
        false => {
            let rarest = counts.iter().copied().filter(|count| *count > 0).min().unwrap_or(1);
            (side / 3.0).min(disc(1e5f64.ln(), rarest))
        }
    }
}

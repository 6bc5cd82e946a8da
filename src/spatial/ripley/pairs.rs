//! K, L and g: sums over the pairs of points of a section, each with its edge correction.

use super::super::tiles::{Bounds, Tiles};
use super::super::window::{Window, share_inside};
use super::EdgeCorrection;

/// Ripley's weight of a pair, at most (spatstat's `maxweight`).
const MAX_WEIGHT: f64 = 100.0;

/// What to sum for every pair of labels.
pub(super) enum Sums<'a> {
    /// The weights of the pairs within each of the ascending `radii`, evenly spaced from 0.
    Cumulative { radii: &'a [f64] },
    /// The weights times `kernel(r − d) / (2πd · mass(r))`, for each radius `r`: the density of pairs. `mass` is what of
    /// the kernel lies above 0.
    Density { radii: &'a [f64], bandwidth: f64 },
}

impl Sums<'_> {
    fn radii(&self) -> &[f64] {
        match self {
            Self::Cumulative { radii } | Self::Density { radii, .. } => radii,
        }
    }

    /// The greatest value of the kernel over the mass it has above 0 and 2π, for each radius.
    fn heights(&self) -> Vec<f64> {
        let Self::Density { radii, bandwidth } = self else { return Vec::new() };
        let height = |r: &f64| 0.75 / bandwidth / mass_above(-r / bandwidth) / std::f64::consts::TAU;
        radii.iter().map(height).collect()
    }

    /// Pairs beyond do not matter.
    fn reach(&self) -> f64 {
        let last = self.radii().last().copied().unwrap_or(0.0);
        match self {
            Self::Cumulative { .. } => last,
            Self::Density { bandwidth, .. } => last + bandwidth,
        }
    }
}

/// Sums over the ordered pairs of different points of one section: `sums[(a · n_labels + b) · steps + step]` for centres
/// of label `a` and neighbours of label `b`; and for `Border` the centres that count, `inner[a · steps + step]`.
pub(super) struct PairSums {
    pub sums: Vec<f64>,
    pub inner: Vec<f64>,
}

/// What is known of a point before its pairs are looked at.
struct Centre {
    label: usize,
    /// To the edge of the window.
    margin: f64,
    /// The edges in reach, for `Isotropic` in a convex window.
    rim: std::ops::Range<usize>,
}

pub(super) fn pair_sums(
    points: &[[f64; 2]],
    labels: &[u32],
    n_labels: usize,
    window: &Window,
    correction: EdgeCorrection,
    what: &Sums,
) -> PairSums {
    let (radii, reach) = (what.radii(), what.reach());
    let steps = radii.len();
    let mut found = PairSums { sums: vec![0.0; n_labels * n_labels * steps], inner: vec![0.0; n_labels * steps] };
    let tiles = Tiles::new(points);
    let mut rims = Vec::new();
    let with_margin = matches!(correction, EdgeCorrection::Border | EdgeCorrection::Isotropic);
    let centre = |(point, &i): (&[f64; 2], &u32)| {
        let start = rims.len();
        if correction == EdgeCorrection::Isotropic && window.is_convex() {
            window.rim(*point, reach, &mut rims);
        }
        let margin = if with_margin { window.margin(*point) } else { 0.0 };
        Centre { label: labels[i as usize] as usize, margin, rim: start..rims.len() }
    };
    let centres: Vec<Centre> = tiles.points.iter().zip(&tiles.order).map(centre).collect();
    if correction == EdgeCorrection::Border {
        for centre in &centres {
            let reached = radii.partition_point(|r| *r <= centre.margin);
            found.inner[centre.label * steps..][..reached].iter_mut().for_each(|count| *count += 1.0);
        }
    }
    let (heights, arcs, sums) = (what.heights(), Vec::new(), &mut found.sums);
    let mut adder = Adder { what, steps, n_labels, correction, window, rims: &rims, heights, arcs, sums };
    let reach2 = reach * reach;
    let mut squared = Vec::new();
    for tile in 0..tiles.len() {
        let range = tiles.range(tile);
        let bounds = Bounds::of(&tiles.points[range.clone()]);
        tiles.near(
            &bounds,
            reach,
            tile,
            |_| false,
            |others, _| {
                let others = tiles.range_of(&others);
                for i in range.clone() {
                    let [x, y] = tiles.points[i];
                    let start = if others == range { i + 1 } else { others.start };
                    squared.clear();
                    squared.extend(tiles.points[start..others.end].iter().map(|p| {
                        let (dx, dy) = (p[0] - x, p[1] - y);
                        dx * dx + dy * dy
                    }));
                    for (j, &d2) in (start..).zip(&squared).filter(|(_, d2)| **d2 <= reach2) {
                        adder.add([&centres[i], &centres[j]], [tiles.points[i], tiles.points[j]], d2);
                    }
                }
            },
        );
    }
    if matches!(what, Sums::Cumulative { .. }) {
        for curve in found.sums.chunks_exact_mut(steps) {
            let mut sum = 0.0;
            for value in curve {
                sum += *value;
                *value = sum;
            }
        }
    }
    found
}

struct Adder<'a> {
    what: &'a Sums<'a>,
    steps: usize,
    n_labels: usize,
    correction: EdgeCorrection,
    window: &'a Window,
    rims: &'a [(f64, f64)],
    /// Of the kernel at each radius, over 2π.
    heights: Vec<f64>,
    arcs: Vec<[f64; 2]>,
    sums: &'a mut [f64],
}

impl Adder<'_> {
    /// Adds a pair in both directions.
    fn add(&mut self, [a, b]: [&Centre; 2], [p, q]: [[f64; 2]; 2], d2: f64) {
        let (there, back) = (a.label * self.n_labels + b.label, b.label * self.n_labels + a.label);
        let d = d2.sqrt();
        let (weight, weight_back) = match self.correction {
            EdgeCorrection::Isotropic => (self.ripley(a, p, d), self.ripley(b, q, d)),
            EdgeCorrection::Translation => {
                let overlap = self.window.overlap([q[0] - p[0], q[1] - p[1]]);
                // Points on opposite corners of the window: no area is left, and the weight would be infinite.
                let weight = (self.window.area() / overlap).min(1.0 / f64::EPSILON);
                (weight, weight)
            }
            _ => (1.0, 1.0),
        };
        match self.what {
            Sums::Cumulative { radii } => {
                let first = first_radius(radii, d, d2);
                for (pair, weight, margin) in [(there, weight, a.margin), (back, weight_back, b.margin)] {
                    let curve = &mut self.sums[pair * self.steps..(pair + 1) * self.steps];
                    let end = if self.correction == EdgeCorrection::Border {
                        radii.partition_point(|r| *r <= margin)
                    } else {
                        self.steps
                    };
                    if first < end {
                        curve[first] += weight;
                        if let Some(after) = curve.get_mut(end) {
                            *after -= weight;
                        }
                    }
                }
            }
            Sums::Density { radii, bandwidth } if d > 0.0 => {
                let low = d - bandwidth;
                let from = if low > 0.0 { first_radius(radii, low, low * low) } else { 0 };
                let radii = radii.iter().zip(&self.heights).skip(from).take_while(|(r, _)| **r <= d + bandwidth);
                let mut add = |pair: usize, weight: f64| {
                    let (curve, weight) = (&mut self.sums[pair * self.steps + from..], weight / d);
                    for (sum, (r, height)) in curve.iter_mut().zip(radii.clone()) {
                        let u = (r - d) / bandwidth;
                        *sum += weight * height * (1.0 - u * u).max(0.0);
                    }
                };
                match there == back {
                    true => add(there, weight + weight_back),
                    false => [(there, weight), (back, weight_back)].into_iter().for_each(|(pair, w)| add(pair, w)),
                }
            }
            Sums::Density { .. } => {}
        }
    }

    fn ripley(&mut self, centre: &Centre, point: [f64; 2], d: f64) -> f64 {
        if d <= centre.margin || d == 0.0 {
            return 1.0;
        }
        let share = match self.window.is_convex() {
            true => share_inside(&self.rims[centre.rim.clone()], d, &mut self.arcs),
            false => self.window.share_of_circle(point, d),
        };
        if share * MAX_WEIGHT > 1.0 { 1.0 / share } else { MAX_WEIGHT }
    }
}

/// The first of the evenly spaced radii whose square is at least `d2`.
fn first_radius(radii: &[f64], d: f64, d2: f64) -> usize {
    let last = radii.len() - 1;
    let mut step = ((d / radii[last] * last as f64) as usize).min(last);
    while step > 0 && d2 <= radii[step - 1] * radii[step - 1] {
        step -= 1;
    }
    while step <= last && d2 > radii[step] * radii[step] {
        step += 1;
    }
    step
}

/// The mass of Epanechnikov's kernel, `¾ (1 − u²)`, above `u`, for `u ≤ 0`.
fn mass_above(u: f64) -> f64 {
    if u <= -1.0 { 1.0 } else { 0.5 - 0.75 * u + 0.25 * u * u * u }
}

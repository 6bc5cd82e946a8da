//! The window in which a point pattern was observed: a polygon, its area, its edge seen from a point, random points in it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use std::f64::consts::{PI, TAU};

use super::SpatialError;

/// More corners are refused: some steps take the square of their number.
const MAX_CORNERS: usize = 2000;

/// Edges that are looked at together.
const LANES: usize = 4;

/// A simple polygon with its corners anticlockwise, area above 0, no three corners of a hull on a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    corners: Vec<[f64; 2]>,
    /// Of the edge from each corner to the next: its length, and the direction out of the window across it, in 0..2π.
    normals: Vec<(f64, f64)>,
    /// Of a convex window: the lines of its edges, [`LANES`] side by side, the last ones filled up with the first edge's. A
    /// point of each (x, y) and its direction (x, y), of length 1.
    lines: Vec<[[f64; LANES]; 4]>,
    convex: bool,
    area: f64,
}

/// Twice the signed area of a triangle; positive if it turns left.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// The signed area of a polygon, from its first corner so that far-off coordinates keep their digits.
fn signed_area(corners: &[[f64; 2]]) -> f64 {
    let fan = corners.windows(2).skip(1);
    0.5 * fan.map(|pair| turn(corners[0], pair[0], pair[1])).sum::<f64>()
}

/// The points but for most of those that lie inside of others, clearly: within the octagon of the farthest in eight
/// directions.
fn without_inner(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    const DIRECTIONS: [[f64; 2]; 8] =
        [[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [-1.0, 1.0], [-1.0, 0.0], [-1.0, -1.0], [0.0, -1.0], [1.0, -1.0]];
    let Some(&first) = points.first() else { return Vec::new() };
    let mut farthest = [(f64::NEG_INFINITY, first); 8];
    for &point in points {
        for (farthest, [x, y]) in farthest.iter_mut().zip(DIRECTIONS) {
            let far = x * point[0] + y * point[1];
            if far > farthest.0 {
                *farthest = (far, point);
            }
        }
    }
    let corners = farthest.map(|(_, corner)| corner);
    let reach = corners.iter().flatten().fold(0.0f64, |reach, value| reach.max(value.abs()));
    let extent = [0, 1].map(|axis| corners[2 * axis][axis] - corners[2 * axis + 4][axis]);
    // Far above the rounding of `turn`, so that a corner of the hull is never left out.
    let clear = 1e-12 * (extent[0] + extent[1]) * (extent[0] + extent[1] + 0.01 * reach);
    let edges = (0..8).map(|i| (corners[i], corners[(i + 1) % 8])).filter(|(a, b)| a != b).collect::<Vec<_>>();
    if edges.len() < 3 {
        return points.to_vec();
    }
    let is_inner = |point: &[f64; 2]| edges.iter().all(|&(a, b)| turn(a, b, *point) > clear);
    points.iter().filter(|point| !is_inner(point)).copied().collect()
}

impl Window {
    /// The smallest convex polygon with all points (Akl & Toussaint's throw-away, then a monotone chain; O(n log n)).
    ///
    /// # Errors
    /// `spatial.bad-parameter` if they lie on a line.
    pub fn hull(points: &[[f64; 2]]) -> Result<Self, SpatialError> {
        let mut sorted = without_inner(points);
        sorted.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        sorted.dedup();
        let mut corners: Vec<[f64; 2]> = Vec::new();
        let chain = |corners: &mut Vec<[f64; 2]>, points: &mut dyn Iterator<Item = &[f64; 2]>| {
            let start = corners.len();
            for &point in points {
                while corners.len() >= start + 2
                    && turn(corners[corners.len() - 2], corners[corners.len() - 1], point) <= 0.0
                {
                    corners.pop();
                }
                corners.push(point);
            }
            corners.pop();
        };
        chain(&mut corners, &mut sorted.iter());
        chain(&mut corners, &mut sorted.iter().rev());
        let line = SpatialError::BadParameter("The cells of a section lie on a line: give a window.");
        Self::checked(corners, true).ok_or(line)
    }

    /// The hull, enlarged about its centroid by `1/√(1 − corners/points)`: the estimate of the window by Ripley & Rasson
    /// (1977), for a hull is too small.
    pub fn ripley_rasson(points: &[[f64; 2]]) -> Result<Self, SpatialError> {
        let hull = Self::hull(points)?;
        let share = hull.corners.len() as f64 / points.len() as f64;
        if share >= 1.0 {
            return Ok(hull);
        }
        let (centre, factor) = (hull.centroid(), 1.0 / (1.0 - share).sqrt());
        let moved = |corner: &[f64; 2]| [0, 1].map(|axis| centre[axis] + factor * (corner[axis] - centre[axis]));
        let bad = SpatialError::BadParameter("The cells of a section lie on a line: give a window.");
        Self::checked(hull.corners.iter().map(moved).collect(), true).ok_or(bad)
    }

    /// # Errors
    /// `spatial.bad-parameter` unless `low < high` in both coordinates.
    pub fn rectangle(low: [f64; 2], high: [f64; 2]) -> Result<Self, SpatialError> {
        let corners = vec![low, [high[0], low[1]], high, [low[0], high[1]]];
        let bad = SpatialError::BadParameter("The window's rectangle has no area.");
        if low[0] < high[0] && low[1] < high[1] { Self::checked(corners, true).ok_or(bad) } else { Err(bad) }
    }

    /// Any simple polygon, its corners in either direction.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for fewer than 3 corners, more than 2,000, edges that cross, or an area below a thousandth of
    /// the bounding box (random points would hardly ever fall into it).
    pub fn polygon(corners: &[[f64; 2]]) -> Result<Self, SpatialError> {
        let bad = |what| Err(SpatialError::BadParameter(what));
        if !(3..=MAX_CORNERS).contains(&corners.len()) {
            return bad("The window needs between 3 and 2,000 corners.");
        }
        if corners.iter().flatten().any(|value| !value.is_finite()) {
            return bad("A corner of the window is not finite.");
        }
        let mut corners = corners.to_vec();
        if signed_area(&corners) < 0.0 {
            corners.reverse();
        }
        if crosses_itself(&corners) {
            return bad("The edges of the window cross.");
        }
        let n = corners.len();
        let convex = (0..n).all(|i| turn(corners[i], corners[(i + 1) % n], corners[(i + 2) % n]) >= 0.0);
        let window = Self::checked(corners, convex);
        match window.filter(|window| window.area >= 1e-3 * window.extent().iter().product::<f64>()) {
            Some(window) => Ok(window),
            None => bad("The window has hardly any area."),
        }
    }

    fn checked(corners: Vec<[f64; 2]>, convex: bool) -> Option<Self> {
        if corners.len() < 3 {
            return None;
        }
        let area = signed_area(&corners);
        let mut window = Self { corners, normals: Vec::new(), lines: Vec::new(), convex, area };
        let normal = |(a, b): ([f64; 2], [f64; 2])| {
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            (dx.hypot(dy), (-dx).atan2(dy).rem_euclid(TAU))
        };
        window.normals = window.edges().map(normal).collect();
        if convex {
            window.lines = window.lines_of_edges();
        }
        (area > 0.0 && area.is_finite()).then_some(window)
    }

    pub fn area(&self) -> f64 {
        self.area
    }

    pub fn is_convex(&self) -> bool {
        self.convex
    }

    /// Width and height of the bounding box.
    pub fn extent(&self) -> [f64; 2] {
        [0, 1].map(|axis| {
            let values = self.corners.iter().map(|corner| corner[axis]);
            values.clone().fold(f64::NEG_INFINITY, f64::max) - values.fold(f64::INFINITY, f64::min)
        })
    }

    fn centroid(&self) -> [f64; 2] {
        let first = self.corners[0];
        let mut sum = [0.0; 2];
        for pair in self.corners.windows(2).skip(1) {
            let weight = turn(first, pair[0], pair[1]);
            for (axis, sum) in sum.iter_mut().enumerate() {
                *sum += weight * (pair[0][axis] - first[axis] + (pair[1][axis] - first[axis])) / 3.0;
            }
        }
        [0, 1].map(|axis| first[axis] + sum[axis] / (2.0 * self.area))
    }

    fn edges(&self) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
        let next = self.corners[1..].iter().chain(&self.corners[..1]);
        self.corners.iter().copied().zip(next.copied())
    }

    /// Whether a point lies in the window; the edge belongs to it, up to rounding.
    pub fn contains(&self, point: [f64; 2]) -> bool {
        if self.convex {
            let slack = |a: [f64; 2], b: [f64; 2]| 1e-12 * ((b[0] - a[0]).abs() + (b[1] - a[1]).abs()).powi(2);
            return self.edges().all(|(a, b)| turn(a, b, point) >= -slack(a, b));
        }
        let mut inside = false;
        for (a, b) in self.edges() {
            if to_segment(point, a, b) == 0.0 {
                return true;
            }
            if (a[1] > point[1]) != (b[1] > point[1]) {
                let x = a[0] + (point[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
                inside ^= point[0] < x;
            }
        }
        inside
    }

    fn lines_of_edges(&self) -> Vec<[[f64; LANES]; 4]> {
        let edges = self.edges().zip(&self.normals).map(|((a, b), normal)| (a, b, normal.0));
        let line =
            |(a, b, length): ([f64; 2], [f64; 2], f64)| [a[0], a[1], (b[0] - a[0]) / length, (b[1] - a[1]) / length];
        let lines: Vec<[f64; 4]> = edges.filter(|(_, _, length)| *length > 0.0).map(line).collect();
        let side_by_side = |lines_here: &[[f64; 4]]| {
            std::array::from_fn(|part| std::array::from_fn(|lane| lines_here.get(lane).unwrap_or(&lines[0])[part]))
        };
        lines.chunks(LANES).map(side_by_side).collect()
    }

    /// The distance from a point of the window to its edge. O(corners).
    pub fn margin(&self, point: [f64; 2]) -> f64 {
        if self.convex {
            // From inside, no line of an edge is nearer than the edge nearest of all.
            let mut least = [f64::INFINITY; LANES];
            for [x, y, to_x, to_y] in &self.lines {
                for (lane, least) in least.iter_mut().enumerate() {
                    let distance = to_x[lane] * (point[1] - y[lane]) - to_y[lane] * (point[0] - x[lane]);
                    *least = if distance.abs() < *least { distance.abs() } else { *least };
                }
            }
            return least.into_iter().fold(f64::INFINITY, f64::min);
        }
        self.edges().map(|(a, b)| to_segment(point, a, b)).fold(f64::INFINITY, f64::min)
    }

    /// The lines of a convex window's edges that pass a point at less than `reach`: distance, and direction in 0..2π.
    pub fn rim(&self, point: [f64; 2], reach: f64, rim: &mut Vec<(f64, f64)>) {
        for ((a, b), &(length, direction)) in self.edges().zip(&self.normals) {
            let distance = (turn(a, b, point) / length).max(0.0);
            if distance < reach {
                rim.push((distance, direction));
            }
        }
    }

    /// The share of the circle of radius `d > 0` about a point that lies in the window.
    pub fn share_of_circle(&self, point: [f64; 2], d: f64) -> f64 {
        let mut angles = vec![0.0];
        for (a, b) in self.edges() {
            let (dx, dy, px, py) = (b[0] - a[0], b[1] - a[1], a[0] - point[0], a[1] - point[1]);
            // |p + t·d|² = r², solved without cancellation.
            let (length2, half, rest) = (dx * dx + dy * dy, px * dx + py * dy, px * px + py * py - d * d);
            let under = half * half - length2 * rest;
            if length2 == 0.0 || under < 0.0 {
                continue;
            }
            let q = -(half + under.sqrt().copysign(half));
            for t in [q / length2, if q == 0.0 { f64::NAN } else { rest / q }] {
                if (0.0..=1.0).contains(&t) {
                    angles.push((py + t * dy).atan2(px + t * dx).rem_euclid(TAU));
                }
            }
        }
        angles.sort_unstable_by(f64::total_cmp);
        angles.push(TAU);
        let inside = |from: f64, to: f64| {
            let (sine, cosine) = (0.5 * (from + to)).sin_cos();
            self.contains([point[0] + d * cosine, point[1] + d * sine])
        };
        let arcs = angles.windows(2).filter(|arc| arc[1] > arc[0] && inside(arc[0], arc[1]));
        arcs.map(|arc| arc[1] - arc[0]).sum::<f64>() / TAU
    }

    /// The area that a convex window and itself shifted by `v` have in common. O(corners²).
    pub fn overlap(&self, v: [f64; 2]) -> f64 {
        let mut left = self.corners.clone();
        let mut next = Vec::with_capacity(left.len() + 4);
        for (a, b) in self.edges() {
            let (a, b) = ([a[0] + v[0], a[1] + v[1]], [b[0] + v[0], b[1] + v[1]]);
            for (i, &p) in left.iter().enumerate() {
                let q = left[(i + 1) % left.len()];
                let (at_p, at_q) = (turn(a, b, p), turn(a, b, q));
                if at_p >= 0.0 {
                    next.push(p);
                }
                if (at_p > 0.0 && at_q < 0.0) || (at_p < 0.0 && at_q > 0.0) {
                    let t = at_p / (at_p - at_q);
                    next.push([0, 1].map(|axis| p[axis] + t * (q[axis] - p[axis])));
                }
            }
            std::mem::swap(&mut left, &mut next);
            next.clear();
            if left.len() < 3 {
                return 0.0;
            }
        }
        signed_area(&left)
    }

    /// How to draw points in the window.
    pub fn sampler(&self) -> Sampler<'_> {
        let mut sum = 0.0;
        let triangles = self.corners.windows(2).skip(1).map(|pair| {
            sum += turn(self.corners[0], pair[0], pair[1]).max(0.0);
            sum
        });
        Sampler { window: self, areas: triangles.collect() }
    }
}

/// The share of a circle of radius `d` that lies in a convex window, by its rim as seen from the centre.
pub(super) fn share_inside(rim: &[(f64, f64)], d: f64, arcs: &mut Vec<[f64; 2]>) -> f64 {
    let half = |distance: f64| (distance / d).acos();
    // Near one edge alone, as most are that are near any, there is nothing to merge.
    let mut crossed = rim.iter().filter(|edge| edge.0 < d);
    match (crossed.next(), crossed.next()) {
        (None, _) => return 1.0,
        (Some(edge), None) => return 1.0 - half(edge.0) / PI,
        _ => {}
    }
    arcs.clear();
    for &(distance, direction) in rim.iter().filter(|edge| edge.0 < d) {
        let half = half(distance);
        let (from, to) = (direction - half, direction + half);
        match (from < 0.0, to > TAU) {
            (true, _) => arcs.extend([[from + TAU, TAU], [0.0, to]]),
            (_, true) => arcs.extend([[from, TAU], [0.0, to - TAU]]),
            _ => arcs.push([from, to]),
        }
    }
    arcs.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]));
    let (mut outside, mut reached) = (0.0, 0.0f64);
    for [from, to] in arcs.iter() {
        outside += (to - from.max(reached)).max(0.0);
        reached = reached.max(*to);
    }
    1.0 - outside / (2.0 * PI)
}

/// Uniform points in a window: in a convex one by triangles, in another by refusing those outside.
pub(super) struct Sampler<'a> {
    window: &'a Window,
    areas: Vec<f64>,
}

impl Sampler<'_> {
    pub fn draw(&self, generator: &mut ChaCha8Rng) -> [f64; 2] {
        let corners = &self.window.corners;
        if self.window.convex {
            let total = self.areas.last().copied().unwrap_or(0.0);
            let pick = uniform(generator) * total;
            let triangle = self.areas.partition_point(|area| *area <= pick).min(self.areas.len() - 1);
            let (mut u, mut v) = (uniform(generator), uniform(generator));
            if u + v > 1.0 {
                (u, v) = (1.0 - u, 1.0 - v);
            }
            let [a, b, c] = [corners[0], corners[triangle + 1], corners[triangle + 2]];
            return [0, 1].map(|axis| a[axis] + u * (b[axis] - a[axis]) + v * (c[axis] - a[axis]));
        }
        let extent = self.window.extent();
        let low = [0, 1].map(|axis| corners.iter().map(|corner| corner[axis]).fold(f64::INFINITY, f64::min));
        loop {
            let point = [0, 1].map(|axis| low[axis] + extent[axis] * uniform(generator));
            if self.window.contains(point) {
                return point;
            }
        }
    }
}

/// In 0..1, with 53 random bits; written out so that a seed keeps its meaning.
fn uniform(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

fn to_segment(point: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy, px, py) = (b[0] - a[0], b[1] - a[1], point[0] - a[0], point[1] - a[1]);
    let length2 = dx * dx + dy * dy;
    let t = if length2 > 0.0 { ((px * dx + py * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    if 0.0 < t && t < 1.0 { turn(a, b, point).abs() / length2.sqrt() } else { (px - t * dx).hypot(py - t * dy) }
}

/// Whether two edges without a common corner meet. O(corners²).
fn crosses_itself(corners: &[[f64; 2]]) -> bool {
    let n = corners.len();
    let edge = |i: usize| (corners[i], corners[(i + 1) % n]);
    (0..n).any(|i| {
        (i + 2..n).filter(|&j| (j + 1) % n != i).any(|j| {
            let ((a, b), (c, d)) = (edge(i), edge(j));
            turn(a, b, c) * turn(a, b, d) <= 0.0 && turn(c, d, a) * turn(c, d, b) <= 0.0
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::shuffle::generator;

    type Outcome = Result<(), SpatialError>;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }

    #[test]
    fn a_hull_has_the_corners_and_no_others() -> Outcome {
        let points = [[0.0, 0.0], [1.0, 1.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [1.0, 0.0], [2.0, 2.0]];
        let hull = Window::hull(&points)?;
        assert_eq!(hull.corners, [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]);
        assert_eq!(hull.area(), 4.0);
        assert!(points.iter().all(|p| hull.contains(*p)));
        close(hull.margin([0.5, 1.25]), 0.5);
        assert!(Window::hull(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]).is_err());
        Ok(())
    }

    #[test]
    fn shares_of_circles_are_those_of_geometry() -> Outcome {
        let square = Window::rectangle([0.0, 0.0], [2.0, 2.0])?;
        let (mut rim, mut arcs) = (Vec::new(), Vec::new());
        // At a corner a quarter; beside an edge the arc beyond it; a circle that pokes out on all four sides.
        for (centre, d, share) in [
            ([0.0, 0.0], 1.0, 0.25),
            ([1.0, 0.5], 1.0, 1.0 - 0.5f64.acos() / PI),
            ([1.0, 1.0], 1.2, 1.0 - 4.0 * (1.0f64 / 1.2).acos() / PI),
            ([0.3, 0.4], 0.5, 1.0 - 0.6f64.acos() / PI - 0.8f64.acos() / PI),
            ([1.0, 1.0], 0.5, 1.0),
        ] {
            rim.clear();
            square.rim(centre, d, &mut rim);
            close(share_inside(&rim, d, &mut arcs), share);
            close(square.share_of_circle(centre, d), share);
        }
        Ok(())
    }

    #[test]
    fn a_hull_of_many_points_leaves_none_out() -> Outcome {
        let spread = |i: u32| [(f64::from(i) * 0.754_877_666) % 1.0, 1e4 + (f64::from(i) * 0.569_840_291) % 1.0];
        let disc = |i: u32| {
            let ((sin, cos), r) = ((f64::from(i) * 2.4).sin_cos(), (f64::from(i) / 2000.0).sqrt());
            [7e5 + r * sin, r * cos]
        };
        let lattice = |i: u32| [f64::from(i % 50), f64::from(i / 50)];
        for points in [spread as fn(u32) -> _, disc, lattice].map(|point| (0..2000).map(point).collect::<Vec<_>>()) {
            let kept = without_inner(&points);
            assert!(kept.len() < points.len() / 2, "{}", kept.len());
            let hull = Window::hull(&points)?;
            assert!(points.iter().all(|point| hull.contains(*point)));
            assert!(hull.corners.iter().all(|corner| points.contains(corner)));
        }
        for few in [vec![], vec![[1.0, 2.0]; 9], vec![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]] {
            assert_eq!(without_inner(&few), few);
        }
        Ok(())
    }

    #[test]
    fn the_lines_of_a_convex_window_are_as_near_as_its_edges() {
        for corners in [3, 4, 5, 7, 8, 33] {
            let circle: Vec<[f64; 2]> =
                (0..corners).map(|i| (TAU * f64::from(i) / f64::from(corners)).sin_cos().into()).collect();
            let window = Window::hull(&circle).expect("a hull");
            for i in 0..50 {
                let (sin, cos) = (f64::from(i) * 2.4).sin_cos();
                let point = [sin, cos].map(|v| 0.49 * v * f64::from(i) / 50.0);
                let nearest = window.edges().map(|(a, b)| to_segment(point, a, b)).fold(f64::INFINITY, f64::min);
                assert!((window.margin(point) - nearest).abs() < 1e-14, "{corners} corners");
            }
        }
    }

    #[test]
    fn an_l_shape_knows_its_inside() -> Outcome {
        let l = Window::polygon(&[[0.0, 0.0], [0.0, 2.0], [1.0, 2.0], [1.0, 1.0], [2.0, 1.0], [2.0, 0.0]])?;
        assert!(!l.is_convex() && l.contains([0.5, 1.5]) && !l.contains([1.5, 1.5]) && l.contains([1.0, 1.5]));
        assert_eq!(l.area(), 3.0);
        close(l.share_of_circle([1.0, 1.0], 0.5), 0.75);
        close(l.margin([0.5, 0.5]), 0.5);
        let (mut stream, sampler) = (generator(1, 2), l.sampler());
        assert!((0..1000).all(|_| l.contains(sampler.draw(&mut stream))));
        assert!(Window::polygon(&[[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]).is_err());
        Ok(())
    }

    #[test]
    fn a_shifted_window_overlaps_itself() -> Outcome {
        let square = Window::rectangle([5.0, 1.0], [8.0, 3.0])?;
        close(square.overlap([0.0, 0.0]), 6.0);
        close(square.overlap([1.0, -0.5]), 3.0);
        close(square.overlap([4.0, 0.0]), 0.0);
        let triangle = Window::hull(&[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])?;
        close(triangle.overlap([0.5, 0.0]), 0.125);
        Ok(())
    }

    #[test]
    fn drawn_points_fill_a_convex_window_evenly() -> Outcome {
        let triangle = Window::hull(&[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 2.0]])?;
        let (mut stream, sampler) = (generator(3, 0), triangle.sampler());
        let points: Vec<[f64; 2]> = (0..40_000).map(|_| sampler.draw(&mut stream)).collect();
        assert!(points.iter().all(|p| triangle.contains(*p)));
        let centre = triangle.centroid();
        for axis in 0..2 {
            let mean = points.iter().map(|p| p[axis]).sum::<f64>() / 40_000.0;
            assert!((mean - centre[axis]).abs() < 0.03, "{mean} {centre:?}"); // five standard errors
        }
        Ok(())
    }
}

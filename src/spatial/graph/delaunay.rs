//! Delaunay triangulation of distinct points in the plane, as its edges: no point lies inside the circle through the
//! corners of a triangle.
//!
//! Divide and conquer (Guibas & Stolfi 1985) with cuts by x and by y in turn (Dwyer 1987), so that few triangles are slivers
//! that a later merge removes; O(n log n) whatever the points look like, with Shewchuk's exact predicates (crate `robust`), so that no input can mislead it: points on one line give the path
//! along it, and points on one circle give one of their triangulations, which depends on the positions alone and not on
//! their order. Coordinates are brought into the range where the predicates are exact by a power of two.

use robust::{Coord, incircle, orient2d};

/// Coordinates nearer to 0 than this, relative to the largest, count as 0: below it the predicates would underflow. It
/// is 10⁻⁴³, far below what f64 can tell apart from any coordinate that is not itself so near to 0.
const NOTHING: f64 = f64::from_bits((1023 - 142) << 52);

/// The points as they are triangulated: scaled by a power of two to at most 1, with what is nearly 0 set to 0. Two
/// distinct points may become one.
pub(super) fn scaled(points: &mut [[f64; 2]]) {
    let largest = points.iter().flatten().fold(0.0f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 {
        return;
    }
    let exponent = (largest.to_bits() >> 52) as i64 - 1023;
    // In two steps, as 2^-exponent itself may be out of range.
    let power = |exponent: i64| f64::from_bits(((1023 + exponent) as u64) << 52);
    let (half, rest) = (power(-exponent / 2), power(-exponent - -exponent / 2));
    for value in points.iter_mut().flatten() {
        *value = *value * half * rest;
        if value.abs() < NOTHING {
            *value = 0.0;
        }
    }
}

/// The undirected edges between `points`, which must be distinct, sorted by x and then y, and [`scaled`].
pub(super) fn edges(points: &[[f64; 2]]) -> Vec<[u32; 2]> {
    // Room for the two directions of three edges a point, of which the finished triangulation has fewer.
    let mut mesh = Mesh { points, edges: Vec::with_capacity(6 * points.len()), free: Vec::new() };
    if points.len() > 1 {
        let mut all: Vec<u32> = (0..points.len() as u32).collect();
        mesh.triangulate(&mut all, Cut::ByX);
    }
    let mut removed = vec![false; mesh.edges.len() / 2];
    mesh.free.iter().for_each(|&edge| removed[edge as usize / 2] = true);
    let kept = removed.iter().enumerate().filter(|(_, removed)| !**removed);
    kept.map(|(pair, _)| [mesh.edges[2 * pair].origin, mesh.edges[2 * pair + 1].origin]).collect()
}

/// Directed edges in rings round their origins. Edge `e` and `e ^ 1` are the two directions of one.
struct Mesh<'a> {
    points: &'a [[f64; 2]],
    edges: Vec<Edge>,
    /// Removed pairs, to be used again.
    free: Vec<u32>,
}

/// How points are divided.
#[derive(Clone, Copy)]
enum Cut {
    ByX,
    ByY,
}

/// Two edges of a triangulation's hull: the counter-clockwise one out of its first point, and the clockwise one out of its
/// last. First and last by x, then y, as points are numbered; or, turned by a right angle, by y, then −x.
#[derive(Clone, Copy)]
struct Hull {
    first: u32,
    last: u32,
}

/// One direction of an edge.
#[derive(Clone, Copy)]
struct Edge {
    origin: u32,
    /// The next edge counter-clockwise round the same origin, and the one before.
    next: u32,
    previous: u32,
}

fn reverse(edge: u32) -> u32 {
    edge ^ 1
}

impl Mesh<'_> {
    fn from(&self, edge: u32) -> u32 {
        self.edges[edge as usize].origin
    }

    fn to(&self, edge: u32) -> u32 {
        self.edges[reverse(edge) as usize].origin
    }

    fn next(&self, edge: u32) -> u32 {
        self.edges[edge as usize].next
    }

    fn previous(&self, edge: u32) -> u32 {
        self.edges[edge as usize].previous
    }

    /// The edge that follows along the face to the left.
    fn along_left(&self, edge: u32) -> u32 {
        self.previous(reverse(edge))
    }

    fn new_edge(&mut self, from: u32, to: u32) -> u32 {
        let edge = self.free.pop().unwrap_or_else(|| {
            let edge = self.edges.len() as u32;
            self.edges.extend([Edge { origin: 0, next: 0, previous: 0 }; 2]);
            edge
        });
        for (edge, origin) in [(edge, from), (reverse(edge), to)] {
            self.edges[edge as usize] = Edge { origin, next: edge, previous: edge };
        }
        edge
    }

    /// Puts an edge that is alone round its origin into the ring of `after`.
    fn insert(&mut self, edge: u32, after: u32) {
        let before = self.next(after);
        self.edges[after as usize].next = edge;
        self.edges[edge as usize].previous = after;
        self.edges[edge as usize].next = before;
        self.edges[before as usize].previous = edge;
    }

    /// A new edge from the end of `a` to the origin of `b`, closing the face to the left of both.
    fn connect(&mut self, a: u32, b: u32) -> u32 {
        let after = self.along_left(a);
        let edge = self.new_edge(self.to(a), self.from(b));
        self.insert(edge, after);
        self.insert(reverse(edge), b);
        edge
    }

    fn remove(&mut self, edge: u32) {
        for edge in [edge, reverse(edge)] {
            let (previous, next) = (self.previous(edge), self.next(edge));
            self.edges[previous as usize].next = next;
            self.edges[next as usize].previous = previous;
        }
        self.free.push(edge & !1);
    }

    fn at(&self, point: u32) -> Coord<f64> {
        let [x, y] = self.points[point as usize];
        Coord { x, y }
    }

    /// Positive if `a`, `b`, `c` turn counter-clockwise.
    fn turn(&self, a: u32, b: u32, c: u32) -> f64 {
        orient2d(self.at(a), self.at(b), self.at(c))
    }

    fn is_left(&self, point: u32, edge: u32) -> bool {
        self.turn(point, self.from(edge), self.to(edge)) > 0.0
    }

    fn is_right(&self, point: u32, edge: u32) -> bool {
        self.turn(point, self.to(edge), self.from(edge)) > 0.0
    }

    fn in_circle(&self, a: u32, b: u32, c: u32, point: u32) -> bool {
        incircle(self.at(a), self.at(b), self.at(c), self.at(point)) > 0.0
    }

    /// Whether a point is before another from below: by y, then −x.
    fn is_below(&self, a: u32, b: u32) -> bool {
        let (y, other) = (self.points[a as usize][1], self.points[b as usize][1]);
        y < other || (y == other && a > b)
    }

    /// The counter-clockwise hull edge out of the first point, from one on the way to it.
    fn first(&self, mut edge: u32, is_before: impl Fn(u32, u32) -> bool) -> u32 {
        loop {
            let next = self.next(reverse(edge));
            if !is_before(self.from(next), self.from(edge)) {
                return edge;
            }
            edge = next;
        }
    }

    /// The clockwise hull edge out of the last point, from one on the (counter-clockwise) way to it.
    fn last(&self, mut edge: u32, is_before: impl Fn(u32, u32) -> bool) -> u32 {
        loop {
            let next = self.next(edge);
            if !is_before(self.from(edge), self.to(next)) {
                return edge;
            }
            edge = reverse(next);
        }
    }

    /// From leftmost and rightmost to lowest and highest, which follow them counter-clockwise.
    fn turned(&self, hull: Hull) -> Hull {
        let below = |a, b| self.is_below(a, b);
        Hull { first: self.first(hull.first, below), last: self.last(hull.last, below) }
    }

    /// And back: the leftmost follows the highest, the rightmost the lowest.
    fn turned_back(&self, hull: Hull) -> Hull {
        let left = |a: u32, b: u32| a < b;
        Hull { first: self.first(self.next(hull.last), left), last: self.last(self.previous(hull.first), left) }
    }

    /// Triangulates at least two points; the hull is by x.
    fn triangulate(&mut self, points: &mut [u32], cut: Cut) -> Hull {
        if points.len() <= 3 {
            points.sort_unstable();
        }
        match *points {
            [a, b] => {
                let edge = self.new_edge(a, b);
                Hull { first: edge, last: reverse(edge) }
            }
            [first, second, third] => {
                let (a, b) = (self.new_edge(first, second), self.new_edge(second, third));
                self.insert(b, reverse(a));
                let turn = self.turn(first, second, third);
                if turn == 0.0 {
                    return Hull { first: a, last: reverse(b) };
                }
                let c = self.connect(b, a);
                if turn > 0.0 { Hull { first: a, last: reverse(b) } } else { Hull { first: reverse(c), last: c } }
            }
            _ => {
                let middle = points.len() / 2;
                match cut {
                    Cut::ByX => {
                        points.select_nth_unstable(middle);
                        let (left, right) = points.split_at_mut(middle);
                        let left = self.triangulate(left, Cut::ByY);
                        let right = self.triangulate(right, Cut::ByY);
                        self.merge(left, right)
                    }
                    Cut::ByY => {
                        let y = |point: u32| self.points[point as usize][1];
                        points.select_nth_unstable_by(middle, |&a, &b| y(a).total_cmp(&y(b)).then(b.cmp(&a)));
                        let (lower, upper) = points.split_at_mut(middle);
                        let lower = self.triangulate(lower, Cut::ByX);
                        let upper = self.triangulate(upper, Cut::ByX);
                        let hull = self.merge(self.turned(lower), self.turned(upper));
                        self.turned_back(hull)
                    }
                }
            }
        }
    }

    /// Sews two triangulations, of which one lies before the other, from their common tangent onwards.
    fn merge(&mut self, before: Hull, after: Hull) -> Hull {
        let Hull { first: mut left_outer, last: mut l } = before;
        let Hull { first: mut r, last: mut right_outer } = after;
        loop {
            if self.is_left(self.from(r), l) {
                l = self.along_left(l);
            } else if self.is_right(self.from(l), r) {
                r = self.next(reverse(r));
            } else {
                break;
            }
        }
        let mut base = self.connect(reverse(r), l);
        if self.from(l) == self.from(left_outer) {
            left_outer = reverse(base);
        }
        if self.from(r) == self.from(right_outer) {
            right_outer = base;
        }
        loop {
            let (a, b) = (self.to(base), self.from(base));
            let mut l = self.next(reverse(base));
            if self.is_right(self.to(l), base) {
                while self.in_circle(a, b, self.to(l), self.to(self.next(l))) {
                    let next = self.next(l);
                    self.remove(l);
                    l = next;
                }
            }
            let mut r = self.previous(base);
            if self.is_right(self.to(r), base) {
                while self.in_circle(a, b, self.to(r), self.to(self.previous(r))) {
                    let previous = self.previous(r);
                    self.remove(r);
                    r = previous;
                }
            }
            base = match (self.is_right(self.to(l), base), self.is_right(self.to(r), base)) {
                (false, false) => return Hull { first: left_outer, last: right_outer },
                (true, false) => self.connect(reverse(base), reverse(l)),
                (true, true) if !self.in_circle(self.to(l), self.from(l), self.from(r), self.to(r)) => {
                    self.connect(reverse(base), reverse(l))
                }
                _ => self.connect(r, reverse(base)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
        scaled(&mut points);
        points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        points.dedup();
        points
    }

    #[test]
    fn a_square_with_its_centre_has_eight_edges() {
        let points = sorted(vec![[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0], [1.0, 1.0]]);
        assert_eq!(edges(&points).len(), 8);
    }

    #[test]
    fn points_on_a_line_make_a_path_and_few_points_few_edges() {
        for (dx, dy) in [(1.0, 0.0), (0.0, 1.0), (1.0, 3.0), (1e-140, 1e150)] {
            let points = sorted((0..50).map(|i| [f64::from(i) * dx, f64::from(i) * dy]).collect());
            let mut found = edges(&points);
            found.iter_mut().for_each(|edge| edge.sort_unstable());
            found.sort_unstable();
            assert_eq!(found, (0..49).map(|i| [i, i + 1]).collect::<Vec<_>>());
        }
        assert!(edges(&[]).is_empty() && edges(&[[0.5, 0.5]]).is_empty());
        assert_eq!(edges(&[[0.0, 0.0], [1.0, 0.0]]), [[0, 1]]);
    }

    #[test]
    fn every_triangulation_has_as_many_edges_as_euler_says() {
        // n points of which h on the hull (collinear ones included): 3n − 3 − h edges.
        let side = 30;
        let lattice = sorted((0..side * side).map(|i| [f64::from(i % side), f64::from(i / side)]).collect());
        let (n, hull) = (lattice.len(), 4 * (side as usize - 1));
        assert_eq!(edges(&lattice).len(), 3 * n - 3 - hull);
    }

    /// Points of the hull, those along its sides too.
    fn hull(points: &[[f64; 2]]) -> usize {
        let chain = |points: &mut dyn Iterator<Item = [f64; 2]>| {
            let mut chain: Vec<[f64; 2]> = Vec::new();
            for [x, y] in points {
                let turns_right = |chain: &[[f64; 2]]| match chain {
                    [.., a, b] => (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) < 0.0,
                    _ => false,
                };
                while turns_right(&chain) {
                    chain.pop();
                }
                chain.push([x, y]);
            }
            chain.len() - 1
        };
        chain(&mut points.iter().copied()) + chain(&mut points.iter().rev().copied())
    }

    #[test]
    fn no_point_lies_in_a_circle_however_many_lie_on_lines_and_circles() {
        use crate::spatial::quick::Quick;

        for (seed, side) in (0..600).zip([3, 4, 6, 9, 40].into_iter().cycle()) {
            let mut places: Vec<u32> = (0..side * side).collect();
            Quick::new(seed, 0).shuffle(&mut places);
            places.truncate(4 + seed as usize % 27);
            let whole = |place: u32| [f64::from(place / side), f64::from(place % side)];
            let mut points: Vec<[f64; 2]> = places.iter().map(|&place| whole(place)).collect();
            points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
            let found = edges(&points);
            let at = |point: usize| Coord { x: points[point][0], y: points[point][1] };
            let turn = |a: usize, b: usize, c: usize| orient2d(at(a), at(b), at(c));
            if (2..points.len()).all(|c| turn(0, 1, c) == 0.0) {
                assert_eq!(found.len(), points.len() - 1);
                continue;
            }
            assert_eq!(found.len(), 3 * points.len() - 3 - hull(&points), "{points:?}");
            for [a, b] in found.iter().map(|edge| edge.map(|end| end as usize)) {
                for c in (0..points.len()).filter(|&c| turn(a, b, c) > 0.0) {
                    let right = (0..points.len()).filter(|&d| turn(a, b, d) < 0.0);
                    right.for_each(|d| {
                        assert!(incircle(at(a), at(b), at(c), at(d)) <= 0.0, "{points:?} {a} {b} {c} {d}")
                    });
                }
            }
        }
    }
}

//! Delaunay triangulation of distinct points in the plane, as its edges: no point lies inside the circle through the
//! corners of a triangle.
//!
//! Divide and conquer over points sorted by x, then y (Guibas & Stolfi 1985), O(n log n) whatever the points look like,
//! with Shewchuk's exact predicates (crate `robust`), so that no input can mislead it: points on one line give the path
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
        mesh.triangulate(0, points.len());
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

    /// Triangulates the points `start..end`, at least two; returns the counter-clockwise hull edge out of the leftmost
    /// point and the clockwise one out of the rightmost.
    fn triangulate(&mut self, start: usize, end: usize) -> (u32, u32) {
        let first = start as u32;
        match end - start {
            2 => {
                let a = self.new_edge(first, first + 1);
                (a, reverse(a))
            }
            3 => {
                let (a, b) = (self.new_edge(first, first + 1), self.new_edge(first + 1, first + 2));
                self.insert(b, reverse(a));
                let turn = self.turn(first, first + 1, first + 2);
                if turn == 0.0 {
                    return (a, reverse(b));
                }
                let c = self.connect(b, a);
                if turn > 0.0 { (a, reverse(b)) } else { (reverse(c), c) }
            }
            count => {
                let middle = start + count / 2;
                let left = self.triangulate(start, middle);
                let right = self.triangulate(middle, end);
                self.merge(left, right)
            }
        }
    }

    /// Sews two triangulations that a vertical line separates, from their lower common tangent upwards.
    fn merge(&mut self, left: (u32, u32), right: (u32, u32)) -> (u32, u32) {
        let ((mut left_outer, mut l), (mut r, mut right_outer)) = (left, right);
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
                (false, false) => return (left_outer, right_outer),
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
}

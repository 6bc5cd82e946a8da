//! Points in small tiles, in the order of a balanced k-d tree, and the tiles near a tile.
//!
//! A tile is the unit of work of everything that looks at pairs of points: what it needs of another tile fits the first
//! cache, and one comparison of boxes skips or takes all pairs of two tiles.

/// Points in a tile, at most.
pub(super) const TILE: usize = 64;

/// An axis-parallel box, `[low, high]` of each coordinate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub low: [f64; 2],
    pub high: [f64; 2],
}

impl Bounds {
    /// The smallest box; of no point, one that is near nothing.
    pub fn of<'a>(points: impl IntoIterator<Item = &'a [f64; 2]>) -> Self {
        let mut bounds = Self { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] };
        for [x, y] in points {
            bounds.low = [bounds.low[0].min(*x), bounds.low[1].min(*y)];
            bounds.high = [bounds.high[0].max(*x), bounds.high[1].max(*y)];
        }
        bounds
    }

    /// The square of the least distance between points of two boxes.
    pub fn least_squared(&self, other: &Self) -> f64 {
        let gap = |axis: usize| (self.low[axis] - other.high[axis]).max(other.low[axis] - self.high[axis]).max(0.0);
        gap(0) * gap(0) + gap(1) * gap(1)
    }

    /// The square of the greatest distance between points of two boxes.
    pub fn greatest_squared(&self, other: &Self) -> f64 {
        let span = |axis: usize| (self.high[axis] - other.low[axis]).max(other.high[axis] - self.low[axis]);
        span(0) * span(0) + span(1) * span(1)
    }

    pub fn centre(&self) -> [f64; 2] {
        [0, 1].map(|axis| 0.5 * (self.low[axis] + self.high[axis]))
    }
}

/// A node of the tree: a range of tiles.
struct Node {
    tiles: std::ops::Range<usize>,
    bounds: Bounds,
    /// Where the subtree ends in the list of nodes, which is in the order of a walk from the root, left before right.
    skip: usize,
}

/// The tiles of one set of points.
pub(super) struct Tiles {
    /// All points, tile by tile.
    pub points: Vec<[f64; 2]>,
    /// What was the index of each of them.
    pub order: Vec<u32>,
    /// Tile `t` holds `points[starts[t]..starts[t + 1]]`.
    starts: Vec<usize>,
    nodes: Vec<Node>,
}

impl Tiles {
    /// Builds the tree over finite points. O(n log n).
    pub fn new(points: &[[f64; 2]]) -> Self {
        let mut order: Vec<u32> = (0..points.len() as u32).collect();
        let mut tiles = Self { points: Vec::new(), order: Vec::new(), starts: vec![0], nodes: Vec::new() };
        if !points.is_empty() {
            tiles.split(points, &mut order);
        }
        tiles.points = order.iter().map(|&i| points[i as usize]).collect();
        tiles.order = order;
        tiles
    }

    /// Number of tiles.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The range of points of one tile.
    pub fn range(&self, tile: usize) -> std::ops::Range<usize> {
        self.starts[tile]..self.starts[tile + 1]
    }

    /// The range of points of several tiles.
    pub fn range_of(&self, tiles: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        self.starts[tiles.start]..self.starts[tiles.end]
    }

    /// Calls `each` with ranges of tiles, none before `first`, that together hold every point within `radius` of
    /// `bounds`, and with their box. `whole` is asked of ranges of several tiles whether they can be taken together.
    pub fn near(
        &self,
        bounds: &Bounds,
        radius: f64,
        first: usize,
        whole: impl Fn(&Bounds) -> bool,
        mut each: impl FnMut(std::ops::Range<usize>, &Bounds),
    ) {
        let reach = radius * radius;
        let mut place = 0;
        while let Some(node) = self.nodes.get(place) {
            if node.tiles.end <= first || node.bounds.least_squared(bounds) > reach {
                place = node.skip;
            } else if node.tiles.len() == 1 || (node.tiles.start >= first && whole(&node.bounds)) {
                each(node.tiles.clone(), &node.bounds);
                place = node.skip;
            } else {
                place += 1;
            }
        }
    }

    /// Halves the points by the median of the wider extent, in multiples of a whole tile to the left.
    fn split(&mut self, points: &[[f64; 2]], order: &mut [u32]) {
        let bounds = Bounds::of(order.iter().map(|&i| &points[i as usize]));
        let (place, first) = (self.nodes.len(), self.len());
        self.nodes.push(Node { tiles: first..first, bounds, skip: 0 });
        if order.len() <= TILE {
            let end = self.starts[first] + order.len();
            self.starts.push(end);
        } else {
            let axis = usize::from(bounds.high[1] - bounds.low[1] > bounds.high[0] - bounds.low[0]);
            let middle = order.len().div_ceil(2).next_multiple_of(TILE).min(order.len() - 1);
            order.select_nth_unstable_by(middle, |&a, &b| {
                let (p, q) = (points[a as usize], points[b as usize]);
                p[axis].total_cmp(&q[axis]).then(p[1 - axis].total_cmp(&q[1 - axis])).then(a.cmp(&b))
            });
            let (left, right) = order.split_at_mut(middle);
            self.split(points, left);
            self.split(points, right);
        }
        self.nodes[place].tiles.end = self.len();
        self.nodes[place].skip = self.nodes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_tiles_hold_every_point_within_the_radius() {
        // A spiral with repeats: uneven, and with equal coordinates.
        let points: Vec<[f64; 2]> = (0..1000)
            .map(|i| f64::from(i / 2).sqrt())
            .map(|r| [r * (2.4 * r).cos(), (r * (2.4 * r).sin()).round()])
            .collect();
        let tiles = Tiles::new(&points);
        let mut sorted = tiles.order.clone();
        sorted.sort_unstable();
        assert!(sorted.iter().copied().eq(0..1000));
        assert!((0..tiles.len()).all(|tile| tiles.range(tile).len() <= TILE));
        for tile in [0, tiles.len() / 2, tiles.len() - 1] {
            let bounds = Bounds::of(&tiles.points[tiles.range(tile)]);
            let mut seen = vec![false; points.len()];
            tiles.near(&bounds, 3.0, 0, |_| false, |near, _| seen[tiles.range_of(&near)].fill(true));
            for p in &tiles.points[tiles.range(tile)] {
                for (q, seen) in tiles.points.iter().zip(&seen) {
                    let far = (p[0] - q[0]).powi(2) + (p[1] - q[1]).powi(2) > 9.0;
                    assert!(far || *seen);
                }
            }
        }
    }
}

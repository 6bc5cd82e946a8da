//! Points in small tiles, in the order of a balanced k-d tree, and the tiles near a tile.
//!
//! A tile is the unit of work of everything that looks at pairs of points: what it needs of another tile fits the first
//! cache, and one comparison of boxes skips or takes all pairs of two tiles.

use std::cmp::Ordering;
use std::ops::Range;

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
    tiles: Range<usize>,
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
        Self::of_size(points, TILE)
    }

    /// The same with tiles of `size` points; only the last has fewer.
    pub fn of_size(points: &[[f64; 2]], size: usize) -> Self {
        let mut items: Vec<Item> = points.iter().copied().zip(0..).collect();
        let mut tiles = Self { points: Vec::new(), order: Vec::new(), starts: vec![0], nodes: Vec::new() };
        if !points.is_empty() {
            tiles.split(&mut items, size);
        }
        tiles.points = items.iter().map(|item| item.0).collect();
        tiles.order = items.iter().map(|item| item.1).collect();
        tiles
    }

    /// The tiles and the box of a node; the root is node 0.
    pub fn node(&self, node: usize) -> (Range<usize>, &Bounds) {
        (self.nodes[node].tiles.clone(), &self.nodes[node].bounds)
    }

    /// The two halves of a node of several tiles.
    pub fn children(&self, node: usize) -> (usize, usize) {
        (node + 1, self.nodes[node + 1].skip)
    }

    /// Number of tiles.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The range of points of one tile.
    pub fn range(&self, tile: usize) -> Range<usize> {
        self.starts[tile]..self.starts[tile + 1]
    }

    /// The range of points of several tiles.
    pub fn range_of(&self, tiles: &Range<usize>) -> Range<usize> {
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
        mut each: impl FnMut(Range<usize>, &Bounds),
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
    fn split(&mut self, items: &mut [Item], size: usize) {
        let bounds = Bounds::of(items.iter().map(|item| &item.0));
        let (place, first) = (self.nodes.len(), self.len());
        self.nodes.push(Node { tiles: first..first, bounds, skip: 0 });
        if items.len() <= size {
            let end = self.starts[first] + items.len();
            self.starts.push(end);
        } else {
            let middle = items.len().div_ceil(2).next_multiple_of(size).min(items.len() - 1);
            // A function for each axis: what they compare is known to the compiler.
            match bounds.high[1] - bounds.low[1] > bounds.high[0] - bounds.low[0] {
                false => items.select_nth_unstable_by(middle, ascending::<0>),
                true => items.select_nth_unstable_by(middle, ascending::<1>),
            };
            let (left, right) = items.split_at_mut(middle);
            self.split(left, size);
            self.split(right, size);
        }
        self.nodes[place].tiles.end = self.len();
        self.nodes[place].skip = self.nodes.len();
    }
}

/// A point and its index.
type Item = ([f64; 2], u32);

/// By one coordinate, then the other, then the index, so that the order is that of no sorting algorithm.
fn ascending<const AXIS: usize>((p, i): &Item, (q, j): &Item) -> Ordering {
    let ties = || p[1 - AXIS].total_cmp(&q[1 - AXIS]).then(i.cmp(j));
    p[AXIS].total_cmp(&q[AXIS]).then_with(ties)
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

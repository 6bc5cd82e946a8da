//! Distances to the nearest of points that are spread evenly, such as simulated ones: by square bins, a few points in each.
//!
//! Several times quicker than a tree for such points, and O(n) a query for points in one heap: for data, use the tree.

use super::tiles::Bounds;

/// Points in a bin, on average.
const POINTS: f64 = 2.0;

/// Points by bins, row by row.
pub(super) struct NearestGrid {
    low: [f64; 2],
    size: f64,
    columns: usize,
    rows: usize,
    starts: Vec<u32>,
    points: Vec<[f64; 2]>,
}

impl NearestGrid {
    /// Sorts finite points into bins. O(n). `None` if they span no area, or there are none.
    pub fn new(points: &[[f64; 2]]) -> Option<Self> {
        let Bounds { low, high } = Bounds::of(points);
        let (width, height) = (high[0] - low[0], high[1] - low[1]);
        let size = (width * height * POINTS / points.len() as f64).sqrt();
        if !(size > 0.0 && size.is_finite()) {
            return None;
        }
        // A sliver may have far more bins along than points.
        let (columns, rows) = (width / size + 1.0, height / size + 1.0);
        if columns * rows > 4.0 * points.len() as f64 + 64.0 {
            return None;
        }
        let (columns, rows) = (columns as usize, rows as usize);
        let mut grid = Self { low, size, columns, rows, starts: vec![0; columns * rows + 1], points: Vec::new() };
        let bins: Vec<usize> = points.iter().map(|point| grid.bin(grid.place(*point))).collect();
        bins.iter().for_each(|&bin| grid.starts[bin + 1] += 1);
        for bin in 0..columns * rows {
            grid.starts[bin + 1] += grid.starts[bin];
        }
        let mut next = grid.starts.clone();
        grid.points = vec![[0.0; 2]; points.len()];
        for (point, bin) in points.iter().zip(bins) {
            grid.points[next[bin] as usize] = *point;
            next[bin] += 1;
        }
        Some(grid)
    }

    /// The bin nearest to a point, by column and row.
    fn place(&self, point: [f64; 2]) -> [usize; 2] {
        // A negative number becomes 0.
        let at = |axis: usize, bins: usize| (((point[axis] - self.low[axis]) / self.size) as usize).min(bins - 1);
        [at(0, self.columns), at(1, self.rows)]
    }

    fn bin(&self, [column, row]: [usize; 2]) -> usize {
        row * self.columns + column
    }

    /// The squared distance from any place to the nearest point.
    pub fn nearest(&self, from: [f64; 2]) -> f64 {
        let [column, row] = self.place(from);
        // How far the place lies inside its bin; negative outside the grid. A hair is left for rounding.
        let inside = |axis: usize, bin: usize| {
            let at = from[axis] - self.low[axis] - bin as f64 * self.size;
            at.min(self.size - at)
        };
        let inside = inside(0, column).min(inside(1, row)) - 1e-9 * self.size;
        let mut best = f64::INFINITY;
        for ring in 0..self.columns.max(self.rows) {
            // What lies in ring r or beyond is at least so far away.
            let gap = inside + (ring as f64 - 1.0) * self.size;
            if ring > 0 && gap > 0.0 && gap * gap > best {
                break;
            }
            let (left, right) = (column.saturating_sub(ring), (column + ring).min(self.columns - 1));
            for y in row.saturating_sub(ring)..=(row + ring).min(self.rows - 1) {
                if y.abs_diff(row) == ring {
                    self.scan(from, self.bin([left, y]), self.bin([right, y]), &mut best);
                    continue;
                }
                if column >= ring {
                    self.scan(from, self.bin([left, y]), self.bin([left, y]), &mut best);
                }
                if column + ring < self.columns {
                    self.scan(from, self.bin([right, y]), self.bin([right, y]), &mut best);
                }
            }
        }
        best
    }

    /// Looks at the points of neighbouring bins of one row.
    fn scan(&self, from: [f64; 2], first: usize, last: usize, best: &mut f64) {
        for [x, y] in &self.points[self.starts[first] as usize..self.starts[last + 1] as usize] {
            *best = best.min((x - from[0]) * (x - from[0]) + (y - from[1]) * (y - from[1]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_that_of_a_search_through_all() {
        let spread = |i: u32| [(f64::from(i) * 0.754_877_666) % 1.0, 3.0 * ((f64::from(i) * 0.569_840_291) % 1.0)];
        for n in [2, 3, 40, 1000] {
            let mut points: Vec<[f64; 2]> = (0..n).map(spread).collect();
            points.push([0.1, 0.1]);
            points.push([0.1, 0.1]);
            let grid = NearestGrid::new(&points).expect("a grid");
            for from in (5000..5300).map(spread).map(|p| [2.0 * p[0] - 0.5, 2.0 * p[1] - 1.0]).chain(points.clone()) {
                let squared = |p: &[f64; 2]| (p[0] - from[0]).powi(2) + (p[1] - from[1]).powi(2);
                let least = points.iter().map(squared).fold(f64::INFINITY, f64::min);
                assert_eq!(grid.nearest(from), least, "{n} points, from {from:?}");
            }
        }
        assert!(NearestGrid::new(&[[1.0, 2.0], [1.0, 3.0]]).is_none());
        assert!(NearestGrid::new(&[]).is_none());
    }
}

//! Which of many discs a place may lie in, by a grid.

use super::super::tiles::Bounds;

/// Discs that a cell touches, at most, on average: where they are so large, a grid saves nothing.
const MOST_CELLS: usize = 16;

/// Discs, as lists of those that a cell of a grid touches.
pub(super) struct Discs {
    low: [f64; 2],
    high: [f64; 2],
    /// Cells per length, by axis.
    scale: [f64; 2],
    side: usize,
    /// Cell `c` is touched by `discs[starts[c]..starts[c + 1]]`.
    starts: Vec<u32>,
    discs: Vec<u32>,
}

impl Discs {
    /// Takes centres and squared radii, and the bounds of the points that will be asked for. `None` if the grid would save
    /// nothing: without radii or area, or where the discs cover much of it. O(discs · rows of the grid).
    pub fn new(x: &[f64], y: &[f64], squared: impl Iterator<Item = f64>, within: &Bounds) -> Option<Self> {
        let Bounds { low, high } = *within;
        let side = (2.0 * (x.len() as f64).sqrt()).ceil() as usize;
        let scale = [0, 1].map(|axis| side as f64 / (high[axis] - low[axis]));
        if !scale.iter().all(|scale| scale.is_finite() && *scale > 0.0) {
            return None;
        }
        let mut grid = Self { low, high, scale, side, starts: vec![0; side * side + 1], discs: Vec::new() };
        let far = low.iter().chain(&high).fold(0.0f64, |far, value| far.max(value.abs()));
        let (mut touched, mut entries) = (Vec::new(), 0);
        for (disc, ((x, y), squared)) in (0..).zip(x.iter().zip(y).zip(squared)) {
            if !squared.is_finite() {
                return None;
            }
            // For the rounding of distances and of the edges of cells.
            let hair = 1e-12 * (far + x.abs() + y.abs() + squared.sqrt());
            let radius = squared.sqrt() + hair;
            let Some((bottom, top)) = grid.span(1, y - radius, y + radius) else { continue };
            for row in bottom..=top {
                let edge = |row: usize| low[1] + row as f64 / scale[1];
                let away = (edge(row) - hair - y).max(y - edge(row + 1) - hair).max(0.0);
                let half = (radius * radius - away * away).max(0.0).sqrt() + hair;
                let Some((left, right)) = grid.span(0, x - half, x + half) else { continue };
                entries += right - left + 1;
                touched.push((disc, row * side + left..row * side + right + 1));
            }
            if entries > MOST_CELLS * grid.starts.len() {
                return None;
            }
        }
        touched.iter().flat_map(|(_, cells)| cells.clone()).for_each(|cell| grid.starts[cell + 1] += 1);
        (0..side * side).for_each(|cell| grid.starts[cell + 1] += grid.starts[cell]);
        let mut next = grid.starts.clone();
        grid.discs.resize(entries, 0);
        for (disc, cells) in touched {
            for cell in cells {
                grid.discs[next[cell] as usize] = disc;
                next[cell] += 1;
            }
        }
        Some(grid)
    }

    /// The columns, or rows, of an interval, if it meets the grid.
    fn span(&self, axis: usize, from: f64, to: f64) -> Option<(usize, usize)> {
        let meets = from <= self.high[axis] && to >= self.low[axis];
        meets.then(|| (self.place(axis, from), self.place(axis, to)))
    }

    /// The column, or row, of a coordinate. It never falls as the coordinate rises.
    fn place(&self, axis: usize, at: f64) -> usize {
        (((at - self.low[axis]) * self.scale[axis]) as usize).min(self.side - 1)
    }

    /// All discs that the point may lie in, and perhaps others.
    #[inline]
    pub fn around(&self, point: &[f64; 2]) -> &[u32] {
        let inside = |axis: usize| point[axis] >= self.low[axis] && point[axis] <= self.high[axis];
        if !(inside(0) && inside(1)) {
            return &[];
        }
        let cell = self.place(1, point[1]) * self.side + self.place(0, point[0]);
        &self.discs[self.starts[cell] as usize..self.starts[cell + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_shown_every_disc_that_it_lies_in_and_few_others() {
        let spread = |i: u32| [(f64::from(i) * 0.754_877_666) % 1.0, 1e3 + (f64::from(i) * 0.569_840_291) % 1.0];
        let centres: Vec<[f64; 2]> = (0..500).map(spread).collect();
        let (x, y): (Vec<f64>, Vec<f64>) = centres.iter().map(|[x, y]| (*x, *y)).unzip();
        let squared: Vec<f64> = (0..500).map(|i| f64::from(i % 7) * 2e-4).collect();
        let points: Vec<[f64; 2]> = (1000..3000).map(spread).collect();
        let within = Bounds::of(&points);
        let discs = Discs::new(&x, &y, squared.iter().copied(), &within).expect("a grid");
        let shows_all = |discs: &Discs, points: &[[f64; 2]], squared: &[f64]| {
            for point in points {
                let around = discs.around(point);
                for (disc, (centre, squared)) in (0..).zip(centres.iter().zip(squared)) {
                    let d2 = (centre[0] - point[0]).powi(2) + (centre[1] - point[1]).powi(2);
                    assert!(d2 > *squared || around.contains(&disc));
                }
            }
            points.iter().map(|point| discs.around(point).len()).sum::<usize>()
        };
        assert!(shows_all(&discs, &points, &squared) < 10 * points.len());
        // Large discs that reach into the points by a sliver.
        let aside: Vec<[f64; 2]> = points.iter().map(|p| [p[0] * 0.1 + 3.0, p[1]]).collect();
        let slivers: Vec<f64> = centres.iter().map(|c| (3.001 - c[0]).powi(2)).collect();
        let discs = Discs::new(&x, &y, slivers.iter().copied(), &Bounds::of(&aside)).expect("a grid");
        assert!(shows_all(&discs, &aside, &slivers) < 10 * aside.len());
        for elsewhere in [[-5.0, 1e3], [0.5, 0.0], [f64::INFINITY, 1e3]] {
            assert!(discs.around(&elsewhere).is_empty());
        }
        let new = |squared: f64| Discs::new(&x, &y, squared_of(&x, squared), &within);
        assert!(new(1.0).is_none(), "too large");
        assert!(new(f64::INFINITY).is_none());
        assert!(Discs::new(&x, &y, squared_of(&x, 0.0), &Bounds::of(&points[..1])).is_none(), "no area");
        assert!(Discs::new(&[], &[], std::iter::empty(), &within).is_none());
    }

    fn squared_of(x: &[f64], squared: f64) -> impl Iterator<Item = f64> {
        std::iter::repeat_n(squared, x.len())
    }
}

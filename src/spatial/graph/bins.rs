//! Exact neighbours in the plane by square bins: several times quicker than a tree where no bin is crowded.
//!
//! The tie rule is that of [`super::neighbours`], and so are the distances, to the last digit. A search for few neighbours
//! looks at O(1) bins on average whatever the points look like (few points can be far from their `k` nearest, as the plane
//! has room for few cones), so only crowded bins are a danger: [`Bins::crowding`] measures it.

use super::super::tiles::Bounds;

/// Bins a point, at most, on average.
const BINS: f64 = 4.0;

/// What rounding may move a point across the border of a bin, in sides, and more.
const HAIR: f64 = 1e-6;

/// Cells by bins, row by row, ascending within a bin.
pub(super) struct Bins {
    low: [f64; 2],
    side: f64,
    per_unit: f64,
    columns: usize,
    rows: usize,
    starts: Vec<u32>,
    points: Vec<[f64; 2]>,
    cells: Vec<u32>,
}

/// A neighbour: its squared distance, then its cell, as the tie rule orders them.
pub(super) type Near = (f64, u32);

impl Bins {
    /// Sorts `cells`, ascending indices into `positions` (all finite), into bins with this `side`, or a wider one where
    /// there would be too many bins. O(cells). `None` if that has no answer, as for cells in one place.
    pub fn new(positions: &[[f64; 2]], cells: &[u32], side: f64) -> Option<Self> {
        let Bounds { low, high } = Bounds::of(cells.iter().map(|&cell| &positions[cell as usize]));
        let extent = [high[0] - low[0], high[1] - low[1]];
        let most = BINS * cells.len() as f64;
        let side = side.max((extent[0] * extent[1] / most).sqrt()).max(extent[0].max(extent[1]) / most);
        let [columns, rows] = extent.map(|extent| (extent / side).floor() + 1.0);
        if !(side > 0.0 && columns * rows <= (4.0 * most + 4.0).min(f64::from(u32::MAX))) {
            return None;
        }
        let (columns, rows) = (columns as usize, rows as usize);
        let (points, sorted) = (vec![[0.0; 2]; cells.len()], vec![0; cells.len()]);
        let starts = vec![0; columns * rows + 1];
        let mut bins = Self { low, side, per_unit: 1.0 / side, columns, rows, starts, points, cells: sorted };
        let places: Vec<u32> = cells.iter().map(|&cell| bins.bin_of(positions[cell as usize]) as u32).collect();
        places.iter().for_each(|&bin| bins.starts[bin as usize + 1] += 1);
        (0..columns * rows).for_each(|bin| bins.starts[bin + 1] += bins.starts[bin]);
        let mut next = bins.starts.clone();
        for (&cell, bin) in cells.iter().zip(places) {
            let at = &mut next[bin as usize];
            bins.points[*at as usize] = positions[cell as usize];
            bins.cells[*at as usize] = cell;
            *at += 1;
        }
        Some(bins)
    }

    /// The side with which bins hold so many cells on average.
    pub fn side_for(positions: &[[f64; 2]], cells: &[u32], each: f64) -> f64 {
        let Bounds { low, high } = Bounds::of(cells.iter().map(|&cell| &positions[cell as usize]));
        ((high[0] - low[0]) * (high[1] - low[1]) * each / cells.len() as f64).sqrt()
    }

    pub fn side(&self) -> f64 {
        self.side
    }

    /// How many cells share a cell's bin, itself included, on average: what makes searches slow.
    pub fn crowding(&self) -> f64 {
        let squares = self.starts.windows(2).map(|bin| f64::from(bin[1] - bin[0]) * f64::from(bin[1] - bin[0]));
        squares.sum::<f64>() / self.cells.len() as f64
    }

    /// The cells in the order of the bins: places, which searches go by.
    pub fn cells(&self) -> &[u32] {
        &self.cells
    }

    /// Column and row of a bin.
    fn place(&self, point: [f64; 2]) -> [usize; 2] {
        let at = |axis: usize, bins: usize| (((point[axis] - self.low[axis]) * self.per_unit) as usize).min(bins - 1);
        [at(0, self.columns), at(1, self.rows)]
    }

    fn bin_of(&self, point: [f64; 2]) -> usize {
        let [column, row] = self.place(point);
        row * self.columns + column
    }

    /// The places of the cells in some bins of one row.
    fn run(&self, row: usize, first: usize, last: usize) -> std::ops::Range<usize> {
        let row = row * self.columns;
        self.starts[row + first] as usize..self.starts[row + last + 1] as usize
    }

    /// Leaves in `best` the neighbours of the cell at a place, as many as it has room for (the section must have more
    /// cells), by cell; returns the squared distance of the farthest. `reach` is one within which they are expected, and
    /// `few` is scratch: a wrong guess costs time only.
    pub fn nearest(&self, place: usize, reach: f64, few: &mut Few, best: &mut [Near]) -> f64 {
        if let Some(farthest) = self.nearest_among(place, reach, few, best) {
            return farthest;
        }
        self.nearest_within(place, best);
        let farthest = best[best.len() - 1].0;
        best.sort_unstable_by_key(|near| near.1);
        farthest
    }

    /// The same, if they lie in the bin and the eight around it at different distances, with few others within reach.
    fn nearest_among(&self, place: usize, reach: f64, few: &mut Few, best: &mut [Near]) -> Option<f64> {
        let (from, own) = (self.points[place], self.cells[place]);
        let [column, row] = self.place(from);
        let (left, right) = (column.saturating_sub(1), (column + 1).min(self.columns - 1));
        few.len = 0;
        for y in row.saturating_sub(1)..=(row + 1).min(self.rows - 1) {
            let run = self.run(y, left, right);
            if !few.add(from, own, reach, &self.points[run.clone()], &self.cells[run]) {
                return None;
            }
        }
        let farthest = few.keep_nearest(best.len())?;
        let gap = self.inside(from, [column, row]) + self.side;
        if gap * gap <= farthest {
            return None;
        }
        few.by_cell(best);
        Some(farthest)
    }

    /// How far a point lies inside its bin.
    fn inside(&self, point: [f64; 2], bin: [usize; 2]) -> f64 {
        let inside = |axis: usize| {
            let at = point[axis] - self.low[axis] - bin[axis] as f64 * self.side;
            at.min(self.side - at)
        };
        inside(0).min(inside(1)) - HAIR * self.side
    }

    /// The same by ring after ring of bins. `best` is left by distance.
    fn nearest_within(&self, place: usize, best: &mut [Near]) {
        best.fill((f64::INFINITY, u32::MAX));
        let (from, own) = (self.points[place], self.cells[place]);
        let [column, row] = self.place(from);
        let inside = self.inside(from, [column, row]);
        let last = best.len() - 1;
        // The bin and the eight around it at once: they are always needed.
        let (left, right) = (column.saturating_sub(1), (column + 1).min(self.columns - 1));
        for y in row.saturating_sub(1)..=(row + 1).min(self.rows - 1) {
            self.offer(from, own, self.run(y, left, right), best);
        }
        for ring in 2..self.columns.max(self.rows) {
            // What lies in this ring or beyond is at least so far away; at the same distance it may win by its index.
            let gap = inside + (ring as f64 - 1.0) * self.side;
            if gap > 0.0 && gap * gap > best[last].0 {
                break;
            }
            let (left, right) = (column.saturating_sub(ring), (column + ring).min(self.columns - 1));
            for y in row.saturating_sub(ring)..=(row + ring).min(self.rows - 1) {
                if y.abs_diff(row) == ring {
                    self.offer(from, own, self.run(y, left, right), best);
                    continue;
                }
                if column >= ring {
                    self.offer(from, own, self.run(y, left, left), best);
                }
                if column + ring < self.columns {
                    self.offer(from, own, self.run(y, right, right), best);
                }
            }
        }
    }

    #[inline]
    fn offer(&self, from: [f64; 2], own: u32, places: std::ops::Range<usize>, best: &mut [Near]) {
        let last = best.len() - 1;
        for (point, &cell) in self.points[places.clone()].iter().zip(&self.cells[places]) {
            let d2 = squared(from, *point);
            if d2 > best[last].0 || cell == own || (d2 == best[last].0 && cell > best[last].1) {
                continue;
            }
            let mut at = last;
            while at > 0 && (best[at - 1].0 > d2 || (best[at - 1].0 == d2 && best[at - 1].1 > cell)) {
                best[at] = best[at - 1];
                at -= 1;
            }
            best[at] = (d2, cell);
        }
    }

    /// Calls `each` with runs of places, which together hold every cell within `radius` of the one at a place.
    fn around(&self, place: usize, radius: f64, mut each: impl FnMut(std::ops::Range<usize>)) {
        let [column, row] = self.place(self.points[place]);
        let at = |axis: usize, bin: usize| self.points[place][axis] - self.low[axis] - bin as f64 * self.side;
        let radius = radius + HAIR * self.side;
        let below = |at: f64, bin: usize| bin - (((radius - at) * self.per_unit + 1.0).max(0.0) as usize).min(bin);
        let above = |at: f64, bin: usize, bins: usize| {
            bin + (((radius + at) * self.per_unit).max(0.0) as usize).min(bins - 1 - bin)
        };
        let (x, y) = (at(0, column), at(1, row));
        let (left, right) = (below(x, column), above(x, column, self.columns));
        for row in below(y, row)..=above(y, row, self.rows) {
            each(self.run(row, left, right));
        }
    }

    /// How many cells lie within `radius` of the one at a place, itself included.
    pub fn count(&self, place: usize, radius: f64) -> usize {
        let (from, reach, mut found) = (self.points[place], radius * radius, 0);
        self.around(place, radius, |run| {
            found +=
                self.points[run].iter().map(|point| u32::from(squared(from, *point) <= reach)).sum::<u32>() as usize;
        });
        found
    }

    /// Adds the cells within `radius` of the one at a place to `found`, by cell, itself excluded. `few` is scratch.
    pub fn within(&self, place: usize, radius: f64, few: &mut Few, found: &mut Vec<Near>) {
        let (from, own, reach, start) = (self.points[place], self.cells[place], radius * radius, found.len());
        few.len = 0;
        let mut fits = true;
        self.around(place, radius, |run| {
            fits = fits && few.add(from, own, reach, &self.points[run.clone()], &self.cells[run]);
        });
        if fits {
            found.resize(start + few.len, (0.0, 0));
            few.by_cell(&mut found[start..]);
            return;
        }
        self.around(place, radius, |run| {
            let all = self.points[run.clone()].iter().zip(&self.cells[run]);
            let near = all.map(|(point, &cell)| (squared(from, *point), cell));
            found.extend(near.filter(|&(d2, cell)| d2 <= reach && cell != own));
        });
        found[start..].sort_unstable_by_key(|near| near.1);
    }
}

/// A few cells near one. They are chosen and sorted by counting how many are less, without branches that depend on them:
/// processors guess those wrong, which takes longer than a dozen comparisons.
pub(super) struct Few {
    squared: [f64; FEW],
    cells: [u32; FEW],
    len: usize,
}

/// How many cells fit, one that is not near included.
const FEW: usize = 64;

impl Few {
    pub fn new() -> Self {
        Self { squared: [0.0; FEW], cells: [0; FEW], len: 0 }
    }

    /// Adds those of a run that are within reach; `false` if there might not be room.
    #[inline]
    fn add(&mut self, from: [f64; 2], own: u32, reach: f64, points: &[[f64; 2]], cells: &[u32]) -> bool {
        if self.len + points.len() > FEW {
            return false;
        }
        let mut len = self.len;
        for (point, &cell) in points.iter().zip(cells) {
            let d2 = squared(from, *point);
            // The masks change nothing: they spare the check of the bounds.
            self.squared[len & (FEW - 1)] = d2;
            self.cells[len & (FEW - 1)] = cell;
            len += usize::from((d2 <= reach) & (cell != own));
        }
        self.len = len;
        true
    }

    /// Drops all but the `k` nearest; returns the squared distance of the farthest. `None` if there are too few, or some
    /// at the same distance.
    #[inline]
    fn keep_nearest(&mut self, k: usize) -> Option<f64> {
        if self.len < k {
            return None;
        }
        let all = self.len.next_multiple_of(4);
        self.squared[self.len..all].fill(f64::INFINITY);
        let (mut ranks, mut sum, mut farthest) = ([0u32; FEW], 0, 0.0);
        for (rank, d2) in ranks.iter_mut().zip(&self.squared[..self.len]) {
            *rank = self.squared[..all].iter().map(|other| u32::from(other < d2)).sum();
            sum += *rank as usize;
        }
        if 2 * sum != self.len * (self.len - 1) {
            return None;
        }
        let mut kept = 0;
        for (i, rank) in ranks.iter().take(self.len).enumerate() {
            let (d2, cell, rank) = (self.squared[i], self.cells[i], *rank as usize);
            self.squared[kept] = d2;
            self.cells[kept] = cell;
            farthest = if rank + 1 == k { d2 } else { farthest };
            kept += usize::from(rank < k);
        }
        self.len = kept;
        Some(farthest)
    }

    /// Writes them by cell.
    #[inline]
    fn by_cell(&mut self, sorted: &mut [Near]) {
        let all = self.len.next_multiple_of(4);
        self.cells[self.len..all].fill(u32::MAX);
        for (d2, cell) in self.squared[..self.len].iter().zip(&self.cells) {
            let rank: u32 = self.cells[..all].iter().map(|other| u32::from(other < cell)).sum();
            sorted[rank as usize] = (*d2, *cell);
        }
    }
}

fn squared(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (a[0] - b[0], a[1] - b[1]);
    dx * dx + dy * dy
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scattered, on a lattice (ties everywhere), and in heaps with one cell far outside.
    fn patterns() -> [Vec<[f64; 2]>; 3] {
        let scattered = |i: u32| [(f64::from(i) * 0.754_877_666) % 1.0, 3.0 * ((f64::from(i) * 0.569_840_291) % 1.0)];
        let mut heaps: Vec<[f64; 2]> =
            (0..400).map(scattered).map(|p| p.map(|v| (v * 4.0).round() + 0.01 * v)).collect();
        heaps[7] = [-90.0, 40.0];
        [(0..500).map(scattered).collect(), (0..400).map(|i| [f64::from(i % 20), f64::from(i / 20)]).collect(), heaps]
    }

    /// The neighbours of a cell by the tie rule, all of them.
    fn sorted(points: &[[f64; 2]], cell: u32) -> Vec<Near> {
        let from = points[cell as usize];
        let others = (0..).zip(points).filter(|(other, _)| *other != cell);
        let mut all: Vec<Near> = others.map(|(other, point)| (squared(from, *point), other)).collect();
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all
    }

    #[test]
    fn the_nearest_are_those_of_a_search_through_all_whatever_the_guess() {
        for points in patterns() {
            let cells: Vec<u32> = (0..points.len() as u32).collect();
            for (k, each) in [(1, 1.0), (6, 2.4), (6, 40.0), (50, 0.2)] {
                let side = Bins::side_for(&points, &cells, each);
                let bins = Bins::new(&points, &cells, side).expect("bins");
                let (mut few, mut found) = (Few::new(), vec![(0.0, 0); k]);
                for (place, &cell) in bins.cells().iter().enumerate() {
                    let mut nearest = sorted(&points, cell)[..k].to_vec();
                    let farthest = nearest[k - 1].0;
                    nearest.sort_unstable_by_key(|near| near.1);
                    for reach in [0.0, farthest, 3.0 * farthest, f64::INFINITY] {
                        assert_eq!(bins.nearest(place, reach, &mut few, &mut found), farthest);
                        assert_eq!(found, nearest);
                    }
                }
            }
        }
    }

    #[test]
    fn all_within_a_radius_are_found_the_ones_at_it_too() {
        for points in patterns() {
            let cells: Vec<u32> = (0..points.len() as u32).collect();
            for (radius, side) in [(1.0, 0.5), (1.0, 0.01), (0.0, 0.3), (2.0, 7.0), (200.0, 100.0)] {
                let bins = Bins::new(&points, &cells, side).expect("bins");
                let (mut few, mut found) = (Few::new(), Vec::new());
                for (place, &cell) in bins.cells().iter().enumerate() {
                    found.clear();
                    bins.within(place, radius, &mut few, &mut found);
                    let mut within = sorted(&points, cell);
                    within.retain(|near| near.0 <= radius * radius);
                    within.sort_unstable_by_key(|near| near.1);
                    assert_eq!(found, within);
                    assert_eq!(bins.count(place, radius), within.len() + 1);
                }
            }
        }
    }

    #[test]
    fn crowds_are_noticed() {
        let [scattered, ..] = patterns();
        let cells: Vec<u32> = (0..500).collect();
        let crowding = |points: &[[f64; 2]]| {
            Bins::new(points, &cells, Bins::side_for(points, &cells, 2.0)).map(|bins| bins.crowding())
        };
        assert!(crowding(&scattered).is_some_and(|crowding| crowding < 4.0));
        let mut far = scattered.clone();
        far[0] = [1e6, 1e6];
        assert!(crowding(&far).is_some_and(|crowding| crowding > 400.0));
        assert_eq!(crowding(&[[2.0, 3.0]; 500]), None);
    }
}

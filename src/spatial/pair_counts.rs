//! How many pairs of points lie at most so far apart, by the labels of the two.
//!
//! The bin of a pair is found in single precision, four pairs an instruction: `q = distance · CELLS / greatest radius`, and
//! a table says in which bin cell `q` lies. Cells next to a radius, by the rounding error or less, say *unsure* instead:
//! for those few pairs the squared distance in f64 decides. So the counts are those of `d² ≤ r²` in f64, to the pair.

use std::ops::Range;

use super::SpatialError;
use super::parallel::{Meter, for_each};
use super::tiles::{Bounds, TILE, Tiles};

/// Cells of the table between 0 and the greatest radius.
const CELLS: usize = 4096;
/// In the table: this bin or a later one; the f64 distance decides.
const UNSURE: u16 = 1 << 15;
/// By how many cells rounding may move a distance, and more (see `Tile::usable`).
const MARGIN: f64 = 1.0 / 16.0;
/// Adding it to a number below 2²² leaves the nearest integer in the low bits.
const MAGIC: f32 = 12_582_912.0;
/// More radii than fit the table are refused.
pub(super) const MAX_RADII: usize = 10_000;
/// Most counters, labels² · (radii + 1): 32 MB in each thread.
pub(super) const MAX_COUNTERS: usize = 8 << 20;

/// Radii, ascending, and the table over them.
pub(super) struct Radii {
    squared: Vec<f64>,
    greatest: f64,
    table: Vec<u16>,
}

impl Radii {
    /// Takes finite, ascending, non-negative radii, at most [`MAX_RADII`], the last of them positive.
    pub fn new(radii: &[f64]) -> Self {
        let greatest = radii.last().copied().unwrap_or(0.0);
        let squared: Vec<f64> = radii.iter().map(|r| r * r).collect();
        // Cell q holds what rounds to q, so from q − ½ to q + ½.
        let bin = |q: f64| {
            let d = (q / CELLS as f64).max(0.0) * greatest;
            squared.partition_point(|r2| *r2 < d * d) as u16
        };
        let half = 0.5 + MARGIN;
        let table = (0..=CELLS + 1).map(|q| match (bin(q as f64 - half), bin(q as f64 + half)) {
            (low, high) if low == high => low,
            (low, _) => low | UNSURE,
        });
        let mut table: Vec<u16> = table.collect();
        table.push(radii.len() as u16); // everything farther is clamped to here
        Self { table, greatest, squared }
    }

    /// Bins, the one of the pairs beyond all radii included.
    pub fn bins(&self) -> usize {
        self.squared.len() + 1
    }

    /// The bin of a squared distance: the number of radii below it.
    fn bin(&self, d2: f64) -> usize {
        self.squared.partition_point(|r2| *r2 < d2)
    }
}

/// A tile as the loop over pairs wants it: relative to the centre of the other one, in cells of the table.
struct Tile {
    x: [f32; TILE],
    y: [f32; TILE],
    /// Where the counters of each point's label begin.
    offsets: [u32; TILE],
    len: usize,
}

impl Tile {
    const EMPTY: Self = Self { x: [0.0; TILE], y: [0.0; TILE], offsets: [0; TILE], len: 0 };

    fn fill(&mut self, points: &[[f64; 2]], offsets: &[u32], centre: [f64; 2], scale: f64) {
        self.len = points.len();
        for (i, (point, offset)) in points.iter().zip(offsets).enumerate() {
            self.x[i] = ((point[0] - centre[0]) * scale) as f32;
            self.y[i] = ((point[1] - centre[1]) * scale) as f32;
            self.offsets[i] = *offset;
        }
    }

    /// Whether single precision finds distances near the radii, of at most 2¹² cells, to within [`MARGIN`]: coordinates
    /// below 2¹⁵ cells are rounded by 2⁻¹⁰ at most, their differences by 2⁻¹² more, and the square root by 2⁻¹¹: less
    /// than 2⁻⁷ in all.
    fn usable(&self) -> bool {
        let small = |values: &[f32; TILE]| values[..self.len].iter().all(|value| value.abs() < 32_768.0);
        small(&self.x) && small(&self.y)
    }
}

/// Unordered pairs of different points: `counts[(a · n_labels + b) · bins + bin]` is the number of pairs whose labels
/// are `a` and `b`, filled for both orders, so that the diagonal counts each pair twice. Bin `k` holds `r(k − 1) < d ≤
/// r(k)`; what lies beyond all radii is counted nowhere.
///
/// O(n log n + pairs within the greatest radius, or less where whole groups of tiles lie in one bin) time; memory
/// n + labels² · bins for each thread.
pub(super) fn count_pairs(
    points: &[[f64; 2]],
    labels: &[u32],
    n_labels: usize,
    radii: &Radii,
    meter: &mut Meter,
    counts: &mut [u64],
) -> Result<(), SpatialError> {
    let tiles = Tiles::new(points);
    let labels: Vec<u32> = tiles.order.iter().map(|&i| labels[i as usize]).collect();
    let bins = radii.bins();
    let counter = Counter {
        as_near: labels.iter().map(|label| *label * (n_labels * bins) as u32).collect(),
        as_far: labels.iter().map(|label| *label * bins as u32).collect(),
        tiles: &tiles,
        labels: &labels,
        n_labels,
        radii,
    };
    // Few pieces, since each has its own counters; many enough for progress, and for the u32 of a counter.
    let size = (tiles.len() / 64).clamp(1, ((1 << 25) / points.len().max(1)).max(1));
    let starts: Vec<usize> = (0..tiles.len()).step_by(size).collect();
    let piece = |&start: &usize| start..(start + size).min(tiles.len());
    let units = |start: &usize| tiles.range_of(&piece(start)).len() as u64;
    for_each(
        &starts,
        meter,
        units,
        |start| counter.count(piece(start)),
        |part: Vec<u32>| {
            for (pair, part) in part.chunks_exact(bins).enumerate() {
                let (a, b) = (pair / n_labels, pair % n_labels);
                for (bin, &count) in part[..bins - 1].iter().enumerate().filter(|(_, count)| **count > 0) {
                    counts[(a * n_labels + b) * bins + bin] += u64::from(count);
                    counts[(b * n_labels + a) * bins + bin] += u64::from(count);
                }
            }
        },
    )
}

struct Counter<'a> {
    tiles: &'a Tiles,
    labels: &'a [u32],
    n_labels: usize,
    radii: &'a Radii,
    /// Where the counters of a pair lie: the sum of what its earlier point and its later point say.
    as_near: Vec<u32>,
    as_far: Vec<u32>,
}

impl Counter<'_> {
    /// The pairs of the points of some tiles with those that come after them.
    fn count(&self, piece: Range<usize>) -> Vec<u32> {
        let bins = self.radii.bins();
        let stride = self.n_labels * bins;
        let mut counts = vec![0u32; self.n_labels * stride];
        let (mut near, mut far) = (Tile::EMPTY, Tile::EMPTY);
        // Pairs of one tile with whole groups of tiles, by bin and label.
        let mut groups = vec![0u32; bins * self.n_labels];
        let mut grouped = false;
        let scale = CELLS as f64 / self.radii.greatest;
        for tile in piece {
            let range = self.tiles.range(tile);
            let points = &self.tiles.points[range.clone()];
            let bounds = Bounds::of(points);
            let centre = bounds.centre();
            near.fill(points, &self.as_near[range.clone()], centre, scale);
            let near_usable = near.usable();
            far.fill(points, &self.as_far[range.clone()], centre, scale);
            match near_usable {
                true => self.between::<true>(&near, range.start, &far, range.start, &mut counts),
                false => self.slowly(range.clone(), range.clone(), &mut counts),
            }
            let one_bin = |other: &Bounds| self.one_bin(&bounds, other).is_some();
            self.tiles.near(&bounds, self.radii.greatest, tile + 1, one_bin, |others, other| {
                let other_range = self.tiles.range_of(&others);
                if let Some(bin) = self.one_bin(&bounds, other) {
                    grouped = true;
                    let row = &mut groups[bin * self.n_labels..(bin + 1) * self.n_labels];
                    self.labels[other_range].iter().for_each(|&label| row[label as usize] += 1);
                    return;
                }
                let (points, offsets) = (&self.tiles.points[other_range.clone()], &self.as_far[other_range.clone()]);
                far.fill(points, offsets, centre, scale);
                match near_usable && far.usable() {
                    true => self.between::<false>(&near, range.start, &far, other_range.start, &mut counts),
                    false => self.slowly(range.clone(), other_range, &mut counts),
                }
            });
            if std::mem::take(&mut grouped) {
                self.spread(&self.labels[range], &mut groups, &mut counts);
            }
        }
        counts
    }

    /// The bin in which all pairs of two boxes lie. A hair is left at its ends for the rounding of the boxes' distances.
    fn one_bin(&self, a: &Bounds, b: &Bounds) -> Option<usize> {
        let least = self.radii.bin(a.least_squared(b) * (1.0 - 1e-12));
        let greatest = self.radii.bin(a.greatest_squared(b) * (1.0 + 1e-12));
        (least == greatest).then_some(least)
    }

    /// The pairs of two tiles, the second of which is the first or comes after it, as the module says.
    fn between<const SAME: bool>(
        &self,
        near: &Tile,
        near_start: usize,
        far: &Tile,
        far_start: usize,
        counts: &mut [u32],
    ) {
        let bins = self.radii.bins();
        let stride = self.n_labels * bins;
        let table = self.radii.table.as_slice();
        let mut cells = [0u32; TILE];
        for i in 0..near.len {
            let (x, y) = (near.x[i], near.y[i]);
            for (cell, (other_x, other_y)) in cells.iter_mut().zip(far.x.iter().zip(&far.y)) {
                let (dx, dy) = (x - other_x, y - other_y);
                let distance = (dx * dx + dy * dy).sqrt();
                let clamped = if distance < (CELLS + 2) as f32 { distance } else { (CELLS + 2) as f32 };
                *cell = (clamped + MAGIC).to_bits() & 0xffff;
            }
            let start = near.offsets[i] as usize;
            let row = &mut counts[start..start + stride];
            // Of one tile, the points after this one.
            let first = if SAME { i + 1 } else { 0 };
            let (cells, offsets) = (&cells[first..far.len], &far.offsets[first..far.len]);
            for (j, (&cell, &offset)) in cells.iter().zip(offsets).enumerate() {
                let bin = match table[cell as usize] {
                    bin if bin < UNSURE => bin as usize,
                    bin => self.exact_from((bin ^ UNSURE) as usize, near_start + i, far_start + first + j),
                };
                row[offset as usize + bin] += 1;
            }
        }
    }

    fn squared_distance(&self, i: usize, j: usize) -> f64 {
        let (p, q) = (self.tiles.points[i], self.tiles.points[j]);
        let (dx, dy) = (p[0] - q[0], p[1] - q[1]);
        dx * dx + dy * dy
    }

    /// The bin of a pair, which is `bin` or a later one.
    fn exact_from(&self, bin: usize, i: usize, j: usize) -> usize {
        let d2 = self.squared_distance(i, j);
        bin + self.radii.squared[bin..].iter().take_while(|r2| **r2 < d2).count()
    }

    fn add(&self, i: usize, j: usize, counts: &mut [u32]) {
        let row = (self.as_near[i] + self.as_far[j]) as usize;
        counts[row + self.radii.bin(self.squared_distance(i, j))] += 1;
    }

    fn slowly(&self, near: Range<usize>, far: Range<usize>, counts: &mut [u32]) {
        near.for_each(|i| (far.start.max(i + 1)..far.end).for_each(|j| self.add(i, j, counts)));
    }

    /// Adds what whole groups of tiles brought to every point of the tile, and clears it.
    fn spread(&self, labels: &[u32], groups: &mut [u32], counts: &mut [u32]) {
        let bins = self.radii.bins();
        for (bin, row) in groups.chunks_exact_mut(self.n_labels).enumerate() {
            for (other, found) in row.iter_mut().enumerate().filter(|(_, found)| **found > 0) {
                for &label in labels {
                    counts[(label as usize * self.n_labels + other) * bins + bin] += *found;
                }
                *found = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::ignore;

    fn both_ways(points: &[[f64; 2]], labels: &[u32], n_labels: usize, radii: &[f64]) {
        let bins = radii.len() + 1;
        let mut expected = vec![0u64; n_labels * n_labels * bins];
        for (i, p) in points.iter().enumerate() {
            for (j, q) in points.iter().enumerate() {
                let d2 = (p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]);
                let bin = radii.iter().filter(|r| **r * **r < d2).count();
                if i != j && bin < radii.len() {
                    expected[(labels[i] as usize * n_labels + labels[j] as usize) * bins + bin] += 1;
                }
            }
        }
        let mut found = vec![0; expected.len()];
        let mut tick = ignore;
        let mut meter = Meter::new(&mut tick, "pairs", points.len() as u64);
        count_pairs(points, labels, n_labels, &Radii::new(radii), &mut meter, &mut found).expect("counts");
        assert_eq!(found, expected);
    }

    #[test]
    fn counts_are_those_of_all_pairs() {
        // Low-discrepancy points, then the same on a coarse grid: thousands of distances equal to a radius exactly.
        let points: Vec<[f64; 2]> =
            (0..1500).map(|i| [(f64::from(i) * 0.754_877_666) % 1.0, (f64::from(i) * 0.569_840_291) % 1.0]).collect();
        let grid: Vec<[f64; 2]> = points.iter().map(|p| p.map(|v| (v * 40.0).floor() + 1e6)).collect();
        let labels: Vec<u32> = (0..1500).map(|i| (i * i % 7) % 3).collect();
        let even: Vec<f64> = (1..=20).map(|k| 0.05 * f64::from(k)).collect();
        both_ways(&points, &labels, 3, &even);
        both_ways(&points, &labels, 3, &[0.3]);
        both_ways(&points, &labels, 3, &[0.0, 1e-9, 0.001, 0.5, 0.5 + 1e-12, 5.0]);
        both_ways(&grid, &labels, 3, &[0.0, 1.0, 2.0, 5.0, 13.0, 25.0]);
        both_ways(&grid, &labels, 3, &[1e-7]);
        // One point far away, and everything on one spot.
        let mut far = points.clone();
        far[700] = [1e12, -1e12];
        both_ways(&far, &labels, 3, &even);
        both_ways(&far, &labels, 3, &[0.5, 2e12]);
        both_ways(&[[3.0, 4.0]; 300], &labels[..300], 3, &[0.0, 1.0]);
        // Of one label.
        let alone = vec![0; 1500];
        both_ways(&points, &alone, 1, &even);
        both_ways(&grid, &alone, 1, &[0.0, 1.0, 2.0, 5.0, 13.0, 25.0]);
        both_ways(&far, &alone, 1, &[0.5, 2e12]);
        both_ways(&points[..100], &alone[..100], 1, &[0.01, 0.3, 2.0]);
    }
}

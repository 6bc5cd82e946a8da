//! Distances from many places to the nearest of a set of points, by one walk through boxes of places.
//!
//! It is the places that stand in a tree, built once and walked for every set of points: a box gets, of the points of the
//! box around it, those that can be among the nearest of some place in it. That is a handful as soon as the box is small
//! beside the distances between points. So a set of points needs no tree or grid of its own, nor be spread evenly.
//!
//! The bounds of a box leave no hair for rounding: they come by the operations that give a distance, each of which rounds
//! monotonically, so every distance as computed lies between them.

mod discs;

use std::ops::Range;

use self::discs::Discs;
use super::tiles::{Bounds, Tiles};

/// Places in a tile, at most.
pub(super) const PLACES: usize = 16;
/// Points or places that are looked at together; sets of points are filled up to a multiple with infinitely far ones.
const LANES: usize = 4;
/// Among so few points a box of so few tiles is not divided further: that would cost more than the distances that it saves.
const FEW_TILES: usize = 4;
const FEW_POINTS: usize = 8;

/// So many times as many points as places are looked at one by one: most of them are near no place.
const MANY: usize = 16;
/// Points for each place whose distances are found first, to tell how near the others have to be.
const SAMPLE: usize = 4;

/// What wants the squared distances from places to their `K` nearest points.
pub(super) trait Nearest<const K: usize> {
    /// Takes the bounds of the least, second, … distance from any of some places. True if they tell enough of them.
    fn bounds(&mut self, places: Range<usize>, least: &[f64; K], greatest: &[f64; K]) -> bool;

    /// Takes the least, second, … distances from the places of a tile, whose bounds did not tell enough. What goes beyond the
    /// places means nothing; distances to points that do not exist are infinite.
    fn distances(&mut self, places: Range<usize>, squared: &[[f64; PLACES]; K]);
}

/// Places in the order of a balanced k-d tree.
pub(super) struct Places {
    tiles: Tiles,
    /// Filled up to whole tiles with the last place.
    x: Vec<f64>,
    y: Vec<f64>,
}

/// Memory that is used again: candidates of the boxes from the root down, one set after the other.
#[derive(Default)]
pub(super) struct Scratch {
    x: Vec<f64>,
    y: Vec<f64>,
    /// Of the candidates of one box: the least squared distance to it.
    least: Vec<f64>,
}

impl Places {
    /// Builds the tree over finite places. O(n log n).
    pub fn new(places: &[[f64; 2]]) -> Self {
        let tiles = Tiles::of_size(places, PLACES);
        let coordinate = |axis: usize| {
            let mut values: Vec<f64> = tiles.points.iter().map(|place| place[axis]).collect();
            values.resize(values.len().next_multiple_of(PLACES), values.last().copied().unwrap_or(0.0));
            values
        };
        Self { x: coordinate(0), y: coordinate(1), tiles }
    }

    /// What was the index of each place.
    pub fn order(&self) -> &[u32] {
        &self.tiles.order
    }

    /// Hands the bounds, and where they are not enough the distances, to the `K` nearest of finite points to `take`, in the
    /// order of the places. About O(points + places) where the two lie alike, O(points · places) where all points are equally far.
    pub fn nearest<const K: usize>(&self, points: &[[f64; 2]], scratch: &mut Scratch, take: &mut impl Nearest<K>) {
        if points.len() < MANY * self.order().len() || !self.nearest_of_many(points, scratch, take) {
            self.walk(points, scratch, take);
        }
    }

    /// The same point by point, after a part of them. False, and nothing is handed out, where that would take long.
    fn nearest_of_many<const K: usize>(
        &self,
        points: &[[f64; 2]],
        scratch: &mut Scratch,
        take: &mut impl Nearest<K>,
    ) -> bool {
        let n = self.order().len();
        let step = points.len() / (SAMPLE * n).max(1);
        let part: Vec<[f64; 2]> = points.iter().copied().step_by(step.max(1)).collect();
        let mut all = All { squared: vec![[f64::INFINITY; K]; n] };
        self.walk(&part, scratch, &mut all);
        let best = &mut all.squared;
        let (squared, within) = (best.iter().map(|best| best[K - 1]), Bounds::of(points));
        let Some(discs) = Discs::new(&self.x[..n], &self.y[..n], squared, &within) else {
            return false;
        };
        for points in points.chunks(step.max(1)) {
            // The first of each chunk is of the part.
            for point in &points[1..] {
                for &place in discs.around(point) {
                    let (dx, dy) = (self.x[place as usize] - point[0], self.y[place as usize] - point[1]);
                    let mut offered = dx * dx + dy * dy;
                    for kept in &mut best[place as usize] {
                        let (less, more) = if offered < *kept { (offered, *kept) } else { (*kept, offered) };
                        (*kept, offered) = (less, more);
                    }
                }
            }
        }
        for tile in 0..self.tiles.len() {
            let places = self.tiles.range(tile);
            let found = &best[places.clone()];
            let fold = |start: f64, pick: fn(f64, f64) -> f64| {
                std::array::from_fn(|rank| found.iter().map(|best| best[rank]).fold(start, pick))
            };
            if !take.bounds(places.clone(), &fold(f64::INFINITY, f64::min), &fold(0.0, f64::max)) {
                let of = |rank: usize| std::array::from_fn(|i| found.get(i).map_or(f64::INFINITY, |best| best[rank]));
                take.distances(places, &std::array::from_fn(of));
            }
        }
        true
    }

    /// The same by the walk.
    fn walk<const K: usize>(&self, points: &[[f64; 2]], scratch: &mut Scratch, take: &mut impl Nearest<K>) {
        let candidates = 0..points.len().next_multiple_of(LANES);
        scratch.reserve(candidates.end);
        for (i, [x, y]) in points.iter().chain(std::iter::repeat(&[f64::INFINITY; 2])).take(candidates.end).enumerate()
        {
            (scratch.x[i], scratch.y[i]) = (*x, *y);
        }
        if !self.x.is_empty() {
            self.visit(0, candidates, scratch, take);
        }
    }

    fn visit<const K: usize>(
        &self,
        node: usize,
        candidates: Range<usize>,
        scratch: &mut Scratch,
        take: &mut impl Nearest<K>,
    ) {
        let (tiles, bounds) = self.tiles.node(node);
        let places = self.tiles.range_of(&tiles);
        let (least, greatest) = scratch.bounds::<K>(candidates.clone(), bounds);
        if take.bounds(places.clone(), &least, &greatest) {
            return;
        }
        let candidates = scratch.keep(candidates, greatest[K - 1]);
        if tiles.len() == 1 || (tiles.len() <= FEW_TILES && candidates.len() <= FEW_POINTS) {
            for tile in tiles {
                let (x, y) = (&scratch.x[candidates.clone()], &scratch.y[candidates.clone()]);
                take.distances(self.tiles.range(tile), &self.distances(tile, x, y));
            }
        } else {
            let (left, right) = self.tiles.children(node);
            self.visit(left, candidates.clone(), scratch, take);
            self.visit(right, candidates, scratch, take);
        }
    }

    /// From every place of a tile to all points.
    fn distances<const K: usize>(&self, tile: usize, points_x: &[f64], points_y: &[f64]) -> [[f64; PLACES]; K] {
        let mut squared = [[0.0; PLACES]; K];
        let range = tile * PLACES..(tile + 1) * PLACES;
        let lanes = self.x[range.clone()].as_chunks::<LANES>().0.iter().zip(self.y[range].as_chunks::<LANES>().0);
        for (group, (x, y)) in lanes.enumerate() {
            let mut best = [[f64::INFINITY; LANES]; K];
            for (point_x, point_y) in points_x.iter().zip(points_y) {
                let (dx, dy) = (x.map(|x| x - point_x), y.map(|y| y - point_y));
                insert(&mut best, std::array::from_fn(|lane| dx[lane] * dx[lane] + dy[lane] * dy[lane]));
            }
            for (all, best) in squared.iter_mut().zip(best) {
                all[group * LANES..(group + 1) * LANES].copy_from_slice(&best);
            }
        }
        squared
    }
}

/// Keeps all distances.
struct All<const K: usize> {
    squared: Vec<[f64; K]>,
}

impl<const K: usize> Nearest<K> for All<K> {
    fn bounds(&mut self, _: Range<usize>, _: &[f64; K], _: &[f64; K]) -> bool {
        false
    }

    fn distances(&mut self, places: Range<usize>, squared: &[[f64; PLACES]; K]) {
        for (lane, best) in self.squared[places].iter_mut().enumerate() {
            *best = squared.map(|rank| rank[lane]);
        }
    }
}

impl Scratch {
    fn reserve(&mut self, end: usize) {
        if self.x.len() < end {
            [&mut self.x, &mut self.y, &mut self.least].into_iter().for_each(|values| values.resize(end, 0.0));
        }
    }

    /// Bounds of the distances from places in a box to their nearest, second, … candidate.
    fn bounds<const K: usize>(&mut self, candidates: Range<usize>, bounds: &Bounds) -> ([f64; K], [f64; K]) {
        let least = &mut self.least[..candidates.len()];
        let (x, y) = (&self.x[candidates.clone()], &self.y[candidates]);
        pulp::Arch::new().dispatch(Spans { x, y, least, bounds })
    }

    /// Those of the candidates whose least squared distance is at most `reach`, in a copy after them; or all of them if a
    /// copy would save little, so that the copies of a walk never exceed three times the points.
    fn keep(&mut self, candidates: Range<usize>, reach: f64) -> Range<usize> {
        let count = candidates.len();
        let kept = self.least[..count].iter().map(|least| usize::from(*least <= reach)).sum::<usize>();
        let filled = kept.next_multiple_of(LANES);
        if filled > count / 4 * 3 {
            return candidates;
        }
        let start = candidates.end;
        self.reserve(start + filled + 1);
        let ((x, to_x), (y, to_y)) = (self.x.split_at_mut(start), self.y.split_at_mut(start));
        let mut place = 0;
        for ((x, y), least) in x[candidates.clone()].iter().zip(&y[candidates]).zip(&self.least) {
            // Without a branch: what is not kept is written over by the next.
            (to_x[place], to_y[place]) = (*x, *y);
            place += usize::from(*least <= reach);
        }
        to_x[kept..filled].fill(f64::INFINITY);
        to_y[kept..filled].fill(f64::INFINITY);
        start..start + filled
    }
}

/// The distances from candidates to the places of a box. Written in registers, since what the compiler makes of the same for
/// single numbers branches in wasm, and takes five times as long.
struct Spans<'a, const K: usize> {
    x: &'a [f64],
    y: &'a [f64],
    /// Takes the least squared distance of each candidate.
    least: &'a mut [f64],
    bounds: &'a Bounds,
}

impl<const K: usize> pulp::WithSimd for Spans<'_, K> {
    type Output = ([f64; K], [f64; K]);

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> Self::Output {
        const { assert!(LANES.is_multiple_of(S::F64_LANES)) };
        let Self { x, y, least, bounds: Bounds { low, high } } = self;
        let (low_x, low_y) = (simd.splat_f64s(low[0]), simd.splat_f64s(low[1]));
        let (high_x, high_y) = (simd.splat_f64s(high[0]), simd.splat_f64s(high[1]));
        let infinite = simd.splat_f64s(f64::INFINITY);
        let (mut nearest, mut farthest) = ([infinite; K], [infinite; K]);
        let candidates = S::as_simd_f64s(x).0.iter().zip(S::as_simd_f64s(y).0);
        for ((x, y), kept) in candidates.zip(S::as_mut_simd_f64s(least).0) {
            let (x, y) = (span(simd, *x, low_x, high_x), span(simd, *y, low_y, high_y));
            *kept = squared(simd, x.0, y.0);
            let (mut near, mut far) = (*kept, squared(simd, x.1, y.1));
            for (nearest, farthest) in nearest.iter_mut().zip(&mut farthest) {
                (*nearest, near) = ascending(simd, near, *nearest);
                (*farthest, far) = ascending(simd, far, *farthest);
            }
        }
        (across(pulp::bytemuck::cast_slice(&nearest)), across(pulp::bytemuck::cast_slice(&farthest)))
    }
}

// Functions and no closures: only these are compiled for the registers of their caller.

#[inline(always)]
fn ascending<S: pulp::Simd>(simd: S, a: S::f64s, b: S::f64s) -> (S::f64s, S::f64s) {
    let less = simd.less_than_f64s(a, b);
    (simd.select_f64s(less, a, b), simd.select_f64s(less, b, a))
}

/// The least and the greatest distance from coordinates to an interval's places.
#[inline(always)]
fn span<S: pulp::Simd>(simd: S, value: S::f64s, low: S::f64s, high: S::f64s) -> (S::f64s, S::f64s) {
    let zero = simd.splat_f64s(0.0);
    let (less, more) = ascending(simd, simd.sub_f64s(high, value), simd.sub_f64s(value, low));
    (ascending(simd, zero, simd.sub_f64s(zero, less)).1, more)
}

#[inline(always)]
fn squared<S: pulp::Simd>(simd: S, x: S::f64s, y: S::f64s) -> S::f64s {
    simd.add_f64s(simd.mul_f64s(x, x), simd.mul_f64s(y, y))
}

/// Puts values where they belong among the least so far, in every lane.
#[inline(always)]
fn insert<const K: usize, const N: usize>(best: &mut [[f64; N]; K], mut offered: [f64; N]) {
    for best in best {
        for (kept, offered) in best.iter_mut().zip(&mut offered) {
            let (less, more) = if *offered < *kept { (*offered, *kept) } else { (*kept, *offered) };
            (*kept, *offered) = (less, more);
        }
    }
}

/// The least of all lanes, ascending.
#[inline(always)]
fn across<const K: usize>(lanes: &[f64]) -> [f64; K] {
    let mut best = [[f64::INFINITY]; K];
    lanes.iter().for_each(|value| insert(&mut best, [*value]));
    best.map(|[value]| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distances of all places by their old index.
    struct Checked<const K: usize> {
        order: Vec<u32>,
        found: Vec<[f64; K]>,
        low: Vec<[f64; K]>,
        high: Vec<[f64; K]>,
    }

    impl<const K: usize> Nearest<K> for Checked<K> {
        fn bounds(&mut self, places: Range<usize>, least: &[f64; K], greatest: &[f64; K]) -> bool {
            self.low[places.clone()].fill(*least);
            self.high[places].fill(*greatest);
            false
        }

        fn distances(&mut self, places: Range<usize>, squared: &[[f64; PLACES]; K]) {
            for (lane, place) in places.enumerate() {
                let found = squared.map(|rank| rank[lane]);
                for (rank, d2) in found.iter().enumerate() {
                    assert!(self.low[place][rank] <= *d2 && *d2 <= self.high[place][rank]);
                }
                self.found[self.order[place] as usize] = found;
            }
        }
    }

    fn agrees<const K: usize>(from: &[[f64; 2]], to: &[[f64; 2]], scratch: &mut Scratch) {
        let places = Places::new(from);
        let none = vec![[f64::NAN; K]; from.len()];
        let mut all = Checked { order: places.order().to_vec(), found: none.clone(), low: none.clone(), high: none };
        places.nearest(to, scratch, &mut all);
        for (place, found) in from.iter().zip(&all.found) {
            let squared = |p: &[f64; 2]| (p[0] - place[0]).powi(2) + (p[1] - place[1]).powi(2);
            let mut expected: Vec<f64> = to.iter().map(squared).chain([f64::INFINITY; K]).collect();
            expected.sort_unstable_by(f64::total_cmp);
            assert_eq!(found[..], expected[..K], "{} places, {} points", from.len(), to.len());
        }
    }

    #[test]
    fn the_nearest_are_those_of_a_search_through_all() {
        let spread = |i: u32| [(f64::from(i) * 0.754_877_666) % 1.0, 3.0 * ((f64::from(i) * 0.569_840_291) % 1.0)];
        let scattered: Vec<[f64; 2]> = (0..900).map(spread).collect();
        let lattice: Vec<[f64; 2]> = (0..700).map(|i| [f64::from(i % 26), f64::from(i / 26)]).collect();
        let mut heaps: Vec<[f64; 2]> = (0..800).map(|i| spread(i).map(|v| v * 1e-3 + f64::from(i % 3) * 7.0)).collect();
        heaps[400] = [1e9, -1e12];
        let on_a_line: Vec<[f64; 2]> = (0..300).map(|i| [0.1, f64::from(i * i)]).collect();
        let on_a_circle: Vec<[f64; 2]> = (0..333).map(|i| (f64::from(i) * 0.3).sin_cos().into()).collect();
        let same = vec![[0.1, 0.1]; 100];
        let sets = [scattered, lattice, heaps, on_a_line, on_a_circle, same];
        let mut scratch = Scratch::default();
        for (from, to) in sets.iter().flat_map(|from| sets.iter().map(move |to| (from, to))) {
            for count in [0, 1, 3, 17, to.len()] {
                agrees::<1>(from, &to[..count], &mut scratch);
                agrees::<2>(from, &to[..count], &mut scratch);
                agrees::<8>(&from[..40], &to[..count], &mut scratch);
            }
            // Many points to few places.
            for places in [1, 2, 19] {
                agrees::<1>(&from[..places], to, &mut scratch);
                agrees::<2>(&from[..places], to, &mut scratch);
                agrees::<8>(&from[..places], to, &mut scratch);
            }
        }
        agrees::<2>(&[], &sets[0], &mut scratch);
    }
}

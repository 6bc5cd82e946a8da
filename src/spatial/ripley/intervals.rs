//! How many distances lie in each of squidpy's intervals, counted by boxes of places where one interval holds a whole box.

use std::ops::Range;

use super::super::nearest::{Nearest, PLACES};

/// The intervals between distances, as numpy's histogram has them: `bins[i] ≤ d < bins[i + 1]`, the last closed.
pub(super) struct Intervals {
    /// The least squared distances whose roots are in the second interval, …, beyond the last one: roots ascend as their
    /// squares do, so that no root need be taken to count.
    starts: Vec<f64>,
    /// Intervals per distance, to guess by.
    density: f64,
}

impl Intervals {
    /// Takes at least two ascending, non-negative distances, the last of them positive.
    pub fn new(bins: &[f64]) -> Self {
        let last = bins.len() - 1;
        let start = |(i, bin): (usize, &f64)| {
            let bin = if i == last { bin.next_up() } else { *bin };
            let mut start = bin * bin;
            while start > 0.0 && start.next_down().sqrt() >= bin {
                start = start.next_down();
            }
            while start.sqrt() < bin {
                start = start.next_up();
            }
            start
        };
        Self { starts: bins.iter().enumerate().skip(1).map(start).collect(), density: last as f64 / bins[last] }
    }

    /// Intervals, and one for what lies beyond.
    pub fn len(&self) -> usize {
        self.starts.len() + 1
    }

    fn of(&self, squared: f64) -> usize {
        let mut interval = ((squared.sqrt() * self.density) as usize).min(self.starts.len());
        while interval > 0 && squared < self.starts[interval - 1] {
            interval -= 1;
        }
        while interval < self.starts.len() && squared >= self.starts[interval] {
            interval += 1;
        }
        interval
    }
}

/// Places that are left out: those of one label.
pub(super) struct LeftOut {
    /// Up to each place.
    up_to: Vec<u32>,
}

impl LeftOut {
    /// The places of a label.
    pub fn new(labels: &[u32], label: u32) -> Self {
        let count = |count: &mut u32, other: &u32| {
            *count += u32::from(*other == label);
            Some(*count)
        };
        Self { up_to: [0].into_iter().chain(labels.iter().scan(0, count)).collect() }
    }

    fn count(&self, places: &Range<usize>) -> usize {
        (self.up_to[places.end] - self.up_to[places.start]) as usize
    }

    fn holds(&self, place: usize) -> bool {
        self.up_to[place + 1] > self.up_to[place]
    }
}

/// Counts the distances from places to their nearest points.
pub(super) struct Histogram<'a, const K: usize> {
    intervals: &'a Intervals,
    left_out: Option<&'a LeftOut>,
    /// How many of the nearest count.
    ranks: usize,
    /// In which intervals the bounds of each of them lie.
    spans: [(usize, usize); K],
    pub counts: Vec<usize>,
}

impl<'a, const K: usize> Histogram<'a, K> {
    pub fn new(intervals: &'a Intervals, ranks: usize, left_out: Option<&'a LeftOut>) -> Self {
        Self { intervals, left_out, ranks, spans: [(0, 0); K], counts: vec![0; intervals.len()] }
    }

    fn left_out(&self, places: &Range<usize>) -> usize {
        self.left_out.map_or(0, |left_out| left_out.count(places))
    }
}

impl<const K: usize> Nearest<K> for Histogram<'_, K> {
    fn bounds(&mut self, places: Range<usize>, least: &[f64; K], greatest: &[f64; K]) -> bool {
        let counted = places.len() - self.left_out(&places);
        let mut whole = true;
        for ((span, least), greatest) in self.spans.iter_mut().zip(least).zip(greatest).take(self.ranks) {
            *span = (self.intervals.of(*least), self.intervals.of(*greatest));
            whole &= span.0 == span.1;
        }
        if whole {
            self.spans.iter().take(self.ranks).for_each(|span| self.counts[span.0] += counted);
        }
        whole || counted == 0
    }

    fn distances(&mut self, places: Range<usize>, squared: &[[f64; PLACES]; K]) {
        let left_out = self.left_out(&places);
        for (span, mut squared) in self.spans.iter().zip(*squared).take(self.ranks) {
            // Beyond everything, and subtracted from what is.
            squared[places.len()..].fill(f64::INFINITY);
            if let Some(all) = self.left_out.filter(|_| left_out > 0) {
                for (d2, place) in squared.iter_mut().zip(places.clone()) {
                    *d2 = if all.holds(place) { f64::INFINITY } else { *d2 };
                }
            }
            let mut before = 0;
            for interval in span.0..span.1 {
                let start = self.intervals.starts[interval];
                let up_to = squared.iter().map(|d2| usize::from(*d2 < start)).sum::<usize>();
                self.counts[interval] += up_to - before;
                before = up_to;
            }
            self.counts[span.1] += places.len() - left_out - before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::nearest::{Places, Scratch};
    use super::*;

    #[test]
    fn intervals_are_those_of_the_roots() {
        for bins in [vec![0.0, 0.1, 0.2, 0.3], vec![0.0, 1e-200, 1e-170, 1e-150], vec![0.0, 3.0, 1e150]] {
            let intervals = Intervals::new(&bins);
            let last = bins.len() - 1;
            let near = |bin: &f64| {
                let square = bin * bin;
                [square.next_down().max(0.0), square, square.next_up(), square * 1.5, square.next_up().next_up()]
            };
            for squared in bins.iter().flat_map(near).chain([f64::INFINITY]) {
                let d = squared.sqrt();
                let expected =
                    if d == bins[last] { last - 1 } else { bins[1..].iter().filter(|bin| **bin <= d).count() };
                assert_eq!(intervals.of(squared), expected, "{squared} among {bins:?}");
            }
        }
    }

    #[test]
    fn counts_are_those_of_every_distance() {
        let spread = |i: u32| [(f64::from(i) * 0.754_877_666) % 1.0, (f64::from(i) * 0.569_840_291) % 1.0];
        let places: Vec<[f64; 2]> = (0..1003).map(spread).collect();
        let points: Vec<[f64; 2]> = (3000..3040).map(spread).collect();
        let bins: Vec<f64> = (0..30).map(|i| f64::from(i) * 0.007).collect();
        let (tree, intervals) = (Places::new(&places), Intervals::new(&bins));
        let labels: Vec<u32> = tree.order().iter().map(|i| u32::from(places[*i as usize][0] < 0.3) + i % 2).collect();
        let left_out = LeftOut::new(&labels, 1);
        for left_out in [None, Some(&left_out)] {
            let mut histogram = Histogram::<2>::new(&intervals, 2, left_out);
            tree.nearest(&points, &mut Scratch::default(), &mut histogram);
            let mut expected = vec![0; intervals.len()];
            for (old, _) in tree.order().iter().zip(&labels).filter(|(_, label)| left_out.is_none() || **label != 1) {
                let from = places[*old as usize];
                let squared = |p: &[f64; 2]| (p[0] - from[0]).powi(2) + (p[1] - from[1]).powi(2);
                let mut all: Vec<f64> = points.iter().map(squared).collect();
                all.sort_unstable_by(f64::total_cmp);
                all[..2].iter().for_each(|d2| expected[intervals.of(*d2)] += 1);
            }
            assert_eq!(histogram.counts, expected);
        }
    }
}

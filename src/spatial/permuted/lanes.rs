//! Up to eight dense genes side by side, moved by a shuffle as one cache line a cell.

use super::super::block::{Centred, Gene, LANES, Sums};
use super::super::line::Line;
use super::Pairs;

/// Above this share of expressing cells lanes are quicker than sparse rows (measured on the sections of `scripts/bench`).
const DENSE_SHARE: f64 = 0.4;

/// Before and after a shuffle they take 128 bytes a cell; where that exceeds the second cache, fetching lines in random
/// order bounds it.
pub(super) struct Lanes {
    genes: Centred,
}

impl Lanes {
    /// Whether a gene goes here.
    pub fn suit(gene: &Gene, n: usize) -> bool {
        gene.cancels() || gene.stored() as f64 > DENSE_SHARE * n as f64
    }

    pub fn new(genes: &[&Gene], n: usize) -> Self {
        Self { genes: Centred::new(genes, n, |cell| cell as usize) }
    }

    /// The sums under each shuffle. O(pairs) each.
    pub fn each(self, pairs: &Pairs, shuffles: &[Vec<u32>]) -> impl Iterator<Item = Vec<Sums>> {
        let mut shuffled = Vec::with_capacity(self.genes.z.len());
        shuffles.iter().map(move |cells| {
            shuffled.clear();
            shuffled.extend(cells.iter().map(|&cell| self.genes.z[cell as usize]));
            let mut sums = pulp::Arch::new().dispatch(Work { pairs, z: &shuffled });
            sums.truncate(self.genes.lanes);
            sums
        })
    }
}

/// The sums of shuffled genes, so that they can be compiled for several widths of registers.
struct Work<'a> {
    pairs: &'a Pairs,
    z: &'a [Line<[f64; LANES]>],
}

impl pulp::WithSimd for Work<'_> {
    type Output = Vec<Sums>;

    #[inline(always)]
    fn with_simd<I: pulp::Simd>(self, _: I) -> Vec<Sums> {
        let (mut cross, mut weighted) = ([0.0; LANES], [0.0; LANES]);
        for (place, Line(own)) in self.z.iter().enumerate() {
            let mut lag = [0.0; LANES];
            let (others, weights) = self.pairs.row(place);
            for (&other, &weight) in others.iter().zip(weights) {
                let z = &self.z[other as usize].0;
                (0..LANES).for_each(|lane| lag[lane] += weight * z[lane]);
            }
            let margin = self.pairs.margin(place);
            for lane in 0..LANES {
                cross[lane] += own[lane] * lag[lane];
                weighted[lane] += margin * own[lane] * own[lane];
            }
        }
        (0..LANES).map(|lane| Sums { cross: cross[lane], weighted: weighted[lane] }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Graph, GraphKind, GraphParams};
    use super::*;

    /// The last digit too: a result must not depend on the machine.
    #[test]
    fn wide_registers_give_the_sums_of_narrow_ones() {
        let n = 500u32;
        let positions: Vec<[f64; 2]> =
            (0..n).map(|i| [(f64::from(i) * 0.754_877_666) % 1.0, (f64::from(i) * 0.569_840_291) % 1.0]).collect();
        let params = GraphParams { kind: GraphKind::Radius { radius: 0.06 }, ..GraphParams::default() };
        let pairs = &Pairs::new(&Graph::build(&positions, None, &params).expect("a graph"));
        let value = |place: u32, lane: usize| (f64::from(place) * 0.618 + lane as f64 * 0.414) % 1.0 - 0.5;
        let z: Vec<_> = (0..n).map(|place| Line(std::array::from_fn(|lane| value(place, lane)))).collect();
        let bits = |arch: pulp::Arch| -> Vec<[u64; 2]> {
            let sums = arch.dispatch(Work { pairs, z: &z });
            sums.iter().map(|sums| [sums.cross.to_bits(), sums.weighted.to_bits()]).collect()
        };
        assert_eq!(bits(pulp::Arch::new()), bits(pulp::Arch::Scalar));
    }
}

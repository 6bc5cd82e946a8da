//! Many random labellings of the same cells: labels shuffled within sections, several side by side.

use std::ops::Range;

use super::{Graph, quick::Quick};

/// A label code in one or two bytes: what is shuffled should fit the cache.
pub(super) trait Code: Copy + Default + Send + Sync {
    fn of(code: usize) -> Self;
    fn index(self) -> usize;

    /// `a · s + b` of each lane, for `s` labels, a power of two.
    #[inline(always)]
    fn keys<const LANES: usize>(s: usize, a: [Self; LANES], b: [Self; LANES]) -> [usize; LANES] {
        std::array::from_fn(|lane| a[lane].index() * s + b[lane].index())
    }
}

impl Code for u8 {
    fn of(code: usize) -> Self {
        code as u8
    }
    fn index(self) -> usize {
        usize::from(self)
    }

    /// All lanes at once, in the bytes of one or two words.
    #[inline(always)]
    fn keys<const LANES: usize>(s: usize, a: [u8; LANES], b: [u8; LANES]) -> [usize; LANES] {
        const { assert!(LANES <= 8) };
        let word = |labels: [u8; LANES]| {
            u64::from_le_bytes(std::array::from_fn(|lane| if lane < LANES { labels[lane] } else { 0 }))
        };
        let (a, b) = (word(a), word(b));
        if s <= 16 {
            let keys = a << s.trailing_zeros() | b;
            return std::array::from_fn(|lane| (keys >> (8 * lane)) as usize & 0xff);
        }
        const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
        let pack = |a: u64, b: u64| (a & EVEN) << s.trailing_zeros() | (b & EVEN);
        let (even, odd) = (pack(a, b), pack(a >> 8, b >> 8));
        std::array::from_fn(|lane| (if lane % 2 == 0 { even } else { odd } >> (16 * (lane / 2))) as usize & 0xffff)
    }
}

impl Code for u16 {
    fn of(code: usize) -> Self {
        code as u16
    }
    fn index(self) -> usize {
        usize::from(self)
    }
}

/// Not a place.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The labelled cells, section by section: their places. Cells without a label (negative code) have none.
pub(super) struct Labellings {
    /// Place → cell.
    pub order: Vec<u32>,
    sections: Vec<Range<usize>>,
}

impl Labellings {
    /// In the order of the cells. O(cells · log cells).
    pub fn by_section(codes: &[i32], sections: Option<&[u32]>) -> Self {
        Self::ordered(codes, sections, |members, order| order.extend_from_slice(members))
    }

    /// Each section breadth first along its edges, so that neighbours lie near each other in memory. O(edges).
    pub fn along_edges(graph: &Graph, codes: &[i32], sections: Option<&[u32]>) -> Self {
        let mut seen: Vec<bool> = codes.iter().map(|&code| code < 0).collect();
        let inside = |a: u32, b: u32| sections.is_none_or(|sections| sections[a as usize] == sections[b as usize]);
        Self::ordered(codes, sections, |members, order| {
            let mut next = order.len();
            for &root in members {
                if !std::mem::replace(&mut seen[root as usize], true) {
                    order.push(root);
                }
                while next < order.len() {
                    for &other in graph.row(order[next] as usize).0 {
                        if inside(root, other) && !std::mem::replace(&mut seen[other as usize], true) {
                            order.push(other);
                        }
                    }
                    next += 1;
                }
            }
        })
    }

    fn ordered(codes: &[i32], sections: Option<&[u32]>, mut put: impl FnMut(&[u32], &mut Vec<u32>)) -> Self {
        let section_of = |cell: u32| sections.map_or(0, |sections| sections[cell as usize]);
        let mut cells: Vec<u32> = (0..codes.len() as u32).filter(|&cell| codes[cell as usize] >= 0).collect();
        cells.sort_by_key(|&cell| section_of(cell)); // stable: indices ascend within a section
        let mut order: Vec<u32> = Vec::with_capacity(cells.len());
        let mut ranges = Vec::new();
        for members in cells.chunk_by(|&a, &b| section_of(a) == section_of(b)) {
            let start = order.len();
            put(members, &mut order);
            ranges.push(start..order.len());
        }
        Self { order, sections: ranges }
    }

    /// Cell → place, or [`NOWHERE`].
    pub fn places(&self, n_cells: usize) -> Vec<u32> {
        let mut places = vec![NOWHERE; n_cells];
        self.order.iter().zip(0..).for_each(|(&cell, at)| places[cell as usize] = at);
        places
    }

    /// The labels of the places.
    pub fn labels<T: Code>(&self, codes: &[i32]) -> Vec<T> {
        // Only labelled cells have a place, and codes were checked to lie below the number of labels.
        self.order.iter().map(|&cell| T::of(codes[cell as usize].unsigned_abs() as usize)).collect()
    }

    /// The labels of the places, shuffled on their own for each of the lanes: what all pieces of permutations start from.
    pub fn start<T: Code, const LANES: usize>(&self, labels: &[T], seed: u64) -> Vec<[T; LANES]> {
        let mut lanes = vec![[T::default(); LANES]; labels.len()];
        let mut shuffled = labels.to_vec();
        for lane in 0..LANES {
            shuffled.copy_from_slice(labels);
            self.shuffle(&mut shuffled, seed, u64::MAX - lane as u64);
            lanes.iter_mut().zip(&shuffled).for_each(|(lanes, label)| lanes[lane] = *label);
        }
        lanes
    }

    /// Hands out the labellings of a piece of permutations, `LANES` at a time, with how many of the lanes count.
    ///
    /// All lanes follow one shuffle. For random and independent `p` and `q`, `p` and `p∘q` are independent too: any two
    /// labellings are, as if each had been shuffled alone. Means, variances and shares over them have therefore the same
    /// error, for a fraction of the shuffles.
    pub fn each<T: Code, const LANES: usize>(
        &self,
        start: &[[T; LANES]],
        seed: u64,
        permutations: &[u64],
        mut see: impl FnMut(&[[T; LANES]], usize),
    ) {
        let mut lanes = start.to_vec();
        for piece in permutations.chunks(LANES) {
            self.shuffle(&mut lanes, seed, piece[0]);
            see(&lanes, piece.len());
        }
    }

    /// Shuffles what lies at the places within each section.
    fn shuffle<T>(&self, labels: &mut [T], seed: u64, permutation: u64) {
        let mut quick = Quick::new(seed, permutation);
        self.sections.iter().for_each(|section| quick.shuffle(&mut labels[section.clone()]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_in_their_section_and_each_labelling_is_another() {
        let codes: Vec<i32> = (0..90).map(|cell| if cell % 10 == 9 { -1 } else { cell % 3 + 3 * (cell % 2) }).collect();
        let sections: Vec<u32> = (0..90).map(|cell| cell % 2).collect();
        let labellings = Labellings::by_section(&codes, Some(&sections));
        let labels: Vec<u8> = labellings.labels(&codes);
        let mut seen = Vec::new();
        labellings.each(&labellings.start::<u8, 4>(&labels, 1), 1, &[0, 1, 2, 3, 4, 5], |lanes, count| {
            for lane in 0..count {
                let labelling: Vec<u8> = lanes.iter().map(|lanes| lanes[lane]).collect();
                for (&cell, &label) in labellings.order.iter().zip(&labelling) {
                    assert_eq!(u32::from(label / 3), sections[cell as usize]);
                }
                let (mut before, mut after) = (labels.clone(), labelling.clone());
                before.sort_unstable();
                after.sort_unstable();
                assert_eq!(before, after);
                seen.push(labelling);
            }
        });
        assert_eq!(seen.len(), 6);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn any_two_labellings_agree_no_more_than_chance() {
        let codes: Vec<i32> = (0..2000).map(|cell| cell % 4).collect();
        let labellings = Labellings::by_section(&codes, None);
        let labels: Vec<u8> = labellings.labels(&codes);
        let mut all: Vec<Vec<u8>> = vec![labels.clone()];
        let (permutations, start) = ((0..24).collect::<Vec<u64>>(), labellings.start::<u8, 4>(&labels, 9));
        // Two pieces of work.
        for piece in permutations.chunks(12) {
            labellings.each(&start, 9, piece, |lanes, count| {
                all.extend((0..count).map(|lane| lanes.iter().map(|lanes| lanes[lane]).collect()));
            });
        }
        for (i, a) in all.iter().enumerate() {
            for b in &all[..i] {
                let agree = a.iter().zip(b).filter(|(a, b)| a == b).count();
                // A quarter of 2,000, five standard deviations of 19.4.
                assert!((400..600).contains(&agree), "{agree}");
            }
        }
    }
}

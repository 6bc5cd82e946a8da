//! Exact neighbours in the plane or in space by a k-d tree over distinct positions, quick whatever the points look like.
//!
//! A uniform grid puts all cells into one bucket as soon as one cell lies far outside, and a tree over the cells
//! themselves degenerates when thousands share one position (spots, rounded or missing coordinates). So cells at one
//! position are first gathered into a *site*, and the tree is balanced by the median over sites.
//!
//! **Tie rule**: neighbours are ordered by squared distance in f64, then by the cell's index. A cell is never its own
//! neighbour; another cell at the same position is, at distance 0.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Sites per leaf: below this a scan is quicker than another level.
const LEAF: usize = 8;

/// The sites of one section, in the order of the tree.
pub(super) struct Sites<const D: usize> {
    positions: Vec<[f64; D]>,
    /// For every inner node, stored at its median: 0 if it splits by x, 1 by y, 2 by z.
    axes: Vec<u8>,
    /// Site `s` holds `members[starts[s]..starts[s + 1]]`, indices of cells, ascending.
    starts: Vec<u32>,
    members: Vec<u32>,
}

/// A position and its places in the list of cells.
type Group<const D: usize> = ([f64; D], std::ops::Range<usize>);

/// Squared Euclidean distance.
pub(super) fn squared_distance<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Order by one coordinate, ties by the ones after it, round the circle.
fn lexicographic<const D: usize>(a: &[f64; D], b: &[f64; D], first: usize) -> Ordering {
    (0..D)
        .map(|axis| (axis + first) % D)
        .map(|axis| a[axis].total_cmp(&b[axis]))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// A possible neighbour, in the order of the tie rule.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    /// Squared.
    pub distance: f64,
    pub cell: u32,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.cell.cmp(&other.cell))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

impl<const D: usize> Sites<D> {
    /// Builds the tree over `cells`, indices into `positions` (all finite). O(c log c).
    pub fn new(positions: &[[f64; D]], mut cells: Vec<u32>) -> Self {
        let at = |cell: u32| positions[cell as usize].map(|value| value + 0.0); // −0 and 0 are one place
        cells.sort_unstable_by(|&a, &b| lexicographic(&at(a), &at(b), 0).then(a.cmp(&b)));
        let mut groups: Vec<Group<D>> = Vec::new();
        for (place, &cell) in cells.iter().enumerate() {
            match groups.last_mut() {
                Some((position, range)) if *position == at(cell) => range.end = place + 1,
                _ => groups.push((at(cell), place..place + 1)),
            }
        }
        let mut axes = vec![0; groups.len()];
        split(&mut groups, &mut axes);
        let mut sites = Self {
            positions: groups.iter().map(|group| group.0).collect(),
            axes,
            starts: Vec::with_capacity(groups.len() + 1),
            members: Vec::with_capacity(cells.len()),
        };
        sites.starts.push(0);
        for (_, range) in groups {
            sites.members.extend_from_slice(&cells[range]);
            sites.starts.push(sites.members.len() as u32);
        }
        sites
    }

    /// Number of distinct positions.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// All cells of the section, site by site.
    pub fn cells(&self) -> &[u32] {
        &self.members
    }

    /// The cells at one site, ascending.
    pub fn members(&self, site: usize) -> &[u32] {
        &self.members[self.starts[site] as usize..self.starts[site + 1] as usize]
    }

    /// The `k` nearest neighbours of `cell`, which lies at `site`, by the tie rule; fewer if the section has fewer.
    /// They are left in `found`, in no particular order. `k` must not be 0.
    pub fn nearest(&self, site: usize, cell: u32, k: usize, found: &mut BinaryHeap<Candidate>) {
        found.clear();
        let mut reach = f64::INFINITY;
        self.visit(self.positions[site], &mut reach, &mut |place, distance, reach| {
            for &other in self.members(place).iter().filter(|&&other| other != cell) {
                let candidate = Candidate { distance, cell: other };
                if found.len() < k {
                    found.push(candidate);
                } else if let Some(mut worst) = found.peek_mut() {
                    if candidate >= *worst {
                        break; // the members ascend: the rest of this site comes later still
                    }
                    *worst = candidate;
                }
            }
            if found.len() == k {
                *reach = found.peek().map_or(f64::INFINITY, |worst| worst.distance);
            }
        });
    }

    /// Calls `each` for every site within `radius` of `site`, itself included, with the squared distance; stops early when
    /// `each` says `false`.
    pub fn within(&self, site: usize, radius: f64, each: &mut impl FnMut(usize, f64) -> bool) {
        let mut reach = radius * radius;
        self.visit(self.positions[site], &mut reach, &mut |place, distance, reach| {
            if distance <= *reach && !each(place, distance) {
                *reach = f64::NEG_INFINITY; // nothing is that near: the search ends
            }
        });
    }

    /// Walks the tree from the near side to the far one, skipping what lies beyond `reach` (a squared distance, which
    /// `offer` may shrink). What lies at `reach` exactly is visited: it may win by its index.
    fn visit(&self, query: [f64; D], reach: &mut f64, offer: &mut impl FnMut(usize, f64, &mut f64)) {
        self.visit_range(0, self.len(), query, reach, offer);
    }

    fn visit_range(
        &self,
        start: usize,
        end: usize,
        query: [f64; D],
        reach: &mut f64,
        offer: &mut impl FnMut(usize, f64, &mut f64),
    ) {
        let distance = |site: usize| squared_distance(&self.positions[site], &query);
        if end - start <= LEAF {
            for site in start..end {
                offer(site, distance(site), reach);
            }
            return;
        }
        let middle = start + (end - start) / 2;
        let axis = self.axes[middle] as usize;
        let beyond = query[axis] - self.positions[middle][axis];
        let (near, far) =
            if beyond < 0.0 { ((start, middle), (middle + 1, end)) } else { ((middle + 1, end), (start, middle)) };
        self.visit_range(near.0, near.1, query, reach, offer);
        offer(middle, distance(middle), reach);
        if beyond * beyond <= *reach {
            self.visit_range(far.0, far.1, query, reach, offer);
        }
    }
}

/// Sorts the groups into a balanced tree: the median of the wider extent in the middle, smaller to the left.
fn split<const D: usize>(groups: &mut [Group<D>], axes: &mut [u8]) {
    if groups.len() <= LEAF {
        return;
    }
    let extent = |axis: usize| {
        let (low, high) = groups.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), group| {
            (low.min(group.0[axis]), high.max(group.0[axis]))
        });
        high - low
    };
    let axis = (1..D).fold(0, |widest, axis| if extent(axis) > extent(widest) { axis } else { widest });
    let middle = groups.len() / 2;
    groups.select_nth_unstable_by(middle, |a, b| lexicographic(&a.0, &b.0, axis));
    axes[middle] = axis as u8;
    let (left, right) = groups.split_at_mut(middle);
    let (left_axes, right_axes) = axes.split_at_mut(middle);
    split(left, left_axes);
    split(&mut right[1..], &mut right_axes[1..]);
}

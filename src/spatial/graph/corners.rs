//! Cells as the corners of a Delaunay triangulation: those at one position are one corner.

use super::delaunay;

/// The corners of one section's triangulation: what cells lie there, and which corners are joined.
pub(super) struct Corners {
    starts: Vec<usize>,
    members: Vec<u32>,
    pointers: Vec<usize>,
    ends: Vec<u32>,
}

impl Corners {
    /// Triangulates some cells (all finite). O(cells · log cells).
    pub fn new(positions: &[[f64; 2]], cells: &[u32]) -> Self {
        let mut points: Vec<[f64; 2]> = cells.iter().map(|&cell| positions[cell as usize]).collect();
        delaunay::scaled(&mut points);
        let mut sorted: Vec<([f64; 2], u32)> = points.into_iter().zip(cells.iter().copied()).collect();
        sorted.sort_unstable_by(|(a, i), (b, j)| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])).then(i.cmp(j)));
        let (mut distinct, mut starts) = (Vec::with_capacity(sorted.len()), Vec::with_capacity(sorted.len() + 1));
        let mut members = Vec::with_capacity(sorted.len());
        for (point, cell) in sorted {
            if distinct.last() != Some(&point) {
                distinct.push(point);
                starts.push(members.len());
            }
            members.push(cell);
        }
        starts.push(members.len());
        let edges = delaunay::edges(&distinct);
        let mut pointers = vec![0; distinct.len() + 1];
        edges.iter().flatten().for_each(|&end| pointers[end as usize + 1] += 1);
        (0..distinct.len()).for_each(|corner| pointers[corner + 1] += pointers[corner]);
        let mut filled = pointers.clone();
        let mut ends = vec![0; 2 * edges.len()];
        for [a, b] in edges {
            for (from, to) in [(a, b), (b, a)] {
                ends[filled[from as usize]] = to;
                filled[from as usize] += 1;
            }
        }
        Self { starts, members, pointers, ends }
    }

    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn members(&self, corner: usize) -> &[u32] {
        &self.members[self.starts[corner]..self.starts[corner + 1]]
    }

    /// The corners that share an edge with one.
    pub fn beside(&self, corner: usize) -> impl Iterator<Item = usize> {
        self.ends[self.pointers[corner]..self.pointers[corner + 1]].iter().map(|&other| other as usize)
    }
}

//! The edges of each kind of graph, as rows of neighbours with distances.

use std::collections::BinaryHeap;

use super::delaunay;
use super::graph::MAX_EDGES;
use super::grid;
use super::neighbours::{Sites, squared_distance};
use super::parallel::map_parts;
use super::{GraphKind, SpatialError};

/// Sites per piece of work.
const PIECE: usize = 1024;

/// Row `i` lists the neighbours of cell `i`, ascending, each with its distance.
pub(super) struct Rows {
    pub indptr: Vec<usize>,
    pub neighbours: Vec<u32>,
    pub distances: Vec<f64>,
}

impl Rows {
    fn new<const D: usize>(indptr: Vec<usize>, mut neighbours: Vec<u32>, positions: &[[f64; D]]) -> Self {
        let mut distances = Vec::with_capacity(neighbours.len());
        for (cell, row) in indptr.windows(2).enumerate() {
            let row = &mut neighbours[row[0]..row[1]];
            row.sort_unstable();
            let here = &positions[cell];
            distances.extend(row.iter().map(|&other| squared_distance(here, &positions[other as usize]).sqrt()));
        }
        Self { indptr, neighbours, distances }
    }

    /// The neighbours of one cell and their distances.
    pub fn row(&self, cell: u32) -> (&[u32], &[f64]) {
        let range = self.indptr[cell as usize]..self.indptr[cell as usize + 1];
        (&self.neighbours[range.clone()], &self.distances[range])
    }

    /// The same with only the edges that `keep` wants; it is asked row by row for `(cell, neighbour, distance)`.
    pub fn retain(&mut self, mut keep: impl FnMut(usize, u32, f64) -> bool) {
        let mut kept = 0;
        let mut start = 0;
        for cell in 0..self.indptr.len() - 1 {
            let end = self.indptr[cell + 1];
            for edge in start..end {
                if keep(cell, self.neighbours[edge], self.distances[edge]) {
                    self.neighbours[kept] = self.neighbours[edge];
                    self.distances[kept] = self.distances[edge];
                    kept += 1;
                }
            }
            start = end;
            self.indptr[cell + 1] = kept;
        }
        self.neighbours.truncate(kept);
        self.distances.truncate(kept);
    }
}

/// The edges of one kind of graph; `groups` are the sections.
pub(super) fn find<const D: usize>(
    positions: &[[f64; D]],
    groups: &[Sites<D>],
    kind: GraphKind,
) -> Result<Rows, SpatialError> {
    let n = positions.len();
    let (indptr, neighbours) = match kind {
        GraphKind::Knn { k } => nearest(n, groups, k)?,
        GraphKind::Radius { radius } => within(n, groups, radius)?,
        GraphKind::Delaunay => triangulated(n, groups)?,
        GraphKind::Grid { neighbours, rings } => {
            let (indptr, near) = nearest(n, groups, neighbours)?;
            return grid::rings(Rows::new(indptr, near, positions), groups, rings);
        }
    };
    Ok(Rows::new(indptr, neighbours, positions))
}

/// Row pointers from the number of neighbours of every cell.
pub(super) fn pointers(degrees: &[usize]) -> Result<Vec<usize>, SpatialError> {
    let mut indptr = Vec::with_capacity(degrees.len() + 1);
    let mut total = 0usize;
    indptr.push(0);
    for degree in degrees {
        total = total.saturating_add(*degree);
        if total > MAX_EDGES {
            return Err(SpatialError::TooManyEdges { limit: MAX_EDGES });
        }
        indptr.push(total);
    }
    Ok(indptr)
}

type Lists = (Vec<usize>, Vec<u32>);

fn nearest<const D: usize>(n: usize, groups: &[Sites<D>], k: usize) -> Result<Lists, SpatialError> {
    let mut degrees = vec![0; n];
    for sites in groups {
        let cells = sites.cells();
        for &cell in cells {
            degrees[cell as usize] = k.min(cells.len() - 1);
        }
    }
    let indptr = pointers(&degrees)?;
    let mut neighbours = vec![0; indptr[n]];
    for sites in groups {
        let k = k.min(sites.cells().len() - 1);
        if k == 0 {
            continue;
        }
        // In the order of the tree: one query walks where the last one did.
        let parts = map_parts(sites.len(), PIECE, |part| {
            let mut found = BinaryHeap::with_capacity(k.min(PIECE) + 1);
            let mut list = Vec::new();
            for site in part {
                for &cell in sites.members(site) {
                    sites.nearest(site, cell, k, &mut found);
                    list.extend(found.iter().map(|neighbour| neighbour.cell));
                }
            }
            list
        });
        for (cell, list) in sites.cells().iter().zip(parts.iter().flat_map(|part| part.chunks_exact(k))) {
            neighbours[indptr[*cell as usize]..indptr[*cell as usize + 1]].copy_from_slice(list);
        }
    }
    Ok((indptr, neighbours))
}

fn within<const D: usize>(n: usize, groups: &[Sites<D>], radius: f64) -> Result<Lists, SpatialError> {
    let mut degrees = vec![0; n];
    // Counted before anything is allocated, and given up as soon as there are too many: a radius in the wrong unit
    // would otherwise ask for n² edges.
    let mut total = 0usize;
    for sites in groups {
        for site in 0..sites.len() {
            let mut near = 0usize;
            let members = sites.members(site);
            sites.within(site, radius, &mut |other| {
                near += sites.members(other).len();
                (near - 1).saturating_mul(members.len()) <= MAX_EDGES
            });
            total = total.saturating_add((near - 1).saturating_mul(members.len()));
            if total > MAX_EDGES {
                return Err(SpatialError::TooManyEdges { limit: MAX_EDGES });
            }
            for &cell in members {
                degrees[cell as usize] = near - 1;
            }
        }
    }
    let indptr = pointers(&degrees)?;
    let mut neighbours = vec![0; indptr[n]];
    for sites in groups {
        let parts = map_parts(sites.len(), PIECE, |part| {
            let mut list: Vec<u32> = Vec::new();
            for site in part {
                sites.within(site, radius, &mut |other| {
                    list.extend_from_slice(sites.members(other));
                    true
                });
            }
            list
        });
        let mut lists = parts.iter().map(|part| part.as_slice());
        let mut rest: &[u32] = &[];
        for site in 0..sites.len() {
            if site % PIECE == 0 {
                rest = lists.next().unwrap_or_default();
            }
            let members = sites.members(site);
            let near = members.first().map_or(0, |&cell| degrees[cell as usize] + 1);
            let (list, after) = rest.split_at(near);
            rest = after;
            for &cell in members {
                place(&mut neighbours[indptr[cell as usize]..indptr[cell as usize + 1]], cell, list);
            }
        }
    }
    Ok((indptr, neighbours))
}

/// Writes all of `near` but the cell itself.
fn place(row: &mut [u32], cell: u32, near: &[u32]) {
    let others = near.iter().filter(|&&other| other != cell);
    row.iter_mut().zip(others).for_each(|(place, other)| *place = *other);
}

fn triangulated<const D: usize>(n: usize, groups: &[Sites<D>]) -> Result<Lists, SpatialError> {
    if D != 2 {
        return Err(SpatialError::BadParameter("A Delaunay graph needs positions in the plane."));
    }
    let corners: Vec<Corners> = groups.iter().map(Corners::new).collect();
    let mut degrees = vec![0usize; n];
    for corners in &corners {
        for corner in 0..corners.len() {
            let beside: usize = corners.beside(corner).map(|other| corners.members(other).len()).sum();
            for &cell in corners.members(corner) {
                degrees[cell as usize] = beside + corners.members(corner).len() - 1;
            }
        }
    }
    let indptr = pointers(&degrees)?;
    let mut neighbours = vec![0; indptr[n]];
    let mut near = Vec::new();
    for corners in &corners {
        for corner in 0..corners.len() {
            near.clear();
            near.extend_from_slice(corners.members(corner));
            corners.beside(corner).for_each(|other| near.extend_from_slice(corners.members(other)));
            for &cell in corners.members(corner) {
                place(&mut neighbours[indptr[cell as usize]..indptr[cell as usize + 1]], cell, &near);
            }
        }
    }
    Ok((indptr, neighbours))
}

/// The corners of one section's triangulation: what cells lie there, and which corners are joined.
struct Corners {
    starts: Vec<usize>,
    members: Vec<u32>,
    pointers: Vec<usize>,
    ends: Vec<u32>,
}

impl Corners {
    fn new<const D: usize>(sites: &Sites<D>) -> Self {
        let mut points: Vec<[f64; 2]> = (0..sites.len())
            .map(|site| {
                let position = sites.position(site);
                [position[0], position[1]]
            })
            .collect();
        delaunay::scaled(&mut points);
        let mut order: Vec<usize> = (0..points.len()).collect();
        let before = |a: &[f64; 2], b: &[f64; 2]| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]));
        order.sort_unstable_by(|&a, &b| before(&points[a], &points[b]).then(a.cmp(&b)));
        let (mut distinct, mut starts, mut members) = (Vec::with_capacity(points.len()), Vec::new(), Vec::new());
        for &site in &order {
            if distinct.last() != Some(&points[site]) {
                distinct.push(points[site]);
                starts.push(members.len());
            }
            members.extend_from_slice(sites.members(site));
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

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn members(&self, corner: usize) -> &[u32] {
        &self.members[self.starts[corner]..self.starts[corner + 1]]
    }

    fn beside(&self, corner: usize) -> impl Iterator<Item = usize> {
        self.ends[self.pointers[corner]..self.pointers[corner + 1]].iter().map(|&other| other as usize)
    }
}

//! The edges of each kind of graph, as rows of neighbours with distances.

use std::collections::BinaryHeap;

use super::super::SpatialError;
use super::super::parallel::map_parts;
use super::bins::{Bins, Few, Near};
use super::corners::Corners;
use super::grid;
use super::neighbours::{Sites, squared_distance};
use super::params::GraphKind;
use super::rows::{MAX_EDGES, Rows};

/// Cells or sites in a piece of work, and in the pieces between which a search stops if it has found too much.
const PIECE: usize = 1024;
const WAVE: usize = 64 * PIECE;

/// For more neighbours than this the tree is quicker, which keeps them in a heap.
const MOST_BY_BINS: usize = 64;

/// Bins are crowded if cells share theirs with so many times as many others as they would if spread evenly.
const CROWDED: f64 = 4.0;

/// The edges of one kind of graph; `groups` are the sections, as ascending cells.
pub(super) fn find<const D: usize>(
    positions: &[[f64; D]],
    groups: &[Vec<u32>],
    kind: GraphKind,
) -> Result<Rows, SpatialError> {
    match kind {
        GraphKind::Knn { k } => nearest(positions, groups, k),
        GraphKind::Radius { radius } => within(positions, groups, radius),
        GraphKind::Delaunay => triangulated(positions, groups),
        GraphKind::Grid { neighbours, rings } => grid::rings(nearest(positions, groups, neighbours)?, groups, rings),
    }
}

/// Positions in the plane as such.
fn planar<const D: usize>(positions: &[[f64; D]]) -> Option<&[[f64; 2]]> {
    if D == 2 { Some(positions.as_flattened().as_chunks().0) } else { None }
}

fn nearest<const D: usize>(positions: &[[f64; D]], groups: &[Vec<u32>], k: usize) -> Result<Rows, SpatialError> {
    let mut degrees = vec![0; positions.len()];
    for cells in groups {
        cells.iter().for_each(|&cell| degrees[cell as usize] = k.min(cells.len() - 1));
    }
    let mut rows = Rows::of(&degrees)?;
    drop(degrees);
    for cells in groups {
        let k = k.min(cells.len() - 1);
        if k == 0 {
            continue;
        }
        match planar(positions).filter(|_| k <= MOST_BY_BINS).and_then(|positions| uncrowded(positions, cells, k)) {
            Some(bins) => {
                let parts = map_parts(cells.len(), PIECE, |part| {
                    let (mut few, mut reach) = (Few::new(), f64::INFINITY);
                    let mut list = vec![(0.0, 0); part.len() * k];
                    for (place, row) in part.zip(list.chunks_exact_mut(k)) {
                        // Neighbours have theirs hardly farther away: twice the area is hardly ever too little.
                        reach = 2.0 * bins.nearest(place, reach, &mut few, row);
                        row.iter_mut().for_each(|near| near.0 = near.0.sqrt());
                    }
                    list
                });
                fill(&mut rows, bins.cells(), parts);
            }
            None => {
                let sites = Sites::new(positions, cells.clone());
                let parts = map_parts(sites.len(), PIECE, |part| {
                    let mut found = BinaryHeap::with_capacity(k.min(PIECE) + 1);
                    let mut list = Vec::new();
                    for site in part {
                        for &cell in sites.members(site) {
                            sites.nearest(site, cell, k, &mut found);
                            let start = list.len();
                            list.extend(found.iter().map(|found| (found.distance, found.cell)));
                            finish(&mut list[start..]);
                        }
                    }
                    list
                });
                fill(&mut rows, sites.cells(), parts);
            }
        }
    }
    Ok(rows)
}

/// Bins for the search of `k` neighbours, if none of them is so full that a tree is quicker.
fn uncrowded(positions: &[[f64; 2]], cells: &[u32], k: usize) -> Option<Bins> {
    let each = (k as f64 / 2.5).max(1.0);
    let bins = Bins::new(positions, cells, Bins::side_for(positions, cells, each))?;
    (bins.crowding() <= CROWDED * (each + 1.0)).then_some(bins)
}

/// By cell, with distances that are no longer squared.
fn finish(row: &mut [Near]) {
    row.sort_unstable_by_key(|near| near.1);
    row.iter_mut().for_each(|near| near.0 = near.0.sqrt());
}

/// Puts the rows of these cells, one after the other in the parts, where they belong.
fn fill(rows: &mut Rows, cells: &[u32], parts: Vec<Vec<Near>>) {
    let mut cells = cells.iter();
    for part in parts {
        let mut rest = part.as_slice();
        while !rest.is_empty() {
            // Rows may be empty; cells do not run out before the parts do.
            let Some(&cell) = cells.next() else { return };
            let range = rows.indptr[cell as usize]..rows.indptr[cell as usize + 1];
            let (row, after) = rest.split_at(range.len());
            rest = after;
            for ((neighbour, distance), near) in
                rows.neighbours[range.clone()].iter_mut().zip(&mut rows.distances[range]).zip(row)
            {
                (*distance, *neighbour) = *near;
            }
        }
    }
}

fn within<const D: usize>(positions: &[[f64; D]], groups: &[Vec<u32>], radius: f64) -> Result<Rows, SpatialError> {
    let indexes: Vec<Index<D>> = groups.iter().map(|cells| Index::new(positions, cells, radius)).collect();
    // Counted before anything is allocated, and given up as soon as there are too many: a radius in the wrong unit
    // would otherwise ask for n² edges.
    let mut degrees = vec![0; positions.len()];
    let mut total = 0usize;
    for index in &indexes {
        let waves = (0..index.len()).step_by(WAVE).map(|start| start..(start + WAVE).min(index.len()));
        for wave in waves {
            let parts = map_parts(wave.len(), PIECE, |part| {
                let (mut found, mut left) = (Vec::new(), MAX_EDGES + 1);
                for place in part.start + wave.start..part.end + wave.start {
                    index.count(place, radius, &mut left, &mut found);
                }
                found
            });
            for (cell, degree) in parts.into_iter().flatten() {
                degrees[cell as usize] = degree;
                total = total.saturating_add(degree);
            }
            if total > MAX_EDGES {
                return Err(SpatialError::TooManyEdges { limit: MAX_EDGES });
            }
        }
    }
    let mut rows = Rows::of(&degrees)?;
    drop(degrees);
    for index in &indexes {
        let parts = map_parts(index.len(), PIECE, |part| {
            let (mut few, mut list) = (Few::new(), Vec::new());
            part.for_each(|place| index.within(place, radius, &mut few, &mut list));
            list
        });
        fill(&mut rows, index.cells(), parts);
    }
    Ok(rows)
}

/// Who lies within a radius: by bins where that is quick, else by the tree.
enum Index<const D: usize> {
    Bins(Bins),
    Tree(Sites<D>),
}

impl<const D: usize> Index<D> {
    fn new(positions: &[[f64; D]], cells: &[u32], radius: f64) -> Self {
        let bins = planar(positions).and_then(|positions| {
            let bins = Bins::new(positions, cells, (radius / 2.0).max(Bins::side_for(positions, cells, 1.0)))?;
            // All cells of so narrow a bin are neighbours, so its crowd is asked for.
            (bins.side() <= 0.7 * radius || bins.crowding() <= 2.0 * CROWDED).then_some(bins)
        });
        bins.map_or_else(|| Self::Tree(Sites::new(positions, cells.to_vec())), Self::Bins)
    }

    /// Number of places to search from.
    fn len(&self) -> usize {
        match self {
            Self::Bins(bins) => bins.cells().len(),
            Self::Tree(sites) => sites.len(),
        }
    }

    fn cells(&self) -> &[u32] {
        match self {
            Self::Bins(bins) => bins.cells(),
            Self::Tree(sites) => sites.cells(),
        }
    }

    /// Adds the cells of a place with their numbers of neighbours to `found`. Once more than `left` are found, numbers may
    /// be too low, but their sum is not below what `left` was.
    fn count(&self, place: usize, radius: f64, left: &mut usize, found: &mut Vec<(u32, usize)>) {
        if *left == 0 {
            return;
        }
        let (members, near) = match self {
            Self::Bins(bins) => (&bins.cells()[place..=place], bins.count(place, radius)),
            Self::Tree(sites) => {
                let (members, mut near) = (sites.members(place), 0usize);
                sites.within(place, radius, &mut |other, _| {
                    near += sites.members(other).len();
                    (near - 1).saturating_mul(members.len()) <= *left
                });
                (members, near)
            }
        };
        *left = left.saturating_sub((near - 1).saturating_mul(members.len()));
        found.extend(members.iter().map(|&cell| (cell, near - 1)));
    }

    /// Adds the rows of the cells of a place.
    fn within(&self, place: usize, radius: f64, few: &mut Few, list: &mut Vec<Near>) {
        match self {
            Self::Bins(bins) => {
                let start = list.len();
                bins.within(place, radius, few, list);
                list[start..].iter_mut().for_each(|near| near.0 = near.0.sqrt());
            }
            Self::Tree(sites) => {
                for &cell in sites.members(place) {
                    let start = list.len();
                    sites.within(place, radius, &mut |other, d2| {
                        let others = sites.members(other).iter().filter(|&&other| other != cell);
                        list.extend(others.map(|&other| (d2, other)));
                        true
                    });
                    finish(&mut list[start..]);
                }
            }
        }
    }
}

fn triangulated<const D: usize>(positions: &[[f64; D]], groups: &[Vec<u32>]) -> Result<Rows, SpatialError> {
    let Some(positions) = planar(positions) else {
        return Err(SpatialError::BadParameter("A Delaunay graph needs positions in the plane."));
    };
    const NONE: (u32, u32) = (u32::MAX, u32::MAX);
    let corners: Vec<Corners> = groups.iter().map(|cells| Corners::new(positions, cells)).collect();
    // Of each cell its section and corner.
    let mut places = vec![NONE; positions.len()];
    let mut degrees = vec![0usize; positions.len()];
    for (corners, section) in corners.iter().zip(0..) {
        for corner in 0..corners.len() {
            let beside: usize = corners.beside(corner).map(|other| corners.members(other).len()).sum();
            for &cell in corners.members(corner) {
                places[cell as usize] = (section, corner as u32);
                degrees[cell as usize] = beside + corners.members(corner).len() - 1;
            }
        }
    }
    let mut rows = Rows::of(&degrees)?;
    drop(degrees);
    // Each cell enters itself with its neighbours, whose rows ascend therefore.
    let mut next = rows.indptr.clone();
    for (cell, &(section, corner)) in places.iter().enumerate().filter(|(_, place)| **place != NONE) {
        let (corners, here) = (&corners[section as usize], &positions[cell]);
        for other in std::iter::once(corner as usize).chain(corners.beside(corner as usize)) {
            for &other in corners.members(other).iter().filter(|&&other| other as usize != cell) {
                let at = &mut next[other as usize];
                rows.neighbours[*at] = cell as u32;
                rows.distances[*at] = squared_distance(here, &positions[other as usize]).sqrt();
                *at += 1;
            }
        }
    }
    Ok(rows)
}

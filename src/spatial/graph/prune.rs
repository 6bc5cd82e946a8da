//! Leaving out edges by their length, and adding the reverse of every edge.

use super::super::SpatialError;
use super::params::GraphParams;
use super::rows::{MAX_EDGES, Rows, pointers};

/// Leaves out the edges that the parameters do not want. O(edges), with a percentile O(edges log edges).
pub(super) fn prune(rows: &mut Rows, groups: &[Vec<u32>], params: &GraphParams) {
    let (min, max) = (params.min_length.unwrap_or(0.0), params.max_length.unwrap_or(f64::INFINITY));
    if params.min_length.is_some() || params.max_length.is_some() {
        rows.retain(|_, _, length| (min..=max).contains(&length));
    }
    let Some(wanted) = params.percentile else { return };
    let mut limits = vec![0.0; rows.indptr.len() - 1];
    for cells in groups {
        let mut lengths: Vec<f64> = cells.iter().flat_map(|&cell| rows.row(cell).1).copied().collect();
        let limit = percentile(&mut lengths, wanted);
        cells.iter().for_each(|&cell| limits[cell as usize] = limit);
    }
    rows.retain(|cell, _, length| length <= limits[cell]);
}

/// Percentile (0 to 100) by linear interpolation, as numpy's default; 0 of no values.
pub(super) fn percentile(values: &mut [f64], wanted: f64) -> f64 {
    let place = wanted / 100.0 * values.len().saturating_sub(1) as f64;
    let (low, share) = (place.floor() as usize, place.fract());
    if low >= values.len() {
        return 0.0;
    }
    let (_, &mut here, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(here);
    here + (next - here) * share
}

/// The median of the values; 0 of none.
pub(super) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 50.0)
}

/// Adds the reverse of every edge that has none. O(edges).
///
/// # Errors
/// `spatial.too-many-edges`.
pub(super) fn symmetric(rows: &Rows) -> Result<Rows, SpatialError> {
    let n = rows.indptr.len() - 1;
    // Two sorted lists for every cell, merged: those it names, and those that name it.
    let mut counts = vec![0usize; n];
    rows.neighbours.iter().for_each(|&other| counts[other as usize] += 1);
    let back = pointers(&counts)?;
    let mut filled = back.clone();
    let mut reverse = vec![(0u32, 0.0); rows.neighbours.len()];
    for cell in 0..n {
        let (neighbours, distances) = rows.row(cell as u32);
        for (&other, &distance) in neighbours.iter().zip(distances) {
            reverse[filled[other as usize]] = (cell as u32, distance);
            filled[other as usize] += 1;
        }
    }
    let mut merged: Vec<(u32, f64)> = Vec::new();
    let mut result = Rows {
        indptr: vec![0],
        neighbours: Vec::with_capacity(rows.neighbours.len()),
        distances: Vec::with_capacity(rows.neighbours.len()),
    };
    for cell in 0..n {
        let (neighbours, distances) = rows.row(cell as u32);
        merged.clear();
        merged.extend(neighbours.iter().copied().zip(distances.iter().copied()));
        merged.extend_from_slice(&reverse[back[cell]..back[cell + 1]]);
        merged.sort_unstable_by_key(|(other, _)| *other);
        merged.dedup_by_key(|(other, _)| *other);
        result.neighbours.extend(merged.iter().map(|(other, _)| *other));
        result.distances.extend(merged.iter().map(|(_, distance)| *distance));
        result.indptr.push(result.neighbours.len());
    }
    if result.neighbours.len() > MAX_EDGES {
        return Err(SpatialError::TooManyEdges { limit: MAX_EDGES });
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_numpys() {
        assert_eq!(percentile(&mut [4.0, 1.0, 3.0, 2.0], 50.0), 2.5);
        assert_eq!(percentile(&mut [4.0, 1.0, 3.0, 2.0], 100.0), 4.0);
        assert_eq!(percentile(&mut [4.0, 1.0, 3.0, 2.0], 90.0), 3.7);
        assert_eq!((percentile(&mut [7.0], 3.0), percentile(&mut [], 3.0)), (7.0, 0.0));
    }
}

//! Whether cells that are put in contact were in contact.

use crate::spatial::{Graph, GraphKind, GraphParams, SpatialError};

/// Contacts are pairs of cells at a distance of at most the radius, each pair once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contacts {
    /// In truth, where cells were placed, and in both.
    pub true_contacts: usize,
    pub placed_contacts: usize,
    pub shared: usize,
    /// `shared / placed`: **contact precision**. NaN without a placed contact.
    pub precision: f64,
    /// `shared / true`: contact recall. NaN without a true contact.
    pub recall: f64,
    /// What precision would be if contacts were pairs at random: `true / (n (n − 1) / 2)`, over cells with both positions.
    pub chance: f64,
}

/// Contact precision and recall at one radius, in the units of the positions.
///
/// Cells without two finite positions are left out. Placing every cell at one spot makes every pair a contact: precision
/// is then chance and recall 1, so read them together. O(n log n + contacts).
///
/// # Errors
/// `spatial.length-mismatch`; `spatial.bad-parameter` for a radius that is not a positive number;
/// `spatial.no-coordinates` if no cell has both positions; `spatial.too-many-edges`.
pub fn contact_scores(true_xy: &[[f64; 2]], placed_xy: &[[f64; 2]], radius: f64) -> Result<Contacts, SpatialError> {
    if true_xy.len() != placed_xy.len() {
        let (expected, found) = (true_xy.len(), placed_xy.len());
        return Err(SpatialError::LengthMismatch { what: "placed positions", expected, found });
    }
    let finite = |xy: &[f64; 2]| xy.iter().all(|value| value.is_finite());
    let both = || true_xy.iter().zip(placed_xy).filter(|(a, b)| finite(a) && finite(b));
    let (truth, placed): (Vec<[f64; 2]>, Vec<[f64; 2]>) = both().unzip();
    let params = GraphParams { kind: GraphKind::Radius { radius }, ..GraphParams::default() };
    let graph = |positions: &[[f64; 2]]| match Graph::build(positions, None, &params) {
        Ok(graph) => Ok(Some(graph)),
        Err(SpatialError::NoNeighbours) => Ok(None),
        Err(error) => Err(error),
    };
    let (truly, there) = (graph(&truth)?, graph(&placed)?);
    let contacts = |graph: &Option<Graph>| graph.as_ref().map_or(0, |graph| graph.n_edges() / 2);
    let shared: usize = match (&truly, &there) {
        (Some(truly), Some(there)) => {
            let hits = |cell: usize| {
                let known = truly.row(cell).0;
                there.row(cell).0.iter().filter(|other| known.binary_search(other).is_ok()).count()
            };
            (0..truth.len()).map(hits).sum::<usize>() / 2
        }
        _ => 0,
    };
    let (true_contacts, placed_contacts) = (contacts(&truly), contacts(&there));
    let n = truth.len() as f64;
    Ok(Contacts {
        true_contacts,
        placed_contacts,
        shared,
        // 0 / 0 is the NaN of no contact.
        precision: shared as f64 / placed_contacts as f64,
        recall: shared as f64 / true_contacts as f64,
        chance: true_contacts as f64 / (n * (n - 1.0) / 2.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_kept_made_up_and_lost_are_told_apart() -> Result<(), SpatialError> {
        let line = |xs: [f64; 5]| xs.map(|x| [x, 0.0]);
        // Pairs 01 12 23; placed 01 13 34 and, without a true position, the last cell out.
        let truth = line([0.0, 1.0, 2.0, 3.0, f64::NAN]);
        let found = contact_scores(&truth, &line([0.0, 1.0, 9.0, 2.0, 3.0]), 1.0)?;
        assert_eq!((found.true_contacts, found.placed_contacts, found.shared), (3, 2, 1));
        assert_eq!((found.precision, found.recall, found.chance), (0.5, 1.0 / 3.0, 0.5));
        let spot = contact_scores(&truth, &line([0.0; 5]), 1.0)?;
        assert_eq!((spot.precision, spot.recall), (spot.chance, 1.0));
        let apart = contact_scores(&truth, &line([0.0, 9.0, 20.0, 33.0, 0.0]), 1.0)?;
        assert!(apart.precision.is_nan() && apart.recall == 0.0);
        Ok(())
    }
}

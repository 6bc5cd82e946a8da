//! Cells as points: which of them have a position and a label, section by section.

use super::SpatialError;

/// Positions beyond this are no positions: their squared distances would overflow.
const MAX_COORDINATE: f64 = 1e150;

/// More levels are no grouping of cells.
const MAX_LABELS: usize = 1000;

/// The points of one section; `points[i]` carries `labels[i]`.
#[derive(Debug, Clone, Default)]
pub(super) struct Section {
    pub points: Vec<[f64; 2]>,
    pub labels: Vec<u32>,
}

/// All points that can be used, and what was left out.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// By ascending section id; sections without a usable cell do not appear.
    pub sections: Vec<Section>,
    pub without_position: usize,
    /// Cells with a position and a negative label code.
    pub without_label: usize,
}

impl Pattern {
    /// Sorts the cells into sections. A position that is not finite is no position, a negative code no label; such cells
    /// are counted and left out. O(n log n).
    ///
    /// # Errors
    /// `spatial.length-mismatch`, `spatial.bad-parameter` if a code is not below `n_labels` or there is no level or more
    /// than 1,000, `spatial.no-coordinates` if no position is usable, `spatial.too-few-cells` if no cell has both.
    pub fn new(
        positions: &[[f64; 2]],
        codes: &[i32],
        n_labels: usize,
        sections: Option<&[u32]>,
    ) -> Result<Self, SpatialError> {
        let expected = positions.len();
        let mismatch = |what, found| Err(SpatialError::LengthMismatch { what, expected, found });
        if codes.len() != expected {
            return mismatch("labels", codes.len());
        }
        if let Some(sections) = sections.filter(|sections| sections.len() != expected) {
            return mismatch("section labels", sections.len());
        }
        if n_labels == 0 {
            return Err(SpatialError::BadParameter("The labels have no level."));
        }
        if n_labels > MAX_LABELS {
            return Err(SpatialError::BadParameter("The labels have more than 1,000 levels."));
        }
        if codes.iter().any(|&code| code >= 0 && code as usize >= n_labels) {
            return Err(SpatialError::BadParameter("A label code lies outside the levels."));
        }
        if u32::try_from(expected).is_err() {
            return Err(SpatialError::BadParameter("There are more than 4,294,967,295 cells."));
        }
        let usable = |cell: u32| positions[cell as usize].iter().all(|value| value.abs() <= MAX_COORDINATE);
        let mut cells: Vec<u32> = (0..expected as u32).filter(|&cell| usable(cell)).collect();
        if cells.is_empty() {
            return Err(SpatialError::NoCoordinates);
        }
        let without_position = expected - cells.len();
        cells.retain(|&cell| codes[cell as usize] >= 0);
        if cells.is_empty() {
            return Err(SpatialError::TooFewCells { needed: 1, found: 0 });
        }
        let without_label = expected - without_position - cells.len();
        let section_of = |cell: u32| sections.map_or(0, |sections| sections[cell as usize]);
        cells.sort_by_key(|&cell| section_of(cell)); // stable: indices ascend within a section
        let section = |cells: &[u32]| Section {
            points: cells.iter().map(|&cell| positions[cell as usize].map(|value| value + 0.0)).collect(),
            labels: cells.iter().map(|&cell| codes[cell as usize] as u32).collect(),
        };
        let sections = cells.chunk_by(|&a, &b| section_of(a) == section_of(b)).map(section).collect();
        Ok(Self { sections, without_position, without_label })
    }
}

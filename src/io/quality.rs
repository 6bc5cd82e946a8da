//! What is odd about the cells of a file: each oddity has a rule and a count.

use std::collections::HashSet;

use serde::Serialize;

use super::{Dataset, IoError, ValueKind, ValueSample};
use crate::cells::Csr;

/// Values held at once by a full pass.
const STEP_VALUES: usize = 1 << 22;

/// The `Quality` of `www/src/types.ts`, field by field. Rules: `docs/values.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quality {
    /// Cells of the matrix in use that were looked at for the counts of values, of all: a sample, or all after a full pass.
    pub sampled_cells: usize,
    /// Values of those cells that are no numbers, infinite, or below zero.
    pub nan_values: usize,
    pub infinite_values: usize,
    pub negative_values: usize,
    /// Those cells without any value but zero.
    pub empty_cells: usize,
    /// Genes without any value but zero in those cells.
    pub zero_genes: usize,
    /// Cells, and genes, beyond the first of each name. Of the whole file.
    pub duplicate_cells: usize,
    pub duplicate_genes: usize,
    /// Cells of which a coordinate is not finite, where the file has coordinates. Of the whole file.
    pub missing_positions: usize,
    /// A matrix of raw counts, where the one in use does not look like counts.
    pub instead: Option<String>,
}

impl Dataset {
    /// What is odd, from the sample taken at opening. Reads the names and the coordinates of the cells; O(cells).
    pub fn quality(&self) -> Result<Quality, IoError> {
        let info = self.matrices().iter().find(|info| info.name == self.matrix_name()).ok_or(IoError::NoMatrix)?;
        self.quality_of(&info.sample)
    }

    /// The same with the values of `sample`, such as those of a [`ValueScan`].
    pub fn quality_of(&self, sample: &ValueSample) -> Result<Quality, IoError> {
        let missing = |position: &&[f64; 2]| !position.iter().all(|coordinate| coordinate.is_finite());
        let positions = self.coordinates()?;
        Ok(Quality {
            sampled_cells: sample.rows,
            nan_values: sample.nan,
            infinite_values: sample.infinite,
            negative_values: sample.negative,
            empty_cells: sample.empty_rows,
            zero_genes: self.n_genes().saturating_sub(sample.seen_columns()),
            duplicate_cells: duplicates(&self.obs_names()?),
            duplicate_genes: duplicates(self.gene_names()),
            missing_positions: positions.map_or(0, |found| found.xy.iter().filter(missing).count()),
            instead: self.better_matrix().map(str::to_owned),
        })
    }

    /// The first matrix of raw counts, where the one in use is something made of them.
    pub fn better_matrix(&self) -> Option<&str> {
        if self.value_kind() == ValueKind::Counts {
            return None;
        }
        let counts = self.matrices().iter().find(|matrix| matrix.value_kind == ValueKind::Counts);
        counts.map(|matrix| matrix.name.as_str())
    }

    /// Starts a full pass over the matrix in use.
    pub fn scan_values(&self) -> ValueScan {
        ValueScan { next_row: 0, sample: ValueSample::default(), part: Csr::empty(0) }
    }
}

/// A full pass over the values of a file, a piece a step: so it can show how far it has come and be dropped at any time.
#[derive(Debug, Clone)]
pub struct ValueScan {
    next_row: usize,
    sample: ValueSample,
    /// The cells of the last step, whose memory the next one uses.
    part: Csr,
}

impl ValueScan {
    /// Looks at the next cells, at most 4 million values at once (or one cell); gives how many cells are done.
    pub fn step(&mut self, dataset: &Dataset) -> Result<usize, IoError> {
        if self.next_row < dataset.n_cells() {
            let end = dataset.range_end(self.next_row, STEP_VALUES)?;
            dataset.rows_into(self.next_row..end, &mut self.part)?;
            self.sample.add(&self.part);
            self.next_row = end;
        }
        Ok(self.next_row)
    }

    /// What was seen so far.
    pub fn seen(&self) -> &ValueSample {
        &self.sample
    }
}

impl Quality {
    /// A sentence for people about each oddity that there is. Genes without counts are none: most files have some.
    pub fn notes(&self, matrix: &str, n_cells: usize) -> Vec<String> {
        let Self { sampled_cells, nan_values, infinite_values, empty_cells, .. } = *self;
        let of =
            if sampled_cells < n_cells { format!("a sample of {sampled_cells} cells") } else { "all cells".to_owned() };
        let mut notes = Vec::new();
        if nan_values + infinite_values > 0 {
            notes.push(format!(
                "{matrix} holds values that are no numbers ({nan_values} NaN and {infinite_values} infinite in {of})."
            ));
        }
        if empty_cells > 0 {
            notes.push(format!("Cells without any count: {empty_cells} (in {of})."));
        }
        if self.duplicate_cells > 0 {
            notes.push(format!("{} cells have a name that another cell has too.", self.duplicate_cells));
        }
        if self.duplicate_genes > 0 {
            notes.push(format!("{} genes have a name that another gene has too.", self.duplicate_genes));
        }
        if self.missing_positions > 0 {
            notes.push(format!(
                "{} of {n_cells} cells have no position: a coordinate is not a number.",
                self.missing_positions
            ));
        }
        notes
    }
}

/// Names beyond the first of each.
fn duplicates(names: &[String]) -> usize {
    let distinct: HashSet<&str> = names.iter().map(String::as_str).collect();
    names.len() - distinct.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_oddity_is_told_once_and_genes_without_counts_are_none() {
        let none = Quality {
            sampled_cells: 10,
            nan_values: 0,
            infinite_values: 0,
            negative_values: 0,
            empty_cells: 0,
            zero_genes: 7,
            duplicate_cells: 0,
            duplicate_genes: 0,
            missing_positions: 0,
            instead: None,
        };
        assert!(none.notes("X", 10).is_empty());
        let odd = Quality {
            nan_values: 1,
            empty_cells: 2,
            duplicate_cells: 3,
            duplicate_genes: 4,
            missing_positions: 5,
            ..none
        };
        let notes = odd.notes("X", 100);
        assert_eq!(notes.len(), 5);
        assert!(notes[0].contains("in a sample of 10 cells"), "{notes:?}");
        assert_eq!(duplicates(&["a".into(), "b".into(), "a".into(), "a".into()]), 2);
    }
}

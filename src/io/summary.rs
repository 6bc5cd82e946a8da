//! What a file holds, for people and for JavaScript.

use serde::Serialize;

use super::{Dataset, IoError, ObsInfo, ObsKind, Quality};
use crate::cells::Labels;

/// The `CellsSummary` of `www/src/types.ts`, field by field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub format: &'static str,
    pub n_cells: usize,
    pub n_genes: usize,
    pub matrix: String,
    pub matrices: Vec<MatrixSummary>,
    pub value_kind: &'static str,
    pub gene_names_from: String,
    pub labels: Vec<LabelSummary>,
    pub coordinates: Option<String>,
    pub quality: Quality,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatrixSummary {
    pub name: String,
    pub value_kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelSummary {
    pub name: String,
    pub levels: usize,
}

/// Levels that a legend can show.
const MAX_LEVELS: usize = 200;
/// Whole numbers are labels (as cluster numbers are) only when there are few: else they are counts of something.
const MAX_NUMBER_LEVELS: usize = 60;

impl Dataset {
    /// What the file holds. Reads the annotations of cells to see which can serve as labels; O(cells × columns).
    pub fn summary(&self) -> Result<Summary, IoError> {
        let matrices = self.matrices().iter();
        let matrices = matrices.map(|m| MatrixSummary { name: m.name.clone(), value_kind: m.value_kind.as_str() });
        let mut notes = self.notes().to_vec();
        let quality = self.quality()?;
        notes.extend(quality.notes(self.matrix_name(), self.n_cells()));
        notes.extend(self.ortholog_note());
        Ok(Summary {
            format: self.format(),
            n_cells: self.n_cells(),
            n_genes: self.n_genes(),
            matrix: self.matrix_name().to_owned(),
            matrices: matrices.collect(),
            value_kind: self.value_kind().as_str(),
            gene_names_from: self.gene_names_from().to_owned(),
            labels: self.obs_columns().iter().filter_map(|info| self.label_summary(info)).collect(),
            coordinates: self.coordinates_key().map(str::to_owned),
            quality,
            notes,
        })
    }

    /// One annotation of the cells as labels. Errors: `io.no-such-name` if it has none, or more than 200 levels.
    pub fn labels(&self, name: &str) -> Result<Labels, IoError> {
        self.obs_column(name)?.to_labels(MAX_LEVELS).ok_or(IoError::NoSuchName)
    }

    fn label_summary(&self, info: &ObsInfo) -> Option<LabelSummary> {
        let levels = match (info.kind, info.levels) {
            (ObsKind::Categorical, Some(levels)) => (1..=MAX_LEVELS).contains(&levels).then_some(levels),
            // A column that cannot be read is no label; whoever asks for it by name gets the error.
            _ => self.labels(&info.name).ok().map(|labels| labels.levels.len()),
        }?;
        let fits = info.kind != ObsKind::Numbers || levels <= MAX_NUMBER_LEVELS;
        fits.then(|| LabelSummary { name: info.name.clone(), levels })
    }
}

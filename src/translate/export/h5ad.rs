//! Translated cells as h5ad.

use std::ops::Range;

use super::super::{NO_LABEL, POSITIONS_KEPT, Translation};
use super::methods::{ABOUT_EMPTY_CELLS, ABOUT_EXPRESSION, ABOUT_POSITIONS};
use crate::Error;
use crate::cells::Column;
use crate::io::{Dataset, H5adWriter, IoError, Part, Place, Sink, Table, Uns};

/// Names that the file's own annotations cannot take.
const PREFIX: &str = "resitu_";

/// The entry of `obsm` with the equally likely positions of each cell: `x0 y0 x1 y1 …`, 64 numbers. It is what
/// `resitu metrics --draws` draws from.
pub const LIKELY_POSITIONS: &str = "resitu_likely_positions";

/// An h5ad file that scanpy and squidpy open, while rows come.
///
/// | where | what |
/// |---|---|
/// | `X` | expected counts, cells × panel |
/// | `obs` | the annotations of the file; `resitu_state`, `resitu_niche`, `resitu_confidence`, `resitu_spread_um` |
/// | `var` | index: symbols; `ensembl` |
/// | `obsm` | `spatial`: positions in µm; `resitu_composition`; `resitu_likely_positions`: 32 equally likely positions |
/// | `uns` | `resitu`: provenance, names, attribution and what the numbers are |
///
/// Holds a chunk of every array, about two megabytes in all, whatever the number of cells and genes; at its two ends, one
/// annotation of the cells and their names.
pub struct H5adRows<S> {
    file: H5adWriter<S>,
    x: Part,
    positions: Part,
    likely: Part,
    composition: Part,
    state: Part,
    niche: Part,
    confidence: Part,
    spread_um: Part,
}

impl<S: Sink> H5adRows<S> {
    /// Begins a file and writes the annotations that `dataset` has. Of `translation`, the names are used.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub fn start(sink: S, translation: &Translation, dataset: &Dataset) -> Result<Self, Error> {
        let mut file = H5adWriter::new(sink, translation.panel.len())?;
        for info in dataset.obs_columns() {
            // A translated file may be translated again: the new columns take the place of the old.
            if info.name.starts_with(PREFIX) {
                continue;
            }
            // One that cannot be read must not cost the person the whole result.
            match dataset.obs_column(&info.name) {
                Ok(column) => file.carried_obs_column(&info.name, &column)?,
                Err(error @ IoError::ReadFailed(_)) => return Err(error.into()),
                Err(_) => {}
            }
        }
        Ok(Self {
            x: file.dense(Place::X)?,
            positions: file.embedding("spatial", 2, false)?,
            likely: file.embedding(LIKELY_POSITIONS, 2 * POSITIONS_KEPT, false)?,
            composition: file.embedding("resitu_composition", translation.states.len(), false)?,
            state: file.obs_codes("resitu_state", &translation.states),
            niche: file.obs_codes("resitu_niche", &translation.niches),
            confidence: file.obs_numbers("resitu_confidence"),
            spread_um: file.obs_numbers("resitu_spread_um"),
            file,
        })
    }

    /// Adds rows of a translation, or of a block of one.
    ///
    /// # Errors
    /// `io.write-failed`.
    pub fn push(&mut self, from: &Translation, rows: Range<usize>) -> Result<(), IoError> {
        let file = &mut self.file;
        file.push_f32(self.x, Translation::rows(&from.expression, &rows, from.panel.len()))?;
        file.push_f32(self.composition, Translation::rows(&from.composition, &rows, from.states.len()))?;
        file.push_f32(self.positions, Translation::rows(&from.positions, &rows, 2))?;
        file.push_f32(self.likely, Translation::rows(&from.likely_positions, &rows, 2 * POSITIONS_KEPT))?;
        file.push_f32(self.confidence, Translation::rows(&from.confidence, &rows, 1))?;
        file.push_f32(self.spread_um, Translation::rows(&from.spread_um, &rows, 1))?;
        file.push_codes(self.state, &codes(&from.state[rows.clone()]))?;
        file.push_codes(self.niche, &codes(&from.niche[rows]))
    }

    /// Writes the names, the genes and the provenance; gives the sink back.
    ///
    /// # Errors
    /// Those of reading the names; `io.write-failed` if there are not as many as rows.
    pub fn finish(self, translation: &Translation, dataset: &Dataset) -> Result<S, Error> {
        let names = dataset.obs_names()?;
        let ensembl = ("ensembl".to_owned(), Column::Text(translation.panel_ensembl.clone()));
        let var = Table { index: translation.panel.clone(), columns: vec![ensembl] };
        let uns = [("resitu".to_owned(), Uns::Nested(notes(translation)))];
        Ok(self.file.finish(names.iter().map(String::as_str), &var, &uns)?)
    }
}

/// Codes as pandas has them: −1 where missing.
fn codes(labels: &[u8]) -> Vec<i32> {
    labels.iter().map(|label| if *label == NO_LABEL { -1 } else { i32::from(*label) }).collect()
}

fn notes(translation: &Translation) -> Vec<(String, Uns)> {
    let (from, origin) = (&translation.provenance, &translation.origin);
    let text = |name: &str, value: &str| (name.to_owned(), Uns::from(value));
    let integer = |name: &str, value: u64| (name.to_owned(), Uns::Integer(i64::try_from(value).unwrap_or(i64::MAX)));
    vec![
        text("version", &from.resitu),
        text("translator", &origin.name),
        text("translator_version", &origin.version),
        text("translator_sha256", &from.translator),
        text("device", &from.device),
        integer("seed", from.seed),
        integer("genes_matched", from.genes_matched as u64),
        ("counts_matched".into(), Uns::Number(from.counts_matched)),
        integer("empty_cells", translation.empty_cells as u64),
        ("states".into(), Uns::Texts(translation.states.clone())),
        ("niches".into(), Uns::Texts(translation.niches.clone())),
        text("reference_attribution", &translation.attribution),
        text("about_positions", ABOUT_POSITIONS),
        text("about_expression", ABOUT_EXPRESSION),
        text("about_empty_cells", ABOUT_EMPTY_CELLS),
    ]
}

//! What the network reads of some cells and makes of them: tokens and hidden states, before any head.

use std::ops::Range;

use serde::Serialize;

use super::Translator;
use crate::Error;
use crate::io::Dataset;

/// Tokens and hidden states of some cells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Embedded {
    /// One list a cell: rank-value tokens, the highest rank first. Empty for a cell without counts of a known gene.
    pub tokens: Vec<Vec<u32>>,
    /// `[cells, width]`, row-major: mean over the tokens of the encoder's last layer. NaN for a cell without tokens.
    pub hidden: Vec<f32>,
    pub width: usize,
}

impl Translator {
    /// Encodes the dissociated cells `rows` of the matrix in use; rows beyond the file are left out.
    ///
    /// # Errors
    /// Refusals as of [`Translator::start`]; those of reading; `rank.bad-value`, `device.lost`, `model.not-finite`.
    pub async fn embed_cells(&self, dataset: &Dataset, rows: Range<usize>) -> Result<Embedded, Error> {
        let matching = self.accept(dataset)?;
        let end = rows.end.min(dataset.n_cells());
        let tokens = self.tokens(&dataset.rows(rows.start.min(end)..end)?, &matching)?;
        let hidden = self.embed_tokens(&tokens, 0).await?;
        Ok(Embedded { tokens, hidden, width: self.encoder().hidden })
    }
}

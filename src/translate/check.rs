//! What a translation would do, said before any work: refusals, doubts, time and memory.

use serde::Serialize;

use super::batch::{Batch, Tokens};
use super::job::{CHUNK_CELLS, CHUNK_VALUES, share};
use super::{TranslateError, Translator, translation};
use crate::Error;
use crate::genes::GeneMatch;
use crate::io::{Dataset, ValueKind};

/// Cells that go through the network to measure the time.
const TRIAL_CELLS: usize = 16;
/// The `CheckReport` of `www/src/types.ts`, field by field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    pub cells: usize,
    pub genes: CheckedGenes,
    pub value_kind: &'static str,
    pub device: String,
    /// For all cells, from a few of them translated on this device.
    pub estimated_seconds: f64,
    /// Memory at the peak, besides what is already held.
    pub estimated_bytes: f64,
    /// Doubts that do not forbid the work: sentences for people.
    pub warnings: Vec<String>,
}

/// The `GeneReport` of `www/src/types.ts`, field by field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedGenes {
    /// Genes of the file that the translator knows, of `total`.
    pub matched: usize,
    pub total: usize,
    /// Genes of the translator that the file has, of `vocabulary_total`.
    pub vocabulary_matched: usize,
    pub vocabulary_total: usize,
    /// Share (0..1) of the counts of a sample of cells that fall on matched genes.
    pub counts_matched: f64,
    /// Names of the predicted genes that the file lacks: they can only be told from the others.
    pub panel_missing: Vec<String>,
    pub renamed: usize,
    pub ambiguous: usize,
    pub unknown: usize,
    /// At most ten unknown names, for the person to recognise. The user's data: for the screen, never for logs.
    pub first_unknown: Vec<String>,
    /// The `var` column that the names were taken from.
    pub column: String,
}

impl Translator {
    /// Looks at a file before it is translated: the genes, a sample of cells, and a few cells through the network.
    ///
    /// `now_ms` is a clock in milliseconds: the standard library has none in wasm.
    ///
    /// # Errors
    /// Refusals: `translate.no-cells`, `translate.not-counts`, `genes.no-names`, `genes.no-overlap`, `genes.wrong-species`.
    /// Also those of reading and of the device, as [`super::Job::step`].
    pub async fn check(&self, dataset: &Dataset, now_ms: &dyn Fn() -> f64) -> Result<CheckReport, Error> {
        let matching = self.accept(dataset)?;
        let tokens = self.encode(&dataset.sample_rows()?, &matching)?;
        let trial = self.try_some(&tokens, now_ms).await?;
        let genes = self.checked_genes(dataset, &matching, &tokens);
        let mut warnings = doubts_about_values(dataset);
        warnings.extend(doubts_about_genes(&genes, self.panel().len()));
        warnings.extend(doubts_about_cells(&tokens, &trial.confidence));
        let n_cells = dataset.n_cells();
        Ok(CheckReport {
            cells: n_cells,
            genes,
            value_kind: dataset.value_kind().as_str(),
            device: self.device_name().to_owned(),
            estimated_seconds: trial.ms_per_token * self.mean_padded(&tokens) * n_cells as f64 / 1e3,
            estimated_bytes: self.peak_bytes(n_cells),
            warnings,
        })
    }

    /// Milliseconds a token on this device, from cells of `n_tokens` that mean nothing: to choose between devices.
    ///
    /// # Errors
    /// `device.lost`, `model.not-finite`.
    pub async fn trial(&self, n_tokens: usize, now_ms: &dyn Fn() -> f64) -> Result<f64, Error> {
        let (first, genes) = (self.encoder().special_tokens as u32, self.vocabulary().len() as u32);
        let length = n_tokens.clamp(1, self.description().max_tokens);
        let mut tokens = Tokens::default();
        for cell in 0..TRIAL_CELLS as u32 {
            tokens.push((0..length as u32).map(|position| first + (cell * 7 + position) % genes));
        }
        Ok(self.try_some(&tokens, now_ms).await?.ms_per_token)
    }

    /// Refuses what cannot be translated; gives the matched genes of what can.
    pub(super) fn accept(&self, dataset: &Dataset) -> Result<GeneMatch, Error> {
        if dataset.n_cells() == 0 {
            return Err(TranslateError::NoCells.into());
        }
        let matching = self.vocabulary().match_genes(dataset.match_columns())?;
        match dataset.value_kind() {
            ValueKind::Counts | ValueKind::Unknown => Ok(matching),
            kind => {
                let counts = dataset.matrices().iter().find(|matrix| matrix.value_kind == ValueKind::Counts);
                let instead = counts.map(|matrix| matrix.name.clone());
                Err(TranslateError::NotCounts { kind, instead }.into())
            }
        }
    }

    /// Translates a few cells twice and times the second: the first may wait for kernels to be compiled.
    async fn try_some(&self, tokens: &Tokens, now_ms: &dyn Fn() -> f64) -> Result<Trial, Error> {
        let mut cells: Vec<usize> = (0..tokens.n_cells()).filter(|cell| !tokens.cell(*cell).is_empty()).collect();
        let step = cells.len().div_ceil(TRIAL_CELLS).max(1);
        cells = cells.into_iter().step_by(step).collect();
        let Some(longest) = cells.iter().map(|cell| tokens.cell(*cell).len()).max() else {
            return Ok(Trial { ms_per_token: 0.0, confidence: Vec::new() });
        };
        let length = self.padded(longest);
        cells.truncate(self.budget().cells(length));
        let batch = Batch { cells, length };
        let (mut confidence, mut took) = (Vec::new(), 0.0);
        for _ in 0..2 {
            let began = now_ms();
            let answers = self.run(tokens, &batch, 0).await?;
            confidence = self.read(&answers).map(|cell| cell.placement.confidence).collect();
            took = now_ms() - began;
        }
        let n_tokens = batch.cells.len() * batch.length;
        Ok(Trial { ms_per_token: took.max(0.0) / n_tokens as f64, confidence })
    }

    fn checked_genes(&self, dataset: &Dataset, matching: &GeneMatch, tokens: &Tokens) -> CheckedGenes {
        let present = matching.present();
        let is_missing = |position: &u32| !present.get(*position as usize).copied().unwrap_or(false);
        let missing = self.panel().zip(&self.description().panel).filter(|(_, entry)| is_missing(&entry.gene));
        let report = matching.report;
        CheckedGenes {
            matched: report.matched,
            total: report.total,
            vocabulary_matched: report.vocabulary_matched,
            vocabulary_total: report.vocabulary_total,
            counts_matched: share(tokens.counts_known, tokens.counts),
            panel_missing: missing.map(|(gene, _)| gene.label().to_owned()).collect(),
            renamed: report.renamed,
            ambiguous: report.ambiguous,
            unknown: report.unknown,
            first_unknown: dataset.first_unknown(matching),
            column: matching.column.clone(),
        }
    }

    fn mean_padded(&self, tokens: &Tokens) -> f64 {
        let lengths = (0..tokens.n_cells()).map(|cell| tokens.cell(cell).len());
        let padded: usize = lengths.filter(|length| *length > 0).map(|length| self.padded(length)).sum();
        padded as f64 / tokens.n_cells().max(1) as f64
    }

    /// Results, one chunk of the file, and the widest layers of the network at work on one batch.
    fn peak_bytes(&self, n_cells: usize) -> f64 {
        let encoder = self.encoder();
        let results =
            n_cells as f64 * translation::bytes_per_cell(self.panel().len(), self.description().states.len()) as f64;
        let chunk = CHUNK_VALUES * 8 + n_cells.min(CHUNK_CELLS) * self.description().max_tokens * 4;
        let (budget, longest) = (self.budget(), self.description().max_tokens);
        let tokens = budget.tokens.max(longest);
        let scores = budget.cells(longest).saturating_mul(budget.cell_scores(longest));
        // Queries, keys, values and what they are made of and into; two layers of attention scores.
        let layers = tokens * (6 * encoder.hidden + 2 * encoder.feed_forward);
        let at_work = (layers as f64 + 2.0 * scores as f64) * 4.0;
        results + chunk as f64 + at_work
    }
}

struct Trial {
    ms_per_token: f64,
    confidence: Vec<f32>,
}

fn doubts_about_values(dataset: &Dataset) -> Vec<String> {
    let mut doubts = Vec::new();
    if dataset.value_kind() == ValueKind::Unknown {
        doubts.push(
            "It could not be told whether the values are raw counts; if they are not, the results mean nothing.".into(),
        );
    }
    if dataset.coordinates_key().is_some() {
        let doubt = "The file has coordinates of its own. If its cells were measured in the tissue, their neighbourhoods can be \
                     measured without a translation.";
        doubts.push(doubt.into());
    }
    doubts
}

/// Below these shares a result rests on little.
const FEW: f64 = 0.5;

fn doubts_about_genes(genes: &CheckedGenes, panel: usize) -> Vec<String> {
    let mut doubts = Vec::new();
    let CheckedGenes { vocabulary_matched, vocabulary_total, counts_matched, ambiguous, .. } = *genes;
    if (vocabulary_matched as f64) < FEW * vocabulary_total as f64 {
        doubts.push(format!(
            "Only {vocabulary_matched} of the {vocabulary_total} genes that the translator reads are in the file."
        ));
    }
    if counts_matched < FEW {
        doubts.push(format!(
            "Only {:.0} % of the counts are of genes that the translator knows.",
            counts_matched * 100.0
        ));
    }
    let missing = genes.panel_missing.len();
    if missing as f64 > FEW * panel as f64 {
        doubts.push(format!(
            "{missing} of the {panel} predicted genes are not in the file: they are told from other genes alone."
        ));
    }
    if ambiguous > 0 {
        doubts
            .push(format!("{ambiguous} genes of the file are left out because their names could mean several genes."));
    }
    doubts
}

/// Fewer expressed genes than these say little of a cell.
const FEW_GENES: usize = 50;
/// Cells of the tissue that the translator knows have 0.5 in the middle.
const STRANGE: f32 = 0.02;

fn doubts_about_cells(tokens: &Tokens, confidence: &[f32]) -> Vec<String> {
    let mut doubts = Vec::new();
    let n_cells = tokens.n_cells();
    let empty = tokens.empty_cells().count();
    if empty > 0 {
        doubts.push(format!("{empty} of {n_cells} sampled cells have no count of a known gene and will stay empty."));
    }
    let mut lengths: Vec<usize> = (0..n_cells).map(|cell| tokens.cell(cell).len()).collect();
    lengths.sort_unstable();
    if let Some(median) = lengths.get(n_cells / 2).filter(|median| **median < FEW_GENES) {
        doubts.push(format!("Half of the sampled cells have at most {median} known genes: too few to tell much by."));
    }
    let mut confidence = confidence.to_vec();
    confidence.sort_unstable_by(f32::total_cmp);
    if confidence.get(confidence.len() / 2).is_some_and(|median| *median < STRANGE) {
        let doubt = "Most of the sampled cells are unlike the cells of the reference: the tissue may be another, or the values \
                     may not be raw counts.";
        doubts.push(doubt.into());
    }
    doubts
}

//! A translation under way: one batch a step, nothing held of file or device between steps.

use std::collections::VecDeque;

use super::batch::{Batch, Tokens};
use super::{TranslateError, Translation, Translator};
use crate::Error;
use crate::genes::GeneMatch;
use crate::io::Dataset;

/// Cells whose lengths are sorted together. Also bounds what is lost when a job is dropped.
pub(super) const CHUNK_CELLS: usize = 2_048;
/// Values of a chunk held in memory, 8 bytes each.
pub(super) const CHUNK_VALUES: usize = 1 << 22;

/// How the cells were measured: the network is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Technology {
    /// Single-cell or single-nucleus RNA-seq.
    #[default]
    Dissociated = 0,
    /// Imaging or sequencing in the tissue.
    Spatial = 1,
}

/// What can be chosen about a translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Kept in the provenance; nothing in a translation is drawn at random.
    pub seed: u64,
    pub technology: Technology,
}

/// What a step finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Cells finished, of `total`; the job is at its end when they are equal.
    pub done: usize,
    pub total: usize,
    /// Rows of [`Job::so_far`] that are finished now: not in order, because cells are sorted by length within a chunk.
    pub rows: Vec<u32>,
}

/// A translation of one file's cells by one translator.
///
/// It borrows neither: each step is given both. So a step can be tried again after a failure, on the same translator or,
/// when its device was lost, on the same bundle loaded to another device; finished cells stay finished. Dropping a job
/// cancels it.
pub struct Job {
    options: Options,
    matching: GeneMatch,
    /// Name of the matrix that the job reads.
    matrix: String,
    /// SHA-256 of the bundle.
    translator: String,
    chunk: Chunk,
    /// First row that no chunk has held yet.
    next_row: usize,
    done: usize,
    counts: f64,
    counts_known: f64,
    devices: Vec<String>,
    /// Of all cells; of a streamed job, of one chunk.
    results: Translation,
    /// Row of the first cell in `results`.
    results_start: usize,
    n_cells: usize,
    is_streamed: bool,
}

/// Cells that were read and tokenised, and are not finished.
#[derive(Default)]
struct Chunk {
    /// Row of the first cell of `tokens`.
    start: usize,
    tokens: Tokens,
    batches: VecDeque<Batch>,
    /// Rows of cells without tokens that no step has reported yet.
    empty: Vec<u32>,
}

impl Translator {
    /// Starts a translation of the cells of the matrix in use. Reads no values yet; call [`Job::step`] until all is done.
    ///
    /// # Errors
    /// `translate.no-cells`, `translate.not-counts`, `genes.no-names`, `genes.no-overlap`, `genes.wrong-species`,
    /// `translate.too-large`.
    pub fn start(&self, dataset: &Dataset, options: Options) -> Result<Job, Error> {
        let mut job = self.start_streamed(dataset, options)?;
        job.is_streamed = false;
        job.results = job.results.allocate(job.n_cells)?;
        Ok(job)
    }

    /// Starts a translation whose results may be larger than memory: it holds those of one chunk (2,048 cells), which the
    /// caller takes with [`Job::take_block`] after every step.
    ///
    /// # Errors
    /// As of [`Translator::start`].
    pub fn start_streamed(&self, dataset: &Dataset, options: Options) -> Result<Job, Error> {
        let matching = self.accept(dataset)?;
        Ok(Job {
            options,
            matrix: dataset.matrix_name().to_owned(),
            translator: self.sha256().to_owned(),
            chunk: Chunk::default(),
            next_row: 0,
            done: 0,
            counts: 0.0,
            counts_known: 0.0,
            devices: Vec::new(),
            results: self.blank_translation(),
            results_start: 0,
            n_cells: dataset.n_cells(),
            is_streamed: true,
            matching,
        })
    }
}

impl Job {
    /// Finishes one batch of cells, and the empty cells of its chunk.
    ///
    /// Results do not depend on chunks and batches beyond rounding (1e-5).
    ///
    /// # Errors
    /// `translate.other-input` if file, matrix or bundle are not those of the start; those of reading; `rank.bad-value` for a
    /// negative or non-finite count; `device.lost`, `model.not-finite`. The cells of a failed step are not finished and come
    /// again in the next.
    pub async fn step(&mut self, translator: &Translator, dataset: &Dataset) -> Result<Step, Error> {
        self.check_input(translator, dataset)?;
        if self.chunk.batches.is_empty() && self.next_row < self.n_cells {
            self.read_chunk(translator, dataset)?;
        }
        let mut rows = Vec::new();
        if let Some(batch) = self.chunk.batches.front() {
            let technology = self.options.technology as usize;
            let answers = translator.run(&self.chunk.tokens, batch, technology).await?;
            for (cell, result) in batch.cells.iter().zip(translator.read(&answers)) {
                let row = self.chunk.start + cell;
                self.results.set(row - self.results_start, &result, translator.description().panel_total);
                rows.push(row as u32);
            }
            self.chunk.batches.pop_front();
            if !self.devices.iter().any(|name| name == translator.device_name()) {
                self.devices.push(translator.device_name().to_owned());
            }
        }
        rows.append(&mut self.chunk.empty);
        self.done += rows.len();
        Ok(Step { done: self.done, total: self.n_cells, rows })
    }

    /// The rows of a streamed job that are finished and follow those taken before, with the names that go with them;
    /// `None` until there are any. The next chunk is not read before they are taken.
    pub fn take_block(&mut self) -> Option<Translation> {
        if !self.is_streamed || self.results.n_cells == 0 || self.done < self.next_row {
            return None;
        }
        let rest = self.results.without_rows();
        Some(std::mem::replace(&mut self.results, rest))
    }

    /// The results, of which unfinished rows are NaN. Of a streamed job, those of the chunk at work.
    pub fn so_far(&self) -> &Translation {
        &self.results
    }

    /// Whether every cell is done.
    pub fn is_finished(&self) -> bool {
        self.done == self.n_cells
    }

    /// The results with their provenance. A streamed job gives the provenance alone, without rows.
    ///
    /// # Errors
    /// `translate.unfinished`, also if a block was not taken.
    pub fn finish(mut self) -> Result<Translation, TranslateError> {
        if !self.is_finished() || self.is_streamed && self.results.n_cells > 0 {
            return Err(TranslateError::Unfinished);
        }
        let provenance = &mut self.results.provenance;
        provenance.device = self.devices.join(" + ");
        provenance.seed = self.options.seed;
        provenance.genes_matched = self.matching.report.matched;
        provenance.counts_matched = share(self.counts_known, self.counts);
        Ok(self.results)
    }

    /// Reads and tokenises the next cells.
    fn read_chunk(&mut self, translator: &Translator, dataset: &Dataset) -> Result<(), Error> {
        let start = self.next_row;
        if self.is_streamed && self.results.n_cells > 0 {
            return Err(TranslateError::Unfinished.into());
        }
        let end = dataset.range_end(start, CHUNK_VALUES)?.min(start + CHUNK_CELLS);
        let tokens = translator.encode(&dataset.rows(start..end)?, &self.matching)?;
        let empty: Vec<u32> = tokens.empty_cells().map(|cell| (start + cell) as u32).collect();
        self.results.empty_cells += empty.len();
        self.counts += tokens.counts;
        self.counts_known += tokens.counts_known;
        let batches = translator.batches(&tokens).into();
        if self.is_streamed {
            self.results = self.results.without_rows().allocate(end - start)?;
            self.results_start = start;
        }
        self.chunk = Chunk { start, tokens, batches, empty };
        self.next_row = end;
        Ok(())
    }

    fn check_input(&self, translator: &Translator, dataset: &Dataset) -> Result<(), TranslateError> {
        let same = self.translator == translator.sha256()
            && self.matrix == dataset.matrix_name()
            && self.n_cells == dataset.n_cells()
            && self.matching.token_of.len() == dataset.n_genes();
        if same { Ok(()) } else { Err(TranslateError::OtherInput) }
    }
}

/// `part / whole`, and 0 where there is nothing.
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

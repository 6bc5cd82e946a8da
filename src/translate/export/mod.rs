//! Translated cells as files: h5ad for scanpy and squidpy, CSV for spreadsheets, and a zip of both with a methods text.
//!
//! Rows are written in blocks and not held: the files of a result larger than memory are written while it is computed.

mod h5ad;
mod methods;
mod table;

pub use h5ad::{H5adRows, LIKELY_POSITIONS};
pub use methods::methods;
pub use table::CsvRows;

use std::ops::Range;

use super::{TranslateError, Translation};
use crate::Error;
use crate::io::{Dataset, IoError, Sink, Zip, ZipEntry};

/// Names of the entries of the zip.
pub const ZIP_ENTRIES: [&str; 3] = ["cells.h5ad", "cells.csv", "methods.md"];

/// Numbers of a translation that a step writes, about: some megabytes.
const STEP_VALUES: usize = 1 << 20;

/// What a translation can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    H5ad,
    Csv,
    /// Both, and the methods text.
    Zip,
}

impl Format {
    /// By the extension of a file, in small letters.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "h5ad" => Some(Self::H5ad),
            "csv" => Some(Self::Csv),
            "zip" => Some(Self::Zip),
            _ => None,
        }
    }
}

/// A translation that is in memory, being written in steps of some megabytes.
pub struct Export<S> {
    stage: Stage<S>,
    format: Format,
    /// Rows written in this stage.
    row: usize,
}

enum Stage<S> {
    H5ad(Box<H5adRows<S>>),
    Csv(CsvRows<S>),
    ZippedH5ad(Box<H5adRows<ZipEntry<S>>>),
    ZippedCsv(Box<CsvRows<ZipEntry<S>>>),
    Done(S),
    /// A step failed, and took the sink with it.
    Failed,
}

impl<S: Sink> Export<S> {
    /// Begins to write. `dataset` gives the cells their names and annotations.
    ///
    /// # Errors
    /// `translate.other-input` if `dataset` has another number of cells; those of reading and writing.
    pub fn start(sink: S, format: Format, translation: &Translation, dataset: &Dataset) -> Result<Self, Error> {
        if dataset.n_cells() != translation.n_cells {
            return Err(TranslateError::OtherInput.into());
        }
        let stage = match format {
            Format::H5ad => Stage::H5ad(Box::new(H5adRows::start(sink, translation, dataset)?)),
            Format::Csv => Stage::Csv(CsvRows::start(sink, translation, dataset)?),
            Format::Zip => {
                let entry = Zip::new(sink).store(ZIP_ENTRIES[0]).map_err(unwritten)?;
                Stage::ZippedH5ad(Box::new(H5adRows::start(entry, translation, dataset)?))
            }
        };
        Ok(Self { stage, format, row: 0 })
    }

    /// Writes some rows, and what follows the last of them. After an error the export is over.
    ///
    /// # Errors
    /// Those of reading the names and of writing.
    pub fn step(&mut self, translation: &Translation, dataset: &Dataset) -> Result<(), Error> {
        let width = translation.panel.len() + translation.states.len() + 1;
        let rows = self.row..translation.n_cells.min(self.row.saturating_add((STEP_VALUES / width).max(1)));
        let is_last = rows.end == translation.n_cells;
        self.row = rows.end;
        self.stage = match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::H5ad(mut out) => {
                out.push(translation, rows)?;
                if is_last { Stage::Done(out.finish(translation, dataset)?) } else { Stage::H5ad(out) }
            }
            Stage::Csv(mut out) => {
                out.push(translation, rows)?;
                if is_last { Stage::Done(out.finish()?) } else { Stage::Csv(out) }
            }
            Stage::ZippedH5ad(mut out) => {
                out.push(translation, rows)?;
                if is_last {
                    let zip = out.finish(translation, dataset)?.finish().map_err(unwritten)?;
                    let entry = zip.deflate(ZIP_ENTRIES[1]).map_err(unwritten)?;
                    self.row = 0;
                    Stage::ZippedCsv(Box::new(CsvRows::start(entry, translation, dataset)?))
                } else {
                    Stage::ZippedH5ad(out)
                }
            }
            Stage::ZippedCsv(mut out) => {
                out.push(translation, rows)?;
                if is_last {
                    let zip = out.finish()?.finish().map_err(unwritten)?;
                    Stage::Done(close_zip(zip, translation, translation.n_cells, dataset.n_genes())?)
                } else {
                    Stage::ZippedCsv(out)
                }
            }
            stage => stage,
        };
        Ok(())
    }

    /// Rows written, of how many; a zip takes each cell twice.
    pub fn progress(&self, translation: &Translation) -> (usize, usize) {
        let (n, passes) = (translation.n_cells, if self.format == Format::Zip { 2 } else { 1 });
        let done = match self.stage {
            Stage::Done(_) => n * passes,
            Stage::ZippedCsv(_) => n + self.row,
            _ => self.row,
        };
        (done, n * passes)
    }

    /// Whether everything is written.
    pub fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Done(_))
    }

    /// The sink, once everything is written.
    ///
    /// # Errors
    /// `translate.unfinished`.
    pub fn finish(self) -> Result<S, TranslateError> {
        match self.stage {
            Stage::Done(sink) => Ok(sink),
            _ => Err(TranslateError::Unfinished),
        }
    }
}

/// Adds the methods text to a zip of both files, and ends it. The numbers of cells and genes are those of the input.
///
/// # Errors
/// `io.write-failed`.
pub fn close_zip<S: Sink>(
    zip: Zip<S>,
    translation: &Translation,
    n_cells: usize,
    n_genes: usize,
) -> Result<S, IoError> {
    let mut entry = zip.deflate(ZIP_ENTRIES[2]).map_err(unwritten)?;
    entry.append(methods(translation, n_cells, n_genes).as_bytes()).map_err(unwritten)?;
    entry.finish().and_then(Zip::finish).map_err(unwritten)
}

impl Translation {
    /// The whole file in memory; [`Export`] writes it by steps to any sink.
    ///
    /// # Errors
    /// `translate.other-input` if `dataset` has another number of cells; those of reading and writing.
    pub fn to_bytes(&self, format: Format, dataset: &Dataset) -> Result<Vec<u8>, Error> {
        let mut export = Export::start(Vec::new(), format, self, dataset)?;
        while !export.is_finished() {
            export.step(self, dataset)?;
        }
        Ok(export.finish()?)
    }

    /// Some rows of everything that has rows.
    fn rows<'a, T>(values: &'a [T], rows: &Range<usize>, width: usize) -> &'a [T] {
        &values[rows.start * width..rows.end * width]
    }
}

fn unwritten(error: std::io::Error) -> IoError {
    IoError::WriteFailed(error.to_string())
}

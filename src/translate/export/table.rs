//! Translated cells as one table, a line a cell.

use std::ops::Range;

use super::super::Translation;
use super::unwritten;
use crate::Error;
use crate::io::{Csv, Dataset, Field, IoError, Sink};

/// Text that is held before it goes to the sink.
const HELD_BYTES: usize = 1 << 18;

/// A CSV file, while rows come: name, state, niche, position, spread, confidence, composition and expected counts. The
/// fields of cells without counts are empty. Holds the names of the cells and a quarter of a megabyte.
pub struct CsvRows<S> {
    sink: S,
    csv: Csv,
    names: std::vec::IntoIter<String>,
}

impl<S: Sink> CsvRows<S> {
    /// Begins a file with its header line.
    ///
    /// # Errors
    /// Those of reading the names.
    pub fn start(sink: S, translation: &Translation, dataset: &Dataset) -> Result<Self, Error> {
        let fixed = ["cell", "state", "niche", "reference_x_um", "reference_y_um", "spread_um", "confidence"];
        let composition: Vec<String> = translation.states.iter().map(|state| format!("neighbours: {state}")).collect();
        let header = fixed.into_iter().chain(composition.iter().chain(&translation.panel).map(String::as_str));
        let mut csv = Csv::new();
        csv.line(header.map(Field::Text));
        Ok(Self { sink, csv, names: dataset.obs_names()?.into_iter() })
    }

    /// Adds rows of a translation, or of a block of one.
    ///
    /// # Errors
    /// `io.write-failed`.
    pub fn push(&mut self, from: &Translation, rows: Range<usize>) -> Result<(), IoError> {
        for row in rows {
            let name = self.names.next().ok_or(IoError::WriteFailed("there are more rows than names".into()))?;
            let label =
                |code: u8, names: &'_ [String]| names.get(usize::from(code)).map_or(String::new(), String::clone);
            let (state, niche) = (label(from.state[row], &from.states), label(from.niche[row], &from.niches));
            let labels = [&name, &state, &niche].map(|text| Field::Text(text));
            let place =
                [from.positions[row * 2], from.positions[row * 2 + 1], from.spread_um[row], from.confidence[row]];
            let numbers = place.iter().chain(from.composition_of(row)).chain(from.expression_of(row));
            self.csv.line(labels.into_iter().chain(numbers.map(|value| Field::Float(*value))));
            if self.csv.len() >= HELD_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what is held; gives the sink back.
    ///
    /// # Errors
    /// `io.write-failed`, also if there were fewer rows than names.
    pub fn finish(mut self) -> Result<S, IoError> {
        if self.names.next().is_some() {
            return Err(IoError::WriteFailed("there are fewer rows than names".into()));
        }
        self.flush()?;
        Ok(self.sink)
    }

    fn flush(&mut self) -> Result<(), IoError> {
        self.sink.append(&std::mem::take(&mut self.csv).finish()).map_err(unwritten)
    }
}

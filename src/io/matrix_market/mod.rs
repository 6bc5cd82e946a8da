//! 10x folders of text: a Matrix Market file with its barcodes and features, as Cell Ranger, STARsolo and GEO have them.

mod body;
mod features;
mod parts;
mod values;

use super::{
    FileSet, IoError,
    matrix::Picked,
    reader::{Reader, Rows},
    table::{MemoryTable, Table},
    tenx::Features,
    text::{Header, read_table},
};
use parts::Parts;
use values::{Layout, Values};

/// Opens the data set if one of the files is a Matrix Market file.
///
/// # Errors
/// `io.missing-file` without barcodes or features beside it, `io.several-datasets`, `io.bad-text`, `io.bad-structure`.
pub(super) fn open(files: &FileSet) -> Result<Option<Box<dyn Reader>>, IoError> {
    let Some((parts, notes)) = parts::find(files)? else { return Ok(None) };
    Ok(Some(Box::new(MatrixMarket::open(parts, notes)?)))
}

struct MatrixMarket {
    parts: Parts,
    obs: MemoryTable,
    features: Features,
    layout: Layout,
    notes: Vec<String>,
}

impl MatrixMarket {
    fn open(parts: Parts, mut notes: Vec<String>) -> Result<Self, IoError> {
        let obs = read_table(&parts.barcodes, "the barcodes", Header::Given(&["barcode"]))?;
        let features = features::read(&parts.features)?;
        let header = body::Header::read(&parts.matrix)?;
        let layout = Layout::of(header, obs.n_rows(), features.len())?;
        notes.extend(features.note());
        Ok(Self { parts, obs, features, layout, notes })
    }
}

impl Reader for MatrixMarket {
    fn format(&self) -> &'static str {
        "10x Matrix Market"
    }

    fn obs(&self) -> &dyn Table {
        &self.obs
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        Ok(vec!["X".to_owned()])
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        if name != "X" {
            return Ok(None);
        }
        let values = Values::new(self.parts.matrix.clone(), self.layout);
        Ok(Some(Box::new(Picked::new(values, &self.features.are_genes(), body::PLACE)?)))
    }

    fn var(&self, _: &str) -> Result<Box<dyn Table + '_>, IoError> {
        Ok(Box::new(self.features.table(&self.features.are_genes())?))
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

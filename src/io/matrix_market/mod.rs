//! 10x folders of text: a Matrix Market file with its barcodes and features, as Cell Ranger, STARsolo and GEO have them.

mod body;
mod features;
mod parts;
mod values;

use super::{
    FileSet, IoError, annotated,
    matrix::Picked,
    reader::Reader,
    rows::Rows,
    samples,
    table::{MemoryTable, Table},
    tenx::Features,
    text::{Header, read_table},
};
use parts::Parts;
use values::{Layout, Values};

/// Opens the data set if one of the files is a Matrix Market file; several are samples.
///
/// # Errors
/// `io.missing-file` without barcodes or features beside it, `io.bad-text`, `io.bad-structure`, and those of
/// [`samples::open`].
pub(super) fn open(files: &FileSet) -> Result<Option<Box<dyn Reader>>, IoError> {
    let (mut found, notes) = parts::find(files)?;
    let paths: Vec<String> = found.iter().map(|parts| parts.matrix.path().to_owned()).collect();
    let used: Vec<&str> = paths.iter().map(String::as_str).collect();
    let reader: Box<dyn Reader> = match found.len() {
        0 => return Ok(None),
        1 => Box::new(MatrixMarket::open(found.remove(0), notes)?),
        _ => {
            let open = |(path, parts): (&String, Parts)| -> Result<(String, Box<dyn Reader>), IoError> {
                Ok((path.clone(), Box::new(MatrixMarket::open(parts, notes.clone())?)))
            };
            samples::open(paths.iter().zip(found).map(open).collect::<Result<_, _>>()?)?
        }
    };
    annotated::join(reader, files, &used).map(Some)
}

const BARCODES: &str = "the barcodes";

struct MatrixMarket {
    parts: Parts,
    obs: MemoryTable,
    features: Features,
    layout: Layout,
    notes: Vec<String>,
}

impl MatrixMarket {
    fn open(parts: Parts, mut notes: Vec<String>) -> Result<Self, IoError> {
        let header = body::Header::read(&parts.matrix)?;
        let barcodes = || read_table(&parts.barcodes, BARCODES, Header::Given(&["barcode"]));
        let (mut obs, mut features) = (barcodes()?, features::read(&parts.features, false)?);
        // A line of titles above the names, which Cell Ranger does not write and other tools do.
        let fits = |obs: &MemoryTable, features: &Features| Layout::of(header, obs.n_rows(), features.len()).is_ok();
        if !fits(&obs, &features) {
            if obs.index()?.first().is_some_and(|name| is_title(name)) {
                obs = read_table(&parts.barcodes, BARCODES, Header::First)?;
            }
            if !fits(&obs, &features) && features.ids.first().is_some_and(|id| is_title(id)) {
                features = features::read(&parts.features, true)?;
            }
        }
        let layout = Layout::of(header, obs.n_rows(), features.len())?;
        notes.extend(features.note());
        Ok(Self { parts, obs, features, layout, notes })
    }
}

/// Whether this is what stands above names, and none itself.
fn is_title(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.is_empty()
        || ["gene", "feature", "symbol", "barcode", "bc_", "cell", "name", "id"].iter().any(|word| name.contains(word))
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

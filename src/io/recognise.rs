//! Which format some files are: the only place that knows all of them.

mod other;

use super::{FileSet, IoError, delimited, hdf5_kinds, matrix_market, reader::Reader, spatial_output, spatialdata};

/// Opens a set of files if they are of its format; `None` if they are not.
type Open = fn(&FileSet) -> Result<Option<Box<dyn Reader>>, IoError>;

/// Every format, the more particular first: folders of instruments before the matrices in them, and last of all a text that
/// may be anything.
const FORMATS: [Open; 6] = [
    spatial_output::open,
    hdf5_kinds::open,
    matrix_market::open,
    spatialdata::open,
    delimited::open_imaging,
    delimited::open,
];

/// Opens the files in the format that their bytes and names show.
pub(super) fn recognise(files: &FileSet) -> Result<Box<dyn Reader>, IoError> {
    if is_translator(files) {
        return Err(IoError::UnknownFormat);
    }
    for open in FORMATS {
        if let Some(reader) = open(files)? {
            return Ok(reader);
        }
    }
    // A name that promises HDF5, or none at all, is taken at its word.
    let is_hdf5 = |name: &str| matches!(name.rsplit_once('.'), None | Some((_, "h5ad" | "h5" | "loom" | "hdf5")));
    match files.only() {
        Some(entry) => match other::told(entry)? {
            Some((what, instead)) => Err(IoError::OtherFormat { what, instead }),
            None if is_hdf5(&entry.name().to_ascii_lowercase()) => Err(IoError::NotHdf5),
            None => Err(IoError::UnknownFormat),
        },
        None if other::is_workbook(files) => Err(other::workbook()),
        None => Err(IoError::UnknownFormat),
    }
}

/// A `.resitu` file given for cells: its gene list is a table with numbers, and must not pass for one of cells.
fn is_translator(files: &FileSet) -> bool {
    ["manifest.json", "weights.safetensors", "genes.tsv"].iter().all(|name| files.get(name).is_some())
}

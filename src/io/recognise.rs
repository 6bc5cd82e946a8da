//! Which format some files are: the only place that knows all of them.

use super::{FileSet, IoError, anndata::AnnData, hdf5::Container, reader::Reader};

/// Opens the files in the format that their bytes and names show.
pub(super) fn recognise(files: &FileSet) -> Result<Box<dyn Reader>, IoError> {
    let Some(entry) = files.only() else { return Err(IoError::UnknownFormat) };
    let container = Container::open(Box::new(entry.source().clone()))?;
    Ok(Box::new(AnnData::open(std::sync::Arc::new(container), "h5ad")?))
}

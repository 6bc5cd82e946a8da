//! Opening inputs, and outputs that appear whole or not at all.

use std::path::Path;

use resitu::io::{Dataset, FileSink, FileSource, IoError, Sink};

/// Opens a file of cells.
pub fn open_cells(path: &Path) -> Result<Dataset, IoError> {
    let source = FileSource::open(path).map_err(|error| IoError::ReadFailed(error.to_string()))?;
    Dataset::open(Box::new(source))
}

/// Writes `bytes` beside `path` and renames: nobody ever sees half a file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    let written = FileSink::create(path).and_then(|mut sink| {
        sink.append(bytes)?;
        sink.finish()
    });
    written.map_err(unwritten)
}

/// A failure to write.
pub fn unwritten(error: std::io::Error) -> IoError {
    IoError::WriteFailed(error.to_string())
}

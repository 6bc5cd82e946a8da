//! Opening inputs, and outputs that appear whole or not at all.

use std::path::Path;

use resitu::io::{Dataset, FileSet, FileSink, IoError, Sink};

/// Opens cells: a file, an archive, a folder, or several files that belong together.
pub fn open_cells<P: AsRef<Path>>(paths: &[P]) -> Result<Dataset, IoError> {
    Dataset::open_files(FileSet::from_paths(paths)?)
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

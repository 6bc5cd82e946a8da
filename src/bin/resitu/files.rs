//! Opening inputs, and outputs that appear whole or not at all.

use std::{fs, io::Write, path::Path};

use resitu::io::{Dataset, FileSource, IoError};

/// Opens a file of cells.
pub fn open_cells(path: &Path) -> Result<Dataset, IoError> {
    let source = FileSource::open(path).map_err(|error| IoError::ReadFailed(error.to_string()))?;
    Dataset::open(Box::new(source))
}

/// Writes `bytes` beside `path` and renames: nobody ever sees half a file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    let failed = |error: std::io::Error| IoError::WriteFailed(error.to_string());
    let name = path.file_name().ok_or(IoError::WriteFailed("the output has no file name".into()))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(hidden);
    let written = fs::File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    });
    if written.is_err() {
        // The first error is the one to tell; the leftover may not even exist.
        let _ = fs::remove_file(&part);
    }
    written.map_err(failed)
}

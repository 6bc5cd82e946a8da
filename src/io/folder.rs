//! Files and folders of this machine as a [`FileSet`].

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{FileSet, FileSource, IoError, Source, files::is_ignored};

/// Folders inside folders; also what stops at a link that leads back up.
const MAX_DEPTH: usize = 24;
const MAX_FILES: usize = 1_000_000;
/// More files than this are not kept open: a process may hold a thousand or so.
const MAX_OPEN: usize = 200;

impl FileSet {
    /// The files at `paths` and everything below those that are folders, without hidden files.
    ///
    /// A single folder gives paths below it; several give paths that begin with the name of each.
    ///
    /// # Errors
    /// `io.read-failed` for what is not there or may not be read; `io.too-large` for more than a million files or
    /// folders nested too deep.
    pub fn from_paths<P: AsRef<Path>>(paths: &[P]) -> Result<Self, IoError> {
        let mut found = Vec::new();
        for path in paths {
            let path = path.as_ref();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if !fs::metadata(path).map_err(unreadable)?.is_dir() {
                found.push((name, path.to_owned()));
            } else if paths.len() == 1 {
                walk(path, "", 0, &mut found)?;
            } else {
                walk(path, &name, 0, &mut found)?;
            }
        }
        let keep_open = found.len() <= MAX_OPEN;
        let sources = found.into_iter().map(|(name, path)| Ok((name, open(&path, keep_open)?)));
        Self::new(sources.collect::<Result<Vec<_>, IoError>>()?)
    }
}

fn unreadable(error: std::io::Error) -> IoError {
    IoError::ReadFailed(error.to_string())
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<(String, PathBuf)>) -> Result<(), IoError> {
    if depth > MAX_DEPTH {
        return Err(IoError::large("the folder", "its folders are nested more than 24 deep"));
    }
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_ignored(&name) {
            continue;
        }
        let below = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        // Followed through links; a link that leads nowhere is no file.
        match fs::metadata(entry.path()) {
            Ok(metadata) if metadata.is_dir() => walk(&entry.path(), &below, depth + 1, found)?,
            Ok(metadata) if metadata.is_file() => found.push((below, entry.path())),
            _ => {}
        }
        if found.len() > MAX_FILES {
            return Err(IoError::large("the folder", "it holds more than a million files"));
        }
    }
    Ok(())
}

fn open(path: &Path, keep_open: bool) -> Result<Box<dyn Source>, IoError> {
    let file = FileSource::open(path).map_err(unreadable)?;
    if keep_open {
        return Ok(Box::new(file));
    }
    Ok(Box::new(ClosedFile { path: path.to_owned(), len: file.len() }))
}

/// A file that is opened for each read.
struct ClosedFile {
    path: PathBuf,
    len: u64,
}

impl Source for ClosedFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        FileSource::open(&self.path)?.read_at(offset, buffer)
    }
}

//! The files that a user chose or dropped: one, or several that belong together.

use std::{
    io::{self, Read},
    sync::Arc,
};

use super::{IoError, Source};

/// More files than this are refused: a folder that large was dropped by mistake.
const MAX_FILES: usize = 1_000_000;

/// Files by their path below the folder that was dropped, sorted; a single file may have no name.
#[derive(Clone, Default)]
pub struct FileSet {
    entries: Vec<Entry>,
}

/// One file of a set.
#[derive(Clone)]
pub struct Entry {
    path: String,
    source: Arc<dyn Source>,
}

impl FileSet {
    /// One file. `name` helps to recognise it where its bytes do not; "" if unknown.
    pub fn single(name: &str, source: Box<dyn Source>) -> Self {
        Self { entries: vec![Entry { path: name.to_owned(), source: source.into() }] }
    }

    /// Several files, with `/` between the parts of their paths.
    ///
    /// # Errors
    /// `io.too-large` for more than a million files.
    pub fn new(files: impl IntoIterator<Item = (String, Box<dyn Source>)>) -> Result<Self, IoError> {
        let mut entries: Vec<Entry> =
            files.into_iter().take(MAX_FILES + 1).map(|(path, source)| Entry { path, source: source.into() }).collect();
        if entries.len() > MAX_FILES {
            return Err(IoError::large("the folder", "it holds more than a million files"));
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { entries })
    }

    /// The files, sorted by path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The only file, if there is one only.
    pub fn only(&self) -> Option<&Entry> {
        match &self.entries[..] {
            [entry] => Some(entry),
            _ => None,
        }
    }

    /// The file at exactly this path.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok().and_then(|at| self.entries.get(at))
    }

    /// All bytes together: what allocations for the whole set are bounded by.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.source.len()).fold(0, u64::saturating_add)
    }
}

impl Entry {
    /// The path in the set.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The folder part of the path; "" at the top.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The bytes, in any order.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    /// The first bytes, at most `count`, for recognising a format.
    pub fn head(&self, count: usize) -> Result<Vec<u8>, IoError> {
        let mut head = vec![0; count.min(usize::try_from(self.source.len()).unwrap_or(usize::MAX))];
        self.source.read_at(0, &mut head).map_err(|error| IoError::ReadFailed(error.kind().to_string()))?;
        Ok(head)
    }

    /// The bytes from the first to the last, as they are stored.
    pub fn stream(&self) -> SourceReader {
        SourceReader { source: self.source.clone(), at: 0 }
    }
}

/// Reads a source from the first byte to the last.
pub struct SourceReader {
    source: Arc<dyn Source>,
    at: u64,
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.source.len().saturating_sub(self.at);
        let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.source.read_at(self.at, &mut buffer[..count])?;
        self.at += count as u64;
        Ok(count)
    }
}

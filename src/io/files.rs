//! The files that a user chose or dropped: one, or several that belong together.

use std::{
    io::{self, Read},
    sync::Arc,
};

use super::{IoError, Source, stream};

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
    packed: Option<Arc<dyn Packed>>,
}

/// A file inside an archive that has to be unpacked: cheap from the first byte to the last, dear in any other order.
pub(super) trait Packed: Send + Sync {
    /// The content from the start.
    fn stream(&self) -> Result<Box<dyn Read + Send>, IoError>;

    /// Bytes that the content takes in the archive.
    fn stored_bytes(&self) -> u64;
}

impl FileSet {
    /// One file. `name` helps to recognise it where its bytes do not; "" if unknown.
    pub fn single(name: &str, source: Box<dyn Source>) -> Self {
        Self { entries: vec![Entry::plain(name.to_owned(), source)] }
    }

    /// Several files, with `/` between the parts of their paths.
    ///
    /// # Errors
    /// `io.too-large` for more than a million files.
    pub fn new(files: impl IntoIterator<Item = (String, Box<dyn Source>)>) -> Result<Self, IoError> {
        Self::of_entries(files.into_iter().map(|(path, source)| Entry::plain(path, source)))
    }

    /// As [`FileSet::new`], of entries.
    pub(super) fn of_entries(entries: impl IntoIterator<Item = Entry>) -> Result<Self, IoError> {
        let mut entries: Vec<Entry> = entries.into_iter().take(MAX_FILES + 1).collect();
        if entries.len() > MAX_FILES {
            return Err(IoError::large("the folder", "it holds more than a million files"));
        }
        // A dropped folder brings along what the system hid in it.
        if entries.len() > 1 {
            entries.retain(|entry| !entry.path.split('/').any(is_ignored));
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

    /// All stored bytes together: what allocations for the whole set are bounded by.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(Entry::stored_bytes).fold(0, u64::saturating_add)
    }
}

impl Entry {
    pub(super) fn plain(path: String, source: Box<dyn Source>) -> Self {
        Self { path, source: source.into(), packed: None }
    }

    /// A file inside an archive: `source` unpacks it into memory when it is first read at some offset.
    pub(super) fn packed(path: String, source: Arc<dyn Source>, packed: Arc<dyn Packed>) -> Self {
        Self { path, source, packed: Some(packed) }
    }

    /// The same file in a folder.
    pub(super) fn under(self, folder: &str) -> Self {
        Self { path: format!("{folder}/{}", self.path), ..self }
    }

    /// Whether it lies in an archive and has to be unpacked.
    pub(super) fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

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

    /// The bytes, in any order. Of a packed file in an archive, they are unpacked into memory first, up to a cap.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    /// The first bytes, at most `count`, for recognising a format; gzip is not undone.
    pub fn head(&self, count: usize) -> Result<Vec<u8>, IoError> {
        stream::head(&mut self.stream()?, count).map_err(|error| stream::failed(&error, "the file"))
    }

    /// The bytes from the first to the last, with gzip undone where the first bytes show it.
    pub(super) fn reader(&self) -> Result<stream::Stream, IoError> {
        stream::unpacked(self)
    }

    /// The bytes from the first to the last; gzip is not undone.
    pub(super) fn stream(&self) -> Result<Box<dyn Read + Send>, IoError> {
        match &self.packed {
            Some(packed) => packed.stream(),
            None => Ok(Box::new(SourceReader { source: self.source.clone(), at: 0 })),
        }
    }

    /// Bytes on the disk: what the content may unpack to is bounded by them.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.packed.as_ref().map_or_else(|| self.source.len(), |packed| packed.stored_bytes())
    }
}

/// Whether a file or folder of this name is none of the user's data: hidden, or left by an operating system. The hidden
/// files of Zarr are data.
pub(super) fn is_ignored(name: &str) -> bool {
    let is_zarr = [".zarray", ".zattrs", ".zgroup", ".zmetadata"].contains(&name);
    (name.starts_with('.') && !is_zarr) || name == "__MACOSX" || name == "Thumbs.db" || name == "desktop.ini"
}

/// Reads a source from the first byte to the last.
pub(super) struct SourceReader {
    pub(super) source: Arc<dyn Source>,
    pub(super) at: u64,
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

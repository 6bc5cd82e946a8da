//! Several files in one input: for each, the length of its path (1 byte), the path, the length of its content (4 bytes,
//! little-endian), the content. Lengths that lead beyond the end are cut, so that mutations rarely lose the whole.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use resitu::io::{FileSet, IoError, Source};

use super::source;

const MAX_FILES: usize = 200;

/// The parts of an input: path and content.
pub fn split(mut rest: &[u8]) -> Vec<(String, &[u8])> {
    let mut parts = Vec::new();
    while let Some((length, tail)) = rest.split_first()
        && parts.len() < MAX_FILES
    {
        let (path, tail) = tail.split_at(usize::from(*length).min(tail.len()));
        let Some((length, tail)) = tail.split_first_chunk() else { break };
        let (content, tail) = tail.split_at((u32::from_le_bytes(*length) as usize).min(tail.len()));
        parts.push((String::from_utf8_lossy(path).into_owned(), content));
        rest = tail;
    }
    parts
}

pub fn files(bytes: &[u8]) -> Result<FileSet, IoError> {
    FileSet::new(split(bytes).into_iter().map(|(path, content)| (path, source(content) as Box<dyn Source>)))
}

/// Packed quickly: the parser behind the packing is what is looked at.
pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

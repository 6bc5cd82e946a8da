//! Archives: a zip, a tar, packed or not, or one gzipped HDF5 file becomes the set of its files. Nothing is written to
//! disk, and only what needs random access is unpacked into memory.

mod held;
mod tar;
mod zip;

use std::io::ErrorKind;

use held::{Content, budget};

use super::{Entry, FileSet, IoError, files::is_ignored, stream};

/// What may be held unpacked in memory.
const MAX_HELD_BYTES: u64 = 512 << 20;

/// A single archive as the set of its files; anything else as it is.
///
/// # Errors
/// `io.unsupported-archive` for other packers, encryption and unknown methods; `io.too-large` for a gzipped HDF5 file
/// above 512 MiB or 64 times its size (but not below 32 MiB), and for what unpacks to more than deflate can justify; `io.bad-structure`, `io.truncated`.
pub(super) fn expand(files: FileSet) -> Result<FileSet, IoError> {
    let Some(entry) = files.only() else { return Ok(files) };
    let head = entry.head(tar::BLOCK)?;
    if let Some(problem) = other_packer(&head) {
        return Err(IoError::UnsupportedArchive(problem));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return zip::open(entry);
    }
    if tar::is_header(&head) {
        return tar::open(entry);
    }
    if !head.starts_with(&stream::GZIP) {
        return Ok(files);
    }
    let failed = |error: std::io::Error| stream::failed(&error, "the gzip file");
    let inside = stream::head(&mut entry.reader()?, tar::BLOCK).map_err(failed)?;
    if tar::is_header(&inside) {
        return tar::open_packed(entry);
    }
    if !inside.starts_with(b"\x89HDF\r\n\x1a\n") {
        return Ok(files);
    }
    let content =
        Content::read(&mut entry.reader()?, budget(entry.stored_bytes())).map_err(|error| match error.kind() {
            ErrorKind::FileTooLarge => IoError::large(
                "the gzip file",
                "it is above 512 MiB or 64 times its size when unpacked; unpack it with gunzip first",
            ),
            _ => failed(error),
        })?;
    let name = entry.path().strip_suffix(".gz").unwrap_or(entry.path()).to_owned();
    Ok(FileSet::single(&name, Box::new(content)))
}

fn other_packer(head: &[u8]) -> Option<&'static str> {
    let packers: [(&[u8], &str); 5] = [
        (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive"),
        (b"Rar!", "it is a RAR archive"),
        (b"\xfd7zXZ", "it is packed with xz"),
        (b"BZh", "it is packed with bzip2"),
        (b"\x28\xb5\x2f\xfd", "it is packed with Zstandard"),
    ];
    packers.into_iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, problem)| problem)
}

/// The path of a file in an archive as a set has it; `None` for one that leads outside, is hidden or is no file.
fn inside(name: &[u8]) -> Option<String> {
    let name = String::from_utf8_lossy(name).replace('\\', "/");
    let name = name.strip_prefix("./").unwrap_or(&name);
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !is_ignored(part);
    let is_drive = name.as_bytes().get(1) == Some(&b':');
    (!is_drive && name.split('/').all(is_plain)).then(|| name.to_owned())
}

/// Refuses an archive without a file in it that could be read.
fn set_of(entries: Vec<Entry>) -> Result<FileSet, IoError> {
    if entries.is_empty() {
        return Err(IoError::UnsupportedArchive("it holds no file that can be read"));
    }
    FileSet::of_entries(entries)
}

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
    Ok(unpacked(entry, budget(entry.stored_bytes()))?.unwrap_or(files))
}

/// What the names of archives end with that lie among other files.
const ENDINGS: [&str; 7] = [".tar.gz", ".tgz", ".tar", ".zip", ".h5ad.gz", ".h5.gz", ".loom.gz"];

/// The same files with every archive among them opened, as GEO packs a deposit: a tar of packed samples. `None` if there is
/// none that can be.
///
/// Only archives that lie on the disk or in a plain tar as they are: one that has to be unpacked first could hold 64 times 64
/// times its size.
pub(super) fn expand_inner(files: &FileSet) -> Result<Option<FileSet>, IoError> {
    let is_archive = |entry: &Entry| {
        let name = entry.name().to_ascii_lowercase();
        !entry.is_packed() && ENDINGS.iter().any(|ending| name.ends_with(ending))
    };
    // They share what the whole may hold in memory.
    let n_archives = files.entries().iter().filter(|entry| is_archive(entry)).count();
    let share = budget(files.bytes()) / n_archives.max(1) as u64;
    let mut entries = Vec::new();
    let mut n_opened = 0;
    for entry in files.entries() {
        // One that cannot be opened must not keep the others from being read.
        match is_archive(entry).then(|| unpacked(entry, share).ok().flatten()).flatten() {
            Some(inner) => {
                n_opened += 1;
                entries.extend(inner.entries().iter().map(|file| file.clone().under(entry.path())));
            }
            None => entries.push(entry.clone()),
        }
    }
    if n_opened == 0 { Ok(None) } else { FileSet::of_entries(entries).map(Some) }
}

/// The files of an archive, which may hold `budget` bytes unpacked in memory; `None` if it is none.
fn unpacked(entry: &Entry, budget: u64) -> Result<Option<FileSet>, IoError> {
    let head = entry.head(tar::BLOCK)?;
    if let Some(problem) = other_packer(&head) {
        return Err(IoError::UnsupportedArchive(problem));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return zip::open(entry, budget).map(Some);
    }
    if tar::is_header(&head) {
        return tar::open(entry).map(Some);
    }
    if !head.starts_with(&stream::GZIP) {
        return Ok(None);
    }
    let failed = |error: std::io::Error| stream::failed(&error, "the gzip file");
    let inside = stream::head(&mut entry.reader()?, tar::BLOCK).map_err(failed)?;
    if tar::is_header(&inside) {
        return tar::open_packed(entry, budget).map(Some);
    }
    if !inside.starts_with(b"\x89HDF\r\n\x1a\n") {
        return Ok(None);
    }
    let content = Content::read(&mut entry.reader()?, budget).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => IoError::large(
            "the gzip file",
            "it is above 512 MiB or 64 times its size when unpacked; unpack it with gunzip first",
        ),
        _ => failed(error),
    })?;
    let name = entry.name().strip_suffix(".gz").unwrap_or(entry.name()).to_owned();
    Ok(Some(FileSet::single(&name, Box::new(content))))
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

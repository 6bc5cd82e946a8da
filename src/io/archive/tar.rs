//! Tar: headers of 512 bytes, as POSIX and GNU write them.
//!
//! Read here and not by the `tar` crate, which takes long names of any length into memory and draws in file times.

use std::{
    io::{self, ErrorKind, Read},
    sync::Arc,
};

use super::{
    super::{
        Entry, FileSet, IoError, Source,
        files::{Packed, SourceReader},
        stream,
    },
    held::{Held, Unpacked},
    inside, set_of,
};

pub(super) const BLOCK: usize = 512;
const PLACE: &str = "the tar archive";
const MAX_ENTRIES: usize = 1_000_000;
/// Long names and extended headers.
const MAX_EXTENSION_BYTES: u64 = 1 << 16;

/// Whether a block is a header: its checksum is right.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(stated) = block.get(148..156).and_then(octal) else { return false };
    block.len() == BLOCK && {
        let field = 148..156;
        let sum = block.iter().enumerate().map(|(at, byte)| if field.contains(&at) { 32 } else { u64::from(*byte) });
        sum.sum::<u64>() == stated
    }
}

/// A plain tar: every file lies in it as it is.
pub(super) fn open(entry: &Entry) -> Result<FileSet, IoError> {
    let mut reader = SourceReader { source: entry.source().clone(), at: 0 };
    let files = list(&mut reader, |reader, count| {
        reader.at = reader.at.checked_add(count).ok_or(ErrorKind::UnexpectedEof)?;
        if reader.at > reader.source.len() { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    })?;
    let slice = |file: File| {
        let source = Slice { source: entry.source().clone(), start: file.start, len: file.len };
        Entry::plain(file.path, Box::new(source))
    };
    set_of(files.into_iter().map(slice).collect())
}

/// A gzipped tar: listed in one pass; each file is reached by unpacking all that lies before it.
pub(super) fn open_packed(entry: &Entry, budget: u64) -> Result<FileSet, IoError> {
    let mut reader = entry.reader()?;
    let files = list(&mut reader, |reader, count| {
        let skipped = io::copy(&mut reader.take(count), &mut io::sink())?;
        if skipped == count { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    })?;
    let held = Arc::new(Held::within(budget));
    let entries = files.into_iter().enumerate().map(|(number, file)| {
        let packed: Arc<dyn Packed> = Arc::new(Member { archive: entry.clone(), start: file.start, len: file.len });
        let unpacked = Unpacked { held: held.clone(), number, packed: packed.clone(), len: file.len };
        Entry::packed(file.path, Arc::new(unpacked), packed)
    });
    set_of(entries.collect())
}

struct File {
    path: String,
    start: u64,
    len: u64,
}

/// Walks the headers.
fn list<R: Read>(reader: &mut R, skip: impl Fn(&mut R, u64) -> io::Result<()>) -> Result<Vec<File>, IoError> {
    let failed = |error: io::Error| stream::failed(&error, PLACE);
    let (mut files, mut at) = (Vec::new(), 0u64);
    let (mut long_name, mut long_len) = (None, None);
    let mut block = [0; BLOCK];
    loop {
        match reader.read_exact(&mut block) {
            // Some writers leave out the two empty blocks at the end.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && !files.is_empty() => break,
            read => read.map_err(failed)?,
        }
        at += BLOCK as u64;
        if block.iter().all(|byte| *byte == 0) {
            break;
        }
        if !is_header(&block) {
            return Err(IoError::bad(PLACE, "a header fails its checksum"));
        }
        let kind = block[156];
        let stated = number(&block[124..136]).ok_or(IoError::bad(PLACE, "a file has no size"))?;
        let is_extension = matches!(kind, b'L' | b'K' | b'x' | b'g');
        let len = if is_extension { stated } else { long_len.take().unwrap_or(stated) };
        let padded = len.checked_next_multiple_of(BLOCK as u64).ok_or(IoError::bad(PLACE, "a file has no size"))?;
        if is_extension {
            if len > MAX_EXTENSION_BYTES {
                return Err(IoError::large(PLACE, "a file name is above 64 KiB"));
            }
            let mut content = vec![0; padded as usize];
            reader.read_exact(&mut content).map_err(failed)?;
            content.truncate(len as usize);
            match kind {
                b'L' => long_name = Some(until_nul(&content).to_vec()),
                b'x' => extended(&content, &mut long_name, &mut long_len),
                _ => {}
            }
        } else {
            let name = long_name.take().unwrap_or_else(|| short_name(&block));
            if matches!(kind, b'0' | 0 | b'7')
                && let Some(path) = inside(&name)
            {
                files.push(File { path, start: at, len });
            }
            if files.len() > MAX_ENTRIES {
                return Err(IoError::large(PLACE, "it holds more than a million files"));
            }
            // Links and devices have a size, but no content.
            let content = if matches!(kind, b'1'..=b'6') { 0 } else { padded };
            skip(reader, content).map_err(failed)?;
            at = at.checked_add(content).ok_or(IoError::bad(PLACE, "a file has no size"))?;
            continue;
        }
        at += padded;
    }
    Ok(files)
}

fn short_name(block: &[u8; BLOCK]) -> Vec<u8> {
    let (name, prefix) = (until_nul(&block[..100]), until_nul(&block[345..500]));
    let is_posix = block[257..263] == *b"ustar\0";
    if is_posix && !prefix.is_empty() { [prefix, b"/", name].concat() } else { name.to_vec() }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Records `LENGTH KEY=VALUE\n` of POSIX extended headers.
fn extended(mut content: &[u8], name: &mut Option<Vec<u8>>, len: &mut Option<u64>) {
    while let Some(space) = content.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&content[..space]).ok().and_then(|text| text.parse::<usize>().ok());
        let Some(record) = length.and_then(|length| content.get(space + 1..length)) else { return };
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        if let Some(path) = record.strip_prefix(b"path=") {
            *name = Some(path.to_vec());
        } else if let Some(size) = record.strip_prefix(b"size=") {
            *len = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
        }
        content = &content[length.unwrap_or(content.len()).max(1)..];
    }
}

/// A number in octal digits, or in GNU's binary form for eight gigabytes and more.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => rest.iter().try_fold(0u64, |sum, byte| Some(sum.checked_mul(256)? + u64::from(*byte))),
        _ => octal(field),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let digits = until_nul(field).trim_ascii();
    let valid = !digits.is_empty() && digits.len() < 20 && digits.iter().all(|digit| (b'0'..=b'7').contains(digit));
    valid.then(|| digits.iter().fold(0, |sum, digit| sum * 8 + u64::from(digit - b'0')))
}

/// A part of a source.
pub(super) struct Slice {
    pub(super) source: Arc<dyn Source>,
    pub(super) start: u64,
    pub(super) len: u64,
}

impl Source for Slice {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.len);
        end.ok_or(ErrorKind::UnexpectedEof)?;
        self.source.read_at(self.start.checked_add(offset).ok_or(ErrorKind::UnexpectedEof)?, buffer)
    }
}

/// A file in a gzipped tar.
struct Member {
    archive: Entry,
    start: u64,
    len: u64,
}

impl Packed for Member {
    fn stream(&self) -> Result<Box<dyn Read + Send>, IoError> {
        let mut stream = self.archive.reader()?;
        let skipped = io::copy(&mut (&mut stream).take(self.start), &mut io::sink());
        skipped.map_err(|error| stream::failed(&error, PLACE))?;
        Ok(Box::new(stream.take(self.len)))
    }

    fn stored_bytes(&self) -> u64 {
        self.len.min(self.archive.stored_bytes())
    }
}

//! Zip, with zip64: the directory at the end, files stored or deflated.
//!
//! Read here and not by the `zip` crate, which reads a header for every file at once and seeks behind a lock.

use std::{
    io::{self, ErrorKind, Read},
    sync::{Arc, OnceLock},
};

use flate2::{Crc, read::DeflateDecoder};

use super::{
    super::{
        Entry, FileSet, IoError, Source,
        files::{Packed, SourceReader},
        stream,
    },
    held::{Held, Unpacked},
    inside, set_of,
};

const PLACE: &str = "the zip archive";
const LOCAL_BYTES: u64 = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
const MAX_ENTRIES: u64 = 1_000_000;
const MAX_DIRECTORY_BYTES: u64 = 256 << 20;
/// Deflate makes at most 1,032 bytes of one.
const MAX_RATIO: u64 = 1_100;

/// Lists the files. Their content is reached when it is asked for.
pub(super) fn open(entry: &Entry, budget: u64) -> Result<FileSet, IoError> {
    let source = entry.source();
    let (directory, directory_at) = directory(&**source)?;
    let mut members = Vec::new();
    let mut rest = &directory[..];
    while !rest.is_empty() {
        let (member, length) = Member::parse(rest, source)?;
        rest = &rest[length..];
        members.push(member);
    }
    // Files that share bytes are how a small archive unpacks to a huge one.
    let mut spans: Vec<(u64, u64)> = members.iter().map(|(_, member)| member.span()).collect();
    spans.sort_unstable();
    let ends = spans.iter().skip(1).map(|span| span.0).chain([directory_at]);
    if spans.iter().zip(ends).any(|(span, next)| span.1 > next) {
        return Err(IoError::bad(PLACE, "its files overlap"));
    }
    let held = Arc::new(Held::within(budget));
    let mut entries = Vec::new();
    for (number, (name, member)) in members.into_iter().enumerate() {
        let Some(path) = name else { continue };
        if member.is_encrypted {
            return Err(IoError::UnsupportedArchive("it is encrypted"));
        }
        match member.method {
            0 => entries.push(Entry::plain(path, Box::new(member))),
            8 => {
                let len = member.len;
                let packed: Arc<dyn Packed> = Arc::new(member);
                let source = Unpacked { held: held.clone(), number, packed: packed.clone(), len };
                entries.push(Entry::packed(path, Arc::new(source), packed));
            }
            _ => return Err(IoError::UnsupportedArchive("a file in it is packed neither plainly nor by deflate")),
        }
    }
    set_of(entries)
}

/// The bytes of the directory and where they begin.
fn directory(source: &dyn Source) -> Result<(Vec<u8>, u64), IoError> {
    let tail_len = source.len().min(END_BYTES as u64 + 0xffff);
    let tail_at = source.len() - tail_len;
    let tail = read(source, tail_at, tail_len)?;
    let signature = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").ok_or(IoError::Truncated)?;
    let end = Fields(&tail[signature..]);
    let (mut count, mut len, mut at) = (u64::from(end.u16(10)?), u64::from(end.u32(12)?), u64::from(end.u32(16)?));
    if count == 0xffff || len == 0xffff_ffff || at == 0xffff_ffff {
        let end_at = tail_at + signature as u64;
        let locator = read(source, end_at.checked_sub(20).ok_or(IoError::Truncated)?, 20)?;
        if locator.starts_with(b"PK\x06\x07") {
            let end = read(source, Fields(&locator).u64(8)?, 56)?;
            let end = Fields(&end);
            (count, len, at) = (end.u64(32)?, end.u64(40)?, end.u64(48)?);
        }
    }
    if count > MAX_ENTRIES || len > MAX_DIRECTORY_BYTES {
        return Err(IoError::large(PLACE, "it holds more than a million files"));
    }
    Ok((read(source, at, len)?, at))
}

fn read(source: &dyn Source, at: u64, len: u64) -> Result<Vec<u8>, IoError> {
    if at.checked_add(len).is_none_or(|end| end > source.len()) {
        return Err(IoError::Truncated);
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(|_| IoError::Truncated)?];
    source.read_at(at, &mut bytes).map_err(|error| stream::failed(&error, PLACE))?;
    Ok(bytes)
}

/// A file in a zip.
struct Member {
    source: Arc<dyn Source>,
    local_at: u64,
    name_len: u64,
    stored: u64,
    len: u64,
    crc: u32,
    method: u16,
    is_encrypted: bool,
    start: OnceLock<u64>,
}

impl Member {
    /// One record of the directory: the path, if it is one of a file; the file; and the length of the record.
    fn parse(record: &[u8], source: &Arc<dyn Source>) -> Result<((Option<String>, Self), usize), IoError> {
        let bad = IoError::bad(PLACE, "its directory is damaged");
        let fields = Fields(record);
        if !record.starts_with(b"PK\x01\x02") {
            return Err(bad);
        }
        let (name_len, extra_len, comment_len) = (fields.u16(28)?, fields.u16(30)?, fields.u16(32)?);
        let name_end = CENTRAL_BYTES + usize::from(name_len);
        let extra_end = name_end + usize::from(extra_len);
        let length = extra_end + usize::from(comment_len);
        let name = record.get(CENTRAL_BYTES..name_end).ok_or(bad.clone())?;
        let extra = record.get(name_end..extra_end).ok_or(bad.clone())?;
        if record.len() < length {
            return Err(bad);
        }
        // Those of 0xffffffff stand in the zip64 field, in this order.
        let mut sizes = [fields.u32(24)?, fields.u32(20)?, fields.u32(42)?].map(u64::from);
        let mut large = zip64(extra);
        for size in sizes.iter_mut().filter(|size| **size == 0xffff_ffff) {
            let (value, rest) = large.split_first_chunk::<8>().ok_or(bad.clone())?;
            (*size, large) = (u64::from_le_bytes(*value), rest);
        }
        let [len, stored, local_at] = sizes;
        let method = fields.u16(10)?;
        if len > stored.saturating_mul(MAX_RATIO) || (method == 0 && len != stored) {
            return Err(IoError::large(PLACE, "a file in it unpacks to far more than its size can justify"));
        }
        let member = Self {
            source: source.clone(),
            local_at,
            name_len: u64::from(name_len),
            stored,
            len,
            crc: fields.u32(16)?,
            method,
            is_encrypted: fields.u16(8)? & 1 != 0,
            start: OnceLock::new(),
        };
        Ok(((inside(name), member), length))
    }

    /// From the local header to the end of the content, at least.
    fn span(&self) -> (u64, u64) {
        let start = self.local_at.saturating_add(LOCAL_BYTES + self.name_len);
        (self.local_at, start.saturating_add(self.stored))
    }

    /// Where the content begins: the local header has an extra field of its own length.
    fn start(&self) -> io::Result<u64> {
        if let Some(start) = self.start.get() {
            return Ok(*start);
        }
        let mut local = [0; LOCAL_BYTES as usize];
        self.source.read_at(self.local_at, &mut local)?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(ErrorKind::InvalidData.into());
        }
        let extra = u64::from(u16::from_le_bytes([local[26], local[27]]))
            + u64::from(u16::from_le_bytes([local[28], local[29]]));
        let start = self.local_at + LOCAL_BYTES + extra;
        if start.checked_add(self.stored).is_none_or(|end| end > self.source.len()) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(*self.start.get_or_init(|| start))
    }
}

fn zip64(mut extra: &[u8]) -> &[u8] {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let len = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let Some(content) = rest.get(..len) else { break };
        if head[..2] == [1, 0] {
            return content;
        }
        extra = &rest[len..];
    }
    &[]
}

/// A file that is stored as it is: both of its lengths are one.
impl Source for Member {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.stored);
        end.ok_or(ErrorKind::UnexpectedEof)?;
        self.source.read_at(self.start()? + offset, buffer)
    }
}

/// A file that is deflated.
impl Packed for Member {
    fn stream(&self) -> Result<Box<dyn Read + Send>, IoError> {
        let at = self.start().map_err(|error| stream::failed(&error, PLACE))?;
        let stored = SourceReader { source: self.source.clone(), at }.take(self.stored);
        let inflated = DeflateDecoder::new(io::BufReader::with_capacity(1 << 18, stored));
        Ok(Box::new(Checked { inflated, crc: Crc::new(), left: self.len, expected: self.crc }))
    }

    fn stored_bytes(&self) -> u64 {
        self.stored
    }
}

/// Inflates, and holds the content to the length and the checksum that the directory states.
struct Checked<R> {
    inflated: R,
    crc: Crc,
    left: u64,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inflated.read(buffer)?;
        self.crc.update(&buffer[..count]);
        self.left = self.left.checked_sub(count as u64).ok_or(ErrorKind::InvalidData)?;
        if count == 0 && !buffer.is_empty() && (self.left > 0 || self.crc.sum() != self.expected) {
            return Err(ErrorKind::InvalidData.into());
        }
        Ok(count)
    }
}

/// Little-endian fields of a record.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn at<const N: usize>(&self, at: usize) -> Result<[u8; N], IoError> {
        let bytes = self.0.get(at..at + N).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or(IoError::bad(PLACE, "its directory is damaged"))
    }

    fn u16(&self, at: usize) -> Result<u16, IoError> {
        self.at(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Result<u32, IoError> {
        self.at(at).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize) -> Result<u64, IoError> {
        self.at(at).map(u64::from_le_bytes)
    }
}

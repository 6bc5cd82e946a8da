//! Bytes from the first to the last: gzip undone, and never more of them than the stored bytes can justify.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use super::{Entry, IoError};

/// A forward stream, unpacked.
pub(super) type Stream = Box<dyn BufRead + Send>;

/// Bytes asked of the source at a time; in the browser each request is a call into the page.
const BUFFER_BYTES: usize = 1 << 18;
/// Deflate makes at most 1,032 bytes of one. Packed twice it could make a million, which only an attack does.
const MAX_RATIO: u64 = 1_100;
/// Small files may unpack to this much whatever the ratio.
const ALWAYS_ALLOWED_BYTES: u64 = 1 << 24;

/// The two bytes that every gzip member starts with.
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The content of `entry`, with gzip undone where its first bytes show it, whatever its name ends in.
pub(super) fn unpacked(entry: &Entry) -> Result<Stream, IoError> {
    let limit = entry.stored_bytes().saturating_mul(MAX_RATIO).max(ALWAYS_ALLOWED_BYTES);
    let mut stored = BufReader::with_capacity(BUFFER_BYTES, Limited { inner: entry.stream()?, left: limit });
    let is_gzip = stored.fill_buf().map_err(|error| failed(&error, "the file"))?.starts_with(&GZIP);
    if !is_gzip {
        return Ok(Box::new(stored));
    }
    // Blocked gzip (bgzip) and files joined with `cat` have several members.
    let inflated = Limited { inner: MultiGzDecoder::new(stored), left: limit };
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, inflated)))
}

/// What went wrong in a stream: cut short, damaged, or beyond reach.
pub(super) fn failed(error: &io::Error, place: &'static str) -> IoError {
    match error.kind() {
        ErrorKind::UnexpectedEof => IoError::Truncated,
        ErrorKind::InvalidData | ErrorKind::InvalidInput => IoError::bad(place, "its compressed bytes are damaged"),
        ErrorKind::FileTooLarge => IoError::large(place, "it unpacks to far more than its size can justify"),
        kind => IoError::ReadFailed(kind.to_string()),
    }
}

/// Reads `count` bytes or fewer, to the end of the stream.
pub(super) fn head(stream: &mut dyn Read, count: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    stream.take(count as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Fails once more than `left` bytes have come.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or(ErrorKind::FileTooLarge)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::io::{BytesSource, FileSet};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> Result<Vec<u8>, IoError> {
        let files = FileSet::single("", Box::new(BytesSource::new(bytes)));
        let mut content = Vec::new();
        let mut stream = unpacked(files.only().unwrap())?;
        stream.read_to_end(&mut content).map_err(|error| failed(&error, "the file"))?;
        Ok(content)
    }

    #[test]
    fn gzip_is_undone_in_all_its_members() {
        assert_eq!(read(b"a,b".to_vec()).unwrap(), b"a,b");
        assert_eq!(read([gzip(b"a,b"), gzip(b"\nc")].concat()).unwrap(), b"a,b\nc");
        assert_eq!(read(Vec::new()).unwrap(), b"");
    }

    #[test]
    fn what_is_cut_short_or_damaged_is_an_error() {
        let mut whole = gzip(&(0..10_000u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
        assert_eq!(read(whole[..whole.len() / 2].to_vec()).unwrap_err(), IoError::Truncated);
        assert_eq!(read(whole[..whole.len() - 1].to_vec()).unwrap_err(), IoError::Truncated);
        let middle = whole.len() / 2;
        whole[middle..middle + 8].fill(0xff);
        assert!(matches!(read(whole).unwrap_err(), IoError::BadStructure { .. }));
    }
}

//! A zip file written as its entries come.
//!
//! The zip crate, which reads bundles for us, takes the checksum of an entry from the bytes as they pass; an HDF5 file is
//! patched after they passed. So entries are written here: an entry's first bytes may be patched until it ends, and its
//! checksum is put together then. Sizes and checksums stand in the local headers, where every zip tool finds them;
//! entries and archives beyond 4 GB use zip64.

use std::io::{self, Write};

use flate2::{Compression, Crc, write::DeflateEncoder};

use crate::io::Sink;

/// Bytes at the start of a stored entry that can be patched.
const HEAD_BYTES: usize = 64;
/// Deflated bytes that are held back.
const HELD_BYTES: usize = 1 << 18;
/// In a field of 32 bits: look into the zip64 fields.
const ELSEWHERE: u32 = u32::MAX;
/// 1980-01-01, the first day of zip's calendar: the same input gives the same file.
const DATE: u16 = 0x21;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// The id of the zip64 fields, and one that means nothing: room for them in a header that turned out not to need it.
const ZIP64: u16 = 1;
const UNUSED: u16 = 0x7372;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A zip file under construction.
pub struct Zip<S> {
    sink: S,
    position: u64,
    entries: Vec<Listed>,
}

/// An entry that ended, as the directory lists it.
struct Listed {
    name: String,
    method: u16,
    checksum: u32,
    stored: u64,
    size: u64,
    at: u64,
}

impl<S: Sink> Zip<S> {
    pub fn new(sink: S) -> Self {
        Self { sink, position: 0, entries: Vec::new() }
    }

    /// Begins an entry whose bytes are kept as they are: for files that are compressed already.
    pub fn store(self, name: &str) -> io::Result<ZipEntry<S>> {
        self.begin(name, STORED)
    }

    /// Begins an entry that is deflated.
    pub fn deflate(self, name: &str) -> io::Result<ZipEntry<S>> {
        self.begin(name, DEFLATED)
    }

    fn begin(mut self, name: &str, method: u16) -> io::Result<ZipEntry<S>> {
        let at = self.position;
        // What is not known yet is zero until the entry ends.
        let header = local_header(name, method, 0, 0, 0);
        self.append(&header)?;
        let deflate = (method == DEFLATED).then(|| DeflateEncoder::new(Vec::new(), Compression::default()));
        let listed = Listed { name: name.to_owned(), method, checksum: 0, stored: 0, size: 0, at };
        Ok(ZipEntry { start: self.position, zip: self, listed, head: Vec::new(), rest: Crc::new(), deflate })
    }

    /// Writes the directory; gives the sink back.
    pub fn finish(mut self) -> io::Result<S> {
        let start = self.position;
        for entry in std::mem::take(&mut self.entries) {
            self.append(&directory_entry(&entry))?;
            self.entries.push(entry);
        }
        let (n, size) = (self.entries.len() as u64, self.position - start);
        let large = start >= u64::from(ELSEWHERE) || size >= u64::from(ELSEWHERE) || n >= u64::from(u16::MAX);
        let mut end = Vec::new();
        if large {
            let at = self.position;
            end.extend(b"PK\x06\x06");
            end.extend(44_u64.to_le_bytes());
            [45_u16, 45].iter().for_each(|version| end.extend(version.to_le_bytes()));
            end.extend([0; 8]); // one disk
            [n, n, size, start].iter().for_each(|field| end.extend(field.to_le_bytes()));
            end.extend(b"PK\x06\x07\0\0\0\0");
            end.extend(at.to_le_bytes());
            end.extend(1_u32.to_le_bytes());
        }
        let narrow = |value: u64| if large { ELSEWHERE } else { value as u32 };
        end.extend(b"PK\x05\x06\0\0\0\0");
        end.extend((narrow(n) as u16).to_le_bytes());
        end.extend((narrow(n) as u16).to_le_bytes());
        end.extend(narrow(size).to_le_bytes());
        end.extend(narrow(start).to_le_bytes());
        end.extend([0; 2]);
        self.append(&end)?;
        Ok(self.sink)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.append(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }
}

/// An entry under construction; it holds the zip file until it ends.
pub struct ZipEntry<S> {
    zip: Zip<S>,
    listed: Listed,
    /// Where the entry's bytes begin.
    start: u64,
    /// The first bytes, which may be patched, and the checksum of those after them.
    head: Vec<u8>,
    rest: Crc,
    deflate: Option<DeflateEncoder<Vec<u8>>>,
}

impl<S: Sink> ZipEntry<S> {
    /// Ends the entry: its sizes and its checksum are known now.
    pub fn finish(mut self) -> io::Result<Zip<S>> {
        if let Some(deflate) = self.deflate.take() {
            self.zip.append(&deflate.finish()?)?;
        }
        let mut checksum = Crc::new();
        checksum.update(&self.head);
        checksum.combine(&self.rest);
        let listed = &mut self.listed;
        listed.checksum = checksum.sum();
        listed.stored = self.zip.position - self.start;
        let header = local_header(&listed.name, listed.method, listed.checksum, listed.stored, listed.size);
        self.zip.sink.patch(listed.at, &header)?;
        self.zip.entries.push(self.listed);
        Ok(self.zip)
    }
}

impl<S: Sink> Sink for ZipEntry<S> {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD_BYTES - self.head.len()));
        self.head.extend_from_slice(head);
        self.rest.update(rest);
        self.listed.size += bytes.len() as u64;
        let Some(deflate) = &mut self.deflate else { return self.zip.append(bytes) };
        deflate.write_all(bytes)?;
        if deflate.get_ref().len() >= HELD_BYTES {
            let held = std::mem::take(deflate.get_mut());
            self.zip.append(&held)?;
        }
        Ok(())
    }

    /// Only within the first 64 bytes of a stored entry.
    fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok().filter(|_| self.deflate.is_none());
        let place = start.and_then(|start| self.head.get_mut(start..start.checked_add(bytes.len())?));
        place.ok_or(io::ErrorKind::InvalidInput)?.copy_from_slice(bytes);
        self.zip.sink.patch(self.start + offset, bytes)
    }
}

/// Whether a size needs the zip64 fields.
fn is_large(size: u64) -> bool {
    size >= u64::from(ELSEWHERE)
}

/// The same length whatever the sizes are, so that it can be patched.
fn local_header(name: &str, method: u16, checksum: u32, stored: u64, size: u64) -> Vec<u8> {
    let large = is_large(stored) || is_large(size);
    let narrow = |size: u64| if large { ELSEWHERE } else { size as u32 };
    let mut header = b"PK\x03\x04".to_vec();
    for field in [if large { 45 } else { 20 }, UTF8, method, 0, DATE] {
        header.extend(field.to_le_bytes());
    }
    [checksum, narrow(stored), narrow(size)].iter().for_each(|field| header.extend(field.to_le_bytes()));
    [name.len() as u16, 20].iter().for_each(|length| header.extend(length.to_le_bytes()));
    header.extend(name.as_bytes());
    [if large { ZIP64 } else { UNUSED }, 16].iter().for_each(|field| header.extend(field.to_le_bytes()));
    [size, stored].iter().for_each(|size| header.extend(if large { *size } else { 0 }.to_le_bytes()));
    header
}

fn directory_entry(entry: &Listed) -> Vec<u8> {
    // All three fields or none: simpler, and as valid.
    let large = [entry.size, entry.stored, entry.at].into_iter().any(is_large);
    let narrow = |value: u64| if large { ELSEWHERE } else { value as u32 };
    let version = if large { 45_u16 } else { 20 };
    let mut listed = b"PK\x01\x02".to_vec();
    for field in [version, version, UTF8, entry.method, 0, DATE] {
        listed.extend(field.to_le_bytes());
    }
    for field in [entry.checksum, narrow(entry.stored), narrow(entry.size)] {
        listed.extend(field.to_le_bytes());
    }
    for length in [entry.name.len() as u16, if large { 28 } else { 0 }] {
        listed.extend(length.to_le_bytes());
    }
    listed.extend([0; 10]); // no comment, one disk, no attributes
    listed.extend(narrow(entry.at).to_le_bytes());
    listed.extend(entry.name.as_bytes());
    if large {
        [ZIP64, 24].iter().for_each(|field| listed.extend(field.to_le_bytes()));
        [entry.size, entry.stored, entry.at].iter().for_each(|field| listed.extend(field.to_le_bytes()));
    }
    listed
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn another_zip_library_reads_what_was_written() {
        let text = "to be deflated, ".repeat(100_000);
        let zip = Zip::new(Vec::new());
        let mut entry = zip.store("cells.h5ad").unwrap();
        entry.append(b"01234").unwrap();
        entry.append(&[7; 100]).unwrap();
        entry.patch(1, b"xyz").unwrap();
        assert!(entry.patch(62, b"xyz").is_err(), "beyond the head");
        let mut entry = entry.finish().unwrap().deflate("zellen-ä.csv").unwrap();
        text.as_bytes().chunks(1000).for_each(|part| entry.append(part).unwrap());
        assert!(entry.patch(0, b"x").is_err(), "compressed bytes are gone");
        let bytes = entry.finish().unwrap().store("empty").unwrap().finish().unwrap().finish().unwrap();

        let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
        let mut read = |name: &str| {
            let mut content = Vec::new();
            archive.by_name(name).unwrap().read_to_end(&mut content).map(|_| content).unwrap()
        };
        let mut stored = b"0xyz4".to_vec();
        stored.extend([7; 100]);
        assert_eq!(read("cells.h5ad"), stored);
        assert_eq!(read("zellen-ä.csv"), text.as_bytes());
        assert_eq!(read("empty"), b"");
        assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
    }

    /// Counts and forgets: an archive of more than 4 GB without the disk.
    #[derive(Default)]
    struct Counted {
        length: u64,
        tail: Vec<u8>,
        patches: Vec<(u64, Vec<u8>)>,
    }

    impl Sink for Counted {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.length += bytes.len() as u64;
            self.tail = bytes.to_vec();
            Ok(())
        }

        fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
            self.patches.push((offset, bytes.to_vec()));
            Ok(())
        }
    }

    #[test]
    fn entries_beyond_4_gb_use_zip64() {
        let mut entry = Zip::new(Counted::default()).store("large").unwrap();
        let part = vec![0; 1 << 26];
        (0..65).for_each(|_| entry.append(&part).unwrap());
        let written = entry.finish().unwrap().finish().unwrap();
        let size = 65_u64 << 26;
        let (offset, header) = &written.patches[0];
        assert_eq!((*offset, &header[18..26]), (0, [0xff; 8].as_slice()));
        assert_eq!(&header[35..39], [1, 0, 16, 0]);
        assert_eq!(header[39..47], size.to_le_bytes());
        assert_eq!(written.length, size + 55 + (46 + 5 + 28) + 56 + 20 + 22);
        assert_eq!(&written.tail[..4], b"PK\x06\x06");
    }
}

//! The zip container: written plainly, read strictly.
//!
//! A bundle uses a small part of zip, so that every byte has one meaning: no comments, extra fields, encryption, data
//! descriptors, zip64, directories, or bytes between entries. Everything is checked against the file's length before
//! anything is allocated.

use std::io::{Cursor, Read, Write};

use flate2::{Crc, bufread::DeflateDecoder};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::BundleError;

/// Largest bundle that is read. Geneformer's largest model at one byte a weight needs a third of it.
pub(super) const MAX_FILE_BYTES: usize = 1 << 30;
/// Text never shrinks so much; what does is a bomb.
const MAX_RATIO: usize = 200;

const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const UTF8_FLAG: u16 = 1 << 11;

/// What an entry is called, how it is kept and how large it may be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntryKind {
    pub name: &'static str,
    deflated: bool,
    max_bytes: usize,
}

pub(super) const MANIFEST: EntryKind = EntryKind { name: "manifest.json", deflated: true, max_bytes: 4 << 20 };
pub(super) const GENES: EntryKind = EntryKind { name: "genes.tsv", deflated: true, max_bytes: 64 << 20 };
pub(super) const MODEL_CARD: EntryKind = EntryKind { name: "MODEL_CARD.md", deflated: true, max_bytes: 1 << 20 };
pub(super) const WEIGHTS: EntryKind =
    EntryKind { name: "weights.safetensors", deflated: false, max_bytes: MAX_FILE_BYTES };
pub(super) const REFERENCE: EntryKind =
    EntryKind { name: "reference.safetensors", deflated: false, max_bytes: MAX_FILE_BYTES };
/// All entries, in the order in which they are written.
pub(super) const ENTRIES: [&EntryKind; 5] = [&MANIFEST, &MODEL_CARD, &GENES, &WEIGHTS, &REFERENCE];

/// Writes the entries: the same content gives the same bytes. `contents` is in the order of [`ENTRIES`].
pub(super) fn write(contents: [&[u8]; 5]) -> Result<Vec<u8>, BundleError> {
    let failed = |_| BundleError::BadArchive("the archive could not be written");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (kind, content) in ENTRIES.into_iter().zip(contents) {
        if content.len() > kind.max_bytes {
            return Err(BundleError::TooLarge(kind.name));
        }
        let method = if kind.deflated { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        // The earliest time that zip knows, so that the bytes do not depend on when they were written.
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default());
        zip.start_file(kind.name, options.unix_permissions(0o644)).map_err(|error| failed(error.into()))?;
        zip.write_all(content).map_err(failed)?;
    }
    Ok(zip.finish().map_err(|error| failed(error.into()))?.into_inner())
}

/// The entries of a bundle, located but not yet unpacked.
#[derive(Debug)]
pub(super) struct Archive<'a> {
    entries: Vec<Entry<'a>>,
}

#[derive(Debug)]
struct Entry<'a> {
    kind: &'static EntryKind,
    method: u16,
    crc: u32,
    bytes: usize,
    packed: &'a [u8],
    start: usize,
    end: usize,
}

impl<'a> Archive<'a> {
    /// Locates the entries.
    ///
    /// # Errors
    /// `bundle.not-a-zip`, `bundle.bad-archive`, `bundle.unsafe-path`, `bundle.unexpected-entry`, `bundle.duplicate-entry`,
    /// `bundle.missing-entry`, `bundle.too-large`.
    pub(super) fn open(file: &'a [u8]) -> Result<Self, BundleError> {
        if !file.starts_with(b"PK\x03\x04") {
            return Err(BundleError::NotAZip);
        }
        if file.len() > MAX_FILE_BYTES {
            return Err(BundleError::TooLarge("the file"));
        }
        let end_at = file.len().checked_sub(END_BYTES).ok_or(BundleError::BadArchive("it is cut short"))?;
        let end = Fields(&file[end_at..]);
        let (count, directory_at) = (usize::from(end.u16(10)?), end.size(16)?);
        if end.u32(0)? != 0x0605_4b50 {
            return Err(BundleError::BadArchive("it does not end as a zip archive does"));
        }
        let one_disk = end.u32(4)? == 0 && usize::from(end.u16(8)?) == count && end.u16(20)? == 0;
        if !one_disk || directory_at.checked_add(end.size(12)?) != Some(end_at) {
            return Err(BundleError::BadArchive("its directory is not where it should be"));
        }
        if count > ENTRIES.len() {
            return Err(BundleError::UnexpectedEntry);
        }

        let mut entries: Vec<Entry> = Vec::with_capacity(count);
        let mut at = directory_at;
        for _ in 0..count {
            let entry = Entry::read(file, &mut at, directory_at)?;
            if entries.iter().any(|other| other.kind == entry.kind) {
                return Err(BundleError::DuplicateEntry(entry.kind.name));
            }
            entries.push(entry);
        }
        if at != end_at {
            return Err(BundleError::BadArchive("its directory has bytes without meaning"));
        }
        entries.sort_by_key(|entry| entry.start);
        let mut expected = 0;
        for entry in &entries {
            if entry.start != expected {
                return Err(BundleError::BadArchive("its entries overlap or leave holes"));
            }
            expected = entry.end;
        }
        if expected != directory_at {
            return Err(BundleError::BadArchive("its entries overlap or leave holes"));
        }
        match ENTRIES.iter().find(|kind| !entries.iter().any(|entry| entry.kind == **kind)) {
            Some(missing) => Err(BundleError::MissingEntry(missing.name)),
            None => Ok(Self { entries }),
        }
    }

    /// Unpacks one entry. At most its declared size is allocated, which [`Archive::open`] has bounded.
    ///
    /// # Errors
    /// `bundle.bad-archive` if the content is not as long as declared or fails its checksum.
    pub(super) fn unpack(&self, kind: &EntryKind) -> Result<Vec<u8>, BundleError> {
        let entry =
            self.entries.iter().find(|entry| entry.kind == kind).ok_or(BundleError::MissingEntry("an entry"))?;
        let content = if entry.method == STORED { entry.packed.to_vec() } else { entry.inflate()? };
        let mut crc = Crc::new();
        crc.update(&content);
        if crc.sum() != entry.crc {
            return Err(BundleError::BadArchive("an entry fails its checksum"));
        }
        Ok(content)
    }
}

impl<'a> Entry<'a> {
    /// Reads the directory record at `at` and the local header that it points to, which must say the same.
    fn read(file: &'a [u8], at: &mut usize, directory_at: usize) -> Result<Self, BundleError> {
        let cut = BundleError::BadArchive("its directory is cut short");
        let record = Fields(file.get(*at..).ok_or(cut)?);
        let (flags, method, crc) = (record.u16(8)?, record.u16(10)?, record.u32(16)?);
        let (packed_bytes, bytes, name_bytes) = (record.size(20)?, record.size(24)?, usize::from(record.u16(28)?));
        if record.u32(0)? != 0x0201_4b50 || flags & !UTF8_FLAG != 0 || record.u32(30)? != 0 || record.u16(34)? != 0 {
            return Err(BundleError::BadArchive("an entry uses a feature of zip that bundles do not"));
        }
        let name = record.0.get(CENTRAL_BYTES..CENTRAL_BYTES + name_bytes);
        let name = name.ok_or(BundleError::BadArchive("its directory is cut short"))?;
        let kind = kind_of(name)?;
        *at += CENTRAL_BYTES + name_bytes;

        let start = record.size(42)?;
        let header = file.get(start..directory_at).ok_or(BundleError::BadArchive("an entry lies outside the file"))?;
        let header = Fields(header);
        // Version needed, flags, method, time, date, checksum, sizes and name length lie in the same order in both.
        let same = header.u32(0)? == 0x0403_4b50
            && header.0.get(4..28) == record.0.get(6..30)
            && header.u16(28)? == 0
            && header.0.get(LOCAL_BYTES..LOCAL_BYTES + name_bytes) == Some(name);
        if !same {
            return Err(BundleError::BadArchive("an entry and its directory record differ"));
        }
        let packed_at = LOCAL_BYTES + name_bytes;
        let packed = packed_at.checked_add(packed_bytes).and_then(|end| header.0.get(packed_at..end));
        let packed = packed.ok_or(BundleError::BadArchive("an entry lies outside the file"))?;
        let method_is_right =
            if kind.deflated { method == DEFLATED } else { method == STORED && packed_bytes == bytes };
        if !method_is_right {
            return Err(BundleError::BadArchive("an entry is compressed in another way than it should be"));
        }
        if bytes > kind.max_bytes || bytes / MAX_RATIO > packed_bytes {
            return Err(BundleError::TooLarge(kind.name));
        }
        Ok(Self { kind, method, crc, bytes, packed, start, end: start + packed_at + packed_bytes })
    }

    fn inflate(&self) -> Result<Vec<u8>, BundleError> {
        let mut content = Vec::with_capacity(self.bytes);
        let mut decoder = DeflateDecoder::new(self.packed);
        // One byte more than declared, to notice a lie.
        let read = decoder.by_ref().take(self.bytes as u64 + 1).read_to_end(&mut content);
        let whole = read.is_ok() && content.len() == self.bytes && decoder.total_in() == self.packed.len() as u64;
        if whole { Ok(content) } else { Err(BundleError::BadArchive("an entry is not as long as it says")) }
    }
}

/// The entry of this name; the names are fixed, so a path never reaches a file system.
fn kind_of(name: &[u8]) -> Result<&'static EntryKind, BundleError> {
    if let Some(kind) = ENTRIES.into_iter().find(|kind| kind.name.as_bytes() == name) {
        return Ok(kind);
    }
    let leads_outside = name.iter().any(|byte| matches!(byte, b'/' | b'\\' | b':' | 0)) || name.starts_with(b"..");
    Err(if leads_outside { BundleError::UnsafePath } else { BundleError::UnexpectedEntry })
}

/// Little-endian numbers in a slice.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], BundleError> {
        let bytes = self.0.get(at..at + N).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or(BundleError::BadArchive("a record is cut short"))
    }

    fn u16(&self, at: usize) -> Result<u16, BundleError> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Result<u32, BundleError> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn size(&self, at: usize) -> Result<usize, BundleError> {
        usize::try_from(self.u32(at)?).map_err(|_| BundleError::TooLarge("an entry"))
    }
}

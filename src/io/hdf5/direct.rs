//! Rows of an HDF5 dataset read straight from the source into the caller's memory.
//!
//! The library decodes into buffers of its own, keeps copies of chunks and hands out another copy. For the storage that
//! nearly every large matrix has (contiguous, or whole chunks that are plain, deflated, or shuffled and deflated) none of
//! that is needed: deflate writes where the numbers are wanted. Everything else stays with the library.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
};

use flate2::{Decompress, FlushDecompress, Status};
use hdf5_pure::{Chunk, Layout};

use super::super::{IoError, Source, codec::unshuffle_into, parallel};

/// Stored bytes read at once: neighbouring small chunks together, because a browser's `File` takes as long for few bytes
/// as for many.
const SPAN_BYTES: u64 = 1 << 20;

/// Where the leading rows of a dataset lie and how they are packed.
pub(super) struct Direct {
    storage: Storage,
    row_bytes: usize,
    element_bytes: usize,
    n_rows: usize,
    /// Of threads that have read: buffers and decoders are kept for the next time.
    idle: Mutex<Vec<Scratch>>,
}

enum Storage {
    /// One run of bytes.
    Run { address: u64 },
    /// Chunks of whole rows, in order and without a gap.
    Chunks { rows: usize, packing: Packing, stored: Vec<Stored> },
}

#[derive(Clone, Copy, PartialEq)]
enum Packing {
    Plain,
    Deflate,
    ShuffleDeflate,
}

#[derive(Clone, Copy)]
struct Stored {
    address: u64,
    bytes: u64,
}

#[derive(Default)]
struct Scratch {
    decoder: Option<Decompress>,
    stored: Vec<u8>,
    shuffled: Vec<u8>,
}

/// Neighbouring chunks and where their rows belong.
struct Piece<'a> {
    chunks: Range<usize>,
    address: u64,
    bytes: u64,
    out: &'a mut [u8],
}

impl Direct {
    /// For unchunked storage; `None` where there is none in this file. Nothing is read.
    pub(super) fn run(layout: &Layout, shape: &[u64], element_bytes: u64, file_bytes: u64) -> Option<Self> {
        let Layout::Contiguous { address: Some(address), size } = *layout else { return None };
        let (n_rows, row_bytes) = rows_of(shape, element_bytes)?;
        let bytes = (n_rows as u64).checked_mul(row_bytes as u64).filter(|bytes| *bytes <= size)?;
        address.checked_add(bytes).filter(|end| *end <= file_bytes)?;
        Some(Self::new(Storage::Run { address }, row_bytes, element_bytes, n_rows))
    }

    /// For chunks that the caller found to lie inside the file; `None` where the library has to read them.
    pub(super) fn chunked(
        layout: &Layout,
        shape: &[u64],
        element_bytes: u64,
        filters: &[u16],
        mut chunks: Vec<Chunk>,
    ) -> Option<Self> {
        let Layout::Chunked { chunk_shape, .. } = layout else { return None };
        let (n_rows, row_bytes) = rows_of(shape, element_bytes)?;
        let packing = match filters {
            [] => Packing::Plain,
            [1] => Packing::Deflate,
            [2, 1] => Packing::ShuffleDeflate,
            _ => return None,
        };
        if chunk_shape.len() != shape.len() || chunk_shape[1..] != shape[1..] {
            return None;
        }
        let rows = usize::try_from(*chunk_shape.first()?).ok().filter(|rows| *rows > 0)?;
        let bytes = rows.checked_mul(row_bytes)? as u64;
        chunks.sort_unstable_by(|a, b| a.offset.cmp(&b.offset));
        let mut stored = Vec::with_capacity(chunks.len());
        for chunk in &chunks {
            // Up to the first chunk that is missing, twice there, cut by the end of the dataset, or packed differently.
            let first = (stored.len() as u64).checked_mul(rows as u64)?;
            let is_next = chunk.offset.first() == Some(&first) && chunk.offset[1..].iter().all(|edge| *edge == 0);
            let is_whole = first + rows as u64 <= n_rows as u64 && chunk.filter_mask == 0;
            // Deflate adds 5 bytes to 16 KiB where it cannot compress.
            let is_sound = if packing == Packing::Plain {
                chunk.storage_size == bytes
            } else {
                chunk.storage_size <= bytes + bytes / 1024 + 64
            };
            if !(is_next && is_whole && is_sound) {
                break;
            }
            stored.push(Stored { address: chunk.address, bytes: chunk.storage_size });
        }
        let n_rows = stored.len().checked_mul(rows)?;
        Some(Self::new(Storage::Chunks { rows, packing, stored }, row_bytes, element_bytes, n_rows))
    }

    fn new(storage: Storage, row_bytes: usize, element_bytes: u64, n_rows: usize) -> Self {
        Self { storage, row_bytes, element_bytes: element_bytes as usize, n_rows, idle: Mutex::default() }
    }

    /// Those of `rows` that [`Direct::read`] can read: whole chunks. May be empty.
    pub(super) fn covered(&self, rows: &Range<usize>) -> Range<usize> {
        let step = match &self.storage {
            Storage::Run { .. } => 1,
            Storage::Chunks { rows, .. } => *rows,
        };
        let start = rows.start.div_ceil(step).saturating_mul(step).min(rows.end);
        let end = rows.end.min(self.n_rows) / step * step;
        start..end.max(start)
    }

    /// Fills `out`, `rows × bytes of a row` of it, with rows that are [covered](Direct::covered). The bytes are as stored.
    pub(super) fn read(
        &self,
        source: &dyn Source,
        rows: Range<usize>,
        out: &mut [u8],
        place: &'static str,
    ) -> Result<(), IoError> {
        let changed = || IoError::bad(place, "it holds fewer values than it says");
        if rows.end > self.n_rows || out.len() != rows.len() * self.row_bytes {
            return Err(changed());
        }
        match &self.storage {
            Storage::Run { address } => read_at(source, address + rows.start as u64 * self.row_bytes as u64, out),
            Storage::Chunks { rows: chunk_rows, packing, stored } => {
                let chunks = rows.start / chunk_rows..rows.end / chunk_rows;
                let pieces = pieces(stored, chunks, chunk_rows * self.row_bytes, out);
                parallel::for_each(pieces, |piece| match packing {
                    Packing::Plain => read_at(source, piece.address, piece.out),
                    _ => {
                        let mut scratch = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                        let done = self.unpack(source, piece, stored, scratch.get_or_insert_default(), place);
                        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(scratch);
                        done
                    }
                })
            }
        }
    }

    fn unpack(
        &self,
        source: &dyn Source,
        piece: Piece,
        stored: &[Stored],
        scratch: &mut Scratch,
        place: &'static str,
    ) -> Result<(), IoError> {
        let Scratch { decoder, stored: packed, shuffled } = scratch;
        let decoder = decoder.get_or_insert_with(|| Decompress::new(true));
        packed.resize(piece.bytes as usize, 0);
        read_at(source, piece.address, packed)?;
        let chunk_bytes = piece.out.len() / piece.chunks.len().max(1);
        let is_shuffled = matches!(self.storage, Storage::Chunks { packing: Packing::ShuffleDeflate, .. });
        let mut rest = packed.as_slice();
        for (chunk, out) in stored[piece.chunks].iter().zip(piece.out.chunks_exact_mut(chunk_bytes.max(1))) {
            let (bytes, later) = rest.split_at(rest.len().min(chunk.bytes as usize));
            rest = later;
            let is_whole = if is_shuffled {
                shuffled.resize(chunk_bytes, 0);
                let is_whole = inflate(decoder, bytes, shuffled);
                unshuffle_into(shuffled, self.element_bytes, out);
                is_whole
            } else {
                inflate(decoder, bytes, out)
            };
            if !is_whole {
                return Err(IoError::bad(place, "its compressed bytes are damaged"));
            }
        }
        Ok(())
    }
}

/// Rows and the bytes of each.
fn rows_of(shape: &[u64], element_bytes: u64) -> Option<(usize, usize)> {
    let (n_rows, inner) = shape.split_first()?;
    let row_bytes = inner.iter().try_fold(element_bytes, |bytes, edge| bytes.checked_mul(*edge))?;
    let row_bytes = usize::try_from(row_bytes).ok().filter(|bytes| *bytes > 0)?;
    Some((usize::try_from(*n_rows).ok()?, row_bytes))
}

/// Puts chunks together that are neighbours in the file, and gives each its part of `out`.
fn pieces<'a>(stored: &[Stored], chunks: Range<usize>, chunk_bytes: usize, mut out: &'a mut [u8]) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = chunks.start;
    while at < chunks.end {
        let (start, address, mut bytes) = (at, stored[at].address, stored[at].bytes);
        at += 1;
        while at < chunks.end
            && Some(stored[at].address) == address.checked_add(bytes)
            && bytes + stored[at].bytes <= SPAN_BYTES
        {
            bytes += stored[at].bytes;
            at += 1;
        }
        let (now, later) = out.split_at_mut((at - start) * chunk_bytes);
        out = later;
        pieces.push(Piece { chunks: start..at, address, bytes, out: now });
    }
    pieces
}

fn read_at(source: &dyn Source, offset: u64, out: &mut [u8]) -> Result<(), IoError> {
    source.read_at(offset, out).map_err(|error| IoError::unreadable(error.kind()))
}

/// Whether `input` was one sound zlib stream of as many bytes as `out` takes.
fn inflate(decoder: &mut Decompress, input: &[u8], out: &mut [u8]) -> bool {
    decoder.reset(true);
    loop {
        let (consumed, produced) = (decoder.total_in() as usize, decoder.total_out() as usize);
        // A byte beyond the last tells a stream that is too long from one whose checksum is yet to come.
        let mut spare = [0];
        let target = if produced < out.len() { &mut out[produced..] } else { &mut spare[..] };
        let Some(input) = input.get(consumed..) else { return false };
        let status = decoder.decompress(input, target, FlushDecompress::Finish);
        let (now_consumed, now_produced) = (decoder.total_in() as usize, decoder.total_out() as usize);
        match status {
            Ok(Status::StreamEnd) => return now_produced == out.len(),
            Ok(_) if now_produced <= out.len() && (now_consumed, now_produced) != (consumed, produced) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::io::BytesSource;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Chunks of 4 rows of 2 bytes, one after the other but for a gap before the third.
    fn direct(n_chunks: usize, with: impl Fn(usize, &[u8]) -> Vec<u8>) -> (Direct, BytesSource) {
        let (mut file, mut stored) = (vec![0xee; 3], Vec::new());
        for chunk in 0..n_chunks {
            file.extend(vec![0xee; if chunk == 2 { 5 } else { 0 }]);
            let bytes: Vec<u8> = (0..8).map(|i| (8 * chunk + i) as u8).collect();
            let bytes = with(chunk, &bytes);
            stored.push(Stored { address: file.len() as u64, bytes: bytes.len() as u64 });
            file.extend(bytes);
        }
        let storage = Storage::Chunks { rows: 4, packing: Packing::Deflate, stored };
        (Direct::new(storage, 2, 1, 4 * n_chunks), BytesSource::new(file))
    }

    #[test]
    fn any_whole_chunks_give_their_bytes() {
        let (direct, source) = direct(5, |_, bytes| deflated(bytes));
        for range in [0..20, 4..16, 8..12, 8..8] {
            let mut out = vec![0; range.len() * 2];
            direct.read(&source, range.clone(), &mut out, "X").unwrap();
            assert_eq!(out, (range.start as u8 * 2..range.end as u8 * 2).collect::<Vec<_>>(), "{range:?}");
        }
        assert_eq!(direct.covered(&(3..19)), 4..16);
        assert!(direct.covered(&(5..7)).is_empty());
        assert!(direct.read(&source, 16..24, &mut [0; 16], "X").is_err());
    }

    #[test]
    fn a_stream_that_is_too_short_too_long_cut_or_changed_is_an_error() {
        type Damage = fn(&[u8]) -> Vec<u8>;
        let damage: [Damage; 5] = [
            |bytes| deflated(&bytes[..7]),
            |bytes| deflated(&[bytes, &[9]].concat()),
            |bytes| deflated(bytes)[..9].to_vec(),
            |bytes| {
                // The checksum at the end.
                let mut stream = deflated(bytes);
                *stream.last_mut().unwrap() ^= 1;
                stream
            },
            |_| Vec::new(),
        ];
        for (number, damage) in damage.iter().enumerate() {
            let (direct, source) = direct(4, |chunk, bytes| if chunk == 2 { damage(bytes) } else { deflated(bytes) });
            assert!(direct.read(&source, 0..16, &mut [0; 32], "X").is_err(), "{number}");
            direct.read(&source, 0..8, &mut [0; 16], "X").unwrap();
        }
    }
}

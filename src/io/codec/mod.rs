//! Decompression under a limit: what Zarr chunks and Parquet pages are compressed with.
//!
//! Every function is given the most bytes that may come out. Memory grows with what is really decoded, or is bounded
//! beforehand by what the compressor can achieve at best, so that a few bytes cannot claim a lot.

mod blosc;
mod shuffle;

use std::{io::Read, panic::catch_unwind};

pub(super) use blosc::blosc;
pub(super) use shuffle::{unshuffle, unshuffle_into};

/// What is wrong with compressed bytes; the caller says where they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// They do not decode.
    Bad,
    /// They decode to more than they may.
    Large,
    /// A compressor inside of a container that is not known here.
    Unknown(&'static str),
}

/// LZ4 gives at most 255 bytes for one.
const LZ4_EXPANSION: usize = 255;
/// A match of Snappy copies at most 64 bytes and takes at least 2.
const SNAPPY_EXPANSION: usize = 32;
/// A block of Zstandard gives at most 128 KiB and takes at least 4 bytes.
const ZSTD_EXPANSION: usize = 1 << 15;
/// The window that every decoder of Zstandard should allow.
const ZSTD_WINDOW: usize = 8 << 20;

/// Deflate with the header of gzip.
pub(super) fn gzip(input: &[u8], limit: usize) -> Result<Vec<u8>, Damage> {
    drain(flate2::read::MultiGzDecoder::new(input), limit)
}

/// Deflate with the header of zlib.
pub(super) fn zlib(input: &[u8], limit: usize) -> Result<Vec<u8>, Damage> {
    drain(flate2::read::ZlibDecoder::new(input), limit)
}

/// Frames of Zstandard, one after the other.
pub(super) fn zstd(mut input: &[u8], limit: usize) -> Result<Vec<u8>, Damage> {
    let mut out = Vec::new();
    while !input.is_empty() {
        // The decoder allocates the window before it decodes: no larger than the bytes at hand can fill.
        let window = limit.min(input.len().saturating_mul(ZSTD_EXPANSION)).max(ZSTD_WINDOW);
        let left = limit - out.len();
        // The library reports bad bytes as errors; should it panic all the same, a native process lives on.
        let (decoded, rest) = catch_unwind(|| {
            let mut rest = input;
            let decoder = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(&mut rest, window as u64);
            let decoded = drain(decoder.map_err(|_| Damage::Bad)?, left)?;
            Ok((decoded, rest))
        })
        .unwrap_or(Err(Damage::Bad))?;
        if rest.len() == input.len() {
            return Err(Damage::Bad);
        }
        input = rest;
        if out.is_empty() {
            out = decoded;
        } else {
            out.extend(decoded);
        }
    }
    Ok(out)
}

/// One block of LZ4, without a header.
pub(super) fn lz4(input: &[u8], limit: usize) -> Result<Vec<u8>, Damage> {
    // Of the claimed size and what the bytes can give the smaller one: the buffer comes before the decoding.
    let mut out = vec![0; limit.min(input.len().saturating_mul(LZ4_EXPANSION))];
    let length = lz4_flex::block::decompress_into(input, &mut out).map_err(|_| Damage::Bad)?;
    out.truncate(length);
    Ok(out)
}

/// One block of Snappy, without framing.
pub(super) fn snappy(input: &[u8], limit: usize) -> Result<Vec<u8>, Damage> {
    let length = snap::raw::decompress_len(input).map_err(|_| Damage::Bad)?;
    if length > limit || length > input.len().saturating_mul(SNAPPY_EXPANSION) {
        return Err(Damage::Large);
    }
    snap::raw::Decoder::new().decompress_vec(input).map_err(|_| Damage::Bad)
}

/// Everything that `decoder` gives, if it is not more than `limit` bytes.
fn drain(decoder: impl Read, limit: usize) -> Result<Vec<u8>, Damage> {
    let mut out = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut out).map_err(|_| Damage::Bad)?;
    if out.len() > limit { Err(Damage::Large) } else { Ok(out) }
}

/// The checksum that Zarr calls `crc32c`: Castagnoli's polynomial, reflected.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut value = at as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ 0x82f6_3b78 } else { value >> 1 };
                bit += 1;
            }
            table[at] = value;
            at += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| TABLE[(crc as u8 ^ byte) as usize] ^ crc >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_its_published_value() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn nothing_comes_out_beyond_the_limit() {
        // Six literals in LZ4 and in Snappy.
        assert_eq!(lz4(b"\x60abcdef", 6).unwrap(), b"abcdef");
        assert_eq!(lz4(b"\x60abcdef", 5), Err(Damage::Bad));
        assert_eq!(snappy(b"\x06\x14abcdef", 6).unwrap(), b"abcdef");
        assert_eq!(snappy(b"\x06\x14abcdef", 5), Err(Damage::Large));
        // A frame of Zstandard: one block that repeats a byte 1,000 times.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x60, 0xe8, 0x02, 0x43, 0x1f, 0x00, b'x'];
        assert_eq!(zstd(&frame, 1000).unwrap(), [b'x'; 1000]);
        assert_eq!(zstd(&[frame, frame].concat(), 2000).unwrap(), [b'x'; 2000]);
        assert_eq!(zstd(&frame, 999), Err(Damage::Large));
        assert_eq!(zstd(&frame[..10], 1000), Err(Damage::Bad));
    }
}

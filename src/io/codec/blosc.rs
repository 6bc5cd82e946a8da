//! Blosc 1, the container that Zarr wrote by default up to its version 2: blocks, split into streams, shuffled.
//!
//! Header: version, codec version, flags, element bytes, then three little-endian words: bytes, block bytes, all bytes
//! of the container. Then the start of every block, then the blocks. A stream as long as its contents is stored plain.

use super::{Damage, lz4, shuffle, zlib, zstd};

const HEADER_BYTES: usize = 16;
/// Blocks of Blosc lie in the processor's cache; none of its versions makes larger ones than this.
const MAX_BLOCK_BYTES: usize = 64 << 20;

/// Decodes a Blosc container.
pub(in crate::io) fn blosc(input: &[u8], limit: usize) -> Result<Vec<u8>, Damage> {
    let header = input.get(..HEADER_BYTES).ok_or(Damage::Bad)?;
    let (flags, element_bytes) = (header[2], usize::from(header[3]));
    let (total, block_bytes, stored) =
        (word(input, 4).ok_or(Damage::Bad)?, word(input, 8).ok_or(Damage::Bad)?, word(input, 12).ok_or(Damage::Bad)?);
    let input = input.get(..stored).ok_or(Damage::Bad)?;
    if total > limit {
        return Err(Damage::Large);
    }
    // Both shuffle bits together mark the extended header of Blosc 2.
    if flags & 0b101 == 0b101 {
        return Err(Damage::Unknown("Blosc 2"));
    }
    if flags & 0b10 != 0 {
        let plain = input.get(HEADER_BYTES..).and_then(|rest| rest.get(..total)).ok_or(Damage::Bad)?;
        return Ok(plain.to_vec());
    }
    if total == 0 {
        return Ok(Vec::new());
    }
    if block_bytes == 0 || block_bytes > MAX_BLOCK_BYTES.min(total) || element_bytes == 0 {
        return Err(Damage::Bad);
    }
    let n_blocks = total.div_ceil(block_bytes);
    if n_blocks > input.len() / 4 {
        return Err(Damage::Bad);
    }
    let mut out = Vec::new();
    for block in 0..n_blocks {
        let bytes = block_bytes.min(total - block * block_bytes);
        let start = word(input, HEADER_BYTES + 4 * block).ok_or(Damage::Bad)?;
        // A shorter last block is never split.
        let is_split = flags & 0x10 == 0 && bytes == block_bytes && splits(element_bytes, block_bytes);
        let n_streams = if is_split { element_bytes } else { 1 };
        let decoded = streams(input, start, n_streams, bytes, flags >> 5)?;
        match flags & 0b101 {
            1 => out.extend(shuffle::unshuffle(&decoded, element_bytes)),
            4 => out.extend(shuffle::unshuffle_bits(&decoded, element_bytes)),
            _ => out.extend(decoded),
        }
    }
    Ok(out)
}

/// The rule by which Blosc makes one stream of each byte of the elements.
fn splits(element_bytes: usize, block_bytes: usize) -> bool {
    element_bytes <= 16 && block_bytes / element_bytes >= 128
}

/// The streams of a block, each with its length in front.
fn streams(input: &[u8], start: usize, n_streams: usize, bytes: usize, codec: u8) -> Result<Vec<u8>, Damage> {
    let stream_bytes = bytes / n_streams;
    let mut out = Vec::new();
    let mut at = start;
    for _ in 0..n_streams {
        let length = word(input, at).ok_or(Damage::Bad)?;
        at = at.checked_add(4).ok_or(Damage::Bad)?;
        let end = at.checked_add(length).ok_or(Damage::Bad)?;
        let stream = input.get(at..end).ok_or(Damage::Bad)?;
        at = end;
        let before = out.len();
        if length == stream_bytes {
            out.extend_from_slice(stream);
        } else {
            match codec {
                0 => blosclz(stream, stream_bytes, &mut out)?,
                // LZ4HC only compresses differently.
                1 => out.extend(lz4(stream, stream_bytes)?),
                3 => out.extend(zlib(stream, stream_bytes)?),
                4 => out.extend(zstd(stream, stream_bytes)?),
                2 => return Err(Damage::Unknown("Blosc with Snappy")),
                _ => return Err(Damage::Unknown("an unknown codec in Blosc")),
            }
        }
        if out.len() - before != stream_bytes {
            return Err(Damage::Bad);
        }
    }
    if out.len() == bytes { Ok(out) } else { Err(Damage::Bad) }
}

/// BloscLZ, a descendant of FastLZ: runs of literals, and matches of up to 8 KiB back or, with two more bytes, 72 KiB.
fn blosclz(input: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), Damage> {
    const FAR: usize = 8191;
    let base = out.len();
    let mut bytes = input.iter().copied();
    let mut next = || bytes.next().ok_or(Damage::Bad);
    // The first byte is always the length of a run of literals.
    let mut control = usize::from(next()? & 31);
    loop {
        if control < 32 {
            if out.len() - base + control + 1 > limit {
                return Err(Damage::Large);
            }
            for _ in 0..=control {
                out.push(next()?);
            }
        } else {
            let mut length = (control >> 5) - 1;
            let mut distance = (control & 31) << 8;
            if length == 6 {
                loop {
                    let more = usize::from(next()?);
                    length += more;
                    if length > limit {
                        return Err(Damage::Large);
                    }
                    if more != 255 {
                        break;
                    }
                }
            }
            distance += usize::from(next()?);
            if distance == FAR {
                distance += usize::from(next()?) << 8;
                distance += usize::from(next()?);
            }
            length += 3;
            distance += 1;
            let written = out.len() - base;
            if distance > written {
                return Err(Damage::Bad);
            }
            if written + length > limit {
                return Err(Damage::Large);
            }
            // Byte by byte: a match may reach into what it writes itself.
            for _ in 0..length {
                out.push(out[out.len() - distance]);
            }
        }
        if out.len() - base == limit {
            return Ok(());
        }
        control = usize::from(next()?);
    }
}

/// The little-endian word at `at`.
fn word(input: &[u8], at: usize) -> Option<usize> {
    let bytes = input.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
}

//! The pages of a column in one row group, decompressed and decoded.

use super::{
    super::{IoError, codec},
    PLACE, encoding,
    metadata::{Chunk, Leaf, Meaning, Physical},
    thrift,
    values::{Bytes, Values},
};

/// A page is decompressed whole.
const MAX_PAGE_BYTES: u64 = 256 << 20;

fn damaged() -> IoError {
    IoError::bad(PLACE, "a page of a column does not decode")
}

/// Appends the `n_rows` values of a row group, whose bytes are `bytes`, to `values`.
pub(super) fn read(
    bytes: &[u8],
    chunk: &Chunk,
    leaf: &Leaf,
    n_rows: usize,
    values: &mut Values,
) -> Result<(), IoError> {
    let (mut at, mut read) = (0, 0);
    let mut dictionary = None;
    while read < n_rows {
        let (header, header_bytes) = bytes.get(at..).and_then(thrift::decode).ok_or_else(damaged)?;
        let size = |id| header.size(id).filter(|size| *size <= MAX_PAGE_BYTES).map(|size| size as usize);
        let (whole, stored) = (size(2).ok_or_else(damaged)?, size(3).ok_or_else(damaged)?);
        at += header_bytes;
        let page = bytes.get(at..).and_then(|rest| rest.get(..stored)).ok_or_else(damaged)?;
        at += stored;
        let unpack = |page: &[u8], whole: usize| decompress(page, chunk.compression, whole);
        // Lengths of levels that are in front of a version-2 page and never compressed.
        let count = |head: Option<&thrift::Struct>| {
            head.and_then(|head| head.size(1)).and_then(|n| usize::try_from(n).ok()).ok_or_else(damaged)
        };
        match header.int(1) {
            Some(2) => {
                let head = header.child(7);
                let n = count(head)?;
                let mut entries = Values::new(leaf);
                plain(&unpack(page, whole)?, n, leaf, &mut entries)?;
                dictionary = Some(entries);
            }
            Some(0) => {
                let head = header.child(5);
                let n = count(head)?;
                let page = unpack(page, whole)?;
                let (levels, body) = levels_v1(&page, leaf.is_optional)?;
                let encoding = head.and_then(|head| head.int(2));
                let present = present(levels, n.min(n_rows - read + 1), leaf.is_optional)?;
                body_of(body, encoding, n, n_rows - read, present, leaf, dictionary.as_ref(), values)?;
                read += n;
            }
            Some(3) => {
                let head = header.child(8).ok_or_else(damaged)?;
                let n = count(Some(head))?;
                let level_bytes = |id| head.size(id).and_then(|n| usize::try_from(n).ok()).ok_or_else(damaged);
                let (definitions, repetitions) = (level_bytes(5)?, level_bytes(6)?);
                let levels_end = definitions.checked_add(repetitions).ok_or_else(damaged)?;
                let levels = page.get(repetitions..levels_end).ok_or_else(damaged)?;
                let body = page.get(levels_end..).ok_or_else(damaged)?;
                let whole = whole.checked_sub(levels_end).ok_or_else(damaged)?;
                let is_compressed = head.bool(7).unwrap_or(true) && !body.is_empty();
                let body = if is_compressed { unpack(body, whole)? } else { body.to_vec() };
                let present = present(levels, n.min(n_rows - read + 1), leaf.is_optional)?;
                body_of(&body, head.int(4), n, n_rows - read, present, leaf, dictionary.as_ref(), values)?;
                read += n;
            }
            Some(1) => {}
            _ => return Err(damaged()),
        }
    }
    Ok(())
}

fn decompress(page: &[u8], compression: i64, whole: usize) -> Result<Vec<u8>, IoError> {
    let out = match compression {
        0 => Ok(page.to_vec()),
        1 => codec::snappy(page, whole),
        2 => codec::gzip(page, whole),
        6 => codec::zstd(page, whole),
        7 => codec::lz4(page, whole),
        other => return Err(IoError::UnsupportedCodec(compression_name(other).to_owned())),
    };
    out.ok().filter(|out| out.len() == whole).ok_or_else(damaged)
}

fn compression_name(compression: i64) -> &'static str {
    match compression {
        3 => "LZO (in Parquet)",
        4 => "Brotli (in Parquet)",
        5 => "LZ4 in Hadoop's framing (in Parquet)",
        _ => "an unknown compression (in Parquet)",
    }
}

/// The definition levels in front of a version-1 page, and the rest.
fn levels_v1(page: &[u8], is_optional: bool) -> Result<(&[u8], &[u8]), IoError> {
    if !is_optional {
        return Ok((&[], page));
    }
    let (length, rest) = page.split_first_chunk::<4>().ok_or_else(damaged)?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(damaged)
}

/// Which of `count` values are there; `None` if all are.
fn present(levels: &[u8], count: usize, is_optional: bool) -> Result<Option<Vec<u32>>, IoError> {
    if !is_optional {
        return Ok(None);
    }
    let levels = encoding::hybrid(levels, 1, count).ok_or_else(damaged)?;
    Ok(levels.contains(&0).then_some(levels))
}

#[expect(clippy::too_many_arguments, reason = "the parts of a page, put together once")]
fn body_of(
    body: &[u8],
    encoding: Option<i64>,
    n: usize,
    n_left: usize,
    present: Option<Vec<u32>>,
    leaf: &Leaf,
    dictionary: Option<&Values>,
    values: &mut Values,
) -> Result<(), IoError> {
    if n > n_left {
        return Err(IoError::bad(PLACE, "a column holds more values than there are rows"));
    }
    let Some(present) = present else { return encoded(body, encoding, n, leaf, dictionary, values) };
    let mut some = Values::new(leaf);
    let n_some = present.iter().filter(|level| **level == 1).count();
    encoded(body, encoding, n_some, leaf, dictionary, &mut some)?;
    values.spread(&some, &present)
}

/// Appends `count` values that are all there.
fn encoded(
    body: &[u8],
    encoding: Option<i64>,
    count: usize,
    leaf: &Leaf,
    dictionary: Option<&Values>,
    values: &mut Values,
) -> Result<(), IoError> {
    match encoding {
        Some(0) => plain(body, count, leaf, values),
        Some(2 | 8) => {
            if count == 0 {
                return Ok(());
            }
            let (width, indices) = body.split_first().ok_or_else(damaged)?;
            let indices = encoding::hybrid(indices, u32::from(*width), count).ok_or_else(damaged)?;
            values.gather(dictionary.ok_or_else(damaged)?, &indices)
        }
        Some(3) if leaf.physical == Physical::Boolean => {
            let (levels, _) = levels_v1(body, true)?;
            let bits = encoding::hybrid(levels, 1, count).ok_or_else(damaged)?;
            values.extend_ints(bits.into_iter().map(i64::from))
        }
        Some(5) if matches!(leaf.physical, Physical::Int32 | Physical::Int64) => {
            let (decoded, _) = encoding::delta(body, count).ok_or_else(damaged)?;
            values.extend_ints(decoded.into_iter().map(|value| integer(value, leaf)))
        }
        Some(6) if leaf.physical == Physical::Bytes => {
            let (lengths, taken) = encoding::lengths(body, count).ok_or_else(damaged)?;
            let mut rest = body.get(taken..).ok_or_else(damaged)?;
            values.extend_bytes(|out| {
                for length in lengths {
                    let (bytes, after) = rest.split_at_checked(length).ok_or_else(damaged)?;
                    out.push(&[], bytes)?;
                    rest = after;
                }
                Ok(())
            })
        }
        Some(7) if leaf.physical == Physical::Bytes => {
            let (prefixes, taken) = encoding::lengths(body, count).ok_or_else(damaged)?;
            let rest = body.get(taken..).ok_or_else(damaged)?;
            let (suffixes, taken) = encoding::lengths(rest, count).ok_or_else(damaged)?;
            let mut rest = rest.get(taken..).ok_or_else(damaged)?;
            values.extend_bytes(|out| {
                let mut last = Vec::new();
                for (prefix, suffix) in prefixes.into_iter().zip(suffixes) {
                    let (bytes, after) = rest.split_at_checked(suffix).ok_or_else(damaged)?;
                    if prefix > last.len() {
                        return Err(damaged());
                    }
                    last.truncate(prefix);
                    out.push(&last, bytes)?;
                    last.extend_from_slice(bytes);
                    rest = after;
                }
                Ok(())
            })
        }
        Some(9) => match width(leaf.physical) {
            Some(width) => plain(&encoding::byte_streams(body, width, count).ok_or_else(damaged)?, count, leaf, values),
            None => Err(damaged()),
        },
        Some(3..=7) | None => Err(damaged()),
        Some(_) => Err(IoError::UnsupportedCodec("an unknown encoding (in Parquet)".into())),
    }
}

/// Appends `count` values that lie one after the other.
fn plain(body: &[u8], count: usize, leaf: &Leaf, values: &mut Values) -> Result<(), IoError> {
    let Some(width) = width(leaf.physical) else {
        if leaf.physical == Physical::Boolean {
            let bits = encoding::bits(body, count).ok_or_else(damaged)?;
            return values.extend_ints(bits.into_iter().map(i64::from));
        }
        let mut rest = body;
        return values.extend_bytes(|out: &mut Bytes| {
            for _ in 0..count {
                let (length, after) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
                let (bytes, after) =
                    after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(damaged)?;
                out.push(&[], bytes)?;
                rest = after;
            }
            Ok(())
        });
    };
    let bytes = width.checked_mul(count).and_then(|bytes| body.get(..bytes)).ok_or_else(damaged)?;
    let records = bytes.chunks_exact(width);
    match leaf.physical {
        Physical::Int32 => values.extend_ints(records.map(|r| integer(i64::from(word(r) as i32), leaf))),
        Physical::Int64 => values.extend_ints(records.map(|r| word(r) as i64)),
        Physical::Float => values.extend_floats(records.map(|r| f64::from(f32::from_bits(word(r) as u32)))),
        Physical::Double => values.extend_floats(records.map(|r| f64::from_bits(word(r)))),
        _ => values.extend_floats(records.map(|r| half::f16::from_bits(word(r) as u16).to_f64())),
    }
}

/// Bytes of a value of fixed size.
fn width(physical: Physical) -> Option<usize> {
    match physical {
        Physical::Int32 | Physical::Float => Some(4),
        Physical::Int64 | Physical::Double => Some(8),
        Physical::Fixed(width) => Some(width),
        Physical::Boolean | Physical::Bytes => None,
    }
}

/// Unsigned numbers of 32 bits are stored as signed ones.
fn integer(value: i64, leaf: &Leaf) -> i64 {
    match (leaf.physical, leaf.meaning) {
        (Physical::Int32, Meaning::Unsigned) => i64::from(value as u32),
        (Physical::Int32, _) => i64::from(value as i32),
        _ => value,
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

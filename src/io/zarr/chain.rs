//! The codecs of an array, in the order in which they were applied, and the way back through them.

use serde_json::Value;

use super::{
    super::{
        IoError,
        codec::{self, Damage},
    },
    json::{name_of, sizes},
};

/// What was done to the elements of a chunk, and then to its bytes.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// Dimension `i` of what is stored is dimension `order[i]` of the chunk.
    order: Option<Vec<usize>>,
    steps: Vec<Step>,
}

/// A codec from bytes to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Blosc,
    Zstd,
    Gzip,
    Zlib,
    /// With the length in front, as numcodecs writes it.
    Lz4,
    Crc32c,
    /// Of elements of this many bytes.
    Shuffle(usize),
}

/// Chunks inside of chunks: a shard has an index of where its inner chunks lie.
pub(super) struct Sharding {
    pub(super) chunk: Vec<u64>,
    pub(super) index_at_end: bool,
    pub(super) index_has_checksum: bool,
    pub(super) index_is_big_endian: bool,
}

impl Chain {
    /// Adds a codec from bytes to bytes.
    pub(super) fn push(&mut self, name: &str, configuration: &Value, place: &'static str) -> Result<(), IoError> {
        self.steps.push(match name.strip_prefix("numcodecs.").unwrap_or(name) {
            "blosc" => Step::Blosc,
            "zstd" => Step::Zstd,
            "gzip" => Step::Gzip,
            "zlib" => Step::Zlib,
            "lz4" => Step::Lz4,
            "crc32c" if !name.contains('.') => Step::Crc32c,
            "shuffle" => {
                let bytes = configuration.get("elementsize").map_or(Some(4), Value::as_u64);
                let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok()).filter(|bytes| *bytes > 0);
                Step::Shuffle(bytes.ok_or(IoError::bad(place, "its codecs are damaged"))?)
            }
            other => return Err(unknown(other)),
        });
        if self.steps.len() > 8 {
            return Err(IoError::bad(place, "it has more than eight codecs"));
        }
        Ok(())
    }

    /// Says in which order the dimensions are stored. Errors if that is no permutation.
    pub(super) fn set_order(&mut self, order: Vec<usize>, place: &'static str) -> Result<(), IoError> {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..order.len()) || self.order.is_some() {
            return Err(IoError::bad(place, "its codecs are damaged"));
        }
        if !order.is_sorted() {
            self.order = Some(order);
        }
        Ok(())
    }

    /// The codecs of version 3; also gives the shards, if there are, and whether numbers are big-endian.
    pub(super) fn version_3(codecs: &[Value], place: &'static str) -> Result<(Self, Option<Sharding>, bool), IoError> {
        let damaged = || IoError::bad(place, "its codecs are damaged");
        let mut chain = Self::default();
        let mut big_endian = None;
        let none = Value::Null;
        for (at, codec) in codecs.iter().enumerate() {
            let configuration = codec.get("configuration").unwrap_or(&none);
            match (name_of(codec), big_endian) {
                ("transpose", None) => {
                    let order = sizes(configuration.get("order")).ok_or_else(damaged)?;
                    chain.set_order(order.into_iter().map(|at| at as usize).collect(), place)?;
                }
                ("bytes" | "endian", None) => {
                    big_endian = Some(configuration.get("endian").and_then(Value::as_str) == Some("big"));
                }
                ("vlen-utf8" | "numcodecs.vlen-utf8", None) => big_endian = Some(false),
                ("sharding_indexed", None) => {
                    // What comes before would move elements between inner chunks, what comes after hides the index.
                    if at > 0 || codecs.len() > 1 {
                        return Err(unknown("codecs around shards"));
                    }
                    return Self::sharding(configuration, place);
                }
                ("transpose" | "bytes" | "endian" | "vlen-utf8" | "sharding_indexed", Some(_)) => return Err(damaged()),
                (name, Some(_)) => chain.push(name, configuration, place)?,
                // Nothing from bytes to bytes may come before there are bytes.
                (name, None) => return Err(unknown(name)),
            }
        }
        Ok((chain, None, big_endian.ok_or_else(damaged)?))
    }

    fn sharding(configuration: &Value, place: &'static str) -> Result<(Self, Option<Sharding>, bool), IoError> {
        let damaged = || IoError::bad(place, "its codecs are damaged");
        let inner = configuration.get("codecs").and_then(Value::as_array).ok_or_else(damaged)?;
        let (chain, nested, big_endian) = Self::version_3(inner, place)?;
        if nested.is_some() {
            return Err(unknown("shards in shards"));
        }
        let index = configuration.get("index_codecs").and_then(Value::as_array).ok_or_else(damaged)?;
        let (index_chain, None, index_is_big_endian) = Self::version_3(index, place)? else { return Err(damaged()) };
        let index_has_checksum = match index_chain.steps[..] {
            [] => false,
            [Step::Crc32c] => true,
            _ => return Err(unknown("a compressed index of shards")),
        };
        let chunk = sizes(configuration.get("chunk_shape")).ok_or_else(damaged)?;
        let index_at_end = configuration.get("index_location").and_then(Value::as_str) != Some("start");
        let sharding = Sharding { chunk, index_at_end, index_has_checksum, index_is_big_endian };
        Ok((chain, Some(sharding), big_endian))
    }

    /// The bytes of a chunk before its codecs were applied: at most `limit`.
    pub(super) fn decode(&self, bytes: Vec<u8>, limit: usize, place: &'static str) -> Result<Vec<u8>, IoError> {
        let mut bytes = bytes;
        for (at, step) in self.steps.iter().enumerate().rev() {
            // Checksums that come before this step were added to what it was given.
            let limit = limit + 4 * self.steps[..at].iter().filter(|step| **step == Step::Crc32c).count();
            let decoded = match step {
                Step::Blosc => codec::blosc(&bytes, limit),
                Step::Zstd => codec::zstd(&bytes, limit),
                Step::Gzip => codec::gzip(&bytes, limit),
                Step::Zlib => codec::zlib(&bytes, limit),
                Step::Lz4 => prefixed_lz4(&bytes, limit),
                Step::Crc32c => checked(bytes),
                Step::Shuffle(element_bytes) => Ok(codec::unshuffle(&bytes, *element_bytes)),
            };
            bytes = decoded.map_err(|damage| match damage {
                Damage::Bad => IoError::bad(place, "a chunk of it does not decode"),
                Damage::Large => IoError::bad(place, "a chunk of it is larger than it says"),
                Damage::Unknown(name) => unknown(name),
            })?;
        }
        Ok(bytes)
    }

    /// The elements of a chunk of shape `chunk` in row-major order.
    pub(super) fn in_order(&self, bytes: Vec<u8>, chunk: &[u64], element_bytes: usize) -> Vec<u8> {
        let Some(order) = self.order.as_ref().filter(|order| order.len() == chunk.len()) else { return bytes };
        // Distance in what is stored between neighbours along each dimension of the chunk.
        let mut strides = vec![0; chunk.len()];
        let mut stride = element_bytes;
        for dimension in order.iter().rev() {
            strides[*dimension] = stride;
            stride *= chunk[*dimension] as usize;
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = vec![0u64; chunk.len()];
        let mut offset = 0usize;
        while out.len() < bytes.len() {
            out.extend_from_slice(bytes.get(offset..offset + element_bytes).unwrap_or_default());
            // The next element, the last dimension first.
            for dimension in (0..chunk.len()).rev() {
                at[dimension] += 1;
                offset += strides[dimension];
                if at[dimension] < chunk[dimension] {
                    break;
                }
                offset -= strides[dimension] * chunk[dimension] as usize;
                at[dimension] = 0;
            }
        }
        out
    }

    /// Whether dimensions are stored in another order.
    pub(super) fn has_order(&self) -> bool {
        self.order.is_some()
    }
}

fn unknown(name: &str) -> IoError {
    IoError::UnsupportedCodec(format!("{name} (in Zarr)"))
}

fn prefixed_lz4(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Damage> {
    let (length, block) = bytes.split_first_chunk::<4>().ok_or(Damage::Bad)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > limit {
        return Err(Damage::Large);
    }
    codec::lz4(block, length)
}

/// Checks and takes away the checksum behind the bytes.
pub(super) fn checked(mut bytes: Vec<u8>) -> Result<Vec<u8>, Damage> {
    let (body, checksum) = bytes.split_last_chunk::<4>().ok_or(Damage::Bad)?;
    if codec::crc32c(body) != u32::from_le_bytes(*checksum) {
        return Err(Damage::Bad);
    }
    bytes.truncate(bytes.len() - 4);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_of_dimensions_comes_back_to_rows() {
        // Elements of a 2 × 3 × 4 chunk numbered by rows, stored in the order (2, 0, 1).
        let stored: Vec<u8> =
            (0..4).flat_map(|z| (0..2).flat_map(move |x| (0..3).map(move |y| x * 12 + y * 4 + z))).collect();
        let mut chain = Chain::default();
        chain.set_order(vec![2, 0, 1], "X").unwrap();
        assert_eq!(chain.in_order(stored, &[2, 3, 4], 1), (0..24).collect::<Vec<u8>>());
        assert!(Chain::default().set_order(vec![0, 2], "X").is_err());
        assert!(Chain::default().set_order(vec![0, 0], "X").is_err());
    }
}

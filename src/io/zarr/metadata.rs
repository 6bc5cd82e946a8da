//! What the metadata of an array say: shape, chunks, type, codecs and the names of its chunks.

use serde_json::Value;

use super::{
    super::{IoError, scalar::Scalar},
    chain::{Chain, Sharding},
    json::{name_of, sizes},
};

const MAX_DIMENSIONS: usize = 8;

/// An array, as its metadata describe it.
pub(super) struct ArrayMeta {
    pub(super) shape: Vec<u64>,
    /// The shape of a chunk, or of a shard where there are shards.
    pub(super) chunk: Vec<u64>,
    pub(super) stored: Stored,
    pub(super) chain: Chain,
    pub(super) sharding: Option<Sharding>,
    pub(super) fill: Value,
    pub(super) keys: Keys,
}

/// How elements are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    Number(Scalar),
    /// Texts of this many bytes, with zeros behind.
    Bytes(usize),
    /// Texts of this many bytes, four for each character.
    Utf32 {
        bytes: usize,
        big_endian: bool,
    },
    /// Texts of any length.
    Texts,
    /// Something else, which is not read.
    Other,
}

impl Stored {
    /// Bytes of an element; `None` if they differ or are not known.
    pub(super) fn bytes(self) -> Option<usize> {
        match self {
            Self::Number(scalar) => Some(scalar.bytes()),
            Self::Bytes(bytes) | Self::Utf32 { bytes, .. } => Some(bytes),
            Self::Texts | Self::Other => None,
        }
    }
}

/// How the files of chunks are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keys {
    /// Version 3's: `c/0/1`; else `0.1` or `0/1`.
    has_prefix: bool,
    separator: char,
}

impl Keys {
    /// The name of the chunk at `indices`.
    pub(super) fn name(self, indices: &[u64]) -> String {
        let indices: Vec<String> = indices.iter().map(u64::to_string).collect();
        let joined = indices.join(self.separator.encode_utf8(&mut [0; 4]));
        match (self.has_prefix, joined.is_empty()) {
            (true, true) => "c".into(),
            (true, false) => format!("c{}{joined}", self.separator),
            (false, true) => "0".into(),
            (false, false) => joined,
        }
    }

    /// The other separator: old stores in nested folders do not say so.
    pub(super) fn other(self) -> Option<Self> {
        let separator = if self.separator == '.' { '/' } else { '.' };
        (!self.has_prefix).then_some(Self { separator, ..self })
    }
}

impl ArrayMeta {
    pub(super) fn parse(json: &Value, version: u8, place: &'static str) -> Result<Self, IoError> {
        let meta = if version == 2 { Self::version_2(json, place) } else { Self::version_3(json, place) }?;
        if meta.shape.len() != meta.chunk.len() || meta.shape.len() > MAX_DIMENSIONS {
            return Err(IoError::bad(place, "its shape and its chunks differ in dimensions, or have more than eight"));
        }
        if meta.chunk.contains(&0) {
            return Err(IoError::bad(place, "its chunks are empty"));
        }
        Ok(meta)
    }

    fn version_2(json: &Value, place: &'static str) -> Result<Self, IoError> {
        let damaged = || IoError::bad(place, "its metadata are incomplete");
        let chunk = sizes(json.get("chunks")).ok_or_else(damaged)?;
        let filters = match json.get("filters") {
            Some(Value::Array(filters)) => filters.as_slice(),
            _ => &[],
        };
        let mut stored = numpy_type(json.get("dtype").ok_or_else(damaged)?);
        let mut codecs = Vec::new();
        for filter in filters {
            match (filter.get("id").and_then(Value::as_str), stored) {
                (Some("vlen-utf8" | "vlen-bytes"), Stored::Other) if codecs.is_empty() => stored = Stored::Texts,
                _ => codecs.push(filter.clone()),
            }
        }
        codecs.extend(json.get("compressor").filter(|compressor| !compressor.is_null()).cloned());
        let mut chain = Chain::default();
        for codec in &codecs {
            let name = codec.get("id").and_then(Value::as_str).unwrap_or("an unnamed codec");
            chain.push(name, codec, place)?;
        }
        if json.get("order").and_then(Value::as_str) == Some("F") {
            chain.set_order((0..chunk.len()).rev().collect(), place)?;
        }
        let separator = match json.get("dimension_separator").and_then(Value::as_str) {
            Some("/") => '/',
            _ => '.',
        };
        Ok(Self {
            shape: sizes(json.get("shape")).ok_or_else(damaged)?,
            chunk,
            stored,
            chain,
            sharding: None,
            fill: json.get("fill_value").cloned().unwrap_or_default(),
            keys: Keys { has_prefix: false, separator },
        })
    }

    fn version_3(json: &Value, place: &'static str) -> Result<Self, IoError> {
        let damaged = || IoError::bad(place, "its metadata are incomplete");
        let grid = json.get("chunk_grid").ok_or_else(damaged)?;
        if name_of(grid) != "regular" {
            return Err(IoError::UnsupportedCodec("an irregular chunk grid (in Zarr)".into()));
        }
        let codecs = json.get("codecs").and_then(Value::as_array).ok_or_else(damaged)?;
        let data_type = json.get("data_type").ok_or_else(damaged)?;
        let (chain, sharding, big_endian) = Chain::version_3(codecs, place)?;
        let encoding = json.get("chunk_key_encoding");
        let is_default = match encoding.map(name_of) {
            None | Some("default") => true,
            Some("v2") => false,
            Some(_) => return Err(IoError::UnsupportedCodec("an unknown naming of chunks (in Zarr)".into())),
        };
        let separator = match encoding.and_then(|e| e.get("configuration")?.get("separator")?.as_str()) {
            Some("/") => '/',
            Some(".") => '.',
            _ if is_default => '/',
            _ => '.',
        };
        Ok(Self {
            shape: sizes(json.get("shape")).ok_or_else(damaged)?,
            chunk: sizes(grid.get("configuration").and_then(|c| c.get("chunk_shape"))).ok_or_else(damaged)?,
            stored: data_type_3(data_type, big_endian),
            chain,
            sharding,
            fill: json.get("fill_value").cloned().unwrap_or_default(),
            keys: Keys { has_prefix: is_default, separator },
        })
    }
}

/// `<f4`, `|b1`, `|S12`, `<U7`, …; `|O` is known by its filter alone.
fn numpy_type(value: &Value) -> Stored {
    let Some((order, name)) = value.as_str().and_then(|text| text.split_at_checked(1)) else { return Stored::Other };
    let big_endian = order == ">";
    if let Some(scalar) = Scalar::of_numpy(name, big_endian) {
        return Stored::Number(scalar);
    }
    let width = |digits: &str| digits.parse::<u32>().ok().filter(|width| (1..=1 << 20).contains(width));
    match name.split_at_checked(1) {
        Some(("S", digits)) => width(digits).map_or(Stored::Other, |width| Stored::Bytes(width as usize)),
        Some(("U", digits)) => {
            width(digits).map_or(Stored::Other, |width| Stored::Utf32 { bytes: 4 * width as usize, big_endian })
        }
        _ => Stored::Other,
    }
}

/// The types of version 3, those of its extensions that AnnData uses included.
fn data_type_3(value: &Value, big_endian: bool) -> Stored {
    let numpy = match name_of(value) {
        "bool" => "b1",
        "int8" => "i1",
        "int16" => "i2",
        "int32" => "i4",
        "int64" => "i8",
        "uint8" => "u1",
        "uint16" => "u2",
        "uint32" => "u4",
        "uint64" => "u8",
        "float16" => "f2",
        "float32" => "f4",
        "float64" => "f8",
        "string" | "variable_length_utf8" => return Stored::Texts,
        name @ ("fixed_length_utf32" | "null_terminated_bytes") => {
            let bytes = value.get("configuration").and_then(|c| c.get("length_bytes")).and_then(Value::as_u64);
            let Some(bytes) = bytes.filter(|bytes| (1..=1 << 22).contains(bytes)) else { return Stored::Other };
            let bytes = bytes as usize;
            let utf32 = name == "fixed_length_utf32" && bytes.is_multiple_of(4);
            return if utf32 { Stored::Utf32 { bytes, big_endian } } else { Stored::Bytes(bytes) };
        }
        _ => return Stored::Other,
    };
    Scalar::of_numpy(numpy, big_endian).map_or(Stored::Other, Stored::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_have_the_names_of_their_specification() {
        let named = |has_prefix, separator, indices: &[u64]| Keys { has_prefix, separator }.name(indices);
        assert_eq!(named(true, '/', &[1, 23, 45]), "c/1/23/45");
        assert_eq!(named(true, '.', &[0]), "c.0");
        assert_eq!(named(true, '/', &[]), "c");
        assert_eq!(named(false, '.', &[1, 23]), "1.23");
        assert_eq!(named(false, '/', &[1, 23]), "1/23");
        assert_eq!(named(false, '.', &[]), "0");
    }
}

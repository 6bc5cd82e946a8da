//! Where the arrays of a safetensors file lie, checked strictly.
//!
//! The `safetensors` crate accepts a name twice (the last wins) and adds sizes without checking for overflow; this reader
//! refuses both, and everything else that the format forbids: holes, overlaps, sizes that differ from shape × type.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use half::{bf16, f16};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::BundleError;

/// A header of 8 MiB describes some 60,000 arrays.
const MAX_HEADER_BYTES: usize = 8 << 20;
const MAX_DIMENSIONS: usize = 8;

/// The number types that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum NumberType {
    F32,
    F16,
    BF16,
    I8,
    U8,
    I64,
}

impl NumberType {
    fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F16 | Self::BF16 => 2,
            Self::F32 => 4,
            Self::I64 => 8,
        }
    }
}

/// One array: its type, shape (no dimension is 0) and place in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub number_type: NumberType,
    pub shape: Vec<usize>,
    pub range: Range<usize>,
}

impl Placed {
    /// The bytes of the array in the file it was located in.
    pub(super) fn bytes<'a>(&self, file: &'a [u8]) -> Result<&'a [u8], BundleError> {
        file.get(self.range.clone()).ok_or(BundleError::BadShape("an array lies outside the file"))
    }

    /// The numbers of an `F32`, `F16` or `BF16` array.
    ///
    /// # Errors
    /// `bundle.bad-shape` for another type; `bundle.bad-value` if a number is not finite.
    pub(super) fn floats(&self, file: &[u8]) -> Result<Vec<f32>, BundleError> {
        let bytes = self.bytes(file)?;
        let numbers: Vec<f32> = match self.number_type {
            NumberType::F32 => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            NumberType::F16 => bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
            NumberType::BF16 => bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect(),
            _ => return Err(BundleError::BadShape("an array has another number type than it should")),
        };
        if numbers.iter().all(|x| x.is_finite()) {
            Ok(numbers)
        } else {
            Err(BundleError::BadValue("an array of floats"))
        }
    }
}

/// Locates the arrays of a file.
///
/// # Errors
/// `bundle.bad-shape`; `bundle.too-large` for the header.
pub(super) fn locate(file: &[u8]) -> Result<BTreeMap<String, Placed>, BundleError> {
    let bad = BundleError::BadShape;
    let (length, rest) = file.split_first_chunk().ok_or(bad("the arrays' header is cut short"))?;
    let header_bytes = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| BundleError::TooLarge("the header"))?;
    if header_bytes > MAX_HEADER_BYTES {
        return Err(BundleError::TooLarge("the arrays' header"));
    }
    let (header, data) = rest.split_at_checked(header_bytes).ok_or(bad("the arrays' header is cut short"))?;
    let header: Header = serde_json::from_slice(header).map_err(|_| bad("the arrays' header is malformed"))?;
    let data_at = file.len() - data.len();

    let mut arrays = header.0;
    arrays.sort_by_key(|(_, array)| array.data_offsets);
    let mut placed = BTreeMap::new();
    let mut expected = 0;
    for (name, array) in arrays {
        let [start, end] = array.data_offsets;
        if start != expected || end < start || end > data.len() {
            return Err(bad("arrays overlap, leave holes or lie outside the file"));
        }
        if array.shape.len() > MAX_DIMENSIONS || array.shape.contains(&0) {
            return Err(bad("an array has too many dimensions, or none of some size"));
        }
        let bytes = array.shape.iter().try_fold(array.dtype.bytes(), |product, &size| product.checked_mul(size));
        if bytes != Some(end - start) {
            return Err(bad("an array's bytes do not fit its shape and type"));
        }
        expected = end;
        let range = data_at + start..data_at + end;
        if placed.insert(name, Placed { number_type: array.dtype, shape: array.shape, range }).is_some() {
            return Err(bad("a name stands for two arrays"));
        }
    }
    if expected == data.len() { Ok(placed) } else { Err(bad("bytes after the last array belong to none")) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrayInfo {
    dtype: NumberType,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// The header's entries in the order they stand, repeated names included.
struct Header(Vec<(String, ArrayInfo)>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a safetensors header")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let (mut arrays, mut described) = (Vec::new(), false);
                while let Some(name) = map.next_key::<String>()? {
                    if name != "__metadata__" {
                        arrays.push((name, map.next_value()?));
                    } else if std::mem::replace(&mut described, true) {
                        return Err(A::Error::custom("two descriptions"));
                    } else {
                        map.next_value::<BTreeMap<String, String>>()?;
                    }
                }
                Ok(Header(arrays))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data_bytes: usize) -> Vec<u8> {
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend_from_slice(header.as_bytes());
        file.resize(file.len() + data_bytes, 0);
        file
    }

    #[test]
    fn arrays_are_located() {
        let header = r#"{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[2,10]},
            "a":{"dtype":"F16","shape":[],"data_offsets":[0,2]}}  "#;
        let file = file(header, 10);
        let placed = locate(&file).unwrap();
        assert_eq!(placed["b"].shape, [2, 1]);
        assert_eq!(placed["b"].range.len(), 8);
        assert_eq!(placed["b"].floats(&file).unwrap(), [0.0; 2]);
        assert_eq!(placed["a"].floats(&file).unwrap(), [0.0]);
    }

    #[test]
    fn lies_are_refused() {
        let cases = [
            (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "bytes after the last"),
            (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, "cut short"),
            (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "a hole"),
            (r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "a shape that lies"),
            (r#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}"#, 8, "a type that lies"),
            (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "offsets that fall"),
            (r#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, 0, "an empty array"),
            (r#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, 8, "an unknown type"),
            (r#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, 1, "a negative size"),
            (r#"{"a":{"dtype":"U8","shape":[1152921504606846976,16],"data_offsets":[0,0]}}"#, 0, "2^60 × 16"),
            (
                r#"{"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,18446744073709551615]}}"#,
                8,
                "2^64 − 1",
            ),
            (r#"{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}"#, 1, "nine dimensions"),
            (
                r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
                3,
                "an overlap",
            ),
            (
                r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
                2,
                "a name twice",
            ),
            (r#"{"__metadata__":{},"__metadata__":{}}"#, 0, "two descriptions"),
            ("[]", 0, "no map"),
            ("", 0, "no header"),
        ];
        for (header, data_bytes, lie) in cases {
            assert!(locate(&file(header, data_bytes)).is_err(), "{lie}");
        }
        assert!(locate(&[]).is_err());
        assert!(locate(&u64::MAX.to_le_bytes()).is_err());
    }
}

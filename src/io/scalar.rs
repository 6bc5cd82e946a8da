//! Decoding numbers out of records of HDF5 and chunks of Zarr.

use hdf5_pure::{Datatype, DatatypeByteOrder};

/// A number type: integers of 1, 2, 4 or 8 bytes, IEEE floats of 2, 4 or 8 bytes, in either byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scalar {
    bytes: usize,
    kind: Kind,
    big_endian: bool,
    /// h5py stores booleans as an enumeration of FALSE and TRUE.
    pub(super) is_bool: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Signed,
    Unsigned,
    Float,
}

impl Scalar {
    /// `None` for anything that is not a plain number, bit-packed integers and exotic floats included.
    pub(super) fn of(datatype: &Datatype) -> Option<Self> {
        match datatype {
            Datatype::FixedPoint { size: bytes @ (1 | 2 | 4 | 8), byte_order, layout }
                if layout.bit_offset == 0 && u32::from(layout.bit_precision) == bytes * 8 =>
            {
                let kind = if layout.signed { Kind::Signed } else { Kind::Unsigned };
                Self::new(*bytes, kind, byte_order)
            }
            Datatype::FloatingPoint { size: bytes @ (2 | 4 | 8), byte_order, layout }
                if (*bytes, layout.exponent_size, layout.mantissa_size, layout.bit_offset) == (2, 5, 10, 0)
                    || (*bytes, layout.exponent_size, layout.mantissa_size, layout.bit_offset) == (4, 8, 23, 0)
                    || (*bytes, layout.exponent_size, layout.mantissa_size, layout.bit_offset) == (8, 11, 52, 0) =>
            {
                Self::new(*bytes, Kind::Float, byte_order)
            }
            Datatype::Enumeration { base_type, members, .. } => {
                let is_bool = members.len() == 2 && members.iter().all(|m| m.name == "FALSE" || m.name == "TRUE");
                Some(Self { is_bool, ..Self::of(base_type)? })
            }
            _ => None,
        }
    }

    /// As numpy writes number types: `i4`, `u1`, `f8` and so on; `b1` is a truth value.
    pub(super) fn of_numpy(name: &str, big_endian: bool) -> Option<Self> {
        let (kind, bytes) = match name {
            "b1" => (Kind::Unsigned, 1),
            "i1" => (Kind::Signed, 1),
            "i2" => (Kind::Signed, 2),
            "i4" => (Kind::Signed, 4),
            "i8" => (Kind::Signed, 8),
            "u1" => (Kind::Unsigned, 1),
            "u2" => (Kind::Unsigned, 2),
            "u4" => (Kind::Unsigned, 4),
            "u8" => (Kind::Unsigned, 8),
            "f2" => (Kind::Float, 2),
            "f4" => (Kind::Float, 4),
            "f8" => (Kind::Float, 8),
            _ => return None,
        };
        Some(Self { bytes, kind, big_endian, is_bool: name == "b1" })
    }

    fn new(bytes: u32, kind: Kind, order: &DatatypeByteOrder) -> Option<Self> {
        let big_endian = match order {
            DatatypeByteOrder::LittleEndian => false,
            DatatypeByteOrder::BigEndian => true,
            _ => return None,
        };
        Some(Self { bytes: bytes as usize, kind, big_endian, is_bool: false })
    }

    pub(super) fn is_integer(self) -> bool {
        self.kind != Kind::Float
    }

    /// Half floats are the one number type that the HDF5 library does not decode itself.
    pub(super) fn is_half(self) -> bool {
        self.kind == Kind::Float && self.bytes == 2
    }

    pub(super) fn bytes(self) -> usize {
        self.bytes
    }

    /// The whole number in the first bytes of `record`, 0 if there are too few. Unsigned ones beyond `i64` come out negative.
    pub(super) fn decode_integer(self, record: &[u8]) -> i64 {
        let Some(word) = self.word(record) else { return 0 };
        let unused = 64 - 8 * self.bytes as u32;
        if self.kind == Kind::Signed { ((word << unused) as i64) >> unused } else { word as i64 }
    }

    /// As many numbers as `out` takes, one after the other in `records`.
    pub(super) fn decode_f32s(self, records: &[u8], out: &mut [f32]) {
        // The form that nearly all matrices have, without a look at each number's type.
        if (self.kind, self.bytes, self.big_endian) == (Kind::Float, 4, false) {
            for (value, record) in out.iter_mut().zip(records.as_chunks::<4>().0) {
                *value = f32::from_le_bytes(*record);
            }
            return;
        }
        for (value, record) in out.iter_mut().zip(records.chunks_exact(self.bytes)) {
            *value = self.decode(record) as f32;
        }
    }

    /// Whether numbers are stored as this machine holds an `f32`.
    pub(super) fn is_native_f32(self) -> bool {
        (self.kind, self.bytes, self.big_endian) == (Kind::Float, 4, cfg!(target_endian = "big"))
    }

    /// Whether numbers are stored as this machine holds an `i32` or a `u32`.
    pub(super) fn is_native_u32(self) -> bool {
        self.is_integer() && (self.bytes, self.big_endian) == (4, cfg!(target_endian = "big"))
    }

    /// Turns `u32`s whose bits are really numbers of this type into indices: what was negative becomes `u32::MAX`.
    pub(super) fn refuse_negative(self, numbers: &mut [u32]) {
        if self.kind == Kind::Signed {
            for number in numbers {
                *number |= ((*number as i32) >> 31) as u32;
            }
        }
    }

    /// As many whole numbers as `out` takes, one after the other in `records`; what is no `u32` becomes `u32::MAX`.
    pub(super) fn decode_u32s(self, records: &[u8], out: &mut [u32]) {
        if (self.bytes, self.big_endian) == (8, false) {
            for (value, record) in out.iter_mut().zip(records.as_chunks::<8>().0) {
                *value = u32::try_from(u64::from_le_bytes(*record)).unwrap_or(u32::MAX);
            }
            return;
        }
        for (value, record) in out.iter_mut().zip(records.chunks_exact(self.bytes)) {
            *value = u32::try_from(self.decode_integer(record)).unwrap_or(u32::MAX);
        }
    }

    /// The bytes of `record` as one word.
    fn word(self, record: &[u8]) -> Option<u64> {
        let bytes = record.get(..self.bytes)?;
        let mut little = [0u8; 8];
        for (i, byte) in bytes.iter().enumerate() {
            little[if self.big_endian { self.bytes - 1 - i } else { i }] = *byte;
        }
        Some(u64::from_le_bytes(little))
    }

    /// The number in the first bytes of `record`; NaN if there are too few.
    pub(super) fn decode(self, record: &[u8]) -> f64 {
        let Some(word) = self.word(record) else { return f64::NAN };
        match (self.kind, self.bytes) {
            (Kind::Unsigned, _) => word as f64,
            (Kind::Signed, bytes) => {
                let unused = 64 - 8 * bytes as u32;
                (((word << unused) as i64) >> unused) as f64
            }
            (Kind::Float, 8) => f64::from_bits(word),
            (Kind::Float, 4) => f64::from(f32::from_bits(word as u32)),
            (Kind::Float, _) => half(word as u16),
        }
    }
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let mantissa = f64::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => mantissa * f64::powi(2.0, -24),
        0x1f if mantissa == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1.0 + mantissa / 1024.0) * f64::powi(2.0, exponent - 15),
    };
    sign * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(bytes: usize, kind: Kind, big_endian: bool) -> Scalar {
        Scalar { bytes, kind, big_endian, is_bool: false }
    }

    #[test]
    fn numbers_decode_in_either_byte_order() {
        assert_eq!(scalar(2, Kind::Signed, false).decode(&(-2i16).to_le_bytes()), -2.0);
        assert_eq!(scalar(2, Kind::Signed, true).decode(&(-2i16).to_be_bytes()), -2.0);
        assert_eq!(scalar(8, Kind::Unsigned, false).decode(&u64::MAX.to_le_bytes()), u64::MAX as f64);
        assert_eq!(scalar(1, Kind::Signed, false).decode(&[0x80]), -128.0);
        assert_eq!(scalar(4, Kind::Float, true).decode(&1.5f32.to_be_bytes()), 1.5);
        assert_eq!(scalar(8, Kind::Float, false).decode(&(-0.1f64).to_le_bytes()), -0.1);
        assert!(scalar(4, Kind::Float, false).decode(&[0, 0]).is_nan());
    }

    #[test]
    fn half_floats_decode() {
        for (bits, value) in [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 2f64.powi(-24)), (0x0000, 0.0)]
        {
            assert_eq!(half(bits), value, "{bits:#x}");
        }
        assert_eq!(half(0x7c00), f64::INFINITY);
        assert!(half(0x7e00).is_nan());
    }
}

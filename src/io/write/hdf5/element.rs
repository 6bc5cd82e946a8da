//! The types of elements that we write, as HDF5 describes them.

/// The type of the elements of an array. Numbers are little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::io::write) enum Element {
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    /// As h5py stores truth: an enumeration of FALSE and TRUE.
    Bool,
    /// UTF-8 of any length: a length and a place in the global heap.
    Text,
}

impl Element {
    /// Bytes of one element.
    pub(in crate::io::write) fn size(self) -> usize {
        match self {
            Self::I8 | Self::Bool => 1,
            Self::I16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
            Self::Text => 16,
        }
    }

    /// The datatype message.
    pub(super) fn message(self) -> Vec<u8> {
        match self {
            Self::F32 => float(4, 23, 8, 127),
            Self::F64 => float(8, 52, 11, 1023),
            Self::I8 | Self::I16 | Self::I32 | Self::I64 => integer(self.size(), true),
            Self::Bool => {
                let mut message = vec![0x18, 2, 0, 0, 1, 0, 0, 0];
                message.extend(integer(1, true));
                message.extend(b"FALSE\0\0\0TRUE\0\0\0\0\x00\x01");
                message
            }
            // A sequence that is a string, ends with zero and is UTF-8; of bytes.
            Self::Text => {
                let mut message = vec![0x19, 0x01, 0x01, 0, 16, 0, 0, 0];
                message.extend(integer(1, false));
                message
            }
        }
    }
}

fn integer(size: usize, signed: bool) -> Vec<u8> {
    let mut message = vec![0x10, if signed { 0x08 } else { 0 }, 0, 0];
    message.extend((size as u32).to_le_bytes());
    message.extend([0, 0]);
    message.extend((size as u16 * 8).to_le_bytes());
    message
}

/// IEEE 754: the sign above the exponent above the mantissa, whose first bit is implied.
fn float(size: usize, mantissa: u8, exponent: u8, bias: u32) -> Vec<u8> {
    let bits = size as u16 * 8;
    let mut message = vec![0x11, 0x20, bits as u8 - 1, 0];
    message.extend((size as u32).to_le_bytes());
    message.extend([0, 0]);
    message.extend(bits.to_le_bytes());
    message.extend([mantissa, exponent, 0, mantissa]);
    message.extend(bias.to_le_bytes());
    message
}

/// A number that can be stored as an element.
pub(in crate::io::write) trait Number: Copy {
    /// Appends the value as one element of this type.
    fn store(self, element: Element, bytes: &mut Vec<u8>);
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Number for $number {
            fn store(self, element: Element, bytes: &mut Vec<u8>) {
                match element {
                    Element::F32 => bytes.extend((self as f32).to_le_bytes()),
                    Element::F64 => bytes.extend((self as f64).to_le_bytes()),
                    Element::I8 | Element::Bool => bytes.extend((self as i8).to_le_bytes()),
                    Element::I16 => bytes.extend((self as i16).to_le_bytes()),
                    Element::I32 => bytes.extend((self as i32).to_le_bytes()),
                    Element::I64 => bytes.extend((self as i64).to_le_bytes()),
                    // Texts go through their heap, and no caller stores a number as one.
                    Element::Text => {}
                }
            }
        }
    )*};
}
number!(f32, f64, i32, i64);

//! Object headers: the messages that describe a group or an array, and the checksum over them.

use super::{Element, UNDEFINED};
use crate::io::IoError;

pub(super) const DATASPACE: u8 = 0x01;
pub(super) const LINK_INFO: u8 = 0x02;
pub(super) const DATATYPE: u8 = 0x03;
pub(super) const FILL_VALUE: u8 = 0x05;
pub(super) const LINK: u8 = 0x06;
pub(super) const LAYOUT: u8 = 0x08;
pub(super) const GROUP_INFO: u8 = 0x0a;
pub(super) const FILTERS: u8 = 0x0b;
pub(super) const ATTRIBUTE: u8 = 0x0c;

/// A version 2 object header under construction.
pub(super) struct Header {
    messages: Vec<u8>,
}

impl Header {
    pub(super) fn new() -> Self {
        Self { messages: Vec::new() }
    }

    /// Adds a message. A message has at most 65,535 bytes: as anndata, we cannot write an `obs` of some 4,000 columns.
    pub(super) fn message(&mut self, kind: u8, body: &[u8]) -> Result<(), IoError> {
        let length = u16::try_from(body.len())
            .map_err(|_| IoError::WriteFailed("a table has more columns than HDF5 can list".into()))?;
        self.messages.push(kind);
        self.messages.extend(length.to_le_bytes());
        self.messages.push(0);
        self.messages.extend(body);
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, IoError> {
        let length = u32::try_from(self.messages.len())
            .map_err(|_| IoError::WriteFailed("a group has more entries than HDF5 can list".into()))?;
        // Flags: the length takes four bytes; no times, no order of creation.
        let mut bytes = b"OHDR\x02\x02".to_vec();
        bytes.extend(length.to_le_bytes());
        bytes.extend(self.messages);
        let checksum = checksum(&bytes);
        bytes.extend(checksum.to_le_bytes());
        Ok(bytes)
    }
}

/// The dataspace message: the shape; `None` is a scalar.
pub(super) fn dataspace(shape: Option<&[u64]>) -> Vec<u8> {
    let dimensions = shape.unwrap_or(&[]);
    let mut message = vec![2, dimensions.len() as u8, 0, u8::from(shape.is_some())];
    message.extend(dimensions.iter().flat_map(|length| length.to_le_bytes()));
    message
}

/// The link message: a name and where its object's header lies.
pub(super) fn link(name: &str, address: u64) -> Result<Vec<u8>, IoError> {
    let length =
        u16::try_from(name.len()).map_err(|_| IoError::WriteFailed("a name is longer than HDF5 can hold".into()))?;
    // Flags: the name's character set is given, and its length takes two bytes.
    let mut message = vec![1, 0x11, 1];
    message.extend(length.to_le_bytes());
    message.extend(name.as_bytes());
    message.extend(address.to_le_bytes());
    Ok(message)
}

/// The link info message of a group whose links are in its header.
pub(super) fn link_info() -> Vec<u8> {
    let mut message = vec![0, 0];
    message.extend(UNDEFINED.to_le_bytes());
    message.extend(UNDEFINED.to_le_bytes());
    message
}

/// The attribute message. `None` as shape is a scalar.
pub(super) fn attribute(name: &str, element: Element, shape: Option<&[u64]>, data: &[u8]) -> Vec<u8> {
    let (datatype, space) = (element.message(), dataspace(shape));
    let mut message = vec![3, 0];
    for length in [name.len() + 1, datatype.len(), space.len()] {
        message.extend((length as u16).to_le_bytes());
    }
    message.push(1);
    message.extend(name.as_bytes());
    message.push(0);
    message.extend(datatype);
    message.extend(space);
    message.extend(data);
    message
}

/// The filter pipeline message: bytes of like significance together, then deflate.
pub(super) fn filters(element: Element, level: u32) -> Vec<u8> {
    let mut message = vec![2, 2];
    for (id, parameter) in [(2_u16, element.size() as u32), (1, level)] {
        for field in [id, 1, 1] {
            message.extend(field.to_le_bytes());
        }
        message.extend(parameter.to_le_bytes());
    }
    message
}

/// Bob Jenkins's lookup3 hash (`hashlittle` from 0), which HDF5 uses as checksum of its metadata.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let (mut a, mut b, mut c) = (start, start, start);
    let word = |bytes: &[u8], at: usize| {
        let mut word = [0; 4];
        let end = bytes.len().min(at + 4);
        if at < end {
            word[..end - at].copy_from_slice(&bytes[at..end]);
        }
        u32::from_le_bytes(word)
    };
    let mut rest = bytes;
    while rest.len() > 12 {
        a = a.wrapping_add(word(rest, 0));
        b = b.wrapping_add(word(rest, 4));
        c = c.wrapping_add(word(rest, 8));
        for (shift, of) in [(4, 0), (6, 1), (8, 2), (16, 0), (19, 1), (4, 2)] {
            let (x, y, z) = match of {
                0 => (&mut a, &mut c, &mut b),
                1 => (&mut b, &mut a, &mut c),
                _ => (&mut c, &mut b, &mut a),
            };
            *x = x.wrapping_sub(*y) ^ y.rotate_left(shift);
            *y = y.wrapping_add(*z);
        }
        rest = &rest[12..];
    }
    if rest.is_empty() {
        return c;
    }
    a = a.wrapping_add(word(rest, 0));
    b = b.wrapping_add(word(rest, 4));
    c = c.wrapping_add(word(rest, 8));
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    (c ^ b).wrapping_sub(b.rotate_left(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_lookup3() {
        // From the self-test of lookup3.c: driver5.
        assert_eq!(checksum(b""), 0xdead_beef);
        assert_eq!(checksum(b"Four score and seven years ago"), 0x1777_0551);
    }
}

//! Thrift's compact protocol, which the metadata of Parquet are written in.

/// Values that one structure may hold: footers have about thirty for each column of each row group.
const MAX_VALUES: usize = 2_000_000;
const MAX_DEPTH: usize = 16;

/// A decoded value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Bool(bool),
    Int(i64),
    Double,
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Struct(Struct),
}

/// Fields by their identifier.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Struct(Vec<(i16, Value)>);

impl Struct {
    fn get(&self, id: i16) -> Option<&Value> {
        self.0.iter().find(|(field, _)| *field == id).map(|(_, value)| value)
    }

    pub(super) fn int(&self, id: i16) -> Option<i64> {
        match self.get(id) {
            Some(Value::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// A whole number that is no less than zero.
    pub(super) fn size(&self, id: i16) -> Option<u64> {
        self.int(id).and_then(|value| u64::try_from(value).ok())
    }

    pub(super) fn bool(&self, id: i16) -> Option<bool> {
        match self.get(id) {
            Some(Value::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn text(&self, id: i16) -> Option<&str> {
        match self.get(id) {
            Some(Value::Bytes(bytes)) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The values of a list; nothing where there is none.
    pub(super) fn list(&self, id: i16) -> &[Value] {
        match self.get(id) {
            Some(Value::List(values)) => values,
            _ => &[],
        }
    }

    pub(super) fn child(&self, id: i16) -> Option<&Struct> {
        self.get(id).and_then(Value::as_struct)
    }

    /// The identifier of the first field: which member of a union it is.
    pub(super) fn first_id(&self) -> Option<i16> {
        self.0.first().map(|(id, _)| *id)
    }
}

impl Value {
    pub(super) fn as_struct(&self) -> Option<&Struct> {
        match self {
            Self::Struct(value) => Some(value),
            _ => None,
        }
    }
}

/// Decodes the structure at the start of `bytes`; gives it and its length. `None` if it is damaged.
pub(super) fn decode(bytes: &[u8]) -> Option<(Struct, usize)> {
    let mut decoder = Decoder { bytes, at: 0, n_values: 0 };
    let value = decoder.structure(0)?;
    Some((value, decoder.at))
}

struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    n_values: usize,
}

impl Decoder<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn structure(&mut self, depth: usize) -> Option<Struct> {
        let mut fields = Vec::new();
        let mut id = 0i16;
        loop {
            let head = self.byte()?;
            if head & 0x0f == 0 {
                return Some(Struct(fields));
            }
            id = match head >> 4 {
                0 => i16::try_from(self.zigzag()?).ok()?,
                step => id.checked_add(i16::from(step))?,
            };
            let value = match head & 0x0f {
                1 => Value::Bool(true),
                2 => Value::Bool(false),
                kind => self.value(kind, depth + 1)?,
            };
            fields.push((id, value));
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Option<Value> {
        self.n_values += 1;
        if self.n_values > MAX_VALUES || depth > MAX_DEPTH {
            return None;
        }
        Some(match kind {
            1 | 2 => Value::Bool(self.byte()? == 1),
            3 => Value::Int(i64::from(self.byte()? as i8)),
            4..=6 => Value::Int(self.zigzag()?),
            7 => {
                self.at = self.at.checked_add(8).filter(|at| *at <= self.bytes.len())?;
                Value::Double
            }
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let bytes = self.bytes.get(self.at..self.at.checked_add(length)?)?;
                self.at += length;
                Value::Bytes(bytes.to_vec())
            }
            9 | 10 => {
                let head = self.byte()?;
                let length = match head >> 4 {
                    15 => self.varint()?,
                    short => u64::from(short),
                };
                // Grown as the elements are found: each takes a byte at least.
                let mut values = Vec::new();
                for _ in 0..length {
                    values.push(self.value(head & 0x0f, depth + 1)?);
                }
                Value::List(values)
            }
            12 => Value::Struct(self.structure(depth + 1)?),
            // Maps: Parquet has none.
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_and_its_length_come_back() {
        // {1: 5 (i32), 3: "ab", 4: [true, false], 5: {1: true}}
        let bytes = [0x15, 10, 0x28, 2, b'a', b'b', 0x19, 0x21, 1, 2, 0x1c, 0x11, 0, 0, 99];
        let (value, length) = decode(&bytes).unwrap();
        assert_eq!(length, 14);
        assert_eq!((value.int(1), value.text(3), value.size(2)), (Some(5), Some("ab"), None));
        assert_eq!(value.list(4), [Value::Bool(true), Value::Bool(false)]);
        assert_eq!(value.child(5).unwrap().bool(1), Some(true));
        for end in 0..14 {
            assert_eq!(decode(&bytes[..end]), None, "{end}");
        }
    }

    #[test]
    fn claims_beyond_the_bytes_are_refused() {
        // A list of 2^35 bytes, a text of 2^62 bytes, structures in structures without end.
        assert_eq!(decode(&[0x19, 0xf3, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2]), None);
        assert_eq!(decode(&[0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0]), None);
        assert_eq!(decode(&[0x1c; 100_000]), None);
        assert_eq!(decode(&[0x19; 100_000]), None);
    }
}

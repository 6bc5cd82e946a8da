//! The Matrix Market text itself: banner, size line, and one entry a line.
//!
//! As <https://math.nist.gov/MatrixMarket/formats.html> has it: coordinate format, general symmetry; integer, real or
//! pattern values.

use super::super::{Entry, IoError, text::Lines};

pub(super) const PLACE: &str = "the Matrix Market file";

/// What the size line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub n_rows: u32,
    pub n_cols: u32,
    pub n_entries: u64,
    is_pattern: bool,
}

/// One entry, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Value {
    pub row: u32,
    pub col: u32,
    pub value: f32,
}

/// The entries, one after the other.
pub(super) struct Body {
    lines: Lines,
    header: Header,
    left: u64,
}

impl Header {
    /// Reads the banner and the size line only.
    pub(super) fn read(entry: &Entry) -> Result<Self, IoError> {
        Body::open(entry).map(|body| body.header)
    }
}

impl Body {
    pub(super) fn open(entry: &Entry) -> Result<Self, IoError> {
        let mut lines = Lines::open(entry, PLACE)?;
        let banner = lines.next()?.ok_or(IoError::Truncated)?.to_ascii_lowercase();
        let mut words = banner.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let refused = |problem| Err(IoError::text(PLACE, 1, problem));
        if words.next() != Some(b"%%matrixmarket") || words.next() != Some(b"matrix") {
            return refused("it does not begin with %%MatrixMarket matrix");
        }
        if words.next() != Some(b"coordinate") {
            return refused("it is not in coordinate format");
        }
        let is_pattern = match words.next() {
            Some(b"integer" | b"real" | b"double" | b"unsigned-integer") => false,
            Some(b"pattern") => true,
            _ => return refused("its values are neither integer, real nor pattern"),
        };
        if words.next() != Some(b"general") {
            return refused("it is symmetric; a matrix of cells and genes is general");
        }
        let header = loop {
            let line = lines.next()?.ok_or(IoError::Truncated)?.trim_ascii_start();
            if !line.is_empty() && !line.starts_with(b"%") {
                let mut numbers = Numbers(line);
                let size = (numbers.integer(), numbers.integer(), numbers.integer());
                let (Some(n_rows), Some(n_cols), Some(n_entries), true) = (size.0, size.1, size.2, numbers.is_over())
                else {
                    return Err(IoError::text(PLACE, lines.line(), "the size line does not hold three numbers"));
                };
                let (Ok(n_rows), Ok(n_cols)) = (u32::try_from(n_rows), u32::try_from(n_cols)) else {
                    return Err(IoError::large(PLACE, "too many cells or genes"));
                };
                break Header { n_rows, n_cols, n_entries, is_pattern };
            }
        };
        Ok(Self { lines, header, left: header.n_entries })
    }

    pub(super) fn header(&self) -> Header {
        self.header
    }

    /// The next entry; `None` after as many as the header says.
    ///
    /// # Errors
    /// `io.truncated` if there are fewer, `io.bad-text` for a line that is no entry, an index outside the matrix, or
    /// entries beyond the number in the header.
    pub(super) fn next(&mut self) -> Result<Option<Value>, IoError> {
        loop {
            let Some(line) = self.lines.next()? else {
                return if self.left == 0 { Ok(None) } else { Err(IoError::Truncated) };
            };
            if line.is_empty() || line.starts_with(b"%") {
                continue;
            }
            let entry = read_entry(line, self.header.is_pattern);
            if self.left == 0 {
                return Err(self.refused("there are more entries than the header says"));
            }
            let Some((row, col, value)) = entry else { return Err(self.refused("the line is not an entry")) };
            let inside = |index: u64, length: u32| {
                index.checked_sub(1).and_then(|index| u32::try_from(index).ok()).filter(|index| *index < length)
            };
            let (Some(row), Some(col)) = (inside(row, self.header.n_rows), inside(col, self.header.n_cols)) else {
                return Err(self.refused("an index is outside the matrix"));
            };
            self.left -= 1;
            return Ok(Some(Value { row, col, value }));
        }
    }

    fn refused(&self, problem: &'static str) -> IoError {
        IoError::text(self.lines.place(), self.lines.line(), problem)
    }
}

fn read_entry(line: &[u8], is_pattern: bool) -> Option<(u64, u64, f32)> {
    let mut numbers = Numbers(line);
    let (row, col) = (numbers.integer()?, numbers.integer()?);
    let value = if is_pattern { 1.0 } else { numbers.value()? };
    numbers.is_over().then_some((row, col, value))
}

/// Numbers of a line, with blanks between them.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn is_over(&self) -> bool {
        self.0.trim_ascii_start().is_empty()
    }

    fn integer(&mut self) -> Option<u64> {
        let line = self.0.trim_ascii_start();
        let length = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = line.split_at(length);
        // Twenty digits could overflow; no file has so many rows.
        let is_number = (1..=19).contains(&length) && rest.first().is_none_or(u8::is_ascii_whitespace);
        self.0 = rest;
        is_number.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
    }

    fn value(&mut self) -> Option<f32> {
        let line = self.0.trim_ascii_start();
        let length = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        let (word, rest) = line.split_at(length);
        self.0 = rest;
        if (1..=7).contains(&length) && word.iter().all(u8::is_ascii_digit) {
            // Exact: below 2^24.
            return Some(word.iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0')) as f32);
        }
        std::str::from_utf8(word).ok()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{BytesSource, FileSet};

    fn read(text: &str) -> Result<(Header, Vec<Value>), IoError> {
        let files = FileSet::single("m.mtx", Box::new(BytesSource::new(text.as_bytes().to_vec())));
        let mut body = Body::open(files.only().unwrap())?;
        let mut values = Vec::new();
        while let Some(value) = body.next()? {
            values.push(value);
        }
        Ok((body.header, values))
    }

    #[test]
    fn integer_real_and_pattern_entries_are_read() {
        let (header, values) =
            read("%%MatrixMarket matrix coordinate real general\n%\n\n 3 4 2 \n3 1 -2.5e1\n1\t4 16777217\r\n").unwrap();
        assert_eq!((header.n_rows, header.n_cols, header.n_entries), (3, 4, 2));
        assert_eq!(values[0], Value { row: 2, col: 0, value: -25.0 });
        assert_eq!(values[1], Value { row: 0, col: 3, value: 16_777_216.0 });
        let (_, values) = read("%%MatrixMarket MATRIX Coordinate Pattern General\n1 1 1\n1 1").unwrap();
        assert_eq!(values, [Value { row: 0, col: 0, value: 1.0 }]);
    }

    #[test]
    fn what_does_not_follow_the_format_is_refused_with_its_line() {
        let banner = "%%MatrixMarket matrix coordinate integer general\n";
        let cases = [
            ("gene,a,b\n".to_owned(), 1),
            ("%%MatrixMarket matrix array real general\n1 1\n1".to_owned(), 1),
            ("%%MatrixMarket matrix coordinate real symmetric\n1 1 0".to_owned(), 1),
            ("%%MatrixMarket matrix coordinate complex general\n1 1 0".to_owned(), 1),
            (format!("{banner}1 1\n"), 2),
            (format!("{banner}2 2 1\n0 1 1"), 3),
            (format!("{banner}2 2 1\n1 3 1"), 3),
            (format!("{banner}2 2 1\n99999999999999999999 1 1"), 3),
            (format!("{banner}2 2 1\n1 1"), 3),
            (format!("{banner}2 2 1\n1 1 1 1"), 3),
            (format!("{banner}2 2 1\n1 1 x"), 3),
            (format!("{banner}2 2 1\n1 1 1\n1 2 1"), 4),
        ];
        for (text, line) in cases {
            let error = read(&text).unwrap_err();
            assert!(matches!(error, IoError::BadText { line: found, .. } if found == line), "{text:?}: {error}");
        }
        assert_eq!(read(&format!("{banner}2 2 2\n1 1 1\n")).unwrap_err(), IoError::Truncated);
        assert_eq!(read(banner).unwrap_err(), IoError::Truncated);
    }
}

//! Records of delimited text, one after the other, each within bounds.

use std::io::{BufRead, Cursor, Read};

use csv_core::ReadRecordResult;

use super::{
    super::{Entry, IoError, stream},
    dialect,
};

/// Bytes of one record: a header with the barcodes of four million cells. An open quote swallows no more than this.
const MAX_RECORD_BYTES: usize = 1 << 27;
/// Fields of one record: twice that in memory for their ends.
const MAX_FIELDS: usize = 1 << 22;

/// Reads a text from the first record to the last.
pub(in crate::io) struct Records {
    stream: stream::Stream,
    parser: csv_core::Reader,
    place: &'static str,
    fields: Vec<u8>,
    ends: Vec<usize>,
}

/// The fields of one record, unquoted.
#[derive(Clone, Copy)]
pub(in crate::io) struct Record<'a> {
    fields: &'a [u8],
    ends: &'a [usize],
    /// The line that the record ends on, counted from 1.
    pub line: u64,
}

impl Records {
    /// Opens a text, whose delimiter its first line shows. `place` names it in errors.
    pub(in crate::io) fn open(entry: &Entry, place: &'static str) -> Result<Self, IoError> {
        let mut rest = entry.reader()?;
        let head = stream::head(&mut rest, dialect::HEAD_BYTES).map_err(|error| stream::failed(&error, place))?;
        let mark = dialect::check_text(&head, place)?;
        let delimiter = dialect::delimiter(&head[mark..]);
        let mut head = Cursor::new(head);
        head.set_position(mark as u64);
        Ok(Self {
            stream: Box::new(head.chain(rest)),
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            place,
            fields: vec![0; 1 << 12],
            ends: vec![0; 1 << 8],
        })
    }

    /// The next record; empty lines are passed over. `None` at the end.
    pub(in crate::io) fn next(&mut self) -> Result<Option<Record<'_>>, IoError> {
        let (mut n_bytes, mut n_fields) = (0, 0);
        loop {
            let input = self.stream.fill_buf().map_err(|error| stream::failed(&error, self.place))?;
            let (result, n_in, n_out, n_ends) =
                self.parser.read_record(input, &mut self.fields[n_bytes..], &mut self.ends[n_fields..]);
            self.stream.consume(n_in);
            n_bytes += n_out;
            n_fields += n_ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.fields.len() < MAX_RECORD_BYTES => {
                    self.fields.resize(2 * self.fields.len(), 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < MAX_FIELDS => {
                    self.ends.resize(2 * self.ends.len(), 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    let problem = "a record is too long; is a quote left open?";
                    return Err(IoError::text(self.place, self.parser.line(), problem));
                }
                ReadRecordResult::Record => {
                    // The parser has passed the end of the line unless the text ended without one.
                    let line = self.parser.line().saturating_sub(1).max(1);
                    return Ok(Some(Record { fields: &self.fields[..n_bytes], ends: &self.ends[..n_fields], line }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

impl<'a> Record<'a> {
    /// Number of fields; at least one.
    pub(in crate::io) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One field.
    pub(in crate::io) fn get(&self, at: usize) -> Option<&'a [u8]> {
        let start = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        self.fields.get(start..*self.ends.get(at)?)
    }

    /// The fields from the first to the last.
    pub(in crate::io) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let record = *self;
        let mut start = 0;
        record.ends.iter().map(move |end| {
            let field = record.fields.get(start..*end).unwrap_or_default();
            start = *end;
            field
        })
    }

    /// The fields as text; bytes that are not UTF-8 become a replacement character.
    pub(in crate::io) fn texts(&self) -> Vec<String> {
        self.iter().map(text).collect()
    }
}

/// A field as text, without the spaces around it.
pub(in crate::io) fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field.trim_ascii()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{BytesSource, FileSet};

    fn records(text: &[u8]) -> Result<Vec<(u64, Vec<String>)>, IoError> {
        let files = FileSet::single("", Box::new(BytesSource::new(text.to_vec())));
        let mut records = Records::open(files.only().unwrap(), "the table")?;
        let mut all = Vec::new();
        while let Some(record) = records.next()? {
            assert_eq!(record.len(), record.texts().len());
            assert_eq!(record.get(0).map(text_of), record.texts().first().cloned());
            all.push((record.line, record.texts()));
        }
        Ok(all)
    }

    fn text_of(field: &[u8]) -> String {
        text(field)
    }

    fn owned(rows: &[(u64, &[&str])]) -> Vec<(u64, Vec<String>)> {
        rows.iter().map(|(line, fields)| (*line, fields.iter().map(|&field| field.to_owned()).collect())).collect()
    }

    #[test]
    fn quotes_line_ends_and_a_byte_order_mark_are_understood() {
        let text = b"\xef\xbb\xbfa,\"b,\"\"c\"\"\"\r\n\r\n1,\"two\nlines\"\n,\n3,4";
        let expected: [(u64, &[&str]); 4] =
            [(1, &["a", "b,\"c\""]), (4, &["1", "two\nlines"]), (5, &["", ""]), (5, &["3", "4"])];
        assert_eq!(records(text).unwrap(), owned(&expected));
        assert_eq!(records(b"").unwrap(), []);
    }

    #[test]
    fn long_records_come_whole() {
        let long: Vec<String> = (0..100_000).map(|at| at.to_string()).collect();
        let all = records(format!("{}\n1", long.join("\t")).as_bytes()).unwrap();
        assert_eq!(all[0].1, long);
        assert_eq!(all[1].1, ["1"]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [&b"\xff\xfea\0,\0"[..], b"a,b\0"] {
            assert!(matches!(records(bytes), Err(IoError::BadText { line: 1, .. })));
        }
    }
}

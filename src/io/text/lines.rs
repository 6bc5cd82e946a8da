//! Lines of a text, one after the other, without a copy of each.

use std::io::{ErrorKind, Read};

use super::super::{Entry, IoError, stream};

/// The buffer, and so the longest line.
const BUFFER_BYTES: usize = 1 << 18;

/// Reads a text of short lines from the first to the last.
pub(in crate::io) struct Lines {
    stream: stream::Stream,
    place: &'static str,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Lines given so far.
    line: u64,
}

impl Lines {
    pub(in crate::io) fn open(entry: &Entry, place: &'static str) -> Result<Self, IoError> {
        Ok(Self { stream: entry.reader()?, place, buffer: vec![0; BUFFER_BYTES], start: 0, end: 0, line: 0 })
    }

    /// The number of the last line given, from 1.
    pub(in crate::io) fn line(&self) -> u64 {
        self.line
    }

    /// What the text is called in errors.
    pub(in crate::io) fn place(&self) -> &'static str {
        self.place
    }

    /// The next line without its end; `None` after the last. Errors: `io.bad-text` for a line above 256 KiB.
    pub(in crate::io) fn next(&mut self) -> Result<Option<&[u8]>, IoError> {
        let mut searched = self.start;
        loop {
            if let Some(length) = self.buffer[searched..self.end].iter().position(|byte| *byte == b'\n') {
                let (from, to) = (self.start, searched + length);
                self.start = to + 1;
                self.line += 1;
                return Ok(Some(self.buffer[from..to].trim_ascii_end()));
            }
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            searched = self.end;
            if self.end == self.buffer.len() {
                return Err(IoError::text(self.place, self.line + 1, "the line is too long"));
            }
            let count = self.read()?;
            if count == 0 {
                let rest = self.end;
                self.end = 0;
                self.line += u64::from(rest > 0);
                return Ok((rest > 0).then(|| self.buffer[..rest].trim_ascii_end()));
            }
            self.end += count;
        }
    }

    fn read(&mut self) -> Result<usize, IoError> {
        loop {
            match self.stream.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read.map_err(|error| stream::failed(&error, self.place)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{BytesSource, FileSet};

    fn lines(text: &[u8]) -> Result<Vec<String>, IoError> {
        let files = FileSet::single("", Box::new(BytesSource::new(text.to_vec())));
        let mut lines = Lines::open(files.only().unwrap(), "the text")?;
        let mut all = Vec::new();
        while let Some(line) = lines.next()? {
            all.push(String::from_utf8_lossy(line).into_owned());
        }
        assert_eq!(lines.line(), all.len() as u64);
        Ok(all)
    }

    #[test]
    fn lines_come_whole_across_buffers_and_without_their_ends() {
        assert_eq!(lines(b"a\r\n\nb").unwrap(), ["a", "", "b"]);
        assert_eq!(lines(b"a\n").unwrap(), ["a"]);
        let many: Vec<String> = (0..100_000).map(|at| format!("line {at}")).collect();
        assert_eq!(lines(many.join("\n").as_bytes()).unwrap(), many);
        assert!(matches!(lines(&vec![b'a'; BUFFER_BYTES + 1]), Err(IoError::BadText { line: 1, .. })));
    }
}

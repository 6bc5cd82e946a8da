//! How a text is laid out, told from its first bytes: the delimiter, and whether it is text at all.

use super::super::IoError;

/// Bytes looked at.
pub(super) const HEAD_BYTES: usize = 1 << 16;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Refuses what is no text in UTF-8 or a relative of ASCII; gives the length of the byte order mark.
pub(super) fn check_text(head: &[u8], place: &'static str) -> Result<usize, IoError> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(IoError::text(place, 1, "it is UTF-16; save it as UTF-8"));
    }
    if head.contains(&0) {
        return Err(IoError::text(place, 1, "it holds bytes that are no text"));
    }
    Ok(if head.starts_with(UTF8_MARK) { UTF8_MARK.len() } else { 0 })
}

/// The delimiter of the first line: a tab if it has one, else the commoner of comma and semicolon outside quotes, else a
/// space (R's `write.table`). A line of one field gives a comma.
pub(super) fn delimiter(head: &[u8]) -> u8 {
    let (mut tabs, mut commas, mut semicolons, mut spaces) = (0, 0, 0, 0);
    let mut quoted = false;
    let line = head.iter().skip_while(|byte| matches!(byte, b'\n' | b'\r'));
    for byte in line {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'\n' | b'\r' => break,
            b'\t' => tabs += 1,
            b',' => commas += 1,
            b';' => semicolons += 1,
            b' ' => spaces += 1,
            _ => {}
        }
    }
    match () {
        () if tabs > 0 => b'\t',
        () if semicolons > commas => b';',
        () if commas > 0 || spaces == 0 => b',',
        () => b' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_that_of_the_first_line() {
        let cases: [(&[u8], u8); 8] = [
            (b"a,b\n1;2", b','),
            (b"a\tb,c", b'\t'),
            (b"gene;a;b\nx;1,5;2,5", b';'),
            (b"\"a;b;c\",d", b','),
            (b"\"a\" \"b\"", b' '),
            (b"AACG-1\nAACT-1", b','),
            (b"\n\nx\ty", b'\t'),
            (b"", b','),
        ];
        for (head, expected) in cases {
            assert_eq!(delimiter(head), expected, "{}", String::from_utf8_lossy(head));
        }
    }
}

//! Numbers in text, as the tools of the field write them.

/// What a field says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::io) enum Field {
    Number(f64),
    /// Empty, or one of the words that R and pandas write for a missing value.
    Missing,
    Text,
}

/// Reads a field. Plain digits take a short way: they are nearly all of a count matrix.
pub(in crate::io) fn parse(field: &[u8]) -> Field {
    if let Some(value) = small_integer(field) {
        return Field::Number(value);
    }
    let field = field.trim_ascii();
    match field {
        b"" | b"NA" | b"N/A" | b"NaN" | b"nan" | b"NAN" | b"null" | b"NULL" | b"None" | b"<NA>" => Field::Missing,
        // What begins like a number. `parse` would also take "infinity" and "nan" in any case: names of genes, maybe.
        [b'0'..=b'9' | b'-' | b'+' | b'.', ..] | b"inf" | b"Inf" => {
            std::str::from_utf8(field).ok().and_then(|text| text.parse().ok()).map_or(Field::Text, Field::Number)
        }
        _ => Field::Text,
    }
}

fn small_integer(field: &[u8]) -> Option<f64> {
    if field.is_empty() || field.len() > 9 {
        return None;
    }
    let mut value = 0u32;
    for byte in field {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some(f64::from(value))
}

/// Whether a field is a number with a decimal comma.
pub(in crate::io) fn has_decimal_comma(field: &[u8]) -> bool {
    let commas = field.iter().filter(|byte| **byte == b',').count();
    commas == 1 && {
        let point: Vec<u8> = field.iter().map(|byte| if *byte == b',' { b'.' } else { *byte }).collect();
        matches!(parse(&point), Field::Number(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_missing_values_and_text_are_told_apart() {
        let numbers = [("0", 0.0), ("12", 12.0), (" 7 ", 7.0), ("-1.5e3", -1500.0), (".5", 0.5), ("1e-3", 0.001)];
        for (text, value) in numbers {
            assert_eq!(parse(text.as_bytes()), Field::Number(value), "{text}");
        }
        assert_eq!(parse(b"4294967296"), Field::Number(4_294_967_296.0));
        assert_eq!(parse(b"-Inf"), Field::Number(f64::NEG_INFINITY));
        for text in ["", "NA", "nan", "NaN", " "] {
            assert_eq!(parse(text.as_bytes()), Field::Missing, "{text}");
        }
        for text in ["T cell", "1,5", "infinity", "-", "1-2", "0x10", "\u{b5}"] {
            assert_eq!(parse(text.as_bytes()), Field::Text, "{text}");
        }
        assert!(has_decimal_comma(b"1,5") && has_decimal_comma(b"0,25"));
        assert!(!has_decimal_comma(b"1,5,2") && !has_decimal_comma(b"a,b") && !has_decimal_comma(b"15"));
    }
}

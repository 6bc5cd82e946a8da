//! Comma-separated values (RFC 4180).

/// One field of a line.
#[derive(Debug, Clone, Copy)]
pub enum Field<'a> {
    Text(&'a str),
    /// NaN is an empty field.
    Number(f64),
    /// Written with as few digits as give the same `f32` back.
    Float(f32),
    Integer(i64),
}

/// A CSV file under construction: UTF-8, CRLF line ends, quotes where needed.
///
/// Spreadsheets run text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula, and the names of
/// cells come from a stranger's file: such text gets a `'` in front, unless it is a number.
#[derive(Debug, Default)]
pub struct Csv {
    out: String,
}

impl Csv {
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one line.
    pub fn line<'a>(&mut self, fields: impl IntoIterator<Item = Field<'a>>) {
        use std::fmt::Write;
        for (i, field) in fields.into_iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            // Writing into a String cannot fail.
            let _ = match field {
                Field::Text(text) => {
                    self.text(text);
                    Ok(())
                }
                Field::Number(value) if value.is_nan() => Ok(()),
                Field::Float(value) if value.is_nan() => Ok(()),
                Field::Number(value) => write!(self.out, "{value}"),
                Field::Float(value) => write!(self.out, "{value}"),
                Field::Integer(value) => write!(self.out, "{value}"),
            };
        }
        self.out.push_str("\r\n");
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether no line was written yet.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    fn text(&mut self, text: &str) {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
        if !text.contains(['"', ',', '\r', '\n']) {
            self.out.extend(is_formula.then_some('\''));
            self.out.push_str(text);
            return;
        }
        self.out.push('"');
        self.out.extend(is_formula.then_some('\''));
        self.out.push_str(&text.replace('"', "\"\""));
        self.out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(fields: impl IntoIterator<Item = Field<'a>>) -> String {
        let mut csv = Csv::new();
        csv.line(fields);
        String::from_utf8(csv.finish()).unwrap()
    }

    #[test]
    fn fields_are_quoted_where_rfc_4180_says_so() {
        let fields = ["plain", "a,b", "say \"hi\"", "two\nlines", ""];
        assert_eq!(line(fields.map(Field::Text)), "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n");
    }

    #[test]
    fn numbers_come_back_as_they_were_and_nan_is_empty() {
        let fields =
            [Field::Number(0.1), Field::Float(0.1), Field::Number(f64::NAN), Field::Integer(-3), Field::Number(1e300)];
        let text = line(fields);
        let parts: Vec<&str> = text.trim_end().split(',').collect();
        assert_eq!(&parts[..4], ["0.1", "0.1", "", "-3"]);
        assert_eq!(parts[4].parse::<f64>().unwrap(), 1e300);
    }

    #[test]
    fn text_cannot_become_a_formula() {
        assert_eq!(
            line(["=1+1", "@SUM(A1)", "-2", "-x", "=a,b"].map(Field::Text)),
            "'=1+1,'@SUM(A1),-2,'-x,\"'=a,b\"\r\n"
        );
    }
}

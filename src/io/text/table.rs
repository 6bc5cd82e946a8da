//! A table of annotations in delimited text, gzipped or not, read into memory.

use std::collections::HashMap;

use super::{
    super::{Entry, IoError, table::MemoryTable},
    number::{self, Field},
    records::{Record, Records, text},
};
use crate::cells::Column;

/// Where the names of the columns come from.
#[derive(Debug, Clone, Copy)]
pub(in crate::io) enum Header<'a> {
    /// The first record. It may lack the name above the row names, as R writes it.
    First,
    /// There is none in the file; further columns are left out.
    Given(&'a [&'a str]),
}

/// Text and numbers held at most: the annotations of some millions of cells.
const MAX_BYTES: usize = 1 << 29;
const MAX_COLUMNS: usize = 10_000;
/// A column with more different texts than this is free text.
const MAX_LEVELS: usize = 1 << 16;

/// Reads a table; its first column names the rows and stays text. `place` names the table in errors.
///
/// A column of numbers and missing values becomes numbers; any other becomes categorical, with sorted categories, if a
/// text repeats in it, and text if none does. Missing values are NaN, −1 and "". O(bytes), twice if a column turns out
/// late to be no numbers.
///
/// # Errors
/// `io.bad-text` with the line of a record that is longer or shorter than the header; `io.too-large` beyond 512 MiB;
/// `io.truncated`, `io.read-failed`.
pub(in crate::io) fn read_table(
    entry: &Entry,
    place: &'static str,
    header: Header<'_>,
) -> Result<MemoryTable, IoError> {
    let mut is_text = Vec::new();
    loop {
        match pass(entry, place, header, &mut is_text)? {
            Pass::Done(table) => return Ok(table),
            Pass::MoreText => {}
        }
    }
}

enum Pass {
    Done(MemoryTable),
    /// A column began with numbers and went on with text.
    MoreText,
}

fn pass(entry: &Entry, place: &'static str, header: Header<'_>, is_text: &mut Vec<bool>) -> Result<Pass, IoError> {
    let mut records = Records::open(entry, place)?;
    let (mut names, may_lack_corner) = match header {
        Header::Given(names) => (names.iter().map(|&name| name.to_owned()).collect(), false),
        Header::First => (records.next()?.map(|record| record.texts()).unwrap_or_default(), true),
    };
    let mut width = names.len();
    let (mut index, mut columns) = (Vec::new(), Vec::new());
    let (mut bytes, mut more_text) = (0usize, false);
    while let Some(record) = records.next()? {
        if index.is_empty() {
            match header {
                Header::First if may_lack_corner && record.len() == width + 1 => names.insert(0, String::new()),
                Header::Given(_) => names.truncate(record.len()),
                Header::First => {}
            }
            width = record.len();
            if names.len() > MAX_COLUMNS {
                return Err(IoError::large(place, "it has more than 10,000 columns"));
            }
            is_text.resize(names.len(), false);
            columns = is_text.iter().skip(1).map(|is_text| ColumnBuilder::new(*is_text)).collect();
        }
        check_width(&record, width, names.len(), place)?;
        let name = text(record.get(0).unwrap_or_default());
        bytes += size_of::<String>() + name.len();
        index.push(name);
        for ((column, field), is_text) in columns.iter_mut().zip(record.iter().skip(1)).zip(is_text.iter_mut().skip(1))
        {
            bytes += column.push(field);
            if column.is_spoilt() && !*is_text {
                (*is_text, more_text) = (true, true);
            }
        }
        if bytes > MAX_BYTES {
            return Err(IoError::large(place, "its texts and numbers take more than 512 MiB"));
        }
    }
    if more_text {
        return Ok(Pass::MoreText);
    }
    let mut names = names.into_iter();
    let mut table = MemoryTable::new(&names.next().unwrap_or_default(), index);
    for (name, column) in names.zip(columns) {
        table.push(&name, column.finish())?;
    }
    Ok(Pass::Done(table))
}

fn check_width(record: &Record<'_>, width: usize, n_names: usize, place: &'static str) -> Result<(), IoError> {
    if record.len() != width || width < n_names {
        return Err(IoError::text(place, record.line, "the record has another number of fields than the others"));
    }
    Ok(())
}

/// A column as it grows.
pub(in crate::io) enum ColumnBuilder {
    /// Nothing but numbers and missing values so far.
    Numbers(Vec<f64>),
    /// Numbers, and then a text: to be read again.
    Spoilt,
    Levels {
        codes: Vec<i32>,
        levels: HashMap<String, i32>,
    },
    Texts(Vec<String>),
}

impl ColumnBuilder {
    pub(in crate::io) fn new(is_text: bool) -> Self {
        if is_text { Self::Levels { codes: Vec::new(), levels: HashMap::new() } } else { Self::Numbers(Vec::new()) }
    }

    fn is_spoilt(&self) -> bool {
        matches!(self, Self::Spoilt)
    }

    /// Adds a field; gives the bytes that it takes.
    pub(in crate::io) fn push(&mut self, field: &[u8]) -> usize {
        match self {
            Self::Numbers(values) => {
                match number::parse(field) {
                    Field::Number(value) => values.push(value),
                    Field::Missing => values.push(f64::NAN),
                    Field::Text if values.is_empty() => {
                        *self = Self::new(true);
                        return self.push(field);
                    }
                    Field::Text => *self = Self::Spoilt,
                }
                size_of::<f64>()
            }
            Self::Spoilt => 0,
            Self::Levels { codes, levels } => {
                let field = present(field);
                let next = levels.len() as i32;
                let code = match levels.get(&field) {
                    _ if field.is_empty() => -1,
                    Some(code) => *code,
                    None if levels.len() < MAX_LEVELS => {
                        let bytes = field.len() + size_of::<(String, i32)>();
                        levels.insert(field, next);
                        codes.push(next);
                        return bytes + size_of::<i32>();
                    }
                    None => {
                        let mut texts = spelled_out(codes, std::mem::take(levels));
                        let bytes = texts.iter().map(|text| text.len() + size_of::<String>()).sum::<usize>();
                        texts.push(field);
                        *self = Self::Texts(texts);
                        return bytes;
                    }
                };
                codes.push(code);
                size_of::<i32>()
            }
            Self::Texts(texts) => {
                let text = present(field);
                let bytes = text.len() + size_of::<String>();
                texts.push(text);
                bytes
            }
        }
    }

    pub(in crate::io) fn finish(self) -> Column {
        match self {
            Self::Numbers(values) => Column::Numbers(values),
            Self::Spoilt => Column::Text(Vec::new()),
            Self::Texts(texts) => Column::Text(texts),
            Self::Levels { codes, levels } if levels.len() == codes.len() => Column::Text(spelled_out(&codes, levels)),
            Self::Levels { codes, levels } => {
                let mut sorted: Vec<(String, i32)> = levels.into_iter().collect();
                sorted.sort();
                let mut place = vec![-1; sorted.len()];
                for (new, (_, old)) in sorted.iter().enumerate() {
                    place[*old as usize] = new as i32;
                }
                let codes = codes.into_iter().map(|old| usize::try_from(old).map_or(-1, |old| place[old])).collect();
                Column::Categorical { codes, categories: sorted.into_iter().map(|(name, _)| name).collect() }
            }
        }
    }
}

/// A text, or "" for one of the words that mean a missing value.
fn present(field: &[u8]) -> String {
    if number::parse(field) == Field::Missing { String::new() } else { text(field) }
}

fn spelled_out(codes: &[i32], levels: HashMap<String, i32>) -> Vec<String> {
    let mut names = vec![String::new(); levels.len()];
    for (name, code) in levels {
        names[code as usize] = name;
    }
    codes.iter().map(|code| usize::try_from(*code).map_or_else(|_| String::new(), |code| names[code].clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{BytesSource, FileSet, table::Table};

    fn table(text: &str, header: Header<'_>) -> Result<MemoryTable, IoError> {
        let files = FileSet::single("", Box::new(BytesSource::new(text.as_bytes().to_vec())));
        read_table(files.only().unwrap(), "the table", header)
    }

    fn labels(codes: &[i32], categories: &[&str]) -> Column {
        let categories = categories.iter().map(|&name| name.to_owned()).collect();
        Column::Categorical { codes: codes.to_vec(), categories }
    }

    #[test]
    fn columns_have_the_kind_that_all_their_values_have() {
        let table = table("cell,n,type,late,name\n01,1,b,1,x\n02,NA,a,2,y\n03,2.5,b,two,z", Header::First).unwrap();
        assert_eq!((table.index_name(), table.index().unwrap()), ("cell", vec!["01".into(), "02".into(), "03".into()]));
        let Column::Numbers(n) = table.column("n").unwrap() else { panic!() };
        assert!(n[0] == 1.0 && n[1].is_nan() && n[2] == 2.5);
        assert_eq!(table.column("type").unwrap(), labels(&[1, 0, 1], &["a", "b"]));
        assert_eq!(table.column("late").unwrap(), Column::Text(vec!["1".into(), "2".into(), "two".into()]));
        assert_eq!(table.column("name").unwrap(), Column::Text(vec!["x".into(), "y".into(), "z".into()]));
    }

    #[test]
    fn a_header_may_lack_its_corner_or_be_given() {
        let without = table("n m\nc1 1 2\nc2 3 4", Header::First).unwrap();
        assert_eq!((without.index_name(), without.column("m").unwrap()), ("", Column::Numbers(vec![2.0, 4.0])));
        let given = table("c1,1,2,9\nc2,3,4,9", Header::Given(&["barcode", "x", "y"])).unwrap();
        assert_eq!((given.index_name(), given.column("y").unwrap()), ("barcode", Column::Numbers(vec![2.0, 4.0])));
        let single = table("AAC-1\nAAG-1", Header::Given(&["barcode"])).unwrap();
        assert_eq!(single.index().unwrap(), ["AAC-1", "AAG-1"]);
    }

    #[test]
    fn a_record_of_another_length_is_an_error_with_its_line() {
        for (text, line) in [("a,b\n1,2\n3\n", 3), ("a,b\n1,2\n3,4,5\n", 3), ("a,b\n1\n", 2)] {
            let error = table(text, Header::First).map(|_| ()).unwrap_err();
            assert!(matches!(error, IoError::BadText { line: found, .. } if found == line), "{text:?}: {error}");
        }
    }

    #[test]
    fn many_different_texts_stay_text() {
        let rows: String = (0..70_000).map(|row| format!("c{row},t{row}\n")).collect();
        let table = table(&format!("cell,t\n{rows}"), Header::First).unwrap();
        let Column::Text(texts) = table.column("t").unwrap() else { panic!() };
        assert_eq!((texts.len(), texts[69_999].as_str()), (70_000, "t69999"));
    }
}

//! One pass over a table: the names of its rows and columns, and which columns are numbers.

use super::{
    super::{
        Entry, IoError,
        text::{Field, Record, Records, has_decimal_comma, parse_number, text},
    },
    PLACE,
};

/// Text of names held at most.
const MAX_NAME_BYTES: usize = 256 << 20;

/// What a table holds, without its values.
pub(super) struct Survey {
    /// One name a field.
    pub(super) header: Vec<String>,
    /// The name of each row that is not left out.
    pub(super) names: Vec<String>,
    /// One a field.
    pub(super) fields: Vec<FieldInfo>,
    /// For each record, whether it is left out.
    pub(super) left_out: Vec<bool>,
    /// The first line with a decimal comma.
    decimal_comma: Option<u64>,
}

/// What the records say in one field.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FieldInfo {
    pub(super) kind: FieldKind,
    pub(super) n_missing: u32,
    /// Fields that are neither a number nor missing.
    pub(super) n_words: u32,
    /// Values other than zero, missing ones among them.
    pub(super) n_stored: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum FieldKind {
    /// Numbers and missing values only.
    #[default]
    Numbers,
    /// Numbers, some of them with a decimal comma.
    DecimalCommas,
    Text,
}

/// Where the names of the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    First,
    /// CosMx: the field of view and the cell's number in it. Cell 0 is what lies in no cell.
    FovAndCell {
        fov: usize,
        cell: usize,
    },
}

impl Survey {
    /// Reads the whole text once; memory is that of the names. `key` tells from the header where the names are.
    ///
    /// # Errors
    /// `io.bad-text` with the line of a record that is longer or shorter than the others; `io.too-large` beyond 256 MiB of
    /// names; `io.truncated`, `io.read-failed`.
    pub(super) fn read(entry: &Entry, key: impl Fn(&[String]) -> Result<Key, IoError>) -> Result<Self, IoError> {
        let mut records = Records::open(entry, PLACE)?;
        let header = records.next()?.map(|record| record.texts()).unwrap_or_default();
        let mut survey =
            Self { header, names: Vec::new(), fields: Vec::new(), left_out: Vec::new(), decimal_comma: None };
        let mut at = key(&survey.header)?;
        let mut bytes: usize = survey.header.iter().map(|name| name.len() + size_of::<String>()).sum();
        while let Some(record) = records.next()? {
            if survey.left_out.is_empty() {
                complete(&mut survey.header, record.len());
                at = key(&survey.header)?;
                survey.fields = vec![FieldInfo::default(); survey.header.len()];
            }
            check_width(&record, survey.header.len())?;
            let name = at.name(&record);
            survey.left_out.push(name.is_none());
            let Some(name) = name else { continue };
            bytes = bytes.saturating_add(name.len() + size_of::<String>());
            if bytes > MAX_NAME_BYTES {
                return Err(IoError::large(PLACE, "the names of its rows and columns take more than 256 MiB"));
            }
            survey.names.push(name);
            for (info, field) in survey.fields.iter_mut().zip(record.iter()) {
                if info.see(field) && survey.decimal_comma.is_none() {
                    survey.decimal_comma = Some(record.line);
                }
            }
        }
        Ok(survey)
    }

    /// Refuses numbers with a decimal comma.
    pub(super) fn check_decimals(&self) -> Result<(), IoError> {
        match self.decimal_comma {
            Some(line) if self.fields.iter().skip(1).any(|info| info.kind == FieldKind::DecimalCommas) => {
                Err(IoError::text(PLACE, line, "a number has a decimal comma; write it with a point"))
            }
            _ => Ok(()),
        }
    }
}

impl FieldInfo {
    pub(super) fn is_number(&self) -> bool {
        self.kind == FieldKind::Numbers
    }

    /// Whether the field is one of numbers but for a few words, as a spreadsheet leaves them (`#REF!`): one in twenty at
    /// most of `n_rows`. They count as missing.
    pub(super) fn is_nearly_number(&self, n_rows: usize) -> bool {
        self.is_number() || self.kind == FieldKind::Text && 20 * self.n_words as usize <= n_rows
    }

    /// Takes a field into account; whether it has a decimal comma.
    fn see(&mut self, field: &[u8]) -> bool {
        match parse_number(field) {
            Field::Number(value) => self.n_stored += u32::from(value as f32 != 0.0),
            Field::Missing => {
                self.n_missing += 1;
                self.n_stored += 1;
            }
            Field::Text if self.kind != FieldKind::Text && has_decimal_comma(field) => {
                self.n_words += 1;
                self.kind = FieldKind::DecimalCommas;
                return true;
            }
            Field::Text => {
                self.kind = FieldKind::Text;
                self.n_words += 1;
                self.n_stored += 1;
            }
        }
        false
    }
}

impl Key {
    /// The name of a row; `None` for one that is no cell.
    fn name(self, record: &Record<'_>) -> Option<String> {
        let field = |at: usize| text(record.get(at).unwrap_or_default());
        match self {
            Self::First => Some(field(0)),
            Self::FovAndCell { fov, cell } => cosmx_name(&field(fov), &field(cell)),
        }
    }
}

/// The name of a CosMx cell as squidpy has it: its number, then its field of view; `None` for cell 0.
pub(super) fn cosmx_name(fov: &str, cell: &str) -> Option<String> {
    (cell != "0").then(|| format!("{cell}_{fov}"))
}

/// R's `write.table` leaves out the name above the row names.
pub(super) fn complete(header: &mut Vec<String>, width: usize) {
    if width == header.len() + 1 {
        header.insert(0, String::new());
    }
}

pub(super) fn check_width(record: &Record<'_>, width: usize) -> Result<(), IoError> {
    if record.len() == width {
        return Ok(());
    }
    Err(IoError::text(PLACE, record.line, "the record has another number of fields than the header"))
}

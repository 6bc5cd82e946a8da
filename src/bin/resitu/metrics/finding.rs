//! What one metric found, in every form that it is written in: JSON, CSV, h5ad, and lines for people.

use resitu::cells::Column;
use resitu::io::{IoError, Uns};
use serde::Serialize;
use serde_json::Value;

/// Results of one metric. Only what applies is filled in.
#[derive(Default)]
pub struct Finding {
    /// What the metric is called, also in the names of CSV files: `NAME.enrichment.csv`.
    pub name: &'static str,
    /// Top-level entries of the JSON output.
    pub json: Vec<(&'static str, Value)>,
    /// One table; none where the result is not a table.
    pub csv: Option<Vec<u8>>,
    /// Entries of `uns`, under squidpy's names where it has them.
    pub uns: Vec<(String, Uns)>,
    /// Columns of `obs`: one value a cell.
    pub obs: Vec<(String, Column)>,
    /// Entries of `obsm`: name, width, row-major values.
    pub obsm: Vec<(String, usize, Vec<f32>)>,
    /// How the results were made: an entry of `uns["resitu"]`.
    pub how: Vec<(&'static str, Uns)>,
    /// The summary for people.
    pub text: Vec<String>,
    /// Things worth knowing about the result.
    pub notes: Vec<String>,
}

/// Anything serialisable as JSON; NaN and infinities become null.
///
/// # Errors
/// `io.write-failed`, which only a map with keys that are no text could cause.
pub fn json(value: &impl Serialize) -> Result<Value, IoError> {
    serde_json::to_value(value).map_err(|error| IoError::WriteFailed(error.to_string()))
}

/// A JSON object as an entry of `uns`; nulls and arrays are left out.
pub fn to_uns(value: &Value) -> Option<Uns> {
    match value {
        Value::Null | Value::Array(_) => None,
        Value::Bool(value) => Some(Uns::Text(value.to_string())),
        Value::Number(value) => {
            Some(value.as_i64().map_or(Uns::Number(value.as_f64().unwrap_or(f64::NAN)), Uns::Integer))
        }
        Value::String(value) => Some(Uns::Text(value.clone())),
        Value::Object(entries) => {
            let entries = entries.iter().filter_map(|(name, value)| Some((name.clone(), to_uns(value)?)));
            Some(Uns::Nested(entries.collect()))
        }
    }
}

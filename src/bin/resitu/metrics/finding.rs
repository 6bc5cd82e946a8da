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
    /// The numbers that are worth an interval where positions are only likely; see [`Metric::in_draws`].
    ///
    /// [`Metric::in_draws`]: super::metric::Metric::in_draws
    pub numbers: Vec<Number>,
    /// How the results were made: an entry of `uns["resitu"]`.
    pub how: Vec<(&'static str, Uns)>,
    /// The summary for people.
    pub text: Vec<String>,
    /// Things worth knowing about the result.
    pub notes: Vec<String>,
}

/// One number of a result, and what it is of.
pub struct Number {
    pub statistic: &'static str,
    /// A gene or a label; two of them for pairs, else "".
    pub of: String,
    pub with: String,
    /// The distance, for curves; else NaN.
    pub distance: f64,
    pub value: f64,
}

impl Number {
    /// One for every pair of labels, from a matrix row by row.
    pub fn square(statistic: &'static str, labels: &[String], values: &[f64]) -> Vec<Self> {
        let number = |(pair, value): (usize, &f64)| Self {
            statistic,
            of: labels[pair / labels.len()].clone(),
            with: labels[pair % labels.len()].clone(),
            distance: f64::NAN,
            value: *value,
        };
        values.iter().enumerate().map(number).collect()
    }

    /// One for every name.
    pub fn list<'a>(
        statistic: &'static str,
        names: &'a [String],
        values: &'a [f64],
    ) -> impl Iterator<Item = Self> + 'a {
        names.iter().zip(values).map(move |(name, &value)| Self {
            statistic,
            of: name.clone(),
            with: String::new(),
            distance: f64::NAN,
            value,
        })
    }
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

//! The list of features of a 10x folder: `genes.tsv` of old, `features.tsv` with its feature types of today.

use super::super::{
    Entry, IoError,
    tenx::Features,
    text::{Records, text},
};

const PLACE: &str = "the features";
/// Text held at most.
const MAX_BYTES: usize = 256 << 20;

/// Reads id, symbol and feature type; a file with ids alone gives them as names too. Further columns are left out. Below a
/// line of titles the third column is the type only if its title says so.
pub(super) fn read(entry: &Entry, is_titled: bool) -> Result<Features, IoError> {
    let mut records = Records::open(entry, PLACE)?;
    let mut has_types = true;
    if is_titled {
        has_types = records.next()?.is_some_and(|titles| titles.get(2).map(text).is_some_and(|it| it.contains("type")));
    }
    let mut features = Features { ids: Vec::new(), names: Vec::new(), types: Vec::new(), genomes: Vec::new() };
    let mut bytes = 0;
    while let Some(record) = records.next()? {
        let id = record.get(0).map(text).unwrap_or_default();
        let name = record.get(1).map(text).filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
        bytes += id.len() + name.len() + 3 * size_of::<String>();
        features.ids.push(id);
        features.names.push(name);
        if let Some(kind) = record.get(2).map(text).filter(|_| has_types) {
            bytes += kind.len();
            features.types.push(kind);
        }
        if bytes > MAX_BYTES {
            return Err(IoError::large(PLACE, "their names take more than 256 MiB"));
        }
    }
    features.check(PLACE)
}

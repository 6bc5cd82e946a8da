//! Values that several places of the metadata hold.

use serde_json::Value;

/// The name of a codec, grid or type, which may be the whole of it.
pub(super) fn name_of(value: &Value) -> &str {
    value.as_str().or_else(|| value.get("name")?.as_str()).unwrap_or("")
}

/// A list of sizes.
pub(super) fn sizes(value: Option<&Value>) -> Option<Vec<u64>> {
    value?.as_array()?.iter().map(Value::as_u64).collect()
}

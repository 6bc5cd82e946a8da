//! A group of a store as a tree of groups and arrays, as HDF5 is one.

use std::sync::Arc;

use serde_json::Value;

use super::{
    super::{
        IoError,
        tree::{Array, Attribute, Attributes, Node, Tree},
    },
    array::ZarrArray,
    metadata::ArrayMeta,
    store::{Metadata, Store},
};

/// A group of a store, seen as a tree.
pub(in crate::io) struct ZarrTree {
    store: Arc<Store>,
    /// The path of the group, "" for the root.
    group: String,
}

impl ZarrTree {
    pub(in crate::io) fn new(store: Arc<Store>, group: &str) -> Self {
        Self { store, group: group.to_owned() }
    }

    fn at(&self, path: &str) -> String {
        match (self.group.as_str(), path) {
            ("", path) => path.to_owned(),
            (group, "") => group.to_owned(),
            (group, path) => format!("{group}/{path}"),
        }
    }
}

impl Tree for ZarrTree {
    fn node(&self, path: &str, place: &'static str) -> Result<Option<Node>, IoError> {
        let path = self.at(path);
        let Some(metadata) = self.store.metadata(&path)? else { return Ok(None) };
        Ok(Some(match metadata.array {
            Some(json) => {
                let meta = ArrayMeta::parse(&json, metadata.version, place)?;
                Node::Array(Box::new(ZarrArray::new(self.store.clone(), path, meta, place)?))
            }
            None => Node::Group(understood(metadata.attributes)),
        }))
    }

    fn array(&self, path: &str, place: &'static str) -> Result<Option<Box<dyn Array>>, IoError> {
        Ok(match self.node(path, place)? {
            Some(Node::Array(array)) => Some(array),
            _ => None,
        })
    }

    fn children(&self, path: &str, _: &'static str) -> Result<Vec<String>, IoError> {
        let path = self.at(path);
        match self.store.metadata(&path)? {
            Some(Metadata { array: None, .. }) => {}
            _ => return Ok(Vec::new()),
        }
        let mut names = self.store.folders(&path);
        let is_node = |name: &String| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            // A node that cannot be read is one all the same: whoever opens it shall hear of it.
            !matches!(self.store.metadata(&path), Ok(None))
        };
        names.retain(is_node);
        Ok(names)
    }
}

fn understood(attributes: Value) -> Attributes {
    let Value::Object(attributes) = attributes else { return Attributes::new() };
    attributes.into_iter().map(|(name, value)| (name, attribute(value))).collect()
}

fn attribute(value: Value) -> Attribute {
    match value {
        Value::String(text) => Attribute::Text(text),
        Value::Number(number) => number.as_i64().map_or(Attribute::Other, |number| Attribute::Integers(vec![number])),
        Value::Array(values) => {
            let integers: Option<Vec<i64>> = values.iter().map(Value::as_i64).collect();
            if let Some(integers) = integers.filter(|integers| !integers.is_empty()) {
                return Attribute::Integers(integers);
            }
            let texts: Option<Vec<String>> = values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
            texts.map_or(Attribute::Other, Attribute::Texts)
        }
        _ => Attribute::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{BytesSource, FileSet, Source};

    const PLACE: &str = "the Zarr store";

    fn store(files: &[(&str, &str)]) -> Arc<Store> {
        let source = |text: &str| Box::new(BytesSource::new(text.as_bytes().to_vec())) as Box<dyn Source>;
        let files = FileSet::new(files.iter().map(|(path, text)| ((*path).to_owned(), source(text)))).unwrap();
        Arc::new(Store::open(&files).unwrap().unwrap())
    }

    #[test]
    fn groups_are_found_wherever_the_folder_was_dropped() {
        let group = r#"{"zarr_format": 2}"#;
        for prefix in ["", "a.zarr/", "x/y z/"] {
            let at = |path: &str| format!("{prefix}{path}");
            let paths =
                [".zgroup", "obs/.zgroup", "obs/b/.zgroup", "obs/b.c/.zgroup", "obs/b-c/.zgroup", "obs/no/file"];
            let files: Vec<(String, &str)> = paths.iter().map(|path| (at(path), group)).collect();
            let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
            let tree = ZarrTree::new(store(&files), "");
            assert_eq!(tree.children("", PLACE).unwrap(), ["obs"]);
            assert_eq!(tree.children("obs", PLACE).unwrap(), ["b", "b-c", "b.c"]);
            assert_eq!(tree.children("obs/no", PLACE).unwrap(), [""; 0]);
            assert!(tree.node("obs/../obs", PLACE).unwrap().is_none());
        }
    }

    #[test]
    fn consolidated_metadata_stand_in_for_lost_files() {
        let all = r#"{"metadata": {".zgroup": {"zarr_format": 2}, "obs/.zgroup": {"zarr_format": 2},
            "obs/.zattrs": {"_index": "cell", "n": NaN, "quoted": "NaN \" NaN"}}}"#;
        let tree = ZarrTree::new(store(&[(".zmetadata", all)]), "");
        assert_eq!(tree.children("", PLACE).unwrap(), ["obs"]);
        let Some(Node::Group(attributes)) = tree.node("obs", PLACE).unwrap() else { panic!("obs is a group") };
        assert_eq!(attributes["_index"].as_text(), Some("cell"));
        assert_eq!(attributes["quoted"].as_text(), Some("NaN \" NaN"));
        assert_eq!(attributes["n"], Attribute::Other);
    }
}

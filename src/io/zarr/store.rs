//! The hierarchy of a Zarr store: which groups and arrays the files make.

use serde_json::{Map, Value};

use super::super::{FileSet, IoError};

const PLACE: &str = "the Zarr store";
/// One file of metadata; those of whole hierarchies are the largest.
const MAX_JSON_BYTES: u64 = 64 << 20;
/// An array cannot decompress to more than this times all files; as for HDF5.
const MAX_EXPANSION: u64 = 1100;

/// The files of a Zarr hierarchy.
pub(in crate::io) struct Store {
    files: FileSet,
    /// The folder of the root group, "" at the top.
    root: String,
    /// The metadata of all nodes, as the root repeats them: for stores whose other files of metadata were lost.
    consolidated: Map<String, Value>,
    /// Bytes that any array can decompress to.
    plausible_bytes: u64,
}

impl Store {
    /// Finds the root: the folder nearest to the top that is a group. `None` where there is none.
    pub(in crate::io) fn open(files: &FileSet) -> Result<Option<Self>, IoError> {
        let names = [".zgroup", "zarr.json", ".zmetadata"];
        let groups = files.entries().iter().filter(|entry| names.contains(&entry.name()));
        let depth = |path: &str| path.matches('/').count();
        let Some(root) = groups.min_by_key(|entry| depth(entry.path())).map(|entry| entry.folder().to_owned()) else {
            return Ok(None);
        };
        let plausible_bytes = files.bytes().saturating_mul(MAX_EXPANSION).saturating_add(1 << 16);
        let mut store = Self { files: files.clone(), root, consolidated: Map::new(), plausible_bytes };
        let version_3 = store.json("zarr.json")?.map(|json| json.get("consolidated_metadata").cloned());
        let all = match version_3 {
            Some(all) => all,
            None => store.json(".zmetadata").ok().flatten(),
        };
        if let Some(Value::Object(nodes)) = all.and_then(|mut all| all.get_mut("metadata").map(Value::take)) {
            store.consolidated = nodes;
        }
        Ok(Some(store))
    }

    pub(super) fn plausible_bytes(&self) -> u64 {
        self.plausible_bytes
    }

    /// The file at a path below the root.
    pub(in crate::io) fn file(&self, path: &str) -> Option<&super::super::Entry> {
        if self.root.is_empty() { self.files.get(path) } else { self.files.get(&format!("{}/{path}", self.root)) }
    }

    /// Whether every file lies in this hierarchy.
    pub(in crate::io) fn has_all_files(&self) -> bool {
        let inside = |path: &str| path.strip_prefix(&self.root).is_some_and(|rest| rest.starts_with('/'));
        self.root.is_empty() || self.files.entries().iter().all(|entry| inside(entry.path()))
    }

    /// A file of metadata at a path below the root.
    fn json(&self, path: &str) -> Result<Option<Value>, IoError> {
        let Some(entry) = self.file(path) else { return Ok(None) };
        let length = entry.source().len();
        if length > MAX_JSON_BYTES {
            return Err(IoError::large(PLACE, "a file of metadata exceeds 64 MiB"));
        }
        let mut bytes = vec![0; length as usize];
        entry.source().read_at(0, &mut bytes).map_err(|error| IoError::unreadable(error.kind()))?;
        let json = serde_json::from_slice(&bytes).or_else(|_| serde_json::from_slice(&without_nan(&bytes)));
        json.map(Some).map_err(|_| IoError::bad(PLACE, "a file of metadata is not JSON"))
    }

    /// The metadata of a node: of version 3, or of version 2 (`.zarray` or `.zgroup`, and `.zattrs`).
    pub(super) fn metadata(&self, path: &str) -> Result<Option<Metadata>, IoError> {
        let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        if let Some(json) = self.json(&at("zarr.json"))? {
            return Ok(Metadata::of_version_3(json));
        }
        let attributes = |store: &Self| -> Result<Value, IoError> {
            Ok(store
                .json(&at(".zattrs"))?
                .or_else(|| store.consolidated.get(&at(".zattrs")).cloned())
                .unwrap_or_default())
        };
        for (name, is_array) in [(".zarray", true), (".zgroup", false)] {
            let json = match self.json(&at(name))? {
                None => self.consolidated.get(&at(name)).cloned(),
                found => found,
            };
            if let Some(json) = json {
                let attributes = attributes(self)?;
                let array = is_array.then_some(json);
                return Ok(Some(Metadata { array, version: 2, attributes }));
            }
        }
        Ok(self.consolidated.get(path).cloned().and_then(Metadata::of_version_3))
    }

    /// Names of the folders in a folder, sorted, without a look at every file below them.
    pub(super) fn folders(&self, path: &str) -> Vec<String> {
        let mut prefix = if self.root.is_empty() { String::new() } else { format!("{}/", self.root) };
        if !path.is_empty() {
            prefix = format!("{prefix}{path}/");
        }
        let entries = self.files.entries();
        let mut names = Vec::new();
        let mut at = entries.partition_point(|entry| entry.path() < prefix.as_str());
        while let Some(rest) = entries.get(at).and_then(|entry| entry.path().strip_prefix(&prefix)) {
            match rest.split_once('/') {
                Some((folder, _)) => {
                    names.push(folder.to_owned());
                    // "0" follows "/": behind everything in this folder.
                    let behind = format!("{prefix}{folder}0");
                    at += entries[at..].partition_point(|entry| entry.path() < behind.as_str());
                }
                None => at += 1,
            }
        }
        // What is known of folders whose own files are not there.
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        let known = self.consolidated.keys().filter_map(|key| key.strip_prefix(&below)?.split('/').next());
        names.extend(known.filter(|name| !name.is_empty() && !name.starts_with(".z")).map(str::to_owned));
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// What the files say about a node.
pub(super) struct Metadata {
    /// `None` for a group.
    pub(super) array: Option<Value>,
    pub(super) version: u8,
    pub(super) attributes: Value,
}

impl Metadata {
    fn of_version_3(mut json: Value) -> Option<Self> {
        let attributes = json.get_mut("attributes").map(Value::take).unwrap_or_default();
        let is_array = match json.get("node_type").and_then(Value::as_str)? {
            "array" => true,
            "group" => false,
            _ => return None,
        };
        Some(Self { array: is_array.then_some(json), version: 3, attributes })
    }
}

/// Python writes `NaN`, `Infinity` and `-Infinity` into JSON, which has none of them: each becomes `null`.
fn without_nan(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let (mut at, mut in_text) = (0, false);
    while let Some(rest) = json.get(at..).filter(|rest| !rest.is_empty()) {
        let word = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| rest.starts_with(word.as_bytes()));
        match (in_text, word, rest[0]) {
            (false, Some(word), _) => {
                out.extend_from_slice(b"null");
                at += word.len();
                continue;
            }
            (true, _, b'\\') => {
                out.push(b'\\');
                out.extend(rest.get(1));
                at += 2;
                continue;
            }
            (_, _, b'"') => in_text = !in_text,
            _ => {}
        }
        out.push(rest[0]);
        at += 1;
    }
    out
}
